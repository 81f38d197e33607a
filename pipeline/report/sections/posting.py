"""When and what to post: times, hashtags and the strongest own posts, compared within an account."""

from typing import Any

from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import write_count, write_list

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NO_CAUSE = "Posts at good hours or with good tags differ in other ways too: this does not prove a cause."


def _name_time(row: Row) -> str:
    if row["time_basis"] == "weekday":
        return WEEKDAYS[row["weekday"] - 1]
    return f"{row['hour_from']:02d} to {row['hour_to']:02d} UTC"


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
            for basis, title in (("weekday", "By weekday"), ("hour", "By hour"))
            if any(row["time_basis"] == basis for row in of_segment)
        ]
        made.append(
            Drawing(
                tuple(panels), "Engagement by time of posting; 1 is the account's average post.", title=label(segment)
            )
        )
    return made


def _read_times(rows: Rows) -> list[str]:
    sure = [row for row in rows_with_estimates(rows) if row["is_distinct_from_usual"]]
    names = write_list([f"{_name_time(row)} ({label(row['segment_name'])})" for row in sure[:6]])
    found = f"Beyond chance, adjusted for all comparisons: {names}." if sure else "No time differs beyond chance."
    return [
        found,
        f"1 is the average post of the same account. {NO_CAUSE}",
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
    return [Drawing(tuple(panels), "Engagement of posts with a hashtag relative to posts without; 1 is no difference.")]


def _read_tags(rows: Rows) -> list[str]:
    sure = [row["hashtag"] for row in rows_with_estimates(rows) if row["is_distinct_from_usual"]]
    found = f"Beyond chance: {write_list(sure[:6])}." if sure else "No hashtag differs beyond chance."
    return [
        found,
        f"1 is the average of the account's posts without it. {NO_CAUSE}",
        *describe_gaps(rows, "hashtag")[:2],
    ]


def _read_top(rows: Rows) -> list[str]:
    kept = rows_with_estimates(rows)
    sure = sum(bool(row["is_distinct_from_usual"]) for row in kept)
    if not kept:
        return describe_gaps(rows, "handle")
    return [
        f"{write_count(sure)} of {write_count(len(kept))} did better than their account's average post by more "
        "than chance explains (95 % limits, each post on its own).",
        *describe_gaps(rows, "handle"),
    ]


TIMES = {
    "segment_name": ("Whose", "label"),
    "time_basis": ("Cut", "label"),
    "weekday": ("Weekday", "count"),
    "hour_from": ("Hour from", "count"),
    "hour_to": ("to", "count"),
    "post_count": ("Posts", "count"),
    **common("account_count"),
    **interval("relative_engagement", "Against the average post", "decimal", "conf"),
    **common("is_distinct_from_usual", "status_reason"),
}
POSTING = Section(
    "posting",
    "When and what to post?",
    "Engagement of posts relative to the average post of the same account, one week after posting; where only "
    "exports of analytics were read, as of the last one.",
    (
        Figure(
            "posting_times",
            "Does the time matter?",
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
    and (post_timing.segment_dimension = 'all' or accounts.is_own)
order by post_timing.segment_dimension desc, segment_name, post_timing.time_basis, post_timing.weekday,
    post_timing.hour_from
""",
            TIMES,
            _read_times,
            "Needs posts whose reactions were read about one week after posting.",
            _draw_times,
            note="Filled dots differ from the average post beyond chance, adjusted for the number of comparisons.",
        ),
        Figure(
            "hashtags",
            "Which hashtags are linked to more reactions?",
            """
select
    coalesce(accounts.account_label, hashtag_performance.segment) as segment_name, hashtag_performance.hashtag,
    hashtag_performance.post_count, hashtag_performance.other_post_count, hashtag_performance.account_count,
    hashtag_performance.relative_engagement, hashtag_performance.conf_low, hashtag_performance.conf_high,
    hashtag_performance.is_distinct_from_usual, hashtag_performance.status, hashtag_performance.status_reason
from marts.hashtag_performance
left join marts.accounts on accounts.account_key = hashtag_performance.account_key
where hashtag_performance.segment_dimension = 'all' or accounts.is_own
qualify row_number() over (
    partition by segment_name order by hashtag_performance.status desc, hashtag_performance.post_count desc, hashtag
) <= 12
order by hashtag_performance.segment_dimension desc, segment_name, hashtag_performance.relative_engagement desc, hashtag
""",
            {
                "segment_name": ("Whose", "label"),
                "hashtag": ("Hashtag", "text"),
                "post_count": ("Posts with", "count"),
                "other_post_count": ("Without", "count"),
                **common("account_count"),
                **interval("relative_engagement", "Against without", "decimal", "conf"),
                **common("is_distinct_from_usual", "status_reason"),
            },
            _read_tags,
            "Needs posts with hashtags whose reactions were read about one week after posting.",
            _draw_tags,
        ),
        Figure(
            "top_posts",
            "Which of your posts did best?",
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
                "rank": ("Rank", "count"),
                "created_at": ("Posted", "day"),
                "text": ("Text", "text"),
                "reaction_count": ("Reactions", "count"),
                "impression_count": ("Shown", "count"),
                "relative_engagement": ("Against the average post", "decimal"),
                **common("is_distinct_from_usual", "status_reason"),
            },
            _read_top,
            "Needs an account of your own (is_own in accounts.csv) with posts in the last twelve weeks.",
        ),
    ),
)
