"""Follower growth: quality against volume, how certain that is, and where more posts stop paying off."""

from typing import Any

from pipeline.report.catalogue import say
from pipeline.report.charts.curves import means_by_bin
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.growth_words import describe_measure, word_check, word_reliability, word_verdict
from pipeline.report.sections.readiness import READINESS
from pipeline.report.sections.sensitivity import SENSITIVITY
from pipeline.report.sections.shared import (
    as_dot,
    by_dimension,
    common,
    describe_gaps,
    interval,
    rows_with_estimates,
    segment_name,
    tooltip_text,
)
from pipeline.report.writing import (
    start_sentence,
    write_count,
    write_decimal,
    write_growth,
    write_number_of,
    write_p_value,
    write_range,
    write_share,
)

DRIVERS = (("accent", "quality"), ("second", "volume"))
COLOURS = {driver: colour for colour, driver in DRIVERS}
FOLDED = {"industry", "platform"}


def _read_effects(rows: Rows) -> list[str]:
    said = []
    for row in rows_with_estimates(rows):
        if row["segment_dimension"] == "all" and row["quality_effect"] is not None:
            check = word_check(row)
            caveats = [*describe_measure(row.get("quality_bases")), word_reliability(row)]
            said += [f"{word_verdict(row)}.", f"{start_sentence(check)}."]
            said += [f"{text}." for text in caveats if text]
    noisy = [row for row in rows_with_estimates(rows) if row["segment_dimension"] != "all" and word_reliability(row)]
    if noisy:
        least = min(noisy, key=lambda row: row["reliability"])
        said.append(
            say(
                "growth.noisy_segments",
                segments=write_number_of(len(noisy), "segment"),
                least=segment_name(least),
                reliability=write_decimal(least["reliability"]),
            )
        )
    unlike = {row["verdict"] for row in rows_with_estimates(rows) if row["segment_dimension"] != "all"}
    if len(unlike) > 1:
        said.append(say("growth.unlike"))
    return [*said, *describe_gaps(rows)]


def _draw_effects(rows: Rows) -> list[Drawing]:
    kept = rows_with_estimates(rows)
    limits = ["quality_effect_low", "quality_effect_high", "volume_effect_low", "volume_effect_high"]
    domain = padded(kept, limits, include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        if dimension == "all":
            rows_of_all = [_effect(row, driver, label(driver)) for row in of_dimension for _, driver in DRIVERS]
            panels = [Panel("", _effects(rows_of_all, domain))]
        else:
            panels = [
                Panel(
                    label(driver), _effects([_effect(row, driver, segment_name(row)) for row in of_dimension], domain)
                )
                for _, driver in DRIVERS
            ]
        alt = say("growth.alt_effects", dimension=in_sentence(label(dimension)))
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension in FOLDED))
    return made


def _effect(row: Row, driver: str, name: str) -> Row:
    return as_dot(name, row, f"{driver}_effect", "growth", colour=paint(COLOURS[driver]))


def _effects(marked: Rows, domain: list[float]) -> dict[str, Any]:
    return dots_with_intervals(marked, domain, zero=True)


def _draw_models(rows: Rows) -> list[Drawing]:
    domain = padded(rows_with_estimates(rows), ["standardised_low", "standardised_high"], include=[0])
    panels = []
    for colour, term in DRIVERS:
        marked = [
            as_dot(label(row["specification"]), row, "standardised_estimate", "growth", "standardised")
            for row in rows_with_estimates(rows)
            if row["term"] == term
        ]
        if marked:
            panels.append(Panel(label(term), dots_with_intervals(marked, domain, colour=colour, zero=True)))
    return [Drawing(tuple(panels), say("growth.alt_models"))] if panels else []


def _read_models(rows: Rows) -> list[str]:
    main = [
        row
        for row in rows_with_estimates(rows)
        if row["specification"] == "same_and_previous_week" and row["explained_share"] is not None
    ]
    said = [
        say(
            "growth.explains",
            term=label(row["term"]),
            share=write_share(row["explained_share"]),
            limits=write_range(row["explained_share_low"], row["explained_share_high"]),
            model_share=write_share(row["within_r2"]),
        )
        for row in main
    ]
    return [*said, *describe_gaps(rows, "specification")]


