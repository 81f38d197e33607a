"""The columns that a mapping names once: times, weight, completion, as values of each response. Identity and segments
belong to `identities` and `respondents`.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from pipeline.sources.files.cells import (
    CellIssue,
    DateOrder,
    counted,
    fold,
    has_unknown_zone,
    infer_date_order,
    parse_time,
    second_reading,
)
from pipeline.sources.files.numbers import Marks, choose_mark, decimal_marks, parse_number
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.zones import zone_name
from pipeline.sources.survey.binding import Binding
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.survey.mapping import SurveyMapping

TIMES = ("started_at", "submitted_at")
USUAL_WEIGHT = 100  # weights with a mean of more, or of less than its inverse, are pointed out
Value = TypeVar("Value")


def inferred_date_order(binding: Binding, layout: Layout) -> DateOrder | None:
    """Which of day and month comes first in the times of a file whose mapping does not say; None: no telling."""
    columns = [column for key, column in binding.single.items() if key in TIMES]
    if binding.mapping.date_order:
        return None
    return infer_date_order(cell for column in columns for cell in layout.cells(column, layout.records))


def read_times(
    binding: Binding, layout: Layout, latest: datetime
) -> tuple[list[datetime | None], list[datetime | None], list[CellIssue]]:
    """Start and end of every row as UTC, None where the file or the mapping gives none; and what was unusable."""
    order = binding.mapping.date_order or inferred_date_order(binding, layout)
    findings: list[CellIssue] = []
    parsed: list[list[datetime | None]] = []
    zone: tzinfo = UTC
    for column in (binding.single.get(key) for key in TIMES):
        if column is None:
            parsed.append([None] * len(layout.records))
            continue
        zone = time_zone(column, layout, binding.mapping)
        texts = layout.cells(column, layout.records)
        moments, bad = _parse_all(texts, partial(parse_time, zone=zone, order=order, latest=latest))
        parsed.append(moments)
        advice = "set date_order or timezone in the mapping, or correct the cells"
        findings += _unusable("bad_time", "no time that can be read in one way only", column, layout, bad, advice)
        strange = sum(has_unknown_zone(text, zone) for text in texts)
        if strange:
            detail = f"{counted(strange, 'time')} of the column {mask(column.name)!r} with an abbreviation that is no "
            detail += f"time zone by itself; read in {zone_name(zone)}"
            findings.append(CellIssue("unknown_zone", detail, "set timezone in the mapping to the zone of these times"))
    started, submitted = parsed
    for at, (begin, end) in enumerate(zip(started, submitted, strict=True)):
        if begin and end and end < begin:
            submitted[at] = second_reading(end, zone)
    return started, submitted, findings


def time_zone(column: Column, layout: Layout, mapping: SurveyMapping) -> tzinfo:
    """The zone of a column of times: what its header states, else the mapping's."""
    return layout.zones.get(column.position) or ZoneInfo(mapping.timezone)


def read_weights(
    binding: Binding, layout: Layout, rows: Sequence[int], file_marks: Marks
) -> tuple[list[float | None], list[CellIssue]]:
    """The weight of each response, None where there is none; and what was unusable or looks wrong."""
    column = binding.single.get("weight")
    if column is None:
        return [None] * len(rows), []
    cells = layout.cells_of(column, rows)
    mark = choose_mark(decimal_marks(cells), file_marks)

    def parse(cell: str) -> float:
        weight = parse_number(cell, mark)
        if weight < 0:
            raise ValueError("a weight is not negative")
        return weight

    weights, bad = _parse_all(cells, parse, blank_is_bad=True)
    advice = "correct the weights, or leave weight out of the mapping"
    words = "nothing or no number of at least 0 that can be read in one way only"
    findings = _unusable("bad_weight", words, column, layout, [rows[at] for at in bad], advice)
    known = [weight for weight in weights if weight is not None]
    average = sum(known) / len(known) if known else 1.0
    if not 1 / USUAL_WEIGHT <= average <= USUAL_WEIGHT:
        detail = f"the weights of the column {mask(column.name)!r} have a mean of {average:,.4g}; usual is a mean of 1"
        advice = "nothing, if they add up to a population; otherwise check the decimal mark and the column"
        findings.append(CellIssue("unusual_weights", detail, advice))
    return weights, findings


def read_completions(
    binding: Binding, layout: Layout, rows: Sequence[int]
) -> tuple[list[bool | None], list[CellIssue]]:
    """Whether each response is finished, None where nothing says so; and values that match nothing."""
    rule, column = binding.mapping.complete, binding.single.get("complete")
    if rule is None or column is None:
        return [None] * len(rows), []
    cells = layout.cells_of(column, rows)
    if rule.filled:
        return [bool(cell.strip()) for cell in cells], []
    finished = {fold(value) for value in rule.values}
    complete = [fold(cell) in finished if fold(cell) else None for cell in cells]
    if True in complete or not any(each is False for each in complete):
        return complete, []
    detail = (
        f"no cell of the column {mask(column.name)!r} is one of the values under complete: {', '.join(rule.values)}"
    )
    advice = "correct the values, or write filled: true where any text means that the response is finished"
    return complete, [CellIssue("value_without_match", detail, advice)]


def _parse_all(
    cells: Sequence[str], parse: Callable[[str], Value], *, blank_is_bad: bool = False
) -> tuple[list[Value | None], list[int]]:
    values: list[Value | None] = []
    bad = []
    for at, cell in enumerate(cells):
        value = None
        if blank_is_bad or cell.strip():
            try:
                value = parse(cell)
            except ValueError:
                bad.append(at)
        values.append(value)
    return values, bad


def _unusable(
    problem: str, words: str, column: Column, layout: Layout, rows: Sequence[int], advice: str
) -> list[CellIssue]:
    if not rows:
        return []
    cells, first = counted(len(rows), "cell"), f"first on line {layout.records[rows[0]].line:,}"
    detail = f"{cells} of the column {mask(column.name)!r} with {words} ({first}); stored as not reported"
    return [CellIssue(problem, detail, advice)]
