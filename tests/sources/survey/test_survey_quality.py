"""Which responses count: each rule of a mapping applied, counted and kept with its reason."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.sources import survey
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HEADER = "Id,Start,End,Done,Country,A,B,C,D\n"
MAPPING: dict[str, Any] = {
    "survey_id": "q",
    "title": "Q",
    "respondent_id": "Id",
    "started_at": "Start",
    "submitted_at": "End",
    "timezone": "America/New_York",
    "complete": {"column": "Done", "values": ["yes"]},
    "segments": {"country": "Country"},
    "questions": {name: {"text": name, "type": "single", "column": name} for name in "ABCD"},
}


def read(folder: Path, rows: str, **quality: Any) -> Reading:
    path = folder / "export.csv"
    path.write_text(HEADER + rows)
    mapping = FileMapping("q", {**MAPPING, "quality": quality}, "surveys/q.yml")
    pseudonym = lambda text: hashlib.sha256(text.encode()).hexdigest()[:32]  # noqa: E731
    return survey.read(InputFile(path, "export.csv", "0" * 64), Request(NOW, mappings=(mapping,), pseudonym=pseudonym))


def reasons(reading: Reading) -> list[str | None]:
    return [row["exclusion_reason"] for row in reading.tables["survey_respondents"]]


def issues(reading: Reading) -> dict[str, str]:
    return {row["problem"]: row["detail"] for row in reading.tables["issues"]}


def row(number: int, start: str = "10:00", end: str = "10:10", **cells: str) -> str:
    day = cells.get("day", "2026-09-01")
    values = [cells.get(name, name.lower()) for name in "ABCD"]
    first = [str(number), f"{day} {start}", f"{day} {end}", cells.get("done", "yes"), cells.get("country", "US")]
    return ",".join([*first, *values]) + "\n"


def test_without_rules_everybody_counts_and_nothing_is_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1) + row(2, end="10:00", done="no"))
    assert reasons(reading) == [None, None]
    assert reading.tables["issues"] == []


def test_responses_outside_the_field_period_are_kept_with_the_reason(tmp_path: Path) -> None:
    # 4 September ends at midnight in New York, which is 4:00 of the 5th in UTC.
    rows = row(1, day="2026-08-02") + row(2, day="2026-09-04", start="23:00", end="23:59") + row(3, day="2026-09-05")
    reading = read(tmp_path, rows, field_period={"first_day": "2026-08-03", "last_day": "2026-09-04"})
    assert reasons(reading) == ["outside_field_period", None, "outside_field_period"]
    assert issues(reading) == {
        "excluded_outside_field_period": "2 responses (66.7%) not counted: not within 2026-08-03 to 2026-09-04"
    }
    assert len(reading.tables["survey_responses"]) == 12


def test_partial_completes_and_few_answers(tmp_path: Path) -> None:
    rows = row(1) + row(2, done="no") + row(3, A="", B="", C="") + row(4, A="", B="")
    reading = read(tmp_path, rows, incomplete="exclude", answered_share_from=0.5)
    assert reasons(reading) == [None, "incomplete", "too_few_answers", None]
    assert "answered less than 50% of 4 questions" in issues(reading)["excluded_too_few_answers"]


def test_speeders_by_minutes_and_by_the_share_of_the_median(tmp_path: Path) -> None:
    rows = "".join(row(at, end=f"10:{minutes:02d}") for at, minutes in enumerate([1, 3, 10, 10, 12], start=1))
    assert reasons(read(tmp_path, rows, minutes_from=2)) == ["too_fast", None, None, None, None]
    relative = read(tmp_path, rows, share_of_median_from=0.4)
    assert reasons(relative) == ["too_fast", "too_fast", None, None, None]
    assert issues(relative)["excluded_too_fast"] == "2 responses (40.0%) not counted: took less than 4.0 minutes"


def test_a_response_without_times_is_not_taken_for_a_fast_one(tmp_path: Path) -> None:
    reading = read(tmp_path, "1,,,yes,US,a,b,c,d\n" + row(2), minutes_from=2)
    assert reasons(reading) == [None, None]


def test_eligibility_needs_one_of_the_values(tmp_path: Path) -> None:
    rows = row(1) + row(2, country="FR") + row(3, country="") + row(4, country="us ")
    reading = read(tmp_path, rows, eligible=[{"column": "Country", "values": ["US", "CA"]}])
    assert reasons(reading) == [None, "not_eligible", "not_eligible", None]


def test_of_equal_answers_the_first_counts(tmp_path: Path) -> None:
    rows = row(1) + row(2, A="x") + row(3, start="11:00", end="11:20")
    assert reasons(read(tmp_path, rows, equal_answers="exclude")) == [None, None, "equal_answers"]


def test_the_first_reason_in_the_order_of_the_rules_is_kept(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(1, done="no", end="10:01", country="FR") + row(2, done="no", end="10:01") + row(3),
        incomplete="exclude",
        minutes_from=5,
        eligible=[{"column": "Country", "values": ["US"]}],
    )
    assert reasons(reading) == ["not_eligible", "incomplete", None]
    assert set(issues(reading)) == {"excluded_not_eligible", "excluded_incomplete"}


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        ({"field_period": {"first_day": "2026-09-04", "last_day": "2026-08-03"}}, "last_day is before first_day"),
        ({"field_period": {}}, "needs first_day or last_day"),
        ({"answered_share_from": 50}, "quality.answered_share_from"),
        ({"eligible": [{"column": "Nation", "values": ["US"]}]}, "quality.eligible.0.column names the column 'Nation'"),
        ({"speeders": 2}, "quality.speeders is not a key"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_explained(tmp_path: Path, quality: dict[str, Any], words: str) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, row(1), **quality)
    assert words in str(caught.value)


def test_a_rule_without_its_column_is_explained(tmp_path: Path) -> None:
    bare = {key: value for key, value in MAPPING.items() if key not in ("complete", "started_at")}
    path = tmp_path / "export.csv"
    path.write_text(HEADER + row(1))
    for quality, words in (({"incomplete": "exclude"}, "needs complete"), ({"minutes_from": 2}, "need started_at")):
        mapping = FileMapping("q", {**bare, "quality": quality}, "surveys/q.yml")
        with pytest.raises(TweetbenchError, match=words):
            survey.read(InputFile(path, "export.csv", "0" * 64), Request(NOW, mappings=(mapping,)))


def without_ids(folder: Path, rows: list[str], name: str, **changes: Any) -> set[str]:
    path = folder / f"{name}.csv"
    path.write_text(HEADER + "".join(rows))
    bare = {key: value for key, value in MAPPING.items() if key != "respondent_id"}
    mapping = FileMapping("q", {**bare, **changes}, "surveys/q.yml")
    request = Request(NOW, mappings=(mapping,), pseudonym=lambda text: hashlib.sha256(text.encode()).hexdigest())
    reading = survey.read(InputFile(path, path.name, "0" * 64), request)
    return {each["respondent_id"] for each in reading.tables["survey_respondents"]}


def test_without_ids_an_edited_mapping_and_a_longer_export_make_no_new_people(tmp_path: Path) -> None:
    rows = [row(at, A=f"a{at % 3}") for at in range(1, 6)]
    before = without_ids(tmp_path, rows, "before")
    fewer = {name: question for name, question in MAPPING["questions"].items() if name in "AB"}
    after = without_ids(tmp_path, [*rows, row(9)], "after", questions=fewer, ignore=["C"], free_text=["D"])
    assert len(before) == 5
    assert before < after
    assert len(after) == 6


@settings(deadline=None, max_examples=40)  # each example writes a file
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.sampled_from(["", "a", "b"])), min_size=1, max_size=12))
def test_every_respondent_counts_or_has_one_reason_and_the_issues_add_up(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[int, bool, str]]
) -> None:
    rows = "".join(
        row(at, end=f"10:{minutes:02d}", done="yes" if done else "no", A=first, B=first)
        for at, (minutes, done, first) in enumerate(people, start=1)
    )
    reading = read(tmp_path_factory.mktemp("any"), rows, incomplete="exclude", minutes_from=5, answered_share_from=0.75)
    excluded = [reason for reason in reasons(reading) if reason]
    excluding = {name: text for name, text in issues(reading).items() if name.startswith("excluded_")}
    counted = sum(int(detail.split()[0]) for detail in excluding.values())
    assert len(reasons(reading)) == len(people)
    assert counted == len(excluded)
