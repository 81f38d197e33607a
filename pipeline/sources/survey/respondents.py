"""Who answered: pseudonyms, duplicates, times, weights and segments, as rows of `survey_respondents`.

A raw id leaves this module only as a keyed hash. Answers to questions belong to `answers`.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from pipeline.errors import TweetbenchError
from pipeline.sources.personal_data import mask
from pipeline.sources.protocol import Request, Row
from pipeline.sources.survey.answers import label_cells
from pipeline.sources.survey.binding import Binding
from pipeline.sources.survey.cells import (
    DateOrder,
    Finding,
    counted,
    fold,
    infer_date_order,
    parse_number,
    parse_time,
    second_reading,
    tidy,
)
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.tabular import Record
from pipeline.sources.values import is_rounded_id

# A wrong time zone shifts a time by less than a day; anything later is a mistake.
FUTURE = timedelta(days=1)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Respondent:
    """One respondent: the row that counts and what is known beside the answers."""

    respondent_id: str
    record: Record
    started_at: datetime | None
    submitted_at: datetime | None
    is_complete: bool | None
    weight: float | None


def read_respondents(
    binding: Binding, layout: Layout, request: Request, *, decimal_comma: bool
) -> tuple[list[Respondent], list[Finding]]:
    """One respondent per id, the last row of each, in the file's order; and what was left out or not usable."""
    identified, findings = _identify(binding, layout, request.pseudonym)
    records = [record for _, record in identified]
    started, submitted, about_times = _times(binding, layout, records, request.now + FUTURE)
    weights, about_weights = _weights(binding, layout, records, decimal_comma)
    complete = _completions(binding, layout, records)
    respondents = [
        Respondent(respondent_id, record, started[at], submitted[at], complete[at], weights[at])
        for at, (respondent_id, record) in enumerate(identified)
    ]
    return respondents, [*findings, *about_times, *about_weights]


def segment_rows(
    binding: Binding, layout: Layout, respondents: Sequence[Respondent], *, where: str
) -> tuple[list[Row], list[Finding]]:
    """One row per respondent and segment dimension, or one without a dimension if the mapping has none.

    Raises:
        TweetbenchError: a dimension has no labels and its column looks like free text.
    """
    records = [respondent.record for respondent in respondents]
    dimensions: list[tuple[str | None, list[str | None]]] = []
    findings: list[Finding] = []
    for dimension, segment, column in binding.segments:
        labels, about = label_cells(
            layout.cells(column, records),
            segment.labels,
            (*segment.not_answered, *layout.missing_texts(column)),
            name=column.name,
            where=where,
        )
        dimensions.append((dimension, labels))
        findings += about
    rows = [
        {
            "respondent_id": respondent.respondent_id,
            "segment_dimension": dimension,
            "segment": labels[at],
            "weight": respondent.weight,
            "started_at": respondent.started_at,
            "submitted_at": respondent.submitted_at,
            "is_complete": respondent.is_complete,
        }
        for dimension, labels in dimensions or [(None, [None] * len(respondents))]
        for at, respondent in enumerate(respondents)
    ]
    return rows, findings


def inferred_date_order(binding: Binding, layout: Layout) -> DateOrder | None:
    """Which of day and month comes first in the times of a file whose mapping does not say; None: no telling."""
    columns = [column for key, column in binding.single.items() if key in ("started_at", "submitted_at")]
    if binding.mapping.date_order:
        return None
    return infer_date_order(cell for column in columns for cell in layout.cells(column, layout.records))


def _identify(
    binding: Binding, layout: Layout, pseudonym: Callable[[str], str]
) -> tuple[list[tuple[str, Record]], list[Finding]]:
    survey_id, column = binding.mapping.survey_id, binding.single.get("respondent_id")
    _refuse_rounded_ids(column, layout, binding.mapping_name)
    # The whole row, so that neither a corrected mapping nor a longer export makes new people of the same answers.
    by_name = sorted(layout.columns, key=lambda each: each.name)
    seen: Counter[str] = Counter()
    last: dict[str, Record] = {}
    findings, nameless = [], 0
    for record in layout.records:
        raw = record.cells[column.position].strip() if column else ""
        if raw:
            key = pseudonym(f"{survey_id}:id:{raw}")
        else:
            nameless += column is not None
            filled = [[each.name, text] for each in by_name if (text := tidy(record.cells[each.position]))]
            answers = json.dumps(filled)
            seen[answers] += 1
            key = pseudonym(f"{survey_id}:row:{answers}:{seen[answers]}")
        earlier = last.pop(key, None)
        if earlier:
            findings.append(_duplicate(earlier.line, record.line))
        last[key] = record
    if nameless and column:
        rows = counted(nameless, "row")
        detail = f"{rows} without respondent id in the column {mask(column.name)!r}; each counts as a person"
        findings.append(Finding("missing_respondent_id", detail, "check that respondent_id names the right column"))
    return sorted(last.items(), key=lambda pair: pair[1].line), findings


