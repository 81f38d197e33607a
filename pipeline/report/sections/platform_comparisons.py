"""How far a company's platforms differ, growth around its first posts on them, and what a survey says of them."""

from pipeline.report.catalogue import say, say_reason
from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import common, interval
from pipeline.report.writing import (
    GAP,
    write_count,
    write_day,
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
        return [say("platforms.no_difference")]
    return said or [say("platforms.lacking_pair", reason=say_reason(rows[0]["status_reason"]))]


def _say_difference(row: Row) -> str:
    one, other = label(row["platform"]), label(row["other_platform"])
    if row["measure"] == GROWTH:
        ahead = row["estimate"] > 0
        points = write_range(*_turned(row, ahead), "growth").removesuffix(f"{GAP}%")
        size = write_growth(abs(row["estimate"])).removesuffix(f"{GAP}%")
        leader, behind = (one, other) if ahead else (other, one)
        weeks = write_number_of(row["week_count"], "week")
        return say("platforms.grows_more", leader=leader, size=size, behind=behind, points=points, weeks=weeks)
    ahead = row["estimate"] > 1
    leader, behind = (one, other) if ahead else (other, one)
    values = [row["estimate"], row["conf_low"], row["conf_high"]]
    times, low, high = values if ahead else [1 / values[0], 1 / values[2], 1 / values[1]]
    return say(
        "platforms.draws_more",
        leader=leader,
        times=write_decimal(times, 1),
        behind=behind,
        limits=write_range(low, high, "decimal"),
        weeks=write_number_of(row["week_count"], "week"),
    )


def _turned(row: Row, ahead: bool) -> tuple[float, float]:
    return (row["conf_low"], row["conf_high"]) if ahead else (-row["conf_high"], -row["conf_low"])


def _read_migration(rows: Rows) -> list[str]:
    said = []
    for row in rows:
        if row["difference_low"] is not None:
            sure = row["difference_low"] > 0 or row["difference_high"] < 0
            limits = write_range(row["difference_low"], row["difference_high"], "growth").removesuffix(f"{GAP}%")
            key = "platforms.change_more" if row["difference"] > 0 else "platforms.change_less"
            change = say(key, difference=write_growth(abs(row["difference"])).removesuffix(f"{GAP}%"))
            what = change if sure else say("platforms.no_change")
            said.append(
                say(
                    "platforms.around",
                    platform=label(row["platform"]),
                    event=row["event"],
                    day=write_day(row["event_start_date"]),
                    what=what,
                    limits=limits,
                )
            )
    waiting = [row for row in rows if row["status"] == "insufficient_data"]
    if waiting and not said:
        said.append(say("platforms.lacking_change", reason=say_reason(waiting[0]["status_reason"])))
    return [*said, say("platforms.no_cause")]


def _read_survey(rows: Rows) -> list[str]:
    said = []
    for (survey, option), kept in _answers([row for row in rows if row["share"] is not None]):
        row = kept[0]
        own = [
            f"{label(each['platform'])} {write_growth(each['weekly_growth_rate'])}" for each in kept if each["company"]
        ]
        nearby = say("platforms.own_growth", own=write_list(own)) if own else say("platforms.no_account")
        limits = write_range(row["share_low"], row["share_high"])
        share = say(
            "platforms.share",
            share=write_share(row["share"]),
            limits=limits,
            base_count=write_count(row["base_count"]),
            survey=survey,
        )
        said.append(
            say("platforms.used_by", option=option, share=share, works=_say_whether_it_works(row), nearby=nearby)
        )
    hidden = {row["option"] for row in rows if row["share"] is None}
    if hidden:
        said.append(say("platforms.hidden", hidden=write_list(sorted(hidden))))
    return [*said, say("platforms.context")]


def _say_whether_it_works(row: Row) -> str:
    low, high = row["effectiveness_difference_low"], row["effectiveness_difference_high"]
    if low is None or high is None:
        return ""
    limits = write_range(low, high, "decimal")
    if low <= 0 <= high:
        return say("platforms.works_same", limits=limits)
    key = "platforms.works_better" if low > 0 else "platforms.works_worse"
    points = write_decimal(abs(row["effectiveness_difference"]))
    return say(key, points=points, limits=limits)


def _answers(rows: Rows) -> list[tuple[tuple[str, str], list[Row]]]:
    names = dict.fromkeys((str(row["survey_id"]), str(row["option"])) for row in rows)
    return [(name, [row for row in rows if (row["survey_id"], row["option"]) == name]) for name in names]


COMPARISONS = (
    Figure(
        "platform_differences",
        """
select
    company, measure, platform, other_platform, comparison, estimate, conf_low, conf_high, is_distinct, week_count,
    comparability_note, status, status_reason
from marts.company_platform_differences
where is_own
order by company, measure desc, status = 'ok' desc, platform, other_platform
""",
        {
            "company": "text",
            "measure": "label",
            "platform": "label",
            "other_platform": "label",
            "comparison": "text",
            **interval("estimate", "measure", "conf"),
            "is_distinct": "text",
            "week_count": "count",
            "comparability_note": "reason",
            **common("status_reason"),
        },
        _read_differences,
    ),
    Figure(
        "platform_migration",
        """
select
    company, event, event_start_date, platform, growth_rate_before, week_count_before, growth_rate_after,
    week_count_after, follower_change_during, difference, difference_low, difference_high, status, status_reason
from marts.company_platform_migration
where is_own
order by company, event_start_date desc, event, platform
""",
        {
            "company": "text",
            "event": "text",
            "event_start_date": "day",
            "platform": "label",
            "growth_rate_before": "growth",
            "week_count_before": "count",
            "growth_rate_after": "growth",
            "week_count_after": "count",
            "follower_change_during": "count",
            **interval("difference", "growth"),
            **common("status_reason"),
        },
        _read_migration,
    ),
    Figure(
        "survey_platforms",
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
            "survey_id": "text",
            "option": "text",
            "platform": "label",
            "base_count": "count",
            **interval("share", "share"),
            **interval("effectiveness_difference", "decimal"),
            "company": "text",
            **interval("weekly_growth_rate", "growth", "growth_rate"),
            REACTIONS: "decimal",
            "sampling_note": "reason",
            **common("status_reason"),
        },
        _read_survey,
    ),
)
