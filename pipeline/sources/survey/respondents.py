"""Who answered: identity, times, weights and segments, as rows of `survey_respondents`.

Which rows are one respondent is decided in `identities`. Answers to questions belong to `answer_rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.sources.files.cells import CellIssue
from pipeline.sources.files.numbers import Marks
from pipeline.sources.files.protocol import Request
from pipeline.sources.lake_source import Row
from pipeline.sources.survey.answer_rows import label_cells, one_label
from pipeline.sources.survey.binding import Binding, BoundSegment
from pipeline.sources.survey.identities import identify
from pipeline.sources.survey.layout import Layout
from pipeline.sources.survey.response_facts import read_completions, read_times, read_weights
from pipeline.sources.survey.ticks import TickRules, tick_rows

# A wrong time zone shifts a time by less than a day; anything later is a mistake.
FUTURE = timedelta(days=1)


@dataclass(frozen=True)
class Respondent:
    """One respondent: the row that counts and what is known besides the answers."""

    respondent_id: str
    row: int  # its position among the rows of the layout
    started_at: datetime | None
    submitted_at: datetime | None
    is_complete: bool | None
    weight: float | None


def read_respondents(
    binding: Binding, layout: Layout, request: Request, *, file_marks: Marks
) -> tuple[list[Respondent], list[CellIssue]]:
    """One respondent per id and wave, the last row of each, in the file's order; and what was left out or unusable."""
    started, submitted, about_times = read_times(binding, layout, request.now + FUTURE)
    identified, findings = identify(binding, layout, started, submitted, request.pseudonym)
    rows = [at for _, at in identified]
    weights, about_weights = read_weights(binding, layout, rows, file_marks)
    complete, about_completion = read_completions(binding, layout, rows)
    respondents = [
        Respondent(respondent_id, at, started[at], submitted[at], complete[number], weights[number])
        for number, (respondent_id, at) in enumerate(identified)
    ]
    return respondents, [*findings, *about_times, *about_weights, *about_completion]


def segment_rows(
    binding: Binding, layout: Layout, respondents: Sequence[Respondent], *, where: str
) -> tuple[list[Row], list[CellIssue]]:
    """One row per respondent and segment dimension, or one without a dimension if the mapping has none.

    Raises:
        TweetbenchError: a dimension has no labels and its column looks like free text.
    """
    places = [respondent.row for respondent in respondents]
    dimensions: list[tuple[str | None, list[str | None]]] = []
    findings: list[CellIssue] = []
    for segment in binding.segments:
        labels, about = _segment_labels(segment, layout, places, where)
        dimensions.append((segment.dimension, labels))
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


def _segment_labels(
    segment: BoundSegment, layout: Layout, rows: Sequence[int], where: str
) -> tuple[list[str | None], list[CellIssue]]:
    rules, columns = segment.rules, segment.columns
    missing = (*rules.not_answered, *(text for column in columns for text in layout.missing_texts(column)))
    cells = [layout.cells_of(column, rows) for column in columns]
    names = [column.name for column in columns]
    if rules.column:
        return label_cells(cells[0], rules.labels, missing, name=names[0], where=where)
    declared = TickRules.of(rules.selected, rules.not_selected, missing, blank_is_no=False)
    ticks, unclear = tick_rows(cells, segment.labels, names, declared)
    chosen, twice = one_label(ticks, segment.labels, names[0])
    return chosen, [*unclear, *twice]
