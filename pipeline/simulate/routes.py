"""The endpoints: from a request that was let in to its answer, out of the world and nothing else."""

from collections.abc import Callable, Iterable

from pipeline.simulate import problems
from pipeline.simulate.cast import OWN
from pipeline.simulate.ledger import Resource
from pipeline.simulate.paging import encode_token, select_rows
from pipeline.simulate.parameters import (
    HANDLE,
    NUMBER,
    Selection,
    check_names,
    check_value,
    read_batch,
    read_selection,
)
from pipeline.simulate.rendering import PRIVATE_FIELDS, has_private_metrics, render_account, render_post
from pipeline.simulate.responses import Call, Response
from pipeline.simulate.vocabulary import Json, spell
from pipeline.simulate.world import World


def answer_call(world: World, call: Call) -> Response:
    """The platform's answer to one request.

    Raises:
        BadParameterError: the request does not fit the endpoint.
    """
    check_names(call.params, call.route)
    return _ROUTES[call.route](world, call)


def _users_by(world: World, call: Call) -> Response:
    handles = read_batch(call.params, "usernames", HANDLE)
    found = [(handle, world.find_handle(handle, call.now)) for handle in handles]
    return _account_answer(world, call, found, "usernames")


def _users(world: World, call: Call) -> Response:
    ids = read_batch(call.params, "ids", NUMBER)
    return _account_answer(world, call, [(one, world.find_account(one)) for one in ids], "ids")


def _me(world: World, call: Call) -> Response:
    if call.caller == "app":
        return Response(403, problems.APP_ONLY_FORBIDDEN)
    answer = _account_answer(world, call, [(world.own_account_id, OWN)], "id")
    body = dict(answer.body or {})
    body["data"] = body["data"][0]
    return Response(200, body, answer.resources, answer.served)


def _account_answer(world: World, call: Call, asked: Iterable[tuple[str, int | None]], parameter: str) -> Response:
    selection = read_selection(call.params)
    shown, errors = [], []
    for value, account in asked:
        status = "not_found" if account is None else world.status(account, call.now)
        if status == "suspended":
            errors.append(problems.suspended(parameter, value))
        elif account is None or status == "not_found":
            errors.append(problems.not_found("user", parameter, value))
        else:
            shown.append(account)
    data = [render_account(world, account, call.now, selection.user_fields) for account in shown]
    resources = tuple(
        Resource("user", world.cast.account_ids[account], is_owned=account == call.caller_account) for account in shown
    )
    return Response(200, spell(_assemble(data, errors), selection.dialect), resources, tuple(u["id"] for u in data))


def _posts(world: World, call: Call) -> Response:
    selection = read_selection(call.params)
    rows, errors = [], []
    for post_id in read_batch(call.params, "ids", NUMBER):
        row = world.find_post(post_id, call.now)
        status = "not_found" if row is None else world.status(int(world.posts.account[row]), call.now)
        if row is None or status == "not_found":
            errors.append(problems.not_found("tweet", "ids", post_id))
        elif status != "active":
            errors.append(problems.not_authorized("tweet", "ids", post_id))
        else:
            rows.append(row)
    return _post_answer(world, call, selection, rows, errors, meta=None)


def _timeline(world: World, call: Call) -> Response:
    check_value("id", call.path_id, NUMBER)
    selection = read_selection(call.params)
    account = world.find_account(call.path_id)
    status = "not_found" if account is None else world.status(account, call.now)
    if account is None or status == "not_found":
        return Response(200, {"errors": [problems.not_found("user", "id", call.path_id)]})
    if status == "suspended":
        return Response(200, {"errors": [problems.suspended("id", call.path_id)]})
    if status == "protected" and call.caller_account != account:
        return Response(200, {"errors": [problems.not_authorized("user", "id", call.path_id)]})
    page, has_more = select_rows(world, account, call)
    rows = [int(row) for row in page]
    meta: Json = {}
    if has_more:
        meta["next_token"] = encode_token(call.path_id, int(world.posts.post_id[rows[-1]]))
    if selection.post_fields & set(PRIVATE_FIELDS) and call.caller_account == account:
        # The platform drops posts beyond 30 days from such a page and still leads on.
        rows = [row for row in rows if has_private_metrics(world, row, call.now, call.caller_account)]
    if rows:
        ids = [str(world.posts.post_id[row]) for row in rows]
        meta = {**meta, "newest_id": ids[0], "oldest_id": ids[-1]}
    return _post_answer(world, call, selection, rows, [], meta={"result_count": len(rows), **meta})


def _post_answer(
    world: World, call: Call, selection: Selection, rows: list[int], errors: list[Json], meta: Json | None
) -> Response:
    me = call.caller_account
    data = [render_post(world, row, call.now, selection.post_fields, caller_account=me) for row in rows]
    for row, post in zip(rows, data, strict=True):
        if not has_private_metrics(world, row, call.now, me):
            wanted = sorted(selection.post_fields & set(PRIVATE_FIELDS))
            errors = errors + [problems.field_not_authorized(field, "ids", post["id"]) for field in wanted]
    body = _assemble(data, errors) | ({"meta": meta} if meta is not None else {})
    resources = tuple(
        Resource("post", post["id"], is_owned=int(world.posts.account[row]) == me)
        for row, post in zip(rows, data, strict=True)
    )
    return Response(200, spell(body, selection.dialect), resources, tuple(p["id"] for p in data))


def _assemble(data: list[Json], errors: list[Json]) -> Json:
    """Body with the parts that are not empty, as the API leaves empty ones out."""
    return {name: part for name, part in {"data": data, "errors": errors}.items() if part}


_Route = Callable[[World, Call], Response]
_ROUTES: dict[str, _Route] = {
    "users_by": _users_by,
    "users": _users,
    "timeline": _timeline,
    "posts": _posts,
    "me": _me,
}
