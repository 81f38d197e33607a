"""The specifications of growth attribution: which weeks enter, what is explained, and by what.

Names and columns only; fitting is in `fits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

PRIMARY = "same_and_previous_week"
PLACEBO = "lead_placebo"
GROSS = "gross_follows"
PLACEBO_TERM = "quality_next_week"
# Columns that say whether a week may be used.
CONDITIONS = ("is_in_panel", "exclusion_reason")
# Without quality or volume there is no comparison; a control that does not vary is left out instead.
COMPARED = ("quality", "volume")
# Weeks from a panel row to the week whose quality is in the column.
OFFSETS: Mapping[str, int] = MappingProxyType({"quality_same": 0, "quality_lag": -1, "quality_lead": 1})
# A week without a post has no quality, but a level of its own: column of the panel by column of quality.
SILENCE: Mapping[str, str] = MappingProxyType(
    {"quality_same": "is_silent_same", "quality_lag": "is_silent_lag", "quality_lead": "is_silent_lead"}
)
SILENCE_TERMS: Mapping[str, str] = MappingProxyType(
    {"quality_same": "silent_same_week", "quality_lag": "silent_previous_week", "quality_lead": "silent_next_week"}
)


def _terms(**columns: str) -> Mapping[str, str]:
    return MappingProxyType(columns)


_LEVEL = {"follower_level": "follower_level_lag"}
# Of following the week before alone: many accounts follow back whom their posts win, within the same week, so a control
# for that week's following would take out part of what the posts brought.
_BOTH_WEEKS = {
    "quality_same_week": "quality_same",
    "quality_previous_week": "quality_lag",
    "volume_same_week": "volume_same",
    "volume_previous_week": "volume_lag",
    "following_change_previous_week": "following_change_lag",
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
    def quality(self) -> Mapping[str, str]:
        """The terms that are measured quality, with their columns."""
        return {term: column for term, column in self.terms.items() if column in OFFSETS}

    @property
    def controls(self) -> Mapping[str, str]:
        """All other terms."""
        return {term: column for term, column in self.terms.items() if column not in OFFSETS}

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Terms behind what is published as quality, volume and change of following: both weeks, or the one."""
        found = {name: (name,) for name in (*COMPARED, "following_change") if name in self.terms}
        sums = {
            name: tuple(term for term in (f"{name}_same_week", f"{name}_previous_week") if term in self.terms)
            for name in (*COMPARED, "following_change")
        }
        return {name: terms for name, terms in (sums | found).items() if terms}

    @property
    def published(self) -> tuple[str, ...]:
        """Every term with a row: the sums of both weeks first, then the terms of the model."""
        return (*(name for name in self.parts if name not in self.terms), *self.terms)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the model reads."""
        silence = [SILENCE[column] for column in self.quality.values()]
        return (self.outcome, *self.terms.values(), *silence, *([self.offset] if self.offset else []))


SPECIFICATIONS = (
    Specification(PRIMARY, "growth_rate", _terms(**_BOTH_WEEKS, **_LEVEL)),
    Specification(
        "same_week",
        "growth_rate",
        _terms(
            quality="quality_same",
            volume="volume_same",
            following_change="following_change_lag",
            follower_level="follower_level_lag",
        ),
    ),
    Specification(
        "previous_week",
        "growth_rate",
        _terms(
            quality="quality_lag",
            volume="volume_lag",
            following_change="following_change_lag",
            follower_level="follower_level_lag",
        ),
    ),
    Specification(PLACEBO, "growth_rate", _terms(**_BOTH_WEEKS, **_LEVEL, **{PLACEBO_TERM: "quality_lead"})),
    Specification("no_purge_exclusion", "growth_rate", _terms(**_BOTH_WEEKS, **_LEVEL), includes_purges=True),
    Specification("winsorised", "winsorised_growth_rate", _terms(**_BOTH_WEEKS, **_LEVEL)),
    Specification(GROSS, "new_follow_count", _terms(**_BOTH_WEEKS), offset="follower_level_lag"),
)


def find_specification(name: str) -> Specification:
    """The specification of that name. Raises KeyError for another name."""
    return {specification.name: specification for specification in SPECIFICATIONS}[name]


def select_weeks(panel: pa.Table, specification: Specification) -> pa.Table:
    """Rows of the panel that the specification may use: complete, but for the quality of weeks without a post."""
    usable = panel["is_in_panel"]
    if specification.includes_purges:
        is_purge = pc.fill_null(pc.equal(panel["exclusion_reason"], "purge_week"), False)
        usable = pc.or_(usable, is_purge)
    required = (specification.outcome, *specification.controls.values())
    for column in (*required, *([specification.offset] if specification.offset else [])):
        usable = pc.and_(usable, pc.is_valid(panel[column]))
    for column in specification.quality.values():
        is_silent = pc.fill_null(panel[SILENCE[column]], False)
        usable = pc.and_(usable, pc.or_(pc.is_valid(panel[column]), is_silent))
    return panel.filter(usable)


def count_quality(panel: pa.Table, specification: Specification) -> tuple[int, int]:
    """Weeks of the panel that are usable but perhaps for their quality, and their known values of it."""
    used = panel.filter(panel["is_in_panel"])
    return used.num_rows, sum(used.num_rows - used[name].null_count for name in specification.quality.values())
