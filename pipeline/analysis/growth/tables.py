"""Shapes of the tidy tables of growth attribution, and how figures are rounded on the way into them."""

import math
from collections.abc import Mapping, Sequence

import pyarrow as pa

Row = Mapping[str, object]
# The order in which threads add moves the last digits; six significant ones are what the data can carry anyway.
DIGITS = 6

_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
ESTIMATES = pa.schema(
    [
        *[(name, _TEXT) for name in ("specification", "segment_dimension", "segment", "term")],
        *[(name, _NUMBER) for name in ("estimate", "standard_error", "conf_low", "conf_high", "p_value")],
        *[(name, _NUMBER) for name in ("p_value_one_sided", "p_value_wild", "se_crv1", "se_crv3")],
        ("method", _TEXT),
        *[(name, _NUMBER) for name in ("within_sd", "standardised_estimate", "standardised_low", "standardised_high")],
        *[(name, _NUMBER) for name in ("explained_share", "explained_share_low", "explained_share_high", "within_r2")],
        *[(name, _NUMBER) for name in ("difference_from_rest", "difference_p_value", "difference_p_value_adjusted")],
        ("reliability", _NUMBER),
        *[(name, _COUNT) for name in ("account_count", "week_count", "observation_count", "dropped_count")],
        *[(name, _TEXT) for name in ("quality_bases", "status", "status_reason")],
    ]
)
VERDICTS = pa.schema(
    [
        *[(name, _TEXT) for name in ("segment_dimension", "segment")],
        *[(name, _NUMBER) for name in ("quality_effect", "quality_effect_low", "quality_effect_high")],
        *[(name, _NUMBER) for name in ("volume_effect", "volume_effect_low", "volume_effect_high")],
        *[(name, _NUMBER) for name in ("difference", "difference_low", "difference_high", "p_value", "p_value_wild")],
        *[(name, _NUMBER) for name in ("ratio", "ratio_low", "ratio_high", "twice_p_value")],
        *[(name, _NUMBER) for name in ("quality_explained_share", "volume_explained_share", "within_r2")],
        *[(name, _TEXT) for name in ("verdict", "summary_text")],
        *[(name, _NUMBER) for name in ("placebo_p_value", "placebo_effect", "p_value_adjusted")],
        *[(name, _NUMBER) for name in ("placebo_p_value_adjusted", "reliability")],
        *[(name, _COUNT) for name in ("account_count", "week_count", "observation_count")],
        *[(name, _TEXT) for name in ("quality_bases", "status", "status_reason")],
    ]
)
DOSES = pa.schema(
    [
        *[(name, _TEXT) for name in ("segment_dimension", "segment", "driver", "bin")],
        ("bin_number", _COUNT),
        *[(name, _NUMBER) for name in ("bin_low", "bin_high", "mean_growth_rate", "conf_low", "conf_high")],
        *[(name, _COUNT) for name in ("observation_count", "account_count")],
        *[(name, _NUMBER) for name in ("turning_point", "turning_point_low", "turning_point_high")],
        ("inverted_u_p_value", _NUMBER),
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)
OWN_DAYS = pa.schema(
    [
        *[(name, _TEXT) for name in ("account_key", "specification", "term", "response_basis", "follow_basis")],
        *[(name, _NUMBER) for name in ("estimate", "standard_error", "conf_low", "conf_high", "p_value")],
        *[(name, _NUMBER) for name in ("change_if_doubled", "change_if_doubled_low", "change_if_doubled_high")],
        *[(name, _COUNT) for name in ("day_count", "new_follow_count")],
        ("is_promotion_held", pa.bool_()),
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


def build_table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows in their order as a table; figures rounded to six significant digits, what is not finite as null.

    Raises ValueError for a row with a column that the schema does not have.
    """
    for row in rows:
        unknown = sorted(set(row) - set(schema.names))
        if unknown:
            raise ValueError(f"no column {unknown[0]!r} in the table")
    return pa.table(
        {field.name: pa.array([_clean(row.get(field.name)) for row in rows], field.type) for field in schema},
        schema=schema,
    )


def _clean(value: object) -> object:
    if not isinstance(value, float):
        return value
    # Adding 0.0 turns a negative zero into a plain one.
    return float(f"{value:.{DIGITS}g}") + 0.0 if math.isfinite(value) else None
