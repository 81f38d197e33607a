"""Accounts of the registry: their home servers, found once by WebFinger, and a snapshot of each; why one is not shown.

Only the home server is asked: what others hold of an account is what they happened to see of it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.sources.api import targets
from pipeline.sources.api.feeds.items import status_row
from pipeline.sources.api.json_values import Record, text_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.source import unanswered
from pipeline.sources.api.targets import Target
from pipeline.sources.lake_source import Row
from pipeline.sources.mastodon import PLATFORM
from pipeline.sources.mastodon.dialect import account_status
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.names import Home, identify, is_remote, joined, local_id_of, split
from pipeline.sources.mastodon.normalise import account_row, odd_account_counts
from pipeline.sources.mastodon.profiles import Profiles
from pipeline.sources.mastodon.session import Session

issue = MASTODON.issue
NEXT_STEPS = {
    "suspended": "nothing to do: the account's status is kept and it is asked for again in the next run",
    "not_found": "check the handle in accounts.csv; an account that moved has a new one",
    "moved": "list the account that it moved to in accounts.csv",
}


# Words of a rule about programs that read; rules on accounts that are bots are another thing.
ON_READING = re.compile(r"scrap|crawl|harvest|spider|data.?mining|index(ing|ed|er)|archiv|research", re.IGNORECASE)


@dataclass
class Reading:
    """What was learnt of one account: rows of `accounts`, issues; `is_read`: its server shows it."""

    rows: list[Row] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    is_read: bool = False


def read_targets(registry_rows: Iterable[Mapping[str, Any]], *, at: datetime) -> tuple[list[Target], list[Row]]:
    """Mastodon accounts of the registry, each once, and issues for the entries that cannot be asked for."""

    def refuse(subject: str, _given: str, why: str) -> Row:
        step = "correct the row in accounts.csv, then run: tweetbench run --only mastodon"
        return issue(subject, "bad_handle", detail=why, next_step=step, at=at)

    return targets.read_targets(registry_rows, {PLATFORM}, identify, refuse)


def capture_accounts(session: Session, targets: Sequence[Target]) -> dict[str, int | None]:
    """Snapshot every target; posts by account id, as the profile counts them, of those that exist.

    Own accounts first, then whoever was read longest ago: where a server's limits use up the time of a run, it must not
    be at the cost of the same accounts every day.

    Raises:
        PartialRun: the run's time is used up; what was read has landed.
    """
    captured: dict[str, int | None] = {}
    known = dict(session.landing.state)

    def turn(target: Target) -> tuple[bool, str]:
        last = known.get(f"account:{MASTODON.account_id_of(target, known)}")
        return not target.is_own, str(last.get("read_at") or "") if isinstance(last, dict) else ""

    order = sorted(targets, key=turn)
    profiles = Profiles(session, [name for target in order if (name := MASTODON.account_id_of(target, known))])
    for target in order:
        known_id = MASTODON.account_id_of(target, session.landing.state)
        if known_id in captured:
            continue
        reading = read_account(session, target, known_id, profiles)
        state: dict[str, Any] = {}
        if reading.is_read:
            row = reading.rows[-1]
            account_id = row["account_id"]
            if target.handle:
                state[f"handle:{target.handle}"] = {"account_id": account_id}
            if account_id in captured:  # by another handle that leads to it
                reading.rows.pop()
            else:
                captured[account_id] = row["post_count"]
                session.handles[account_id] = row["handle"]
                state[f"account:{account_id}"] = {"handle": row["handle"], "read_at": row["captured_at"].isoformat()}
        gone = {row["account_id"] for row in reading.rows if row["account_id"]}
        session.unavailable.update(gone - captured.keys())
        if not reading.rows and known_id:
            session.unavailable.add(known_id)
            session.unread.add(known_id)
        session.landing.append({"accounts": reading.rows, "issues": reading.issues}, state)
    return captured


def look_up(session: Session, handles: Sequence[str]) -> dict[str, Row]:
    """What the home servers say now of accounts; where one did not answer, the status is unknown. Nothing lands.

    The detail of an account also has what its server's rules say of reading by programs: a person has to judge it.
    """
    found: dict[str, Row] = {}
    for handle in handles:
        try:
            target = Target(identify(handle, "")[0], None)
            reading = read_account(session, target, None)
            why = "; ".join(f"{each['detail']}: {each['next_step']}" for each in reading.issues)
        except (ValueError, PartialRun) as error:
            reading, why = Reading(), str(error)
        row = reading.rows[-1] if reading.rows else unanswered(PLATFORM, why, session.clock())
        said = [row.get("status_detail"), *(_rules_on_reading(session, row["account_id"]) if reading.is_read else ())]
        found[handle] = {**row, "status_detail": "; ".join(filter(None, said)) or None}
    return found


def _rules_on_reading(session: Session, account_id: str) -> list[str]:
    try:
        rules = session.rules(split(account_id)[0])
    except (RequestRefused, PartialRun):
        return []
    return [f"a rule of its server: {rule}" for rule in rules if ON_READING.search(rule)]


def read_account(session: Session, target: Target, known_id: str | None, profiles: Profiles | None = None) -> Reading:
    """Ask for one account at its home: by its id where that is known, else by WebFinger and name.

    An id that its server does not know any more may be an account that was made again under the same handle.

    Raises:
        PartialRun: the run's time is used up.
    """
    reading = Reading()
    if known_id is not None:
        try:
            record = (profiles or Profiles(session, ())).of(known_id)
            _add(session, reading, target, record, split(known_id)[0], known_id)
            return reading
        except RequestRefused as refusal:
            _add_refusal(session, reading, target, refusal, known_id)
            if refusal.outcome is not Outcome.MISSING or target.handle is None or target.account_id is not None:
                return reading
            again = read_account(session, target, None)
            if not again.is_read:
                return reading
            is_same = again.rows[-1]["account_id"] == known_id
            return Reading([*([] if is_same else reading.rows), *again.rows], again.issues, is_read=True)
    try:
        home = session.servers.home_of(str(target.handle))
        _add(session, reading, target, session.lookup(home), home.host, None, home)
    except RequestRefused as refusal:
        _add_refusal(session, reading, target, refusal, None)
    return reading


def _add(
    session: Session,
    reading: Reading,
    target: Target,
    record: Record,
    host: str,
    asked_id: str | None,
    home: Home | None = None,
) -> None:
    """Take a profile that a server gave."""
    at, local_id = session.clock(), local_id_of(record.get("id"))
    account_id = joined(host, local_id or "")
    name = text_of(record.get("username")) or ""
    shown = session.handles.get(account_id) or target.handle or f"@{host}"
    domain = home.domain if home else shown.partition("@")[2]
    subject = f"account {target.handle or asked_id}"
    # An account keeps its name; a server that was set up again gives its ids to others.
    expected = home.name if home else session.handles.get(account_id, name).partition("@")[0]
    is_other = asked_id not in {None, account_id} or name.casefold() != expected.casefold()
    if local_id is None or is_other or is_remote(record.get("acct"), host, domain):
        detail = f"{host} answered with {text_of(record.get('acct')) or 'something that is no account'}"
        if is_remote(record.get("acct"), host, domain):
            detail += ", an account of another server of which it holds a copy only"
        step = "check the handle in accounts.csv: it must name the account at its home server"
        reading.issues.append(issue(subject, "not_at_home", detail=detail, next_step=step, at=at))
        return
    handle = f"{name}@{domain}" if name else target.handle
    if record.get("suspended") is True:
        said = "the server shows nothing of the account: it is suspended"
        _add_status(reading, subject, "suspended", said, account_id=account_id, handle=handle, at=at)
        return
    row = account_row(record, account_id=account_id, handle=handle, at=at)
    reading.rows.append(row)
    reading.is_read = True
    reading.issues += odd_account_counts(record, subject, at)
    if row["status"] == "moved":
        detail = f"the account {row['status_detail']}"
        step = NEXT_STEPS["moved"]
        reading.issues.append(issue(subject, "account_moved", detail=detail, next_step=step, at=at))


def _add_refusal(
    session: Session, reading: Reading, target: Target, refusal: RequestRefused, account_id: str | None
) -> None:
    """A status where the refusal is the account's or the server's rule; else an issue alone: nothing is said of it."""
    at, subject = session.clock(), f"account {target.handle or account_id}"
    handle = session.handles.get(account_id or "") or target.handle
    if refusal.outcome is Outcome.MISSING:
        status = account_status(refusal.detail)
        _add_status(reading, subject, status, refusal.detail, account_id=account_id, handle=handle, at=at)
        return
    reading.issues.append(MASTODON.refusal_issue(subject, refusal, at))
    if refusal.outcome is Outcome.UNAUTHORISED:
        reading.rows.append(_status_row("unknown", refusal.detail, account_id, handle, at))


def _add_status(
    reading: Reading,
    subject: str,
    status: str,
    said: str,
    *,
    account_id: str | None,
    handle: str | None,
    at: datetime,
) -> None:
    reading.rows.append(_status_row(status, said, account_id, handle, at))
    reading.issues.append(issue(subject, f"api_{status}", detail=said, next_step=NEXT_STEPS[status], at=at))


def _status_row(status: str, said: str, account_id: str | None, handle: str | None, at: datetime) -> Row:
    asked = {"account": handle or account_id, "answer": said}
    return status_row(status, said, platform=PLATFORM, account_id=account_id, handle=handle, at=at, original=asked)
