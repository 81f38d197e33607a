"""Published surveys, read with the mappings of tests/mappings: their known figures, and no personal data."""

import csv
import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.sources import survey
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"


def read(path: Path) -> Reading:
    mappings = tuple(
        FileMapping(each.stem, yaml.safe_load(each.read_text(encoding="utf-8")), f"surveys/{each.name}")
        for each in sorted(MAPPINGS.glob("*.yml"))
    )
    request = Request(
        now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        mappings=mappings,
        pseudonym=lambda text: hmac.new(b"key", text.encode(), hashlib.sha256).hexdigest()[:32],
    )
    file = InputFile(path, path.name, "0" * 64)
    assert survey.recognises(file, request)
    return survey.read(file, request)


def shares(reading: Reading, question_id: str) -> tuple[dict[str, float], int]:
    """Share of each option among those with an answer, and the number of these."""
    rows = [row for row in reading.tables["survey_responses"] if row["question_id"] == question_id]
    base = len({row["respondent_id"] for row in rows if row["is_selected"] is not None})
    chosen = Counter(row["option"] for row in rows if row["is_selected"])
    return {option: round(100 * count / base, 1) for option, count in chosen.items()}, base


def segment_counts(reading: Reading, dimension: str) -> Counter[Any]:
    rows = reading.tables["survey_respondents"]
    return Counter(row["segment"] for row in rows if row["segment_dimension"] == dimension)


@pytest.fixture(scope="module")
def state_of_social(shared_data: Path) -> Reading:
    return read(shared_data / "buffer_state_of_social_2018" / "state_of_social_2018.csv")


def test_state_of_social_reproduces_the_published_shares(state_of_social: Reading) -> None:
    assert state_of_social.row_count == 1_787
    found, base = shares(state_of_social, "channels")
    assert base == 1_787
    assert [found[name] for name in ("Facebook", "Twitter", "Instagram", "LinkedIn")] == [96.1, 88.8, 70.2, 70.2]


def test_state_of_social_has_the_three_segments(state_of_social: Reading) -> None:
    sizes = segment_counts(state_of_social, "company_size")
    answered = sizes.total() - sizes[None]
    small = sizes["Just me"] + sizes["Fewer than 10"]
    middle = sizes["11-25"] + sizes["26-50"]
    assert (small, answered) == (868, 1_775)
    published = [round(100 * count / answered, 1) for count in (small, middle, answered - small - middle)]
    assert published == [48.9, 20.7, 30.4]
    assert len(segment_counts(state_of_social, "industry")) == 15
    assert segment_counts(state_of_social, "customer_focus") == {"both": 749, "b2b": 570, "b2c": 435, None: 33}


def test_state_of_social_leaves_no_column_and_no_label_over(state_of_social: Reading) -> None:
    assert state_of_social.tables["issues"] == []
    assert not any("not stored" in note or "not mapped" in note for note in state_of_social.notes)
    assert (str(state_of_social.period_start), str(state_of_social.period_end)) == ("2017-11-02", "2017-12-14")
    # Nobody who ticked no obstacle counts as having none: 3.1.6 of the method.
    _, base = shares(state_of_social, "video_obstacles")
    assert 0 < base < 1_787
    importance, base = shares(state_of_social, "importance")
    assert (base, importance["Very important"]) == (1_768, 57.1)


def test_star_wars_reads_two_header_rows(shared_data: Path) -> None:
    reading = read(shared_data / "fivethirtyeight_surveys" / "StarWars.csv")
    assert reading.dialect == "csv, 2 header rows, cp1252"
    assert reading.row_count == 1_186
    assert reading.tables["issues"] == []
    seen, base = shares(reading, "seen")
    assert base == 835
    assert seen["Episode V"] == round(100 * 758 / 835, 1)
    ranks = [row for row in reading.tables["survey_responses"] if row["question_id"] == "rank_5"]
    assert Counter(row["value"] for row in ranks)[1.0] == 289
    assert ranks[0]["question"] == "Rank of the film, 1 is the favourite: Episode V"
    assert {row["captured_at"] for row in ranks} == {datetime(2026, 11, 22, 12, 0, tzinfo=UTC)}


def test_masculinity_has_weights_and_options_that_were_not_shown(shared_data: Path) -> None:
    reading = read(shared_data / "fivethirtyeight_surveys" / "raw-responses.csv")
    weights = {row["respondent_id"]: row["weight"] for row in reading.tables["survey_respondents"]}
    assert len(weights) == reading.row_count == 1_615
    assert sum(weights.values()) / 1_615 == pytest.approx(1.00, abs=0.005)
    sources, _ = shares(reading, "q0004")
    rows = [row for row in reading.tables["survey_responses"] if row["question_id"] == "q0004"]
    assert Counter(row["is_selected"] for row in rows if row["option"] == "Pop culture")[True] == 303
    assert len(sources) == 6
    _, base = shares(reading, "q0010")
    assert base <= 1_615 - 735
    assert reading.tables["issues"] == []
    assert "dates are read as month_first, the only order that fits all of them" in reading.notes


@pytest.mark.parametrize(("name", "header_rows"), [("sample.csv", 3), ("sample_legacy.csv", 2)])
def test_qualtrics_keeps_addresses_and_places_out(shared_data: Path, name: str, header_rows: int) -> None:
    path = shared_data / "qualtrics_export" / name
    reading = read(path)
    assert f"{header_rows} header rows" in reading.dialect
    assert (reading.row_count, reading.tables["issues"]) == (1, [])
    answer = reading.tables["survey_responses"][0]
    assert (answer["option"], answer["is_selected"]) == ("second", True)
    respondent = reading.tables["survey_respondents"][0]
    assert respondent["submitted_at"] == datetime(2017, 7, 18, 6, 28, 48, tzinfo=UTC)
    assert respondent["is_complete"] is True
    *header, record = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    private = [cell for cell in record if len(cell) > 8 and not cell.startswith("2017-")]
    assert len(private) >= 4  # the response id, the IP address and both coordinates among them
    for secret in private:
        assert secret not in repr(reading)
    assert len(header) == header_rows