def _refuse_rounded_ids(column: Column | None, layout: Layout, mapping_name: str) -> None:
    """Two people whose ids a spreadsheet program has rounded would count as one.

    Raises:
        TweetbenchError: the id column holds a number in exponent form.
    """
    if column is None:
        return
    rounded = [record.line for record in layout.records if is_rounded_id(record.cells[column.position])]
    if rounded:
        raise TweetbenchError(
            f"{counted(len(rounded), 'id')} in the column {mask(column.name)!r} were rounded by a spreadsheet program",
            where=f"line {rounded[0]:,}; mapping {mapping_name}",
            why="a number of more than 15 digits loses its last digits in a cell; different people would count as one",
            next_step="export the survey again as CSV and do not open it in a spreadsheet program, "
            "then run: tweetbench ingest FILE",
        )


def _duplicate(earlier: int, later: int) -> Finding:
    detail = f"the respondent's id occurs again on line {later:,}; the later row counts, this one is left out"
    return Finding("duplicate_respondent", detail, "nothing, if the later row is the right one", earlier)


def _times(
    binding: Binding, layout: Layout, records: Sequence[Record], latest: datetime
) -> tuple[list[datetime | None], list[datetime | None], list[Finding]]:
    zone, order = ZoneInfo(binding.mapping.timezone), binding.mapping.date_order or inferred_date_order(binding, layout)
    columns = [binding.single.get(key) for key in ("started_at", "submitted_at")]
    cells = [layout.cells(column, records) if column else [] for column in columns]
    findings = []
    parsed: list[list[datetime | None]] = []
    for column, texts in zip(columns, cells, strict=True):
        if column is None:
            parsed.append([None] * len(records))
            continue
        moments, bad = _parse_all(texts, lambda cell: parse_time(cell, zone, order, latest=latest))
        parsed.append(moments)
        advice = "set date_order or timezone in the mapping, or correct the cells"
        findings += _unusable("bad_time", "no time that can be read in one way only", column, bad, records, advice)
    started, submitted = parsed
    for at, (begin, end) in enumerate(zip(started, submitted, strict=True)):
        if begin and end and end < begin:
            submitted[at] = second_reading(end, zone)
    return started, submitted, findings


def _weights(
    binding: Binding, layout: Layout, records: Sequence[Record], decimal_comma: bool
) -> tuple[list[float | None], list[Finding]]:
    column = binding.single.get("weight")
    if column is None:
        return [None] * len(records), []

    def parse(cell: str) -> float:
        weight = parse_number(cell, decimal_comma=decimal_comma)
        if weight < 0:
            raise ValueError("a weight is not negative")
        return weight

    weights, bad = _parse_all(layout.cells(column, records), parse, blank_is_bad=True)
    advice = "correct the weights, or leave weight out of the mapping"
    return weights, _unusable("bad_weight", "nothing or no number of at least 0", column, bad, records, advice)


def _completions(binding: Binding, layout: Layout, records: Sequence[Record]) -> list[bool | None]:
    rule, column = binding.mapping.complete, binding.single.get("complete")
    if rule is None or column is None:
        return [None] * len(records)
    finished = {fold(value) for value in rule.values}
    return [fold(cell) in finished if fold(cell) else None for cell in layout.cells(column, records)]


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
    problem: str, words: str, column: Column, bad: Sequence[int], records: Sequence[Record], advice: str
) -> list[Finding]:
    if not bad:
        return []
    cells, first = counted(len(bad), "cell"), f"first on line {records[bad[0]].line:,}"
    detail = f"{cells} of the column {mask(column.name)!r} with {words} ({first}); stored as not reported"
    return [Finding(problem, detail, advice)]
