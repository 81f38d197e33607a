"""The verdict on quality against volume, by written rules, from the tidy table of estimates.

The rules, first match wins:
1. insufficient_data: the primary model cannot be tested (fewer than 10 accounts, or terms that do not vary).
2. reverse_causality_not_excluded: next week's quality "explains" this week's growth (placebo p < 0.05), or the placebo
   cannot be computed.
3. quality_larger: the 95 % interval of the difference of the standardised effects lies above 0, and so does that of
   quality itself.
4. volume_larger: the interval of the difference lies below 0, and that of volume itself above 0.
5. no_difference_shown.
"""

import math
from typing import Literal

import pyarrow as pa

from pipeline.analysis.growth.contrasts import DIFFERENCE, RATIO, TWICE
from pipeline.analysis.growth.specifications import PLACEBO, PLACEBO_TERM, PRIMARY
from pipeline.analysis.growth.tables import VERDICTS, Row, build_table

Verdict = Literal[
    "quality_larger", "volume_larger", "no_difference_shown", "reverse_causality_not_excluded", "insufficient_data"
]
PLACEBO_LEVEL = 0.05

_WORDS: dict[Verdict, str] = {
    "quality_larger": "Quality goes with more growth than volume does",
    "volume_larger": "Volume goes with more growth than quality does",
    "no_difference_shown": "No difference between quality and volume is shown",
    "reverse_causality_not_excluded": (
        "Growth and quality go together, but it is not excluded that growth comes first: read no effect from this"
    ),
    "insufficient_data": "The data cannot carry a comparison of quality and volume",
}


def judge_growth(estimates: pa.Table) -> pa.Table:
    """One row per segment with both effects, their difference and the verdict; sorted, the whole panel first.

    `estimates` is the table of `estimate_growth`. Effects are in weekly log growth for one typical swing within
    accounts; `growth_if_..._doubled` is an association too, not a forecast.
    """
    found: dict[tuple[str, str], dict[tuple[str, str], Row]] = {}
    for row in estimates.to_pylist():
        segment = found.setdefault((row["segment_dimension"], row["segment"]), {})
        segment[row["specification"], row["term"]] = row
    order = sorted(found, key=lambda address: (address[0] != "all", address))
    rows = [
        {"segment_dimension": dimension, "segment": segment, **_judge_segment(found[dimension, segment])}
        for dimension, segment in order
    ]
    return build_table(rows, VERDICTS)


def decide_verdict(*, quality: Row, volume: Row, difference: Row, placebo_p_value: float | None) -> Verdict:
    """The verdict by the rules of this module, from three rows of the primary model and the p-value of the placebo."""
    if any(row["status"] != "ok" for row in (quality, volume, difference)):
        return "insufficient_data"
    if placebo_p_value is None or placebo_p_value < PLACEBO_LEVEL:
        return "reverse_causality_not_excluded"
    if _number(difference, "conf_low") > 0 and _number(quality, "conf_low") > 0:
        return "quality_larger"
    if _number(difference, "conf_high") < 0 and _number(volume, "conf_low") > 0:
        return "volume_larger"
    return "no_difference_shown"


def _judge_segment(rows: dict[tuple[str, str], Row]) -> Row:
    missing: Row = {"status": "insufficient_data", "status_reason": "the model was not estimated"}
    quality, volume, difference, twice, ratio = (
        rows.get((PRIMARY, term), missing) for term in ("quality", "volume", DIFFERENCE, TWICE, RATIO)
    )
    placebo = rows.get((PLACEBO, PLACEBO_TERM), missing)
    placebo_p_value = _optional(placebo, "p_value")
    verdict = decide_verdict(quality=quality, volume=volume, difference=difference, placebo_p_value=placebo_p_value)
    worst = next((row for row in (quality, volume, difference) if row["status"] != "ok"), quality)
    reason = str(worst["status_reason"] or "")
    if verdict == "reverse_causality_not_excluded":
        reason = (
            f"the placebo could not be computed: {placebo['status_reason']}"
            if placebo_p_value is None
            else f"next week's quality is associated with this week's growth (placebo p = {placebo_p_value:.3g})"
        )
    figures: dict[str, object] = {"verdict": verdict, "status": worst["status"], "status_reason": reason}
    for name, row in (("quality", quality), ("volume", volume)):
        figures |= {
            f"{name}_effect": row.get("standardised_estimate"),
            f"{name}_effect_low": row.get("standardised_low"),
            f"{name}_effect_high": row.get("standardised_high"),
            f"{name}_explained_share": row.get("explained_share"),
            f"growth_if_{name}_doubled": _doubled(row, "estimate"),
            f"growth_if_{name}_doubled_low": _doubled(row, "conf_low"),
            f"growth_if_{name}_doubled_high": _doubled(row, "conf_high"),
        }
    figures |= {
        "difference": difference.get("estimate"),
        "difference_low": difference.get("conf_low"),
        "difference_high": difference.get("conf_high"),
        "p_value": difference.get("p_value"),
        "p_value_wild": difference.get("p_value_wild"),
        "twice_p_value": twice.get("p_value_one_sided"),
        "ratio": ratio.get("estimate"),
        "ratio_low": ratio.get("conf_low"),
        "ratio_high": ratio.get("conf_high"),
        "placebo_p_value": placebo_p_value,
    }
    names = ("within_r2", "account_count", "week_count", "observation_count", "quality_bases")
    figures |= {name: quality.get(name) for name in names}
    return {**figures, "statement": _say(verdict, figures)}


def _say(verdict: Verdict, figures: Row) -> str:
    """The verdict in words with its figures beside it."""
    if verdict == "insufficient_data":
        return f"{_WORDS[verdict]}: {figures['status_reason']}."
    effects = " and ".join(
        f"{_percent(figures, f'{name}_effect')} % ({_percent(figures, f'{name}_effect_low')} to "
        f"{_percent(figures, f'{name}_effect_high')}) for one of {name}"
        for name in ("quality", "volume")
    )
    return (
        f"{_WORDS[verdict]}. Weekly growth that goes with one typical swing within an account: {effects}; "
        f"{figures['account_count']} accounts, {figures['observation_count']} account-weeks, within-R2 "
        f"{_number(figures, 'within_r2'):.2f}. This is an association."
    )


def _percent(row: Row, name: str) -> str:
    return f"{100 * _number(row, name):.2f}"


def _number(row: Row, name: str) -> float:
    value = _optional(row, name)
    return math.nan if value is None else value


def _optional(row: Row, name: str) -> float | None:
    value = row.get(name)
    return value if isinstance(value, float) else None


def _doubled(row: Row, name: str) -> float | None:
    """What goes with a doubling: quality and volume are natural logarithms."""
    value = _optional(row, name)
    return None if value is None else value * math.log(2)
