"""P-values adjusted over distinct tests: one that is in several rows counts once."""

from collections.abc import Callable, Sequence

from pipeline.analysis.proportions import benjamini_hochberg
from pipeline.analysis.survey.survey_input import Row


def over_distinct(
    rows: Sequence[Row], adjust: Callable[[list[float | None]], list[float | None]]
) -> list[float | None]:
    """Adjusted p-values of rows, each distinct test (`test_key`) counted once."""
    p_values = {row["test_key"]: row["p_value"] for row in rows if row.get("p_value") is not None}
    adjusted = dict(zip(p_values, adjust(list(p_values.values())), strict=True))
    return [None if row.get("p_value") is None else adjusted[row["test_key"]] for row in rows]


def with_q_values(book: list[Row]) -> list[Row]:
    """The rows with the false discovery rate over a survey's distinct tests (`test_key`; without it, one per row)."""
    keyed = [{**row, "test_key": row.get("test_key", at)} for at, row in enumerate(book)]
    tested = [row | {"p_value": row.get("p_value") if row.get("is_main", True) else None} for row in keyed]
    q_values = over_distinct(tested, benjamini_hochberg)
    return [{**row, "q_value": q_value} for row, q_value in zip(book, q_values, strict=True)]
