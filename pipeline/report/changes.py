"""Differences between two published versions, as sentences. The same SQL runs on both; nothing else is read."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb

from pipeline.report.catalogue import say
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Row
from pipeline.report.run_figures import rows_of
from pipeline.report.writing import write_count, write_number_of, write_share

# Names in a sentence, and movers in a digest; the report holds all.
NAMED = 8
MOVERS = 5
# A follower count moves a little every day: a change below either of these is not news.
MOVED_SHARE, MOVED_FOLLOWERS = 0.01, 10

ACCOUNTS = "select account_key as key, coalesce(handle, account_key) as name, follower_count from marts.accounts"
STYLES = """
select
    ratio_styles.account_key as key, coalesce(accounts.handle, ratio_styles.account_key) as name,
    ratio_styles.ratio_style
from marts.ratio_styles left join marts.accounts using (account_key)
"""
CHURN = """
select follow_churn.account_key as key, coalesce(accounts.handle, follow_churn.account_key) as name
from marts.follow_churn left join marts.accounts using (account_key) where follow_churn.is_spam_and_cull
"""
VERDICTS = (
    "select segment_dimension || ' ' || segment as key, segment_dimension, segment, verdict from marts.growth_verdict"
)
SURVEYS = """
select survey_id as key, max(base_count) as answer_count from marts.survey_segments
where segment_dimension = 'all' group by survey_id
"""
ISSUES = "select problem as key, sum(line_count)::bigint as issue_count from marts.issues group by problem"

Keyed = dict[str, Row]


@dataclass(frozen=True)
class Change:
    """A topic with its news."""

    topic: str
    sentences: tuple[str, ...]


def changes_between(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection) -> list[Change]:
    """Topics with news, most important first; none for a table that either version lacks."""
    found = []
    for topic, sql, compare in TOPICS:
        try:
            old, new = _keyed(before, sql), _keyed(after, sql)
        except (duckdb.CatalogException, duckdb.BinderException):
            continue
        sentences = tuple(compare(old, new))
        if sentences:
            found.append(Change(say(f"changes.topic.{topic}"), sentences))
    return found


def _keyed(connection: duckdb.DuckDBPyConnection, sql: str) -> Keyed:
    return {str(row["key"]): row for row in rows_of(connection, sql)}


def _verdicts(old: Keyed, new: Keyed) -> Iterator[str]:
    for key, row in new.items():
        if key in old and old[key]["verdict"] != row["verdict"]:
            where = say("label.all") if row["segment_dimension"] == "all" else label(row["segment"])
            yield say(
                "changes.verdict",
                where=where,
                verdict=in_sentence(label(old[key]["verdict"])),
                new_verdict=in_sentence(label(row["verdict"])),
            )


def _accounts(old: Keyed, new: Keyed) -> Iterator[str]:
    yield from _named(say("changes.new"), [row["name"] for key, row in new.items() if key not in old])
    yield from _named(say("changes.gone"), [row["name"] for key, row in old.items() if key not in new])


def _churn(old: Keyed, new: Keyed) -> Iterator[str]:
    yield from _named(say("changes.churn"), [row["name"] for key, row in new.items() if key not in old])
    yield from _named(say("changes.no_churn"), [row["name"] for key, row in old.items() if key not in new])


def _styles(old: Keyed, new: Keyed) -> Iterator[str]:
    changed = [
        say(
            "changes.style",
            name=row["name"],
            ratio_style=in_sentence(label(old[key]["ratio_style"])),
            new_ratio_style=in_sentence(label(row["ratio_style"])),
        )
        for key, row in new.items()
        if key in old and old[key]["ratio_style"] != row["ratio_style"]
    ]
    yield from sorted(changed)[:NAMED]
    if len(changed) > NAMED:
        yield say("changes.more", count=write_count(len(changed) - NAMED))


def _movers(old: Keyed, new: Keyed) -> Iterator[str]:
    moved = []
    for key, row in new.items():
        was, now = (old[key]["follower_count"] if key in old else None), row["follower_count"]
        if was and now and abs(now - was) >= MOVED_FOLLOWERS and abs(now / was - 1) >= MOVED_SHARE:
            moved.append((abs(math.log(now / was)), row["name"], was, now))
    for _, name, was, now in sorted(moved, key=lambda entry: (-entry[0], entry[1]))[:MOVERS]:
        sign = "+" if now > was else ""
        yield say(
            "changes.moved",
            name=name,
            was=write_count(was),
            now=write_count(now),
            sign=sign,
            change=write_share(now / was - 1),
        )


def _surveys(old: Keyed, new: Keyed) -> Iterator[str]:
    for key, row in new.items():
        more = (row["answer_count"] or 0) - (old[key]["answer_count"] or 0 if key in old else 0)
        if more > 0:
            yield say(
                "changes.survey",
                key=key,
                answer_count=write_count(row["answer_count"]),
                new_responses=write_number_of(more, "new_response"),
            )


def _issues(old: Keyed, new: Keyed) -> Iterator[str]:
    for key, row in new.items():
        more = row["issue_count"] - (old[key]["issue_count"] if key in old else 0)
        if more > 0:
            yield f"{label(key)}: {write_number_of(more, 'new_issue')}"


def _named(what: str, names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(sorted(names)[:NAMED])
        yield f"{write_count(len(names))} {what}: {shown}{say('changes.and_more') if len(names) > NAMED else ''}"


TOPICS: tuple[tuple[str, str, Callable[[Keyed, Keyed], Iterator[str]]], ...] = (
    ("verdicts", VERDICTS, _verdicts),
    ("accounts", ACCOUNTS, _accounts),
    ("churn", CHURN, _churn),
    ("styles", STYLES, _styles),
    ("followers", ACCOUNTS, _movers),
    ("survey", SURVEYS, _surveys),
    ("issues", ISSUES, _issues),
)
