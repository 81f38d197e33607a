"""Exports that nobody here has seen: what `survey inspect` makes of them, by the lines a person must edit."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
import yaml

from pipeline.ingest.mappings import parse_mapping_text
from pipeline.sources import survey
from pipeline.sources.files.cells import fold
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request
from pipeline.sources.survey import schema
from pipeline.sources.survey.binding import bind
from pipeline.sources.survey.inspection import Inspection, inspect_survey
from pipeline.sources.survey.inspection.words import NOT_ANSWERED
from pipeline.sources.survey.layout import Layout, lay_out
from pipeline.sources.survey.mapping import SurveyMapping, parse_mapping
from tests.sources.survey.rdata import read_frame

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
MOST_EDITS = 5
PEW = {
    "survey_id": "pew_2013",
    "title": "Pew 2013",
    "respondent_id": "psraid",
    "weight": "weight",
    "segments": {"region": "cregion", "gender": "sex", "age": "recage", "education": "receduc", "party": "party"},
    "questions": {
        "q1": {"text": "Approval", "type": "single", "column": "q1", "options": ["Approve", "Disapprove"]},
        "q2": {"text": "Strength", "type": "single", "column": "q2"},
        "q45": {"text": "Law", "type": "single", "column": "q45"},
        "partyln": {"text": "Leaning", "type": "single", "column": "partyln"},
    },
}
REAL = [
    ("buffer_state_of_social_2018/state_of_social_2018.csv", "state_of_social_2018"),
    ("fivethirtyeight_surveys/StarWars.csv", "star_wars"),
    ("fivethirtyeight_surveys/raw-responses.csv", "masculinity"),
    ("qualtrics_export/sample.csv", "qualtrics"),
    ("qualtrics_export/sample_legacy.csv", "qualtrics_legacy"),
]


def inspect(path: Path) -> tuple[Inspection, SurveyMapping, Layout]:
    file = InputFile(path, path.name, "0" * 64)
    found = inspect_survey(file)
    mapping = parse_mapping(parse_mapping_text(found.text, found.survey_id, "surveys/draft.yml"))
    return found, mapping, lay_out(file.sheet, mapping.header_rows)


def read_with_draft(path: Path) -> Reading:
    found = inspect_survey(InputFile(path, path.name, "0" * 64))
    mapping = parse_mapping_text(found.text, found.survey_id, "surveys/draft.yml")
    pseudonym = lambda text: hashlib.sha256(text.encode()).hexdigest()[:32]  # noqa: E731
    request = Request(NOW, mappings=(mapping,), pseudonym=pseudonym)
    return survey.read(InputFile(path, path.name, "0" * 64), request)


def parts(mapping: SurveyMapping, layout: Layout) -> Iterator[tuple[Any, ...]]:
    """What a mapping says about columns, one part for each line that a person would have to write or move."""

    def at(name: str) -> int:
        column = layout.find(name)
        assert column is not None, name
        return column.position

    yield "header_rows", mapping.header_rows
    for key in ("respondent_id", "started_at", "submitted_at", "weight"):
        if getattr(mapping, key):
            yield key, at(getattr(mapping, key))
    if mapping.complete:
        yield "complete", at(mapping.complete.column)
    for segment in mapping.segments.values():
        yield "segment", at(segment.column)
    for question in mapping.questions.values():
        columns = frozenset(at(name) for name in ([question.column] if question.column else question.columns or ()))
        order = tuple(sorted(question.scale, key=lambda text: question.scale[text])) if question.scale else ()
        yield question.type, columns, order, question.none_ticked, question.separator
    for key in ("free_text", "personal"):
        for name in getattr(mapping, key):
            if (
                "*" not in name
                and (column := layout.find(name)) is not None
                and any(layout.cells(column, layout.records))
            ):
                yield key, column.position


def edits(draft: SurveyMapping, wanted: SurveyMapping, layout: Layout) -> list[tuple[Any, ...]]:
    """The parts of the hand-made mapping that the draft lacks; what else it has costs nothing."""
    there = set(parts(draft, layout))
    return [part for part in parts(wanted, layout) if part not in there]


@pytest.mark.parametrize(("name", "mapping"), REAL)
def test_a_real_survey_needs_at_most_five_edited_lines(shared_data: Path, name: str, mapping: str) -> None:
    _, draft, layout = inspect(shared_data / name)
    fields = yaml.safe_load((MAPPINGS / f"{mapping}.yml").read_text(encoding="utf-8"))
    missing = edits(draft, parse_mapping(FileMapping("hand", fields, "hand.yml")), layout)
    assert len(missing) <= MOST_EDITS, missing


@pytest.mark.parametrize(("name", "_mapping"), REAL)
def test_the_draft_of_a_real_survey_reads_it_with_no_issue_but_rare_texts(
    shared_data: Path, name: str, _mapping: str
) -> None:
    reading = read_with_draft(shared_data / name)
    assert reading.tables["survey_respondents"]
    issues = [(row["problem"], row["detail"].split("'")[1]) for row in reading.tables["issues"]]
    # Texts of one or two people in a long column may be what they typed; the draft asks about each such column.
    doubts = inspect_survey(InputFile(shared_data / name, name.rsplit("/", 1)[-1], "0" * 64)).doubts
    assert all(problem == "unknown_option" for problem, _ in issues)
    assert all(any(f"'{column}' of at most 2 respondents" in doubt for doubt in doubts) for _, column in issues)


def by_columns(reading: Reading, mapping: SurveyMapping, layout: Layout) -> dict[tuple[int, ...], Counter[Any]]:
    """How often each text of the file was chosen, by the columns of a question; joined and coded ones as they are."""
    counts: dict[str, Counter[Any]] = {}
    for row in reading.tables["survey_responses"]:
        if row["is_selected"]:
            counts.setdefault(row["question_id"], Counter())[row["option"]] += 1
    return {
        tuple(column.position for column in question.columns): counts.get(question.question_id, Counter())
        for question in bind(mapping, "", layout).questions
    }


@pytest.mark.parametrize(("name", "mapping"), REAL[:3])
def test_a_draft_that_nobody_corrected_counts_as_the_mapping_that_a_person_wrote(
    shared_data: Path, name: str, mapping: str
) -> None:
    path = shared_data / name
    _, draft, layout = inspect(path)
    fields = FileMapping("hand", yaml.safe_load((MAPPINGS / f"{mapping}.yml").read_text(encoding="utf-8")), "hand.yml")
    hand = parse_mapping(fields)
    request = Request(NOW, mappings=(fields,), pseudonym=lambda text: hashlib.sha256(text.encode()).hexdigest()[:32])
    right = by_columns(survey.read(InputFile(path, path.name, "0" * 64), request), hand, layout)
    found = by_columns(read_with_draft(path), draft, layout)
    compared = 0
    for columns, counts in right.items():
        if columns not in found:
            continue  # a segment of the one that is a question of the other
        compared += 1
        # Texts of one or two people are `(other)` in a draft, and asked about.
        often = sorted(number for text, number in found[columns].items() if number > 2 and text != "(other)")
        asked = {text: number for text, number in counts.items() if fold(str(text)) not in NOT_ANSWERED}
        assert often == sorted(number for number in asked.values() if number > 2), columns
    assert compared >= 0.9 * len(right)


@pytest.fixture(scope="module")
def pew(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The poll as CSV; its own form is an R workspace."""
    frame = read_frame(shared_data / "pew_dec13" / "dec13_excerpt.RData")
    path = tmp_path_factory.mktemp("pew") / "pew.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(frame)
        writer.writerows(zip(*frame.values(), strict=True))
    return path