def _read_doses(rows: Rows) -> list[str]:
    turning = next((row for row in rows if row["turning_point"] is not None), None)
    said = []
    if turning:
        limits = write_range(turning["turning_point_low"], turning["turning_point_high"], "decimal")
        said.append(say("growth.turning", turning_point=write_decimal(turning["turning_point"], 1), limits=limits))
    elif rows_with_estimates(rows):
        said.append(say("growth.no_turning"))
    return said + describe_gaps(rows, "bin")


def _draw_doses(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["mean_growth_rate"] is not None]
    domain = padded(kept, ["conf_low", "conf_high"])
    panels = []
    for colour, driver in (("second", "volume"), ("accent", "quality")):
        of_driver = [_dose(row) for row in kept if row["driver"] == driver]
        if of_driver:
            axis = say("growth.axis_volume") if driver == "volume" else say("growth.axis_quality")
            spec = means_by_bin(of_driver, colour=colour, domain=domain, axis_title=axis)
            panels.append(Panel(say("growth.by_driver", driver=in_sentence(label(driver))), spec))
    return [Drawing(tuple(panels), say("growth.alt_doses"))] if panels else []


def _dose(row: Row) -> Row:
    return {
        **row,
        "label": label(row["bin"]),
        "tooltip": tooltip_text(row, "mean_growth_rate", "conf_low", "conf_high", "growth"),
    }


DOSES = Figure(
    "growth_dose_response",
    """
select
    driver, bin, bin_number, bin_low, bin_high, mean_growth_rate, conf_low, conf_high, observation_count,
    account_count, turning_point, turning_point_low, turning_point_high, inverted_u_p_value, status, status_reason
from marts.growth_dose_response
where
    segment_dimension = 'all'
    and exists (from marts.growth_dose_response where status = 'ok')  -- else answer_readiness says what is missing
order by driver, bin_number
""",
    {
        "driver": "label",
        "bin": "label",
        **interval("mean_growth_rate", "growth", "conf"),
        **common("observation_count", "account_count", "status_reason"),
    },
    _read_doses,
    _draw_doses,
)

LEVEL = 0.05


def _read_segments(rows: Rows) -> list[str]:
    tested = [row for row in rows if row["difference_p_value_adjusted"] is not None]
    if not tested:
        return [say("growth.too_few_segments")]
    found = [row for row in tested if row["difference_p_value_adjusted"] < LEVEL]
    said = [_say_segment(row) for row in found]
    left = len({row["segment"] for row in tested} - {row["segment"] for row in found})
    if left:
        others = "other_segment" if found else "segment"
        said.append(say("growth.no_difference", left, segments=write_number_of(left, others)))
    return said


def _say_segment(row: Row) -> str:
    key = "growth.segment_more" if row["difference_from_rest"] > 0 else "growth.segment_less"
    return say(
        key,
        segment=segment_name(row),
        dimension=in_sentence(label(row["segment_dimension"])),
        term=in_sentence(label(row["term"])),
        p_value=write_p_value(row["difference_p_value_adjusted"]),
    )


SEGMENTS = Figure(
    "growth_segments",
    """
select
    segment_dimension, segment, term, estimate, difference_from_rest, difference_p_value, difference_p_value_adjusted,
    account_count, observation_count, status, status_reason
from marts.growth_attribution
where specification = 'same_and_previous_week' and segment_dimension <> 'all' and term in ('quality', 'volume')
order by segment_dimension, segment, term
""",
    {
        **common("segment_dimension", "segment"),
        "term": "label",
        "difference_from_rest": "measure",
        "difference_p_value": "p_value",
        "difference_p_value_adjusted": "p_value",
        **common("account_count", "observation_count", "status_reason"),
    },
    _read_segments,
)


def _read_good_weeks(rows: Rows) -> list[str]:
    whole = [row for row in rows_with_estimates(rows) if row["segment_dimension"] == "all"]
    return [*(_say_good_week(row) for row in whole if row["growth_change"] is not None), *describe_gaps(rows)]


