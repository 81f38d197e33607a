"""Styles of following: whether there are two at all, their growth and reactions, and follow churn."""

from pipeline.report.catalogue import say, say_reason
from pipeline.report.charts.bars import histogram_of_ratios
from pipeline.report.charts.curves import over_days
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import (
    as_dot,
    common,
    describe_gaps,
    interval,
    rows_with_estimates,
    say_if_estimated,
)
from pipeline.report.two_styles import state_answer, state_density, state_need
from pipeline.report.writing import start_sentence, write_count, write_decimal, write_number_of


def _draw_outcomes(rows: Rows) -> list[Drawing]:
    kept = rows_with_estimates(rows)
    panels = []
    for value, limits_of, form in OUTCOMES:
        known = [_outcome(row, value, limits_of, form) for row in kept if row[value] is not None]
        if known:
            domain = padded(known, ["value", "low", "high"], include=[0])
            labels = "datum.value" if form == "decimal" else None
            panels.append(Panel(label(value), dots_with_intervals(known, domain, zero=True, label_expression=labels)))
    alt = say("followings.alt_outcomes")
    return [Drawing(tuple(panels), alt)] if panels else []


OUTCOMES = (
    ("median_weekly_growth_rate", "growth_rate", "growth"),
    ("median_engagement_per_1000_followers", "engagement", "decimal"),
)


def _outcome(row: Row, value: str, limits_of: str, form: str) -> Row:
    dot = as_dot(label(row["ratio_style"]), row, value, form, limits_of, colour=paint(row["ratio_style"]))
    return dot if form == "growth" else {**dot, "label_text": write_decimal(row[value], 1)}


def _read_distribution(rows: Rows) -> list[str]:
    row = {**rows[0], "account_count": rows[0]["tested_count"]}
    if row["gap_class"] is None:
        return [say("followings.lacking", reason=say_reason(row["status_reason"] or say("followings.no_test")))]
    more = [part for part in (state_density(row), state_need(row)) if part]
    said = [f"{state_answer(row)}.", *(f"{start_sentence(part)}." for part in more)]
    return said + (
        [say("followings.lacking", reason=say_reason(row["status_reason"]))] if row["status"] != "ok" else []
    )


def _draw_distribution(rows: Rows) -> list[Drawing]:
    bins = [row for row in rows if row["bin_low"] is not None and row["bin_high"] is not None and row["bin_low"] > 0]
    alt = say("followings.alt_histogram")
    return [Drawing((Panel("", histogram_of_ratios(bins)),), alt)] if bins else []


def _read_churn(rows: Rows) -> list[str]:
    row = rows[0]
    tested = say("followings.watched", accounts=write_number_of(row["tested_count"], "account"))
    said = say("followings.churn", pattern_count=write_count(row["pattern_count"]), tested=tested)
    possible = row["possible_count"]
    if possible:
        said += " " + say("followings.possible", possible, possible=write_count(possible))
    return [said, say("followings.churn_sure"), say("followings.churn_missed")]


def _draw_churn(rows: Rows) -> list[Drawing]:
    panels = []
    for key in dict.fromkeys(row["account_key"] for row in rows):
        days = [row for row in rows if row["account_key"] == key]
        path = [{"date": row["date"], "following_count": row["following_count"]} for row in days]
        domain = padded(path, ["following_count"])
        spec = over_days(
            path, field="following_count", colour="interpersonal", title=say("chart.follows"), domain=domain
        )
        cycles = write_number_of(days[0]["episode_count"], "cycle")
        key = "followings.path_possible" if days[0]["churn_class"] == "possible" else "followings.path"
        panels.append(Panel(say(key, handle=days[0]["handle"], cycles=cycles), spec))
    return [Drawing(tuple(panels), say("followings.alt_churn"))]


FOLLOWINGS: tuple[Figure, ...] = (
    Figure(
        "ratio_distribution",
        """
select
bins.bin_low, bins.bin_high, bins.account_count, bins.account_share, bins.share_low, bins.share_high,
tests.gap_class, tests.relative_gap_density, tests.relative_gap_density_low, tests.relative_gap_density_high,
tests.accounts_needed, tests.p_value, tests.account_count as tested_count, tests.status, tests.status_reason
from marts.ratio_distribution_bins as bins
left join marts.ratio_distribution_tests as tests
on tests.segment_dimension = 'all' and tests.test = 'antimode'
where bins.segment_dimension = 'all' and bins.bin_kind = 'histogram'
order by bins.bin_low
""",
        {
            "bin_low": "decimal",
            "bin_high": "decimal",
            **common("account_count"),
            **interval("account_share", "share", "share"),
        },
        _read_distribution,
        _draw_distribution,
        empty_on="no_following",
    ),
    Figure(
        "style_outcomes",
        """
select
ratio_style, median_weekly_growth_rate, growth_rate_low, growth_rate_high, growth_account_count,
median_engagement_per_1000_followers, engagement_low, engagement_high, engagement_account_count, segment, status,
status_reason
from marts.ratio_style_summary
where segment_dimension = 'all' and account_count > 0
order by ratio_style
""",
        {
            **common("ratio_style"),
            **interval("median_weekly_growth_rate", "growth", "growth_rate"),
            "growth_account_count": "count",
            **interval("median_engagement_per_1000_followers", "decimal", "engagement"),
            "engagement_account_count": "count",
        },
        lambda rows: [*say_if_estimated(rows, say("followings.no_effect")), *describe_gaps(rows)],
        _draw_outcomes,
        empty_on="no_following",
    ),
    Figure(
        "churn_paths",
        """
with shown as (
select
account_key, churn_class, episode_count, window_start_date, window_end_date, followed_count, culled_following_count
from marts.follow_churn
where churn_class in ('pattern', 'possible')
order by churn_class, culled_following_count desc, account_key
limit 6
),

counts as (
select
count(*) filter (where status = 'ok') as tested_count, count(*) filter (where is_spam_and_cull) as pattern_count,
count(*) filter (where churn_class = 'possible') as possible_count
from marts.follow_churn
)

select
shown.account_key, coalesce(accounts.account_label, shown.account_key) as handle, shown.churn_class,
shown.episode_count, shown.followed_count, shown.culled_following_count, account_days.date,
account_days.following_count,
counts.tested_count, counts.pattern_count, counts.possible_count
from shown
cross join counts
inner join marts.account_days using (account_key)
left join marts.accounts using (account_key)
where account_days.date between shown.window_start_date and shown.window_end_date
order by shown.churn_class, shown.culled_following_count desc, shown.account_key, account_days.date
""",
        {
            **common("handle"),
            "churn_class": "text",
            "episode_count": "count",
            "followed_count": "count",
            "culled_following_count": "count",
            "date": "day",
            "following_count": "count",
        },
        _read_churn,
        _draw_churn,
        empty_on="no_following",
    ),
)
