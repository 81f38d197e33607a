"""Whose export is this? The handle from links, from the user, or from the registry; another's file is refused."""

from collections import Counter
from collections.abc import Iterable

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.cell_values import parse_handle
from pipeline.sources.files.protocol import Request


def export_account(
    link_handles: Iterable[str],
    request: Request,
    *,
    file_name: str,
    name_hint: str | None = None,
    silence: str = "this kind of export has no links",
) -> tuple[str, str]:
    """Handle of the account that an export belongs to, and where that is known from.

    Args:
        link_handles: handles in the file's links to its posts; the most frequent counts.
        request: the handle that the user named, and the handles that the registry marks as own.
        file_name: shown in messages.
        name_hint: handle that the platform itself wrote into the file's name.
        silence: why the file itself does not say whose it is.

    Raises:
        TweetbenchError: the file is another account's, nothing tells whose it is, or --account is no handle.
    """
    link_handles = list(link_handles)
    given = _given_handle(request, file_name)
    counted = Counter(handle.casefold() for handle in link_handles)
    spelled = {handle.casefold(): handle for handle in link_handles}
    linked = spelled[counted.most_common(1)[0][0]] if counted else None
    if linked and given and linked.casefold() != given.casefold():
        raise TweetbenchError(
            f"the posts in this file belong to @{linked}, not to @{given}",
            where=file_name,
            why="an export of another account would be counted as yours",
            next_step=f"if you mean that account, run: tweetbench ingest FILE --account {linked}",
        )
    if given:
        known = request.own_handles and given.casefold() not in request.own_handles
        return given, "given with --account" + ("; accounts.csv does not list it as your own" if known else "")
    found, origin = (linked, "from its links") if linked else (name_hint, "from the file name X gave it")
    if found and request.own_handles and found.casefold() not in request.own_handles:
        raise TweetbenchError(
            f"the file belongs to @{found}, which accounts.csv does not list as your own",
            where=file_name,
            why="exports show what only the owner sees; another account's would be counted as yours",
            next_step=f"set is_own for @{found} in accounts.csv, or run: tweetbench ingest FILE --account {found}",
        )
    if found:
        return found, origin
    if len(request.own_handles) == 1:
        return next(iter(request.own_handles)), "the only own account in accounts.csv"
    raise TweetbenchError(
        "nothing in this file says which account it belongs to",
        where=file_name,
        why=f"{silence}, and accounts.csv does not name exactly one own account",
        next_step="run: tweetbench ingest FILE --account HANDLE",
    )


def _given_handle(request: Request, file_name: str) -> str | None:
    try:
        return parse_handle(request.account) if request.account else None
    except ValueError as error:
        raise TweetbenchError(
            f"--account: {error}",
            where=file_name,
            next_step="run: tweetbench ingest FILE --account HANDLE",
            exit_code=Exit.USAGE,
        ) from error
