"""What tweetbench makes of a survey export as a user would have it: draft, then reading with the draft as it is.

Turns the rows into figures by column of the file, which is all that the judge sees.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.ingest.mappings import parse_mapping_text
from pipeline.reading.recognition import do_task
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.survey import NAME
from pipeline.sources.survey.binding import bind
from pipeline.sources.survey.layout import lay_out
from pipeline.sources.survey.mapping import parse_mapping

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Figure:
    """What was read of one column. ticked: `chosen` of `base`; else `counts` of a choice, with `positions`."""

    question_id: str
    kind: str  # tick, choice, joined, number, segment
    base: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    positions: Mapping[str, float] = field(default_factory=dict)
    values: tuple[float, ...] = ()
    option: str = ""
    type: str = ""


@dataclass(frozen=True)
class Survey:
    """A reading as the judge sees it."""

    figures: Mapping[int, list[Figure]]  # by position of the column
    dropped: Mapping[int, str]  # position of a column that the draft declares as not stored, and as what
    respondent_count: int
    times: Mapping[str, tuple[datetime, ...]]
    weights: tuple[float, ...]
    stored: str  # everything that would be stored, as text
    words: str  # everything that is said about the file


def read_survey(path: Path) -> Survey:
    """Draft a mapping of the file and read the file with it.

    Raises:
        TweetbenchError: the file is refused.
    """
    file = InputFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    _, found = do_task("inspect", file, Request(NOW))
    fields = parse_mapping_text(found.text, found.survey_id, "surveys/draft.yml")
    request = Request(NOW, mappings=(fields,), pseudonym=_pseudonym)
    _, reading = do_task("read", file, request, NAME)
    tables = reading.tables
    mapping = parse_mapping(fields)
    binding = bind(mapping, "surveys/draft.yml", lay_out(file.sheet, mapping.header_rows))
    figures: dict[int, list[Figure]] = {}
    rows_of: dict[str, list[dict[str, Any]]] = {}
    for row in tables["survey_responses"]:
        rows_of.setdefault(row["question_id"], []).append(row)
    for question in binding.questions:
        rows = rows_of.get(question.question_id, [])
        for column, figure in _figures(question, rows):
            figures.setdefault(column, []).append(figure)
    people = {row["respondent_id"]: row for row in tables["survey_respondents"]}
    rows_by_dimension: dict[str, list[dict[str, Any]]] = {}
    for row in tables["survey_respondents"]:
        rows_by_dimension.setdefault(row["segment_dimension"], []).append(row)
    for segment in binding.segments:
        groups = [row["segment"] for row in rows_by_dimension.get(segment.dimension, []) if row["segment"]]
        for column, figure in _split(segment, Counter(groups), len(groups), "segment"):
            figures.setdefault(column, []).append(figure)
    notes = [note for note in reading.notes if not note.startswith(("segment ", "survey "))]
    issues = [f"{row['problem']} {row['detail']} {row['next_step']}" for row in tables["issues"]]
    return Survey(
        figures=figures,
        dropped={c.position: key for key, columns in binding.dropped.items() for c in columns},
        respondent_count=len(people),
        times={
            kind: tuple(sorted(row[f"{kind}_at"] for row in people.values() if row[f"{kind}_at"]))
            for kind in ("started", "submitted")
        },
        weights=tuple(sorted(row["weight"] for row in people.values() if row["weight"] is not None)),
        stored=json.dumps(dict(tables), default=str, ensure_ascii=False),
        words="\n".join([*found.notes, *found.doubts, *notes, *issues]),
    )


def _figures(question: Any, rows: list[dict[str, Any]]) -> list[tuple[int, Figure]]:
    """The figures of one question by column."""
    kind, name = question.rules.type, question.question_id
    given = [row for row in rows if row["is_selected"] is not None]
    if kind == "number":
        values = tuple(sorted(row["value"] for row in given))
        return [(question.columns[0].position, Figure(name, "number", len(values), values=values, type=kind))]
    counts = Counter(row["option"] for row in given if row["is_selected"])
    asked = Counter(row["option"] for row in given)
    if kind == "multi" and question.rules.columns:
        return [
            (column.position, Figure(name, "tick", asked[label], {label: counts[label]}, option=label, type=kind))
            for column, label in zip(question.columns, question.labels, strict=True)
        ]
    base = len({row["respondent_id"] for row in given})
    if len(question.columns) > 1:
        return _split(question, counts, base, kind)
    positions = {row["option"]: row["value"] for row in given if row["value"] is not None}
    figure = Figure(name, "joined" if kind == "multi" else "choice", base, counts, positions, type=kind)
    return [(column.position, figure) for column in question.columns]


def _split(bound: Any, counts: Counter[str], base: int, kind: str) -> list[tuple[int, Figure]]:
    """One choice that has a column for each option, as ticks; one with a single column as it is."""
    name = bound.dimension if kind == "segment" else bound.question_id
    if len(bound.columns) == 1:
        return [(bound.columns[0].position, Figure(name, "segment", base, counts, type=kind))]
    return [
        (column.position, Figure(name, "tick", base, {label: counts[label]}, option=label, type=kind))
        for column, label in zip(bound.columns, bound.labels, strict=True)
    ]


def _pseudonym(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
