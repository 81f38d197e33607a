"""Who converses with its audience and who broadcasts: ratio map, shares and outcomes of styles, follow churn."""

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals
from pipeline.report.charts.ratio_map import ratio_map
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import STYLES, in_sentence, label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.followings import FOLLOWINGS
from pipeline.report.sections.shared import (
    as_dot,
    by_dimension,
    common,
    describe_gaps,
    interval,
    rows_with_estimates,
    say_if_estimated,
    segment_name,
)
from pipeline.report.writing import write_count, write_number_of


def _read_map(rows: Rows) -> list[str]:
    limited = sum(bool(row["is_follow_limited"]) for row in rows)
    nobody = sum(row["following_count"] == 0 for row in rows)
    said = [say("ratios.points", accounts=write_number_of(len(rows), "account"))]
    if nobody:
        said.append(say("ratios.nobody", nobody=write_count(nobody)))
    if limited:
        said.append(say("ratios.limited", limited=write_count(limited)))
    return said


def _draw_map(rows: Rows) -> list[Drawing]:
    shown = {row["ratio_style"] for row in rows}
    alt = say("ratios.alt_map")
    key = tuple((style, label(style)) for style in STYLES if style in shown)
    return [Drawing((Panel("", ratio_map(rows)),), alt, key=key)] if rows else []


def _read_shares(rows: Rows) -> list[str]:
    limited = rows[0]["follow_limited_count"] or 0
    said = [say("ratios.shares", accounts=write_number_of(rows[0]["base_count"], "account"))]
    if limited:
        said.append(say("ratios.left_out", limited=write_count(limited)))
    if (rows[0]["platform_count"] or 0) > 1:
        said.append(say("ratios.platforms"))
    return said + describe_gaps(rows[:1])


def _draw_shares(rows: Rows) -> list[Drawing]:
    marked = [_share(row, label(row["ratio_style"])) for row in rows if row["account_count"]]
    return [
        Drawing(
            (Panel("", dots_with_intervals(marked, (0, 1))),),
            say("ratios.alt_shares"),
        )
    ]


def _share(row: Row, name: str) -> Row:
    return as_dot(name, row, "account_share", "share", "share", colour=paint(row["ratio_style"]))


def _draw_segments(rows: Rows) -> list[Drawing]:
    made = []
    for dimension, of_dimension in by_dimension(rows_with_estimates(rows)):
        panels = []
        for style in STYLES:
            of_style = [row for row in of_dimension if row["ratio_style"] == style]
            if any(row["account_count"] for row in of_style):
                marked = [_share(row, segment_name(row)) for row in of_style]
                panels.append(Panel(label(style), dots_with_intervals(marked, (0, 1))))
        alt = say("ratios.alt_segments", dimension=in_sentence(label(dimension)))
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension == "industry"))
    return made


RATIOS = Section(
    "ratios",
    (
        Figure(
            "ratio_map",
            """
select
    coalesce(accounts.account_label, ratio_styles.account_key) as handle, ratio_styles.follower_count,
    ratio_styles.following_count, ratio_styles.followers_per_following, ratio_styles.ratio_style,
    ratio_styles.size_tier, ratio_styles.is_follow_limited, coalesce(accounts.is_own, false) as is_own,
    ratio_styles.as_of_date, ratio_styles.account_key
from marts.ratio_styles
left join marts.accounts using (account_key)
where ratio_styles.follower_count is not null and ratio_styles.following_count is not null
order by ratio_styles.follower_count desc, account_key
limit 5000
""",
            {
                **common("handle"),
                "follower_count": "count",
                "following_count": "count",
                "followers_per_following": "decimal",
                **common("ratio_style"),
                "size_tier": "text",
                "as_of_date": "day",
            },
            _read_map,
            _draw_map,
            empty_on="no_following",
        ),
        Figure(
            "style_shares",
            """
select
    ratio_style, account_count, base_count, account_share, share_low, share_high, follow_limited_count, segment,
    platform_count, status, status_reason
from marts.ratio_style_summary
where segment_dimension = 'all' and base_count > 0
order by account_share desc, ratio_style
""",
            {
                **common("ratio_style", "account_count"),
                "base_count": "count",
                **interval("account_share", "share", "share"),
            },
            _read_shares,
            _draw_shares,
            empty_on="no_following",
        ),
        Figure(
            "style_shares_by_segment",
            """
select
    segment_dimension, segment, ratio_style, account_count, base_count, account_share, share_low, share_high, status,
    status_reason
from marts.ratio_style_summary
where
    base_count > 0 and segment_dimension <> 'all'
    and (segment_dimension <> 'platform' or (select count(distinct platform) from marts.accounts) > 1)
order by segment_dimension, segment, ratio_style
""",
            {
                **common("segment_dimension", "segment", "ratio_style", "account_count"),
                "base_count": "count",
                **interval("account_share", "share", "share"),
                **common("status_reason"),
            },
            lambda rows: [*say_if_estimated(rows, say("ratios.overlap")), *describe_gaps(rows)],
            _draw_segments,
            empty_on="no_following",
        ),
        *FOLLOWINGS,
    ),
)
