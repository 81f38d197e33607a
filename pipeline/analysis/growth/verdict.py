"""The verdict on quality against volume, by written rules, from the tidy table of estimates.

The rules, first match wins:
1. insufficient_data: the primary model cannot be tested (fewer than 10 accounts, terms that do not vary, quality that
   cannot be distinguished from chance), or its placebo cannot: there is no evidence on the reverse order.
2. reverse_causality_not_excluded: next week's quality "explains" this week's growth (placebo p < 0.05) at least half as
   strongly as this week's and last week's together. Growth that moves next week's posts can move those of the same week
   too; a weak path of that kind cannot make most of a strong effect.
3. quality_larger: the 95 % interval of the difference of the standardised effects lies above 0, and so does that of
   quality itself.
4. volume_larger: the interval of the difference lies below 0, and that of volume itself above 0.
5. no_difference_shown.
The whole panel is the confirmatory test. Segments are many, so there a difference and a placebo count only if they are
significant after adjustment over all segments that are tested (Benjamini-Hochberg).
"""

import math
from collections.abc import Mapping
from typing import Literal

import pyarrow as pa

from pipeline.analysis.growth.contrasts import DIFFERENCE, RATIO, TWICE
from pipeline.analysis.growth.specifications import PLACEBO, PLACEBO_TERM, PRIMARY
from pipeline.analysis.growth.statement import describe_verdict
from pipeline.analysis.growth.tables import VERDICTS, Row, build_table
from pipeline.analysis.proportions import benjamini_hochberg

Verdict = Literal[
    "quality_larger", "volume_larger", "no_difference_shown", "reverse_causality_not_excluded", "insufficient_data"
]
LEVEL = 0.05
# A placebo at least this large, as a share of the effect, takes the verdict.
PLACEBO_SHARE = 0.5
ALL = "all"
Address = tuple[str, str]
Rows = Mapping[tuple[str, str], Row]
_MISSING: Row = {"status": "insufficient_data", "status_reason": "the model was not estimated"}


def judge_growth(estimates: pa.Table) -> pa.Table:
    """One row per segment with both effects, their difference and the verdict; sorted, the whole panel first.

    `estimates` is the table of `estimate_growth`. Effects are in weekly log growth for one typical swing within
    accounts: an association, not a forecast.
    """
    found: dict[Address, dict[tuple[str, str], Row]] = {}
    for row in estimates.to_pylist():
        segment = found.setdefault((row["segment_dimension"], row["segment"]), {})
        segment[row["specification"], row["term"]] = row
    order = sorted(found, key=lambda address: (address[0] != ALL, address))
    differences = _adjust(found, PRIMARY, DIFFERENCE)
    placebos = _adjust(found, PLACEBO, PLACEBO_TERM)
    rows = [
        {
            "segment_dimension": address[0],
            "segment": address[1],
            **_judge_segment(found[address], differences[address], placebos[address]),
        }
        for address in order
    ]
    return build_table(rows, VERDICTS)


def _adjust(found: Mapping[Address, Rows], specification: str, term: str) -> dict[Address, float | None]:
    """p of each segment's test, adjusted over the segments; that of the whole panel as it is."""
    p_values = {
        address: _optional(rows.get((specification, term), _MISSING), "p_value") for address, rows in found.items()
    }
    segments = [address for address in sorted(p_values) if address[0] != ALL]
    adjusted = benjamini_hochberg([p_values[address] for address in segments])
    return p_values | dict(zip(segments, adjusted, strict=True))


def decide_verdict(
    *,
    quality: Row,
    volume: Row,
    difference: Row,
    difference_p_value: float | None,
    placebo_p_value: float | None,
    placebo_effect: float | None,
) -> Verdict:
    """The verdict by the rules of this module, from three rows of the primary model and the placebo.

    Both p-values are those that count: adjusted in segments. Effects are per typical swing.
    """
    if any(row["status"] != "ok" for row in (quality, volume, difference)):
        return "insufficient_data"
    if placebo_p_value is None or placebo_effect is None:
        return "insufficient_data"
    is_large = abs(placebo_effect) >= PLACEBO_SHARE * abs(_number(quality, "standardised_estimate"))
    if placebo_p_value < LEVEL and is_large:
        return "reverse_causality_not_excluded"
    is_different = difference_p_value is not None and difference_p_value < LEVEL
    if is_different and _number(difference, "conf_low") > 0 and _number(quality, "standardised_low") > 0:
        return "quality_larger"
    if is_different and _number(difference, "conf_high") < 0 and _number(volume, "standardised_low") > 0:
        return "volume_larger"
    return "no_difference_shown"


def _judge_segment(rows: Rows, difference_p_value: float | None, placebo_p_value: float | None) -> Row:
    quality, volume, difference, twice, ratio = (
        rows.get((PRIMARY, term), _MISSING) for term in ("quality", "volume", DIFFERENCE, TWICE, RATIO)
    )
    placebo = rows.get((PLACEBO, PLACEBO_TERM), _MISSING)
    placebo_effect = _optional(placebo, "standardised_estimate")
    verdict = decide_verdict(
        quality=quality,
        volume=volume,
        difference=difference,
        difference_p_value=difference_p_value,
        placebo_p_value=placebo_p_value,
        placebo_effect=placebo_effect,
    )
    worst = next((row for row in (quality, volume, difference) if row["status"] != "ok"), quality)
    status, reason = str(worst["status"]), str(worst["status_reason"] or "")
    if status == "ok" and verdict == "insufficient_data":
        status = str(placebo["status"])
        reason = f"the check for the reverse order could not be computed: {placebo['status_reason']}"
    elif verdict == "reverse_causality_not_excluded":
        reason = f"next week's quality is associated with this week's growth (placebo p = {placebo_p_value:.3g})"
    figures: dict[str, object] = {"verdict": verdict, "status": status, "status_reason": reason}
    for name, row in (("quality", quality), ("volume", volume)):
        figures |= {
            f"{name}_effect": row.get("standardised_estimate"),
            f"{name}_effect_low": row.get("standardised_low"),
            f"{name}_effect_high": row.get("standardised_high"),
            f"{name}_explained_share": row.get("explained_share"),
        }
    figures |= {
        "difference": difference.get("estimate"),
        "difference_low": difference.get("conf_low"),
        "difference_high": difference.get("conf_high"),
        "p_value": difference.get("p_value"),
        "p_value_adjusted": difference_p_value,
        "p_value_wild": difference.get("p_value_wild"),
        "twice_p_value": twice.get("p_value_one_sided"),
        "ratio": ratio.get("estimate"),
        "ratio_low": ratio.get("conf_low"),
        "ratio_high": ratio.get("conf_high"),
        "placebo_p_value": _optional(placebo, "p_value"),
        "placebo_p_value_adjusted": placebo_p_value,
        "placebo_effect": placebo_effect,
    }
    names = ("within_r2", "reliability", "account_count", "week_count", "observation_count", "quality_bases")
    figures |= {name: quality.get(name) for name in names}
    return {**figures, "summary_text": describe_verdict(figures)}


def _number(row: Row, name: str) -> float:
    value = _optional(row, name)
    return math.nan if value is None else value


def _optional(row: Row, name: str) -> float | None:
    value = row.get(name)
    return value if isinstance(value, float) else None
