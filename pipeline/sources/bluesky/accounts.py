"""Accounts of the registry: their DIDs, looked up once, and a snapshot of each; renames, and why one is not shown.

`getProfiles` leaves out in silence whom it does not show, so that those are asked for singly: only then Bluesky says
why. An account is its DID; a handle can pass to somebody else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from pipeline.sources.api import targets
from pipeline.sources.api.feeds.items import status_row
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.api.targets import Target
from pipeline.sources.bluesky import PLATFORM
from pipeline.sources.bluesky.dialect import account_status
from pipeline.sources.bluesky.feed_platform import BATCH, BLUESKY
from pipeline.sources.bluesky.labels import is_hidden, real_handle
from pipeline.sources.bluesky.normalise import ACCOUNT_COUNTS, account_row, odd_counts
from pipeline.sources.bluesky.session import Session
from pipeline.sources.bluesky.structs import ProfileView
from pipeline.sources.files.handles import DID, normalise_handle
from pipeline.sources.lake_source import Row

NEXT_STEPS = {
    "suspended": "nothing to do: the account's status is kept and it is asked for again in the next run",
    "deactivated": "nothing to do: the account's status is kept and it is asked for again in the next run",
    "not_found": "check the handle in accounts.csv; a renamed account needs its DID there as account_id",
}
issue = BLUESKY.issue
Profile = tuple[ProfileView, bytes]


def read_targets(registry_rows: Iterable[Mapping[str, Any]], *, at: datetime) -> tuple[list[Target], list[Row]]:
    """Bluesky accounts of the registry, each once, and issues for the entries that cannot be asked for.

    The account id of a target is its DID.
    """

    def refuse(subject: str, _given: str, why: str) -> Row:
        step = "correct the row in accounts.csv, then run: tweetbench run --only bluesky"
        return issue(subject, "bad_handle", detail=why, next_step=step, at=at)

    return targets.read_targets(registry_rows, {PLATFORM}, _identify, refuse)


def _identify(given: str, account_id: str) -> tuple[str | None, str | None]:
    named = normalise_handle(given, PLATFORM) if given or not account_id else ""
    is_did = DID.fullmatch(named) is not None
    handle, known_id = (None, account_id or named) if is_did else (named or None, account_id)
    if known_id and not DID.fullmatch(known_id):
        raise ValueError(f"{known_id!r} is not a DID such as did:plc:ewvi7nxzyoun6zhxrhs64oiz")
    return handle, known_id or None


def capture_accounts(session: Session, targets: Sequence[Target]) -> dict[str, int | None]:
    """Snapshot every target, own accounts first; posts by DID, as the profile counts them, of those that exist.

    Raises:
        PartialRun: the run cannot continue; what was read has landed.
    """
    state = session.landing.state
    pending: dict[str, Target] = {}
    for target in sorted(targets, key=lambda target: not target.is_own):
        pending.setdefault(BLUESKY.account_id_of(target, state) or str(target.handle), target)
    captured: dict[str, int | None] = {}
    missing: list[str] = []
    for asked, profiles in _batches(session, list(pending)):
        found = {key: profile for profile in profiles for key in _keys(profile[0])}
        shown = [(actor, found[actor.casefold()]) for actor in asked if actor.casefold() in found]
        captured.update(_land(session, shown, pending))
        missing += [actor for actor in asked if actor.casefold() not in found]
    for actor in missing:
        captured.update(_ask_singly(session, actor, pending))
    return captured


def _keys(profile: ProfileView) -> Iterator[str]:
    """What an asked-for actor may be found by: the DID, and the handle where it resolves."""
    yield from (key.casefold() for key in (profile.did, real_handle(profile.handle)) if key)


def _batches(session: Session, actors: Sequence[str]) -> Iterator[tuple[list[str], list[Profile]]]:
    """Answers for all actors in batches of 25; an actor that makes its batch fail is found and left out."""
    pending = [list(actors[start : start + BATCH]) for start in range(0, len(actors), BATCH)]
    while pending:
        batch = pending.pop(0)
        try:
            profiles, issues = session.profiles(batch)
        except RequestRefused as refusal:
            if refusal.outcome is Outcome.BAD_REQUEST and len(batch) > 1:
                middle = len(batch) // 2
                pending[:0] = [batch[:middle], batch[middle:]]
                continue
            if refusal.outcome is Outcome.BAD_REQUEST:
                yield batch, []
                continue
            subject = f"account {batch[0]}" if len(batch) == 1 else f"{len(batch)} accounts from {batch[0]}"
            session.landing.append({"issues": [BLUESKY.refusal_issue(subject, refusal, session.clock())]})
            continue
        session.landing.append({"issues": issues})
        yield batch, profiles


def _ask_singly(session: Session, actor: str, targets: Mapping[str, Target]) -> dict[str, int | None]:
    """Ask for one account, so that Bluesky says what is wrong with it; a status row where that is the account's."""
    try:
        profiles, issues = session.profile(actor)
    except RequestRefused as refusal:
        status = account_status(refusal.detail) if refusal.outcome is Outcome.BAD_REQUEST else None
        if status is None:
            session.landing.append({"issues": [BLUESKY.refusal_issue(f"account {actor}", refusal, session.clock())]})
            return {}
        session.landing.append(_not_shown(session, actor, targets[actor], status, refusal.detail))
        return {}
    session.landing.append({"issues": issues})
    is_other = DID.fullmatch(actor) is not None and any(profile.did != actor for profile, _ in profiles)
    if is_other:
        detail = f"asked for {actor}, Bluesky answered with another account"
        step = "nothing to do: the next run asks again"
        row = issue(f"account {actor}", "missing_from_answer", detail=detail, next_step=step, at=session.clock())
        session.landing.append({"issues": [row]})
        return {}
    return _land(session, [(actor, profile) for profile in profiles], targets)


