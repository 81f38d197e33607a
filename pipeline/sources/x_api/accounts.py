"""Accounts of the registry: their ids, looked up once, and their daily snapshots by id; renames and reused handles.

An account is asked for by id after its handle was resolved, because a handle can pass to somebody else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.sources.api import targets
from pipeline.sources.api.budget import USER_READ
from pipeline.sources.api.json_values import id_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.api.targets import Target
from pipeline.sources.files.cell_values import parse_handle
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.normalise import PageRows
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.session import BATCH, Session

LONGEST_ACCOUNT_ID = 19
NAMED = 5  # accounts that a message names; the rest is counted


def read_targets(registry_rows: Iterable[Mapping[str, Any]], *, at: datetime) -> tuple[list[Target], list[Row]]:
    """Usable accounts of the registry, each once, and issues for the entries that cannot be asked for."""

    def refuse(subject: str, given: str, why: str) -> Row:
        hint = "; digits only belong into the column account_id" if given.isdigit() else ""
        step = f"correct the row in accounts.csv{hint}, then run: tweetbench run --only x_api"
        return api_issue(subject, "bad_handle", detail=why, next_step=step, at=at)

    return targets.read_targets(registry_rows, {None, "", "x"}, _identify, refuse)


def _identify(given: str, account_id: str) -> tuple[str | None, str | None]:
    if account_id and (id_of(account_id) is None or len(account_id) > LONGEST_ACCOUNT_ID):
        raise ValueError(f"{account_id!r} is not an account id (1 to 19 digits)")
    return parse_handle(given) if given or not account_id else None, account_id or None


def account_id_of(target: Target, state: Mapping[str, Any]) -> str | None:
    """The id of a target: from the registry, or remembered from an earlier run."""
    known = state.get(f"handle:{(target.handle or '').casefold()}")
    return target.account_id or (id_of(known.get("account_id")) if isinstance(known, dict) else None)


def capture_accounts(session: Session, targets: Sequence[Target]) -> dict[str, Row]:
    """Snapshot every target that has none on this UTC day; status and post count by account id, of those that exist.

    Own accounts first, then in the order given, as far as the budget goes: a day's counts cannot be read later.

    Raises:
        PartialRun, TweetbenchError: the run cannot continue; what was read has landed.
    """
    captured: dict[str, Row] = {}
    pending = sorted(targets, key=lambda target: not target.is_own)
    while due := [target for target in pending if _is_due(session, target, captured)]:
        room = session.budget.fitting(USER_READ, session.clock(), most=len(due))
        if not room:
            raise session.budget.reached(_not_asked(due, len(targets)))
        # Handles that X does not know cost nothing, so there may be room again for those that are left.
        pending = due[room:]
        captured.update(_capture(session, due[:room]))
    return captured


def _is_due(session: Session, target: Target, captured: Mapping[str, Row]) -> bool:
    account_id = account_id_of(target, session.landing.state)
    if account_id is None:
        return True
    return account_id not in captured and not session.budget.is_billed(USER_READ, account_id, session.clock())


def _capture(session: Session, targets: Sequence[Target]) -> dict[str, Row]:
    """Ask for these targets: by id where it is known, else by handle."""
    state, found = session.landing.state, dict[str, Row]()
    handles = [target.handle for target in targets if account_id_of(target, state) is None and target.handle]
    ids = dict.fromkeys(account_id for target in targets if (account_id := account_id_of(target, state)))
    for page in _batches(session, handles, session.accounts_by_handle, "handle"):
        found.update(_land(session, page, handles))
    due = [account_id for account_id in ids if account_id not in found]
    for page in _batches(session, due, session.accounts_by_id, "account"):
        found.update(_land(session, page, ()))
    return found


def _not_asked(left: Sequence[Target], target_count: int) -> str:
    names = [f"@{target.handle}" if target.handle else f"account {target.account_id}" for target in left[:NAMED]]
    more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
    return f"the counts of {len(left):,} of {target_count:,} accounts were not read: {', '.join(names)}{more}"


def _batches(
    session: Session, items: Sequence[str], fetch: Callable[[Sequence[str]], PageRows], noun: str
) -> Iterator[PageRows]:
    """Pages for all items in batches of 100; an item that makes its batch fail is found and left out."""
    pending = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    while pending:
        batch = pending.pop(0)
        try:
            yield fetch(batch)
        except RequestRefused as refusal:
            is_one_item = refusal.outcome is Outcome.BAD_REQUEST and ".fields" not in refusal.detail
            if is_one_item and len(batch) > 1:
                middle = len(batch) // 2
                pending[:0] = [batch[:middle], batch[middle:]]
                continue
            subject = f"{noun} {batch[0]}" if len(batch) == 1 else f"{len(batch)} accounts from {noun} {batch[0]}"
            session.landing.append({"issues": [refusal_issue(subject, refusal, session.clock())]})
            if refusal.outcome in {Outcome.MISSING, Outcome.NOT_ENROLLED} or ".fields" in refusal.detail:
                return


def refusal_issue(subject: str, refusal: RequestRefused, at: datetime) -> Row:
    """An issue for a request that brought nothing."""
    steps = {
        Outcome.BAD_REQUEST: "check the handle or id in accounts.csv, then run: tweetbench run --only x_api",
        Outcome.NOT_ENROLLED: "nothing to do unless you need it: the X project has no access to this endpoint",
        Outcome.FORBIDDEN: "nothing to do if it is this account alone: X keeps it from you; the next run asks again",
        Outcome.MISSING: "nothing to do: the endpoint or the object does not exist any more",
    }
    step = steps.get(refusal.outcome, "nothing to do: the next run tries again")
    return api_issue(subject, f"api_{refusal.outcome}", detail=refusal.detail, next_step=step, at=at)


def _land(session: Session, page: PageRows, asked_handles: Iterable[str]) -> dict[str, Row]:
    """Land a page of accounts with the ids and handles it brings; status and post count by account id."""
    asked = {handle.casefold() for handle in asked_handles}
    owners = {handle.casefold(): account_id for account_id, handle in session.handles.items()}
    state: dict[str, Any] = {}
    changes, issues, found = [], list(page.tables["issues"]), {}
    for row in page.tables["accounts"]:
        account_id, handle = row.get("account_id"), row.get("handle")
        if account_id is None or row["status"] not in {"active", "protected", "withheld"}:
            session.unavailable.add(account_id or "")
            continue
        # Not the whole row: a run over ten thousand accounts would hold all their payloads to its end.
        found[account_id] = {"status": row["status"], "post_count": row["post_count"]}
        if handle is None:
            continue
        previous, owner = session.handles.get(account_id), owners.get(handle.casefold())
        if previous and previous.casefold() != handle.casefold():
            changes.append(_change(row, previous))
        if owner and owner != account_id:
            issues.append(_reuse_issue(row, owner, session.clock()))
        if handle.casefold() in asked:
            state[f"handle:{handle.casefold()}"] = {"account_id": account_id}
        state[f"account:{account_id}"] = {"handle": handle}
        session.handles[account_id] = handle
    session.landing.append({**page.tables, "issues": issues, "handle_changes": changes}, state)
    return found


def _change(row: Row, previous: str) -> Row:
    return {
        "platform": "x",
        "captured_at": row["captured_at"],
        "account_id": row["account_id"],
        "handle": row["handle"],
        "previous_handle": previous,
        "changed_at": row["captured_at"],
        "payload": None,
    }


def _reuse_issue(row: Row, previous_owner: str, at: datetime) -> Row:
    return api_issue(
        f"account {row['account_id']}",
        "handle_reused",
        detail=f"@{row['handle']} belonged to account {previous_owner} before; both stay apart by their ids",
        next_step="give both accounts their account_id in accounts.csv",
        at=at,
    )
