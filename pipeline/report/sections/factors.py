"""What posts that draw more reactions have in common: only what is beyond chance is named, and never in an order of
luck.
"""

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, list_some, rows_with_estimates
from pipeline.report.writing import (
    start_sentence,
    write,
    write_count,
    write_decimal,
    write_number_of,
    write_range,
    write_share,
)

# Below this share all that is known of posts explains next to nothing.
NOTHING = 0.005
# Not part of the model of the others, and often not read.
FIRST_HOUR = "first_hour"


def read_factors(rows: Rows) -> list[str]:
    """What stands out in each segment, and how much everything that was looked at explains together."""
    found = _by_segment(rows_with_estimates(rows))
    said = [
        *(text for of_segment in found.values() for text in _say_distinct(of_segment)),
        *_say_together(found),
    ]
    return [*said, *_say_first_hour_lacking(rows), *describe_gaps(_without_figures(rows), "handle")]


def open_factors(rows: Rows) -> list[str]:
    """The segments in which something stands out, and those in which nothing does."""
    found = _by_segment(rows_with_estimates(rows))
    said = [_say_some(of_segment) for of_segment in found.values() if _distinct(of_segment)]
    counts = {whose: len(of_segment) for whose, of_segment in found.items() if not _distinct(of_segment)}
    if counts:
        fewest, most = write_count(min(counts.values())), write_number_of(max(counts.values()), "feature")
        features = most if len({*counts.values()}) == 1 else say("write.range", low=fewest, high=most)
        said.append(say("factors.nothing", whose=list_some([*counts]), features=features))
    return said


def _by_segment(rows: Rows) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(_whose(row), []).append(row)
    return found


def _whose(row: Row) -> str:
    """An own account by its name, the accounts of a platform as such."""
    return str(row["handle"] or say("factors.on_platform", platform=label(row["platform"])))


def _distinct(rows: Rows) -> list[Row]:
    return [row for row in rows if row["is_distinct_from_usual"]]


def _say_some(rows: list[Row]) -> str:
    named, tested = len(_distinct(rows)), write_number_of(len(rows), "feature")
    return say("factors.some", named, whose=_whose(rows[0]), named=write_count(named), tested=tested)


def _say_distinct(rows: list[Row]) -> list[str]:
    return [
        say(
            "factors.first_hour" if row["factor"] == FIRST_HOUR else "factors.ratio",
            whose=_whose(row),
            factor=name_factor(row),
            times=write_decimal(row["response_ratio"]),
            limits=write_range(row["conf_low"], row["conf_high"], "decimal"),
            posts=write_number_of(row["post_count"], "post"),
        )
        for row in _distinct(rows)
    ]


def _say_together(found: dict[str, list[Row]]) -> list[str]:
    """How much all factors explain: shares, and one sentence for the segments where it is next to nothing."""
    together = {whose: [row for row in rows if row["factor"] != FIRST_HOUR] for whose, rows in found.items()}
    shares = {whose: rows[0]["explained_share"] for whose, rows in together.items() if rows}
    little = [whose for whose, share in shares.items() if share is None or share < NOTHING]
    parts = [
        say("factors.share_of", whose=whose, share=write_share(share))
        for whose, share in shares.items()
        if whose not in little
    ]
    said = [say("factors.together", shares=list_some(parts))] if parts else []
    return [*said, say("factors.little", whose=list_some(little))] if little else said


def name_factor(row: Row) -> str:
    """What a post has, as it follows the word posts."""
    if row["factor_group"] == "word":
        return say("factors.word", word=row["factor"])
    return write(row["factor"], "factor")


def _say_first_hour_lacking(rows: Rows) -> list[str]:
    """What is missing to say what the first hour tells, and when it will be there."""
    known = {_whose(row) for row in rows_with_estimates(rows)}
    lacking = [
        {**row, "handle": _whose(row)}
        for row in rows
        if row["factor"] == FIRST_HOUR and row["status"] == "insufficient_data" and _whose(row) in known
    ]
    return describe_gaps(lacking, "handle", "factors.first_hour_lacking")


def _without_figures(rows: Rows) -> list[Row]:
    """One row for each segment without any figure, with the reason that its factors share."""
    known = {_whose(row) for row in rows_with_estimates(rows)}
    return [
        {
            **row,
            "handle": _whose(row),
            "status_reason": row["status_reason"] if row["reason_count"] == 1 else say("factors.no_feature"),
        }
        for row in rows
        if _whose(row) not in known
    ]


def draw_factors(rows: Rows) -> list[Drawing]:
    """A dot for each factor that stands out, in the order of the factors."""
    kept = _distinct(rows_with_estimates(rows))
    domain = padded(kept, ["conf_low", "conf_high", "response_ratio"], include=[1])
    panels = []
    for whose, of_segment in _by_segment(kept).items():
        dots = [
            {**as_dot(start_sentence(name_factor(row)), row, "response_ratio", "decimal", "conf"), "usual": 1}
            for row in of_segment
        ]
        spec = dots_with_intervals(dots, domain, reference="usual", label_expression="datum.value")
        handle = str(of_segment[0]["handle"] or "")
        panels.append(Panel(handle or start_sentence(whose), spec, handle))
    return [Drawing(tuple(panels), say("factors.alt"))] if panels else []


FACTORS = Figure(
    "post_factors",
    """
select
    case when factors.segment_dimension = 'platform' then factors.segment end as platform,
    case when factors.segment_dimension = 'account' then coalesce(accounts.account_label, factors.segment) end
        as handle,
    factors.factor_group,
    case when factors.factor_group = 'word' then '“' || factors.factor || '”' else factors.factor end as factor,
    factors.response_ratio, factors.conf_low, factors.conf_high, factors.p_value_adjusted,
    factors.is_distinct_from_usual, factors.partial_r2, factors.explained_share,
    factors.post_count, factors.other_post_count, factors.account_count,
    count(distinct case when factors.factor_group <> 'early' then factors.status_reason end)
        over (partition by factors.segment) as reason_count,
    factors.status, factors.status_reason
from marts.post_factors as factors
left join marts.accounts on factors.segment_dimension = 'account' and accounts.account_key = factors.segment
where factors.segment_dimension = 'account' or factors.status = 'ok' or factors.factor_group = 'early'
-- What was compared, and why not the first hour; of a segment that has nothing to compare one row says why.
qualify
    factors.status = 'ok'
    or factors.factor_group = 'early' and bool_or(factors.status = 'ok') over (partition by factors.segment)
    or factors.segment_dimension = 'account'
    and bool_and(factors.status <> 'ok') over (partition by factors.segment)
    and row_number() over (
        partition by factors.segment order by factors.factor_group = 'early', factors.factor_group, factors.factor
    ) = 1
order by
    factors.segment_dimension, accounts.follower_count desc nulls last, handle, platform,
    array_position(['form', 'length', 'time', 'word', 'early'], factors.factor_group), factors.factor
""",
    {
        **common("handle"),
        "platform": "label",
        "factor_group": "label",
        "factor": "factor",
        **interval("response_ratio", "decimal", "conf"),
        "p_value_adjusted": "p_value",
        **common("is_distinct_from_usual"),
        "partial_r2": "share",
        "post_count": "count",
        "other_post_count": "count",
        **common("account_count", "status_reason"),
    },
    read_factors,
    draw_factors,
    open=open_factors,
)