def _say_good_week(row: Row) -> str:
    """What a good week of one driver is linked to, next to a usual one."""
    if row["driver"] == "volume":
        usual, good = write_count(row["usual_post_count"]), write_count(row["good_post_count"])
        week = say("growth.week_of_posts", usual=usual, good=good)
    else:
        week = say("growth.week_of_response", times=write_decimal(row["good_per_usual"], 1))
    return say(
        "growth.good_week_more" if row["growth_change"] >= 0 else "growth.good_week_less",
        week=week,
        points=write_decimal(100 * abs(row["growth_change"])),
        limits=write_range(100 * row["growth_change_low"], 100 * row["growth_change_high"], "decimal"),
        usual=write_growth(row["mean_growth_rate"]),
    )


def _draw_good_weeks(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["growth_change"] is not None]
    domain = padded(kept, ["growth_change_low", "growth_change_high"], include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        panels = []
        for colour, driver in DRIVERS:
            marked = [
                as_dot(segment_name(row), row, "growth_change", "growth")
                for row in of_dimension
                if row["driver"] == driver
            ]
            if marked:
                spec = dots_with_intervals(marked, domain, colour=colour, zero=True)
                panels.append(Panel(say("growth.good_week", driver=label(driver)), spec))
        alt = say("growth.alt_good_week", dimension=in_sentence(label(dimension)))
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension != "all"))
    return made


GOOD_WEEK = Figure(
    "growth_what_if",
    """
select
    segment_dimension, segment, driver, usual_post_count, good_post_count, good_per_usual, mean_growth_rate,
    growth_change, growth_change_low, growth_change_high, expected_growth_rate, account_count,
    observation_count, status, status_reason
from marts.growth_what_if
where exists (from marts.growth_what_if where status = 'ok')  -- else answer_readiness says what is missing
order by segment_dimension, segment, driver
""",
    {
        **common("segment_dimension", "segment"),
        "driver": "label",
        "usual_post_count": "count",
        "good_post_count": "count",
        "good_per_usual": "decimal",
        "mean_growth_rate": "growth",
        **interval("growth_change", "growth"),
        **common("account_count", "observation_count", "status_reason"),
    },
    _read_good_weeks,
    _draw_good_weeks,
)

EFFECT_COLUMNS = {
    **common("segment_dimension", "segment"),
    **interval("quality_effect", "growth"),
    **interval("volume_effect", "growth"),
    **interval("difference", "growth"),
    "verdict": "label",
    "reliability": "decimal",
    "placebo_p_value": "p_value",
    **common("account_count", "observation_count", "status_reason"),
}

GROWTH = Section(
    "growth",
    (
        Figure(
            "growth_effects",
            """
select
    verdicts.* exclude (status_reason),
    (
        select any_value(mean_growth_rate) from marts.growth_what_if where segment_dimension = 'all'
    ) as mean_growth_rate,
    case when verdicts.status = 'ok' then verdicts.status_reason
        else coalesce(nullif(readiness.status_reason, ''), verdicts.status_reason) end as status_reason
from marts.growth_verdict as verdicts
left join marts.answer_readiness as readiness
    on readiness.question = 'quality_against_volume' and readiness.segment_dimension = verdicts.segment_dimension
        and readiness.segment = verdicts.segment
order by verdicts.segment_dimension, verdicts.segment
""",
            EFFECT_COLUMNS,
            _read_effects,
            _draw_effects,
        ),
        SENSITIVITY,
        READINESS,
        SEGMENTS,
        DOSES,
        Figure(
            "growth_models",
            """
select
    specification, term, standardised_estimate, standardised_low, standardised_high, p_value, explained_share,
    explained_share_low, explained_share_high, within_r2, account_count, observation_count, method, status,
    status_reason
from marts.growth_attribution
where
    segment_dimension = 'all' and term in ('quality', 'volume')
    and exists (from marts.growth_attribution where status = 'ok')  -- else answer_readiness says what is missing
order by specification, term
""",
            {
                "specification": "label",
                "term": "label",
                **interval("standardised_estimate", "growth", "standardised"),
                **common("p_value"),
                "explained_share": "share",
                **common("account_count", "observation_count"),
                "method": "text",
                **common("status_reason"),
            },
            _read_models,
            _draw_models,
        ),
        GOOD_WEEK,
    ),
)
