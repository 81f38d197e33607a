"""A platform that does not exist, as an API source: everything that a new source has to bring, and nothing else.

What it serves lies in `SERVED`, accounts by handle; a post is its id and its text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.journal import Journal, JournalOwner
from pipeline.sources.api.journal import recover as recover_journals
from pipeline.sources.api.responses import ANSWERS, Converted, RawResponse
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, Gap, Plan, PlanLine, Probe, RegistryRows
from pipeline.sources.lake_source import Row

NAME = "lark"
DESCRIPTION = "Lark: a platform made up for a test"
TABLES: tuple[str, ...] = ("accounts", "posts", "issues")
PLATFORM = "mastodon"  # a word of the closed vocabulary
PLATFORM_NAME = "Lark"
SETUP = ""

SERVED: dict[str, dict[str, str]] = {}


def convert(answers: Sequence[RawResponse]) -> Converted:
    """Rows of posts."""
    converted = Converted()
    for answer in answers:
        page = msgspec.json.decode(answer.text)
        posts = [
            _row(answer.at, account_id=page["account"], post_id=key, text=text, availability="available")
            for key, text in page["posts"].items()
        ]
        converted.add_rows({"posts": posts})
    return converted


JOURNALS = JournalOwner(NAME, PLATFORM, convert)


def is_configured(settings: Settings) -> bool:  # noqa: ARG001 - it needs nothing
    """Always."""
    return True


def plan(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:  # noqa: ARG001
    """One request for each account."""
    count = len(_handles(registry_rows))
    line = PlanLine("accounts", count, count, 0.0, count / 60)
    return Plan((line,), (), count, count, 0.0, line.minutes, settings.max_usd_per_run, fits=True)


def extract(settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:  # noqa: ARG001 - it needs none
    """A page for each account."""
    recovered = recover(lake, now=run.now)
    journal = Journal(lake, JOURNALS, run_id=run.run_id, rows_in_memory=100, clock=lambda: run.now)
    for handle in _handles(registry_rows):
        account = f"lark.example/{handle}"
        text = msgspec.json.encode({"account": account, "posts": SERVED[handle]})
        page = vars(RawResponse(text, run.now, "posts", {}, len(SERVED[handle])))
        row = _row(run.now, account_id=account, handle=handle, status="active", follower_count=7)
        journal.append({"accounts": [row], ANSWERS: [page]}, {f"timeline:{account}": {"read_at": run.now.isoformat()}})
    journal.commit({"request_count": 1})
    return ApiResult(dict(journal.row_counts), 1, recovered_segment_count=recovered)


def recover(lake: Lake, *, now: datetime) -> int:
    """Its journals."""
    return recover_journals(lake, JOURNALS, now=now)


def check_state(key: str, value: object, *, now: datetime) -> None:
    """A bookmark says when the account was read."""
    if key.startswith("timeline:") and datetime.fromisoformat(dict(value)["read_at"]) > now:  # type: ignore[call-overload]
        raise TweetbenchError("a bookmark of Lark is ahead of the clock", where=key, exit_code=Exit.BAD_DATA)


def look_up(
    settings: Settings,  # noqa: ARG001 - it needs none
    lake: Lake,  # noqa: ARG001 - nothing is kept
    asked: Sequence[str],
    run: ApiRun,
) -> Mapping[str, Row]:
    """Everybody who is served has seven followers."""
    names = {handle: handle.partition("@")[0] for handle in asked}
    return {
        handle: _row(
            run.now,
            account_id=f"lark.example/{name}",
            handle=handle,
            follower_count=7,
            status="active" if name in SERVED else "not_found",
        )
        for handle, name in names.items()
    }


def find_gaps(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:  # noqa: ARG001
    """Yesterday, of an account that was never read."""
    day, state = (now - timedelta(days=1)).date(), lake.state(NAME)
    unread = [name for name in _handles(registry_rows) if f"timeline:lark.example/{name}" not in state]
    return [Gap(name, "posts", day, day, is_recoverable=True, remedy="tweetbench run") for name in unread]


def probe(
    settings: Settings,  # noqa: ARG001 - it needs none
    lake: Lake,  # noqa: ARG001 - its answers are not kept
    posts: Sequence[str],
    accounts: Sequence[str],
    run: ApiRun,  # noqa: ARG001 - it never waits
) -> Probe:
    """What is not served any more is gone."""
    served = {key for page in SERVED.values() for key in page}
    gone = {key: "deleted" for key in posts if key not in served}
    left = frozenset(posts) - gone.keys()
    return Probe(gone, {}, left, frozenset(accounts), asked_count=len(posts) + len(accounts))


def _handles(rows: RegistryRows) -> list[str]:
    return [str(row["handle"]).partition("@")[0] for row in rows if row["platform"] == PLATFORM]


def _row(at: datetime, **fields: Any) -> dict[str, Any]:
    return {"platform": PLATFORM, "captured_at": at, **fields}
