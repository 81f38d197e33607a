"""SPSS files as surveys: value labels, variable labels, user-missing values with their reason, weights."""

import hashlib
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.sources import survey
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MAPPING: dict[str, Any] = {
    "survey_id": "sav",
    "title": "SPSS",
    "respondent_id": "id",
    "weight": "w",
    "segments": {"company_size": "size"},
    "questions": {
        "works": {"text": "Does it work?", "type": "single", "column": "Does social media work for you?"},
        "level": {"text": "How well?", "type": "scale", "column": "q2", "scale": ["low", "medium", "high"]},
    },
}


def write(path: Path, **changes: Any) -> InputFile:
    frame = pd.DataFrame(
        {
            "id": [1.0, 2.0, 3.0, 4.0],
            "size": [1.0, 2.0, 9.0, None],
            "q1": [1.0, 2.0, 8.0, 9.0],
            "q2": [3.0, 1.0, 2.0, None],
            "w": [0.5, 1.5, 1.0, 1.0],
        }
    )
    options: dict[str, Any] = {
        "column_labels": ["Id", "Employees", "Does social media work for you?", "How well?", "Weight"],
        "variable_value_labels": {
            "size": {1.0: "1-9", 2.0: "10-49", 9.0: "Refused"},
            "q1": {1.0: "Yes", 2.0: "No", 8.0: "Don't know", 9.0: "Refused"},
            "q2": {1.0: "low", 2.0: "medium", 3.0: "high"},
        },
        "missing_ranges": {"size": [9.0], "q1": [{"lo": 8.0, "hi": 9.0}]},
        "variable_measure": {"q2": "ordinal"},
        **changes,
    }
    pyreadstat.write_sav(frame, str(path), **options)
    return InputFile(path, path.name, "0" * 64)


def read(file: InputFile) -> Reading:
    request = Request(
        NOW,
        mappings=(FileMapping("sav", MAPPING, "surveys/sav.yml"),),
        pseudonym=lambda text: hashlib.sha256(text.encode()).hexdigest()[:32],
    )
    assert survey.recognises(file, request)
    return survey.read(file, request)


def test_codes_become_labels_and_user_missing_keeps_its_reason(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.sav"))
    rows = [row for row in reading.tables["survey_responses"] if row["question_id"] == "works"]
    assert [(row["option"], row["is_selected"], row["missing_reason"]) for row in rows] == [
        ("Yes", True, None),
        ("No", True, None),
        (None, None, "Don't know"),
        (None, None, "Refused"),
    ]
    levels = [row for row in reading.tables["survey_responses"] if row["question_id"] == "level"]
    assert [(row["option"], row["value"]) for row in levels] == [
        ("high", 3.0),
        ("low", 1.0),
        ("medium", 2.0),
        (None, None),
    ]
    assert [row["segment"] for row in reading.tables["survey_respondents"]] == ["1-9", "10-49", None, None]
    assert [row["weight"] for row in reading.tables["survey_respondents"]] == [0.5, 1.5, 1.0, 1.0]
    assert reading.dialect == "sav, 1 header row"
    assert reading.tables["issues"] == []


def test_a_column_may_be_named_by_its_variable_label(tmp_path: Path) -> None:
    assert write(tmp_path / "a.sav").sheet.labels[2] == MAPPING["questions"]["works"]["column"]


def test_two_values_with_one_label_are_told_apart(tmp_path: Path) -> None:
    file = write(tmp_path / "a.sav", variable_value_labels={"q1": {1.0: "Yes", 8.0: "n/a", 9.0: "n/a"}})
    assert [record.cells[2] for record in file.sheet.records] == ["Yes", "2", "n/a (8)", "n/a (9)"]
    assert file.sheet.missing[2] == {"n/a (8)", "n/a (9)"}


def test_a_compressed_file_and_a_damaged_one(tmp_path: Path) -> None:
    packed = write(tmp_path / "a.zsav", compress=True)
    assert read(packed).row_count == 4
    packed.path.write_bytes(packed.path.read_bytes()[:300])
    with pytest.raises(TweetbenchError, match="the SPSS file cannot be read"):
        assert InputFile(packed.path, "a.zsav", "0").sheet


def test_texts_of_a_file_that_names_no_encoding_are_read_as_windows_1252_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "old.sav"
    pyreadstat.write_sav(pd.DataFrame({"id": [1.0, 2.0], "city": ["Köln", "Paris"]}), str(path))
    data = path.read_bytes()
    record = data.index(struct.pack("<iii", 7, 20, 1))  # the record that names the encoding, then its length
    (length,) = struct.unpack("<i", data[record + 12 : record + 16])
    older = data[:record] + data[record + 16 + length :]
    path.write_bytes(older.replace("Köln".encode(), b"K\xf6ln "))
    sheet = InputFile(path, "old.sav", "0").sheet
    assert [record.cells for record in sheet.records] == [("1", "Köln"), ("2", "Paris")]
    (flag,) = sheet.flags
    assert flag.problem == "encoding_assumed"
    assert "read as Windows-1252" in flag.detail


def test_real_files_keep_their_labels_and_missing_values(shared_data: Path) -> None:
    folder = shared_data / "spss_sav"
    sheet = InputFile(folder / "sample_missing.sav", "sample_missing.sav", "0").sheet
    assert sheet.labels == ("character", "numeric", "date", "datetime", "labeled", "ordinal", "time")
    column = sheet.header.index("mylabl")
    assert [record.cells[column] for record in sheet.records[-3:]] == ["Male", "undetermined", ""]
    assert sheet.missing[column] == {"undetermined"}
    assert sheet.missing[sheet.header.index("mynum")] == {"-1", "2500"}
    assert sheet.orders[sheet.header.index("myord")] == ("low", "medium", "high")
    sets = InputFile(folder / "simple_alltypes.sav", "simple_alltypes.sav", "0").sheet.flags
    assert [flag.problem for flag in sets] == ["response_set"]
    assert "bool1, bool2, bool3" in sets[0].detail


@settings(deadline=None, max_examples=30)  # each example writes a file
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(10**9), 10**9)),
            st.text(st.characters(min_codepoint=33, max_codepoint=0x17F), max_size=10),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_numbers_and_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int | None, str]]
) -> None:
    path = tmp_path_factory.mktemp("sav") / "a.sav"
    frame = pd.DataFrame({"n": pd.Series([row[0] for row in rows], dtype=float), "t": [row[1] for row in rows]})
    pyreadstat.write_sav(frame, str(path))
    sheet = InputFile(path, "a.sav", "0").sheet
    expected = [("" if number is None else str(number), text) for number, text in rows]
    assert [record.cells for record in sheet.records] == expected
