"""Which responses count: the rules that a mapping may set under `quality`, each off unless it is written there.

    field_period           {first_day, last_day}: the days of the survey, both included, in the mapping's time zone;
                           a response outside (by its end, else its start) is outside_field_period
    eligible               [{column, values}]: only respondents with one of the values count; others are not_eligible
    incomplete             exclude: responses that `complete` does not call finished are incomplete
    answered_share_from    0 to 1: with a smaller share of the questions answered a response has too_few_answers
    minutes_from           faster responses are too_fast; needs started_at and submitted_at
    share_of_median_from   0 to 1: responses faster than this share of the median time are too_fast
    equal_answers          exclude: of responses that answer every question alike, the later ones are equal_answers;
                           for long surveys only, as short ones have equal answers by chance

A response keeps its rows with the first reason that applies, in the order above. Applied in `hygiene`.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.sources.files.mapping_values import Filled, MappingPart, Texts

Share = Annotated[float, Field(gt=0, le=1)]


class FieldPeriod(MappingPart):
    """First and last day of the survey, both included."""

    first_day: date | None = None
    last_day: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.first_day or self.last_day):
            raise ValueError("needs first_day or last_day")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        return self


class Eligibility(MappingPart):
    """Who belongs to the population: those with one of the values."""

    column: Filled
    values: Annotated[Texts, Field(min_length=1)]


class Quality(MappingPart):
    """The rules of one survey; see the module's description for every key."""

    field_period: FieldPeriod | None = None
    eligible: tuple[Eligibility, ...] = ()
    incomplete: Literal["keep", "exclude"] = "keep"
    answered_share_from: Share | None = None
    minutes_from: Annotated[float, Field(gt=0)] | None = None
    share_of_median_from: Share | None = None
    equal_answers: Literal["keep", "exclude"] = "keep"

    def check(self, *, has_complete: bool, has_times: bool) -> None:
        """Refuse a rule that has nothing to work on.

        Raises:
            ValueError: names the rule and what it needs.
        """
        if self.incomplete == "exclude" and not has_complete:
            raise ValueError("quality.incomplete: exclude needs complete: {column, values}")
        if (self.minutes_from or self.share_of_median_from) and not has_times:
            raise ValueError("quality.minutes_from and share_of_median_from need started_at and submitted_at")
