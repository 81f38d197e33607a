"""How far a company's platforms differ, growth around its first posts on them, and what a survey says of them."""

from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import common, interval
from pipeline.report.writing import (
    GAP,
    write_count,
    write_decimal,
    write_growth,
    write_list,
    write_number_of,
    write_range,
    write_share,
)

GROWTH, REACTIONS = "weekly_growth_rate", "engagement_per_1000_followers"


def _read_differences(rows: Rows) -> list[str]:
    several = len({row["company"] for row in rows}) > 1
    said = []
    for row in rows:
        if row["is_distinct"]:
            whose = f"{row['company']}: " if several else ""
            said.append(whose + _say_difference(row))
    known = [row for row in rows if row["status"] == "ok"]
    if known and not said:
        return ["No difference is larger than chance explains."]
    return said or ["Insufficient data for a comparison of two platforms: " + str(rows[0]["status_reason"]) + "."]


def _say_difference(row: Row) -> str:
    one, other = label(row["platform"]), label(row["other_platform"])
    if row["measure"] == GROWTH:
        ahead = row["estimate"] > 0
        points = write_range(*_turned(row, ahead), "growth").removesuffix(f"{GAP}%")
        size = write_growth(abs(row["estimate"])).removesuffix(f"{GAP}%")
        leader, behind = (one, other) if ahead else (other, one)
        weeks = write_number_of(row["week_count"], "week")
        return f"{leader} grows by {size} points a week more than {behind} ({points}; {weeks})."
    ahead = row["estimate"] > 1
    leader, behind = (one, other) if ahead else (other, one)
    values = [row["estimate"], row["conf_low"], row["conf_high"]]
    times, low, high = values if ahead else [1 / values[0], 1 / values[2], 1 / values[1]]
    return (
        f"A post on {leader} draws {write_decimal(times, 1)} times as many reactions per follower as on {behind} "
        f"({write_range(low, high, 'decimal')}; {write_number_of(row['week_count'], 'week')})."
    )


def _turned(row: Row, ahead: bool) -> tuple[float, float]:
    return (row["conf_low"], row["conf_high"]) if ahead else (-row["conf_high"], -row["conf_low"])


def _read_migration(rows: Rows) -> list[str]:
    said = []
    for row in rows:
        if row["difference_low"] is not None:
            way = "more" if row["difference"] > 0 else "less"
            sure = row["difference_low"] > 0 or row["difference_high"] < 0
            limits = write_range(row["difference_low"], row["difference_high"], "growth").removesuffix(f"{GAP}%")
            change = f"{write_growth(abs(row['difference'])).removesuffix(f'{GAP}%')} points a week {way} than before"
            what = change if sure else "no clear change"
            said.append(
                f"{label(row['platform'])}, around the {row['event']} ({row['event_start_date']}): {what} ({limits})."
            )
    waiting = [row for row in rows if row["status"] == "insufficient_data"]
    if waiting and not said:
        said.append(f"Insufficient data for the change of growth: {waiting[0]['status_reason']}.")
    return [*said, "A change in time does not say what caused it, nor that the same people moved."]


def _read_survey(rows: Rows) -> list[str]:
    said = []
    for (survey, option), kept in _answers([row for row in rows if row["share"] is not None]):
        row = kept[0]
        own = [
            f"{label(each['platform'])} {write_growth(each['weekly_growth_rate'])}" for each in kept if each["company"]
        ]
        nearby = f"; your own growth a week there: {write_list(own)}" if own else "; you have no account there"
        limits = write_range(row["share_low"], row["share_high"])
        share = f"{write_share(row['share'])} ({limits}) of {write_count(row['base_count'])} in survey {survey}"
        said.append(f"{option}: used by {share}{_say_whether_it_works(row)}{nearby}.")
    hidden = {row["option"] for row in rows if row["share"] is None}
    if hidden:
        said.append(f"Hidden to protect people: {write_list(sorted(hidden))}.")
    return [*said, "Who answered chose to, and users differ in other ways: context, neither a target nor an effect."]


