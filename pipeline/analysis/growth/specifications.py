"""The specifications of growth attribution: which weeks enter, what is explained, and by what.

Names and columns only; fitting is in `fits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

PRIMARY = "lagged"
PLACEBO = "lead_placebo"
GROSS = "gross_follows"
PLACEBO_TERM = "quality_next_week"
# Columns that say whether a week may be used.
CONDITIONS = ("is_in_panel", "exclusion_reason")
# Without quality or volume there is no comparison; a control that does not vary is left out instead.
COMPARED = ("quality", "volume")


def _terms(**columns: str) -> Mapping[str, str]:
    return MappingProxyType(columns)


_LAGGED = {
    "quality": "quality_lag",
    "volume": "volume_lag",
    "following_change": "following_change_lag",
    "follower_level": "follower_level_lag",
    "growth_before": "growth_lag",
}


@dataclass(frozen=True)
class Specification:
    """One model: `terms` maps the published name of a regressor to its column of the panel."""

    name: str
    outcome: str
    terms: Mapping[str, str]
    offset: str | None = None  # of a count model
    includes_purges: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that must have a value."""
        return (self.outcome, *self.terms.values(), *([self.offset] if self.offset else []))


SPECIFICATIONS = (
    Specification(PRIMARY, "growth_rate", _terms(**_LAGGED)),
    Specification(
        "same_week",
        "growth_rate",
        _terms(
            quality="quality_same",
            volume="volume_same",
            following_change="following_change_same",
            follower_level="follower_level_lag",
        ),
    ),
    Specification(PLACEBO, "growth_rate", _terms(**_LAGGED, **{PLACEBO_TERM: "quality_lead"})),
    Specification("no_purge_exclusion", "growth_rate", _terms(**_LAGGED), includes_purges=True),
    Specification("winsorised", "winsorised_growth_rate", _terms(**_LAGGED)),
    Specification(
        GROSS,
        "new_follow_count",
        _terms(**{term: column for term, column in _LAGGED.items() if term != "follower_level"}),
        offset="follower_level_lag",
    ),
)


def find_specification(name: str) -> Specification:
    """The specification of that name. Raises KeyError for another name."""
    return {specification.name: specification for specification in SPECIFICATIONS}[name]


def select_weeks(panel: pa.Table, specification: Specification) -> pa.Table:
    """Rows of the panel that the specification may use, with complete values in all of its columns."""
    usable = panel["is_in_panel"]
    if specification.includes_purges:
        is_purge = pc.fill_null(pc.equal(panel["exclusion_reason"], "purge_week"), False)
        usable = pc.or_(usable, is_purge)
    for column in specification.columns:
        usable = pc.and_(usable, pc.is_valid(panel[column]))
    return panel.filter(usable)
