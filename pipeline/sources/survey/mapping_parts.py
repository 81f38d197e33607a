"""Parts of a survey mapping: when a response is finished, segments, questions. See `mapping` for every key."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from pipeline.sources.files.mapping_values import (
    Filled,
    Labels,
    MappingPart,
    Text,
    Texts,
    as_labelled,
    as_options,
    as_scale,
    refuse_equal,
)

OptionColumns = Annotated[dict[Filled, Text], BeforeValidator(as_labelled), Field(min_length=1)]


class Completion(MappingPart):
    """When a response counts as finished: the cell is one of the values, or holds anything."""

    column: Filled
    values: Texts = ()
    filled: Literal[True] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.values) == bool(self.filled):
            raise ValueError("needs either values, or filled: true where any text means finished")
        return self


class Segment(MappingPart):
    """One segment dimension: its column, or its columns with one choice each; labels rename cells."""

    column: Filled | None = None
    columns: OptionColumns | None = None
    labels: Labels | None = None
    selected: Texts = ()
    not_selected: Texts = ()
    not_answered: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.column is None) == (self.columns is None):
            raise ValueError("needs either column or columns")
        if self.columns and self.labels:
            raise ValueError("write the labels with their columns")
        if self.column and (self.selected or self.not_selected):
            raise ValueError("selected and not_selected are for columns of options")
        refuse_equal(self.labels or {}, "labels")
        return self


class Question(MappingPart):
    """One question: its wording, its type and where its answers are."""

    text: Filled
    type: Literal["single", "multi", "scale", "number"]
    column: Filled | None = None
    columns: OptionColumns | None = None
    one_of: OptionColumns | None = None
    options: Annotated[Labels, BeforeValidator(as_options)] | None = None
    scale: Annotated[dict[Filled, float], BeforeValidator(as_scale), Field(min_length=1)] | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=5)] | None = None
    selected: Texts = ()
    not_selected: Texts = ()
    not_answered: Texts = ()
    none_ticked: Literal["not_answered", "not_selected"] = "not_answered"

    @property
    def option_columns(self) -> dict[str, str] | None:
        """Columns that stand for one option each, with their options; None where a column holds whole answers."""
        return self.one_of or (self.columns if self.type == "multi" else None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        joined = self.type == "multi" and self.column is not None
        given = self.model_fields_set
        ticks = "selected" in given or "not_selected" in given
        places = sum(each is not None for each in (self.column, self.columns, self.one_of))
        rules = [
            (places != 1, "needs either column or columns, or one_of for one choice over several columns"),
            (joined and not self.separator, "a multi question in one column needs separator"),
            (not joined and "separator" in given, "separator is only for a multi question in one column"),
            ((self.type == "scale") != (self.scale is not None), "type scale needs a scale, and a scale that type"),
            (self.type == "number" and "options" in given, "a number has no options"),
            (bool(self.one_of) and self.type not in ("single", "scale"), "one_of is for type single or scale"),
            (bool(self.option_columns) and "options" in given, "write the options with their columns"),
            (not self.option_columns and ticks, "selected and not_selected are for columns of options"),
            (self.type != "multi" and "none_ticked" in given, "none_ticked is only for type multi"),
        ]
        broken = [words for is_broken, words in rules if is_broken]
        if broken:
            raise ValueError("; ".join(broken))
        refuse_equal(self.options or {}, "options")
        refuse_equal(self.scale or {}, "scale")
        named = [*(self.options or {}).values(), *(text for text in (self.one_of or {}).values() if text)]
        missing = set(named) - set(self.scale or {}) if self.scale else set()
        if missing:
            raise ValueError(f"scale has no position for {', '.join(sorted(missing))}")
        return self
