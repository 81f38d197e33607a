"""Survey mappings: what a person may write, how mistakes are explained, and which mapping and header fit a file."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from pipeline.errors import TweetbenchError
from pipeline.sources import survey
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request
from pipeline.sources.survey.mapping import SurveyMapping, parse_mapping

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MAPPING = """
survey_id: tiny
title: Tiny
respondent_id: Id
segments: {company_size: Size}
questions:
  colour: {text: Colour, type: single, column: Colour}
"""


def parsed(text: str) -> SurveyMapping:
    return parse_mapping(FileMapping("tiny", yaml.safe_load(text), "surveys/tiny.yml"))


def refusal(text: str) -> TweetbenchError:
    with pytest.raises(TweetbenchError) as caught:
        parsed(text)
    return caught.value


def read(folder: Path, content: str, *texts: str, name: str = "export.csv") -> Reading:
    (folder / name).write_text(content, encoding="utf-8")
    mappings = tuple(FileMapping(f"m{at}", yaml.safe_load(text), f"surveys/m{at}.yml") for at, text in enumerate(texts))
    request = Request(now=NOW, mappings=mappings, pseudonym=lambda text: sha256(text.encode()).hexdigest())
    return survey.read(InputFile(folder / name, name, "0" * 64), request)


def recognised(folder: Path, content: str, text: str) -> bool:
    (folder / "any.csv").write_text(content, encoding="utf-8")
    request = Request(now=NOW, mappings=(FileMapping("m", yaml.safe_load(text), "surveys/m.yml"),))
    return survey.recognises(InputFile(folder / "any.csv", "any.csv", "0" * 64), request)


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ("wieght: W", ["wieght is not a key", "did you mean weight"]),
        ("strata: region", ["strata describes how respondents were drawn", "drawn one by one", "segment_shares"]),
        ("fpc: [N1, N2]", ["fpc describes how respondents were drawn", "only weight is read"]),
        ("header_rows: 4", ["header_rows: must be 1, 2 or 3"]),
        ("timezone: Berlin", ["'Berlin' is not a time zone", "Europe/Berlin"]),
        ("complete: {column: Done, values: [yes]}", ["complete.values.0", "write it in quotes"]),
        ("personal: [~]", ["personal.0", "empty"]),
        ("segments: {Company Size: Size}", ["segments.Company Size", "rename it, for example company_size"]),
        ("segments: {size: {column: Size, label: {a: b}}}", ["segments.size.label", "did you mean labels"]),
        ("segments: {size: {column: Size, labels: {A: x, 'a ': y}}}", ["segments.size", "twice"]),
        ("questions: {}", ["questions: "]),
        ("questions: {q: {type: single, column: C}}", ["questions.q.text is missing", "add text"]),
        ("questions: {q: {text: T, type: choice, column: C}}", ["questions.q.type: must be 'single'"]),
        ("questions: {q: {text: T, type: single}}", ["questions.q", "either column or columns"]),
        ("questions: {q: {text: T, type: multi, column: C}}", ["questions.q", "needs separator"]),
        ("questions: {q: {text: T, type: scale, column: C}}", ["type scale needs a scale"]),
        ("questions: {q: {text: T, type: number, column: C, options: [a]}}", ["a number has no options"]),
        ("questions: {q: {text: T, type: single, column: C, none_ticked: not_selected}}", ["only for type multi"]),
        (
            "questions: {q: {text: T, type: number, columns: [A, B]}, q_2: {text: T, type: number, column: C}}",
            ["two questions would be called q_2"],
        ),
    ],
)
def test_a_mistake_is_named_with_its_path_the_file_and_the_remedy(addition: str, words: list[str]) -> None:
    error = refusal(f"{MAPPING}\n{addition}\n")
    assert error.where == "surveys/tiny.yml"
    assert "tweetbench ingest FILE --check" in error.next_step
    for word in words:
        assert word in str(error)


def test_the_digest_ignores_comments_and_order_but_not_meaning() -> None:
    lines = MAPPING.strip().splitlines()
    reordered = "\n".join([lines[1], lines[0], "# a comment", *lines[2:]])
    assert parsed(MAPPING).digest() == parsed(reordered).digest()
    assert parsed(MAPPING).digest() != parsed(MAPPING + "weight: W\n").digest()


def test_a_missing_column_is_named_with_the_closest_one(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, "Id,Size,Colours\n1,2,red\n", MAPPING)
    assert "questions.colour.column names the column 'Colour', which the file does not have" in str(caught.value)
    assert "surveys/m0.yml" in str(caught.value)
    assert "the closest column is 'Colours'" in str(caught.value)


def test_a_file_is_recognised_by_half_of_the_columns_that_a_mapping_names(tmp_path: Path) -> None:
    assert recognised(tmp_path, "Id,Size\n1,2\n", MAPPING)
    assert not recognised(tmp_path, "Id,Name\n1,2\n", MAPPING)
    assert not recognised(tmp_path, "Id,Size,Colour\n1,2,3\n", "followers: Size\n")


def test_a_broken_mapping_is_explained_when_its_file_comes(tmp_path: Path) -> None:
    broken = MAPPING + "header_rows: two\n"
    assert recognised(tmp_path, "Id,Size,Colour\n1,2,red\n", broken)
    assert not recognised(tmp_path, "Tweet id,Likes\n1,2\n", broken)
    with pytest.raises(TweetbenchError, match="header_rows: must be"):
        read(tmp_path, "Id,Size,Colour\n1,2,red\n", broken)


def test_of_two_mappings_that_fit_equally_a_file_name_decides(tmp_path: Path) -> None:
    content, second = "Id,Size,Colour\n1,2,red\n", MAPPING.replace("tiny", "second")
    with pytest.raises(TweetbenchError, match="several survey mappings fit"):
        read(tmp_path, content, MAPPING, second)
    reading = read(
        tmp_path, content, MAPPING + "file_name: wave_1*\n", second + "file_name: wave_2*\n", name="wave_2.csv"
    )
    assert {row["survey_id"] for row in reading.tables["survey_responses"]} == {"second"}


def test_a_column_that_is_both_used_and_declared_personal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="listed under personal and used"):
        read(tmp_path, "Id,Size,Colour\n1,2,red\n", MAPPING + "personal: [Colour]\n")
    reading = read(tmp_path, "Id,Size,Colour\n1,2,red\n", MAPPING + "personal: ['*', Id]\n")
    assert reading.tables["issues"] == []


def test_repeated_and_empty_headers_get_names(tmp_path: Path) -> None:
    columns = yaml.safe_dump({"Other": "a", "Other (2)": "b", "column 4": "c", "don't  know": "d"})
    mapping = "survey_id: s\ntitle: S\nquestions:\n  q:\n    text: T\n    type: multi\n    columns:\n"
    mapping += "".join(f"      {line}\n" for line in columns.splitlines())
    reading = read(tmp_path, "Id,Other ,Other,,don’t know\n1,x,,x,\n", mapping + "ignore: [Id]\n")
    ticks = {row["option"]: row["is_selected"] for row in reading.tables["survey_responses"]}
    assert ticks == {"a": True, "b": False, "c": True, "d": False}


TWO_ROWS = "RespondentID,Used,,Size\n,Twitter,Other (please specify),Response\n1,Twitter,mine,small\n2,,,large\n"
TWO_ROW_MAPPING = """
survey_id: s
title: S
header_rows: 2
respondent_id: RespondentID
segments: {company_size: Size}
questions: {used: {text: Used, type: multi, columns: [Used / Twitter, Other (please specify)]}}
"""


def test_two_header_rows_name_options_and_carry_the_question_on(tmp_path: Path) -> None:
    reading = read(tmp_path, TWO_ROWS, TWO_ROW_MAPPING)
    rows = [(row["option"], row["is_selected"]) for row in reading.tables["survey_responses"]]
    assert rows == [
        ("Twitter", True),
        ("Other (please specify)", True),
        ("Twitter", None),
        ("Other (please specify)", None),
    ]
    assert reading.dialect == "csv, 2 header rows, utf-8"
    assert reading.row_count == 2
    assert "mine" not in repr(reading)


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        (TWO_ROWS, 1, 2),
        ('RespondentID,Size,Used\nText,Text,Text\n{"ImportId":"a"},"{""ImportId"":""b""}",x\n1,2,3\n', 2, 3),
        ("RespondentID,Size,Used\nText,Text,Text\n1,2,3\n", 3, 2),
        ("RespondentID,Size,Used,At\n1,2,3,2026-01-02 10:00\n", 2, 1),
        ("RespondentID,Size,Used,At\n1,2,3,ann@example.org\n", 2, 1),
    ],
)
def test_a_wrong_number_of_header_rows_is_refused(tmp_path: Path, content: str, declared: int, expected: int) -> None:
    mapping = TWO_ROW_MAPPING.replace("header_rows: 2", f"header_rows: {declared}")
    mapping = mapping.replace("Used / Twitter, Other (please specify)", "Used")
    with pytest.raises(TweetbenchError, match=f"set header_rows to {expected}") as caught:
        read(tmp_path, content, mapping)
    assert "@" not in str(caught.value)


def test_a_question_with_one_label_for_two_columns_is_refused(tmp_path: Path) -> None:
    mapping = TWO_ROW_MAPPING.replace(
        "[Used / Twitter, Other (please specify)]", "{Twitter: a, Used / Other (please specify): a}"
    )
    with pytest.raises(TweetbenchError, match=r"questions\.used\.columns has the label 'a' twice"):
        read(tmp_path, TWO_ROWS, mapping)
