"""When and what to post: times, hashtags and the strongest own posts, compared within an account."""

from typing import Any

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.factors import FACTORS
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import write_count, write_list


def _name_time(row: Row) -> str:
    if row["time_basis"] == "weekday":
        return say(f"weekday.{row['weekday']}")
    return say("posting.hours", hour_from=f"{row['hour_from']:02d}", hour_to=f"{row['hour_to']:02d}")


def _dots(rows: Rows, domain: list[float]) -> dict[str, Any]:
    marked = [
        {
            **as_dot(row["label"], row, "relative_engagement", "decimal", "conf"),
            "usual": 1,
            "is_distinct": row["is_distinct_from_usual"],
        }
        for row in rows
    ]
    return dots_with_intervals(marked, domain, reference="usual", filled="is_distinct", label_expression="datum.value")


def _draw_times(rows: Rows) -> list[Drawing]:
    kept = [{**row, "label": _name_time(row)} for row in rows_with_estimates(rows)]
    if not kept:
        return []
    domain = padded(kept, ["conf_low", "conf_high", "relative_engagement"])
    made = []
    for segment in dict.fromkeys(row["segment_name"] for row in kept):
        of_segment = [row for row in kept if row["segment_name"] == segment]
        panels = [
            Panel(title, _dots([row for row in of_segment if row["time_basis"] == basis], domain))
            for basis, title in (("weekday", say("posting.by_weekday")), ("hour", say("posting.by_hour")))
            if any(row["time_basis"] == basis for row in of_segment)
        ]
        made.append(Drawing(tuple(panels), say("posting.alt_times"), title=label(segment)))
    return made


def _read_times(rows: Rows) -> list[str]:
    if not rows_with_estimates(rows):
        return describe_gaps(rows, "segment_name")[:1]
    sure = [row for row in rows_with_estimates(rows) if row["is_distinct_from_usual"]]
    names = write_list([f"{_name_time(row)} ({label(row['segment_name'])})" for row in sure[:6]])
    found = say("posting.times_found", names=names) if sure else say("posting.times_none")
    return [
        found,
        say("posting.times_sure"),
        *describe_gaps(rows, "segment_name")[:2],
    ]


def _draw_tags(rows: Rows) -> list[Drawing]:
    kept = [{**row, "label": row["hashtag"]} for row in rows_with_estimates(rows)]
    if not kept:
        return []
    domain = padded(kept, ["conf_low", "conf_high", "relative_engagement"])
    panels = [
        Panel(label(segment), _dots([row for row in kept if row["segment_name"] == segment], domain))
        for segment in dict.fromkeys(row["segment_name"] for row in kept)
    ]
    return [Drawing(tuple(panels), say("posting.alt_tags"))]


def _read_tags(rows: Rows) -> list[str]:
    if not rows_with_estimates(rows):
        return describe_gaps(rows, "hashtag")[:1]
    sure = [row["hashtag"] for row in rows_with_estimates(rows) if row["is_distinct_from_usual"]]
    found = say("posting.tags_found", names=write_list(sure[:6])) if sure else say("posting.tags_none")
    return [
        found,
        say("posting.tags_sure"),
        *describe_gaps(rows, "hashtag")[:2],
    ]


def _read_top(rows: Rows) -> list[str]:
    kept = rows_with_estimates(rows)
    sure = sum(bool(row["is_distinct_from_usual"]) for row in kept)
    if not kept:
        return describe_gaps(rows, "handle")
    return [
        say("posting.top", sure=write_count(sure), kept=write_count(len(kept))),
        *describe_gaps(rows, "handle"),
    ]


TIMES = {
    "segment_name": "label",
    "time_basis": "label",
    "weekday": "count",
    "hour_from": "count",
    "hour_to": "count",
    "post_count": "count",
    **common("account_count"),
    **interval("relative_engagement", "decimal", "conf"),
    **common("is_distinct_from_usual", "status_reason"),
}
POSTING = Section(
    "posting",
    (
        FACTORS,
        Figure(
            "posting_times",
            """
select
    coalesce(accounts.account_label, post_timing.segment) as segment_name, post_timing.time_basis, post_timing.weekday,
    post_timing.hour_from, post_timing.hour_to, post_timing.post_count, post_timing.account_count,
    post_timing.relative_engagement, post_timing.conf_low, post_timing.conf_high,
    post_timing.is_distinct_from_usual, post_timing.status, post_timing.status_reason
from marts.post_timing
left join marts.accounts on accounts.account_key = post_timing.account_key
where
    post_timing.time_basis in ('weekday', 'hour')
    -- The posts of one account are no comparison over accounts.
    and (post_timing.segment_dimension = 'all' and post_timing.account_count > 1 or accounts.is_own)
order by post_timing.segment_dimension desc, segment_name, post_timing.time_basis, post_timing.weekday,
    post_timing.hour_from
""",
            TIMES,
            _read_times,
            _draw_times,
        ),
        Figure(
            "hashtags",
            """
select
    coalesce(accounts.account_label, hashtag_performance.segment) as segment_name, hashtag_performance.hashtag,
    hashtag_performance.post_count, hashtag_performance.other_post_count, hashtag_performance.account_count,
    hashtag_performance.relative_engagement, hashtag_performance.conf_low, hashtag_performance.conf_high,
    hashtag_performance.is_distinct_from_usual, hashtag_performance.status, hashtag_performance.status_reason
from marts.hashtag_performance
left join marts.accounts on accounts.account_key = hashtag_performance.account_key
where hashtag_performance.segment_dimension = 'all' and hashtag_performance.account_count > 1 or accounts.is_own
qualify row_number() over (
    partition by segment_name order by hashtag_performance.status desc, hashtag_performance.post_count desc, hashtag
) <= 12
order by hashtag_performance.segment_dimension desc, segment_name, hashtag_performance.relative_engagement desc, hashtag
""",
            {
                "segment_name": "label",
                "hashtag": "text",
                "post_count": "count",
                "other_post_count": "count",
                **common("account_count"),
                **interval("relative_engagement", "decimal", "conf"),
                **common("is_distinct_from_usual", "status_reason"),
            },
            _read_tags,
            _draw_tags,
        ),
        Figure(
            "top_posts",
            """
select
    coalesce(accounts.account_label, top_posts.account_key) as handle, top_posts.rank, top_posts.created_at,
    left(posts.text, 120) as text, top_posts.reaction_count, top_posts.impression_count,
    top_posts.relative_engagement, top_posts.is_distinct_from_usual, top_posts.post_key, top_posts.status,
    top_posts.status_reason
from marts.top_posts
inner join marts.accounts using (account_key)
left join marts.posts on posts.post_key = top_posts.post_key
where accounts.is_own
order by handle, top_posts.rank
""",
            {
                **common("handle"),
                "rank": "count",
                "created_at": "day",
                "text": "text",
                "reaction_count": "count",
                "impression_count": "count",
                "relative_engagement": "decimal",
                **common("is_distinct_from_usual", "status_reason"),
            },
            _read_top,
        ),
    ),
)
