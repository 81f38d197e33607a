"""How strong something that nobody measured would have to be to explain the effects on growth away."""

from pipeline.report.catalogue import say
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import write_decimal, write_share

DRIVERS = ("quality", "volume")


def open_sensitivity(rows: Rows) -> list[str]:
    """For each driver what would explain its effect away."""
    return [_say_effect(row) for row in _effects(rows).values()]


def read_sensitivity(rows: Rows) -> list[str]:
    """For each driver what a cause as strong as the strongest part of the model would leave of its effect."""
    said = []
    for driver, effect in _effects(rows).items():
        others = [
            row
            for row in rows_with_estimates(rows)
            if row["driver"] == driver and row["benchmark"] and row["adjusted_estimate"] is not None
        ]
        if others and effect["robustness_value_of_limit"]:
            said.append(_say_benchmark(effect, max(others, key=_strength)))
    return [*said, *describe_gaps(rows, "driver")]


def _effects(rows: Rows) -> dict[str, Row]:
    """The rows of the drivers themselves."""
    found = {row["driver"]: row for row in rows_with_estimates(rows) if row["benchmark"] is None}
    return {name: found[name] for name in DRIVERS if name in found and found[name]["robustness_value"] is not None}


def _say_effect(row: Row) -> str:
    driver = say(f"sensitivity.{row['driver']}")
    if not row["robustness_value_of_limit"]:
        return say("sensitivity.open", driver=driver)
    return say(
        "sensitivity.needed",
        driver=driver,
        share=write_share(row["robustness_value"]),
        limit=write_share(row["robustness_value_of_limit"]),
    )


def _strength(row: Row) -> float:
    """What a cause can explain away grows with what it explains of both."""
    return float((row["benchmark_r2_with_driver"] or 0) * (row["benchmark_r2_with_growth"] or 0))


def _say_benchmark(effect: Row, strongest: Row) -> str:
    return say(
        "sensitivity.strongest",
        driver=say(f"sensitivity.{effect['driver']}"),
        benchmark=in_sentence(label(strongest["benchmark"])),
        of_driver=write_share(strongest["benchmark_r2_with_driver"]),
        of_growth=write_share(strongest["benchmark_r2_with_growth"]),
        left=write_decimal(100 * abs(strongest["adjusted_estimate"])),
        estimate=write_decimal(100 * abs(effect["estimate"])),
    )


SENSITIVITY = Figure(
    "growth_sensitivity",
    """
select
    driver, benchmark, estimate, conf_low, conf_high, partial_r2, robustness_value, robustness_value_of_limit,
    benchmark_r2_with_driver, benchmark_r2_with_growth, adjusted_estimate, account_count, observation_count, status,
    status_reason
from marts.growth_sensitivity
where
    segment_dimension = 'all'
    and exists (from marts.growth_sensitivity where status = 'ok')  -- else answer_readiness says what is missing
order by driver, benchmark nulls first
""",
    {
        "driver": "label",
        "benchmark": "label",
        **interval("estimate", "growth", "conf"),
        "partial_r2": "share",
        "robustness_value": "share",
        "robustness_value_of_limit": "share",
        "benchmark_r2_with_driver": "share",
        "benchmark_r2_with_growth": "share",
        "adjusted_estimate": "growth",
        **common("account_count", "observation_count", "status_reason"),
    },
    read_sensitivity,
    open=open_sensitivity,
)