def _not_shown(session: Session, actor: str, target: Target, status: str, said: str) -> dict[str, list[Row]]:
    at, account_id = session.clock(), actor if DID.fullmatch(actor) else None
    if account_id is None and status != "not_found":
        with suppress(RequestRefused):
            account_id = session.resolve(actor)
    if account_id:
        session.unavailable.add(account_id)
    handle = session.handles.get(account_id or "") or target.handle
    detail = f"app.bsky.actor.getProfile: {said}"
    answer = {"actor": actor, "answer": said}
    row = status_row(status, said, platform=PLATFORM, account_id=account_id, handle=handle, at=at, original=answer)
    told = issue(f"account {actor}", f"api_{status}", detail=detail, next_step=NEXT_STEPS[status], at=at)
    return {"accounts": [row], "issues": [told]}


def _land(
    session: Session, shown: Sequence[tuple[str, Profile]], targets: Mapping[str, Target]
) -> dict[str, int | None]:
    """Land profiles with the DIDs and handles they bring; posts by DID."""
    at, known = session.clock(), session.landing.state
    state: dict[str, Any] = {}
    tables: dict[str, list[Row]] = {"accounts": [], "handle_changes": [], "issues": []}
    found: dict[str, int | None] = {}
    owners = {handle.casefold(): account_id for account_id, handle in session.handles.items()}
    for actor, (profile, raw) in shown:
        did, target = profile.did or "", targets[actor]
        if not DID.fullmatch(did):
            tables["issues"].append(_no_did(actor, raw, at))
            continue
        previous, handle = session.handles.get(did), real_handle(profile.handle)
        if target.handle and target.handle == actor:
            state[f"handle:{actor}"] = {"account_id": did}
        if is_hidden(profile, at=at) and not target.is_own:
            session.unavailable.add(did)
            tables["issues"].append(_hidden_issue(actor, at))
            continue
        row = account_row(profile, raw, handle=previous or target.handle, at=at)
        counts = [row[name] for name in ACCOUNT_COUNTS]
        remembered = known.get(f"account:{did}")
        was_counted = isinstance(remembered, dict) and remembered.get("is_counted") is True
        is_lost = was_counted and all(count == 0 for count in counts)
        found[did] = None if is_lost else row["post_count"]
        tables["issues"] += odd_counts([profile], at)
        if is_lost:
            tables["issues"].append(_zero_issue(actor, raw, at))
        else:
            tables["accounts"].append(row)
        if handle:
            tables["handle_changes"] += [_change(row, previous)] if previous and not _same(previous, handle) else []
            owner = owners.get(handle.casefold())
            tables["issues"] += [_reuse_issue(row, owner, at)] if owner and owner != did else []
            session.handles[did] = handle
        kept = {"handle": row["handle"]} if row["handle"] else {}
        state[f"account:{did}"] = {**kept, **({"is_counted": True} if was_counted or any(counts) else {})}
    session.landing.append(tables, state)
    return found


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _change(row: Row, previous: str) -> Row:
    return {
        "platform": PLATFORM,
        "captured_at": row["captured_at"],
        "account_id": row["account_id"],
        "handle": row["handle"],
        "previous_handle": previous,
        "changed_at": row["captured_at"],
        "payload": None,
    }


def _reuse_issue(row: Row, previous_owner: str, at: datetime) -> Row:
    detail = f"@{row['handle']} belonged to {previous_owner} before; both stay apart by their DIDs"
    step = "give both accounts their DID as account_id in accounts.csv"
    return issue(f"account {row['account_id']}", "handle_reused", detail=detail, next_step=step, at=at)


def _hidden_issue(actor: str, at: datetime) -> Row:
    detail = "the account asks not to be shown to readers without a login (!no-unauthenticated): it is not read"
    step = "nothing to do; if the account is yours, set is_own in accounts.csv"
    return issue(f"account {actor}", "asks_not_to_be_shown", detail=detail, next_step=step, at=at)


def _zero_issue(actor: str, raw: bytes, at: datetime) -> Row:
    detail = "followers, follows and posts are all 0 where they were not before: Bluesky has lost its counts for now"
    step = "nothing to do: no snapshot is kept; the next run asks again"
    return issue(f"account {actor}", "counts_all_zero", detail=detail, next_step=step, at=at, original=raw.decode())


def _no_did(actor: str, raw: bytes, at: datetime) -> Row:
    detail, step = f"the profile of {actor} has no DID", "nothing to do: the profile is kept here"
    return issue(f"account {actor}", "malformed_item", detail=detail, next_step=step, at=at, original=raw.decode())