def weighted_shares(reading: Reading, question: str) -> dict[str, float]:
    weights = {row["respondent_id"]: row["weight"] for row in reading.tables["survey_respondents"]}
    rows = [row for row in reading.tables["survey_responses"] if row["question_id"] == question and row["is_selected"]]
    total = sum(weights[row["respondent_id"]] for row in rows)
    return {
        option: sum(weights[row["respondent_id"]] for row in rows if row["option"] == option) / total
        for option in {row["option"] for row in rows}
    }


def test_pew_needs_few_edits_and_its_weighted_shares_are_those_of_the_file(pew: Path, tmp_path: Path) -> None:
    _, draft, layout = inspect(pew)
    assert len(edits(draft, parse_mapping(FileMapping("hand", PEW, "hand.yml")), layout)) <= MOST_EDITS
    with pew.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    answered = [row for row in rows if row["q1"] in ("Approve", "Disapprove")]
    total = sum(float(row["weight"]) for row in answered)
    expected = {
        option: sum(float(row["weight"]) for row in answered if row["q1"] == option) / total
        for option in ("Approve", "Disapprove")
    }
    assert weighted_shares(read_with_draft(pew), "q1") == pytest.approx(expected, rel=1e-12)
    as_sav = to_sav(rows, tmp_path / "pew.sav")
    assert weighted_shares(read_with_draft(as_sav), "q1") == pytest.approx(expected, rel=1e-12)


def to_sav(rows: list[dict[str, str]], path: Path) -> Path:
    """The same poll as SPSS users keep it: codes with labels, refusals declared as missing."""
    import pandas as pd

    frame, labels, missing = pd.DataFrame(rows), {}, {}
    for name in ("psraid", "weight", "llweight", "cellweight"):
        frame[name] = pd.to_numeric(frame[name])
    for name in frame.columns.difference(["psraid", "weight", "llweight", "cellweight"]):
        texts = sorted({text for text in frame[name] if text})
        labels[name] = {float(code): text for code, text in enumerate(texts, start=1)}
        refused = [code for code, text in labels[name].items() if "Refused" in text or text in ("Ref", "DK/Ref")]
        if refused:
            missing[name] = refused[:3]
        codes = {text: code for code, text in labels[name].items()}
        frame[name] = [codes.get(text) for text in frame[name]]
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, missing_ranges=missing)
    return path


def test_spss_samples_are_drafted_with_their_labels(shared_data: Path) -> None:
    found, draft, _ = inspect(shared_data / "spss_sav" / "sample.sav")
    assert (found.tool, found.header_rows) == ("SPSS", 1)
    assert draft.questions["ordinal"].scale == {"low": 1, "medium": 2, "high": 3}
    assert set(draft.questions["labeled"].options or ()) == {"Male", "Female"}


def test_the_schema_is_the_one_that_the_model_gives_and_the_example_fits_it() -> None:
    assert schema.TARGET.read_text(encoding="utf-8") == schema.render()
    rules = json.loads(schema.render())
    example = yaml.safe_load((Path(__file__).resolve().parents[3] / "data" / "surveys.example.yml").read_text())
    assert set(example) <= set(rules["properties"])
    allowed = rules["$defs"]["Question"]["properties"]
    assert all(set(question) <= set(allowed) for question in example["questions"].values())
    assert {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1} in allowed["options"]["anyOf"]