def _say_whether_it_works(row: Row) -> str:
    low, high = row["effectiveness_difference_low"], row["effectiveness_difference_high"]
    if low is None or high is None:
        return ""
    limits = write_range(low, high, "decimal")
    if low <= 0 <= high:
        return f"; social media work no clearly better or worse for them ({limits} points on the scale)"
    way = "better" if low > 0 else "worse"
    points = write_decimal(abs(row["effectiveness_difference"]))
    return f"; they say social media work {way} for them, by {points} points on the scale ({limits})"


def _answers(rows: Rows) -> list[tuple[tuple[str, str], list[Row]]]:
    names = dict.fromkeys((str(row["survey_id"]), str(row["option"])) for row in rows)
    return [(name, [row for row in rows if (row["survey_id"], row["option"]) == name]) for name in names]


COMPARISONS = (
    Figure(
        "platform_differences",
        "How large are the differences?",
        """
select
    company, measure, platform, other_platform, comparison, estimate, conf_low, conf_high, is_distinct, week_count,
    comparability_note, status, status_reason
from marts.company_platform_differences
where is_own
order by company, measure desc, status = 'ok' desc, platform, other_platform
""",
        {
            "company": ("Company", "text"),
            "measure": ("Measure", "label"),
            "platform": ("Platform", "label"),
            "other_platform": ("compared with", "label"),
            "comparison": ("As", "text"),
            **interval("estimate", "Estimate", "measure", "conf"),
            "is_distinct": ("Beyond chance", "text"),
            "week_count": ("Weeks", "count"),
            "comparability_note": ("What counts", "text"),
            **common("status_reason"),
        },
        _read_differences,
        "Needs two platforms with eight weeks of readings.",
    ),
    Figure(
        "platform_migration",
        "Did growth change when you began on a new platform?",
        """
select
    company, event, event_start_date, platform, growth_rate_before, week_count_before, growth_rate_after,
    week_count_after, follower_change_during, difference, difference_low, difference_high, status, status_reason
from marts.company_platform_migration
where is_own
order by company, event_start_date desc, event, platform
""",
        {
            "company": ("Company", "text"),
            "event": ("What happened", "text"),
            "event_start_date": ("When", "day"),
            "platform": ("Followers on", "label"),
            "growth_rate_before": ("Growth a week before", "growth"),
            "week_count_before": ("Weeks", "count"),
            "growth_rate_after": ("after", "growth"),
            "week_count_after": ("Weeks", "count"),
            "follower_change_during": ("Change in that week", "count"),
            **interval("difference", "Difference", "growth"),
            **common("status_reason"),
        },
        _read_migration,
        "Needs the first post on a platform, or an event of one, with weeks of readings around it.",
    ),
    Figure(
        "survey_platforms",
        "What do other businesses use, and does it work for them?",
        """
select
    survey.survey_id, survey.question, survey.option, survey.platform, survey.base_count, survey.share,
    survey.share_low, survey.share_high, survey.effectiveness_difference, survey.effectiveness_difference_low,
    survey.effectiveness_difference_high, own.company, own.weekly_growth_rate, own.growth_rate_low,
    own.growth_rate_high, own.engagement_per_1000_followers, survey.sampling_note,
    coalesce(nullif(survey.status_reason, ''), survey.effectiveness_status_reason) as status_reason
from marts.survey_platforms as survey
left join marts.company_platforms as own on own.platform = survey.platform and own.is_own
where survey.segment_dimension = 'all'
order by survey.survey_id, survey.question_id, survey.option, survey.platform, own.company
""",
        {
            "survey_id": ("Survey", "text"),
            "option": ("Answer", "text"),
            "platform": ("Platform", "label"),
            "base_count": ("Answers", "count"),
            **interval("share", "Use it", "share"),
            **interval("effectiveness_difference", "Works better for users by", "decimal"),
            "company": ("Your company", "text"),
            **interval("weekly_growth_rate", "Your growth a week", "growth", "growth_rate"),
            REACTIONS: ("Your reactions per post and 1,000 followers", "decimal"),
            "sampling_note": ("Who answered", "text"),
            **common("status_reason"),
        },
        _read_survey,
        "Needs a survey with a question on platforms; add the words of its answers to survey_platform_words.",
    ),
)
