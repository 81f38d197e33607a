"""Several files of one survey: full exports, parts, other waves; and what a corrected mapping takes off the disk."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.errors import TweetbenchError
from pipeline.ingest import Outcome, build_request, ingest_file
from pipeline.ingest.lake_removal import remove_replaced
from pipeline.lake import Lake
from pipeline.runtime.failpoints import PLAN_VARIABLE, forget_passages
from pipeline.settings import Settings

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MAPPING = """
survey_id: tools
title: Tools
respondent_id: Respondent ID
submitted_at: End Date
questions: {uses_x: {text: Uses X, type: single, column: Uses X}}
"""
HEADER = "Respondent ID,End Date,Uses X\n"
WAVE_1 = HEADER + "1,2025-05-01,No\n2,2025-05-02,No\n3,2025-05-03,No\n"
WAVE_2 = HEADER + "1,2026-05-01,Yes\n2,2026-05-02,Yes\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "data")
    made.make_folders()
    (made.surveys_dir / "tools.yml").write_text(MAPPING)
    return made


def ingest(settings: Settings, text: str, name: str = "export.csv", check: bool = False) -> Outcome:
    path = settings.data_dir / name
    path.write_text(text)
    request = build_request(settings, now=NOW, check=check)
    return ingest_file(path, Lake(settings.lake_dir), settings, request, run_id="run-1", check=check)


def people(settings: Settings) -> dict[str, str]:
    """What counts: the newest answer of each respondent."""
    rows = Lake(settings.lake_dir).read("survey_responses").to_pylist()
    return {row["respondent_id"]: row["option"] for row in rows}


def test_ids_that_come_back_at_another_time_are_another_wave(settings: Settings) -> None:
    assert ingest(settings, WAVE_1, "wave_1.csv").status == "added"
    outcome = ingest(settings, WAVE_2, "wave_2.csv")
    assert outcome.found["notes"][-1].startswith(
        "2 respondents with an id of the earlier file wave_1.csv at another time: this file counts as another wave"
    )
    assert sorted(people(settings).values()) == ["No", "No", "No", "Yes", "Yes"]
    longer = ingest(settings, WAVE_2 + "3,2026-05-03,No\n", "wave_2_longer.csv")
    assert longer.found["notes"][-1] == "replaces the earlier file wave_2.csv, all of whose respondents are in this one"
    assert sorted(people(settings).values()) == ["No", "No", "No", "No", "Yes", "Yes"]


def test_whoever_has_no_time_in_another_wave_is_of_that_wave_too(settings: Settings) -> None:
    ingest(settings, WAVE_1, "wave_1.csv")
    ingest(settings, WAVE_2 + "3,,Yes\n", "wave_2.csv")
    assert sorted(people(settings).values()) == ["No", "No", "No", "Yes", "Yes", "Yes"]
    ingest(settings, WAVE_2 + "3,,Yes\n4,2026-05-04,No\n", "wave_2_longer.csv")
    assert sorted(people(settings).values()) == ["No", "No", "No", "No", "Yes", "Yes", "Yes"]


def test_both_waves_in_one_file_are_the_same_people_as_in_two(settings: Settings) -> None:
    ingest(settings, WAVE_1, "wave_1.csv")
    ingest(settings, WAVE_2, "wave_2.csv")
    ingest(settings, WAVE_1 + WAVE_2.removeprefix(HEADER), "both.csv")
    assert sorted(people(settings).values()) == ["No", "No", "No", "Yes", "Yes"]


def test_a_later_full_export_replaces_the_earlier_and_names_who_is_left_out(settings: Settings) -> None:
    ingest(settings, WAVE_1 + "4,2025-05-02,Test\n", "first.csv")
    outcome = ingest(settings, WAVE_1 + "5,2025-05-04,Yes\n", "second.csv")
    said = "replaces the earlier file first.csv: 1 respondent of it is not in this one and no longer counts"
    assert outcome.found["notes"][-1] == said
    assert sorted(people(settings).values()) == ["No", "No", "No", "Yes"]


def test_an_export_of_the_latest_weeks_adds_to_the_earlier_file(settings: Settings) -> None:
    ingest(settings, WAVE_1, "first.csv")
    outcome = ingest(settings, HEADER + "2,2025-05-02,No\n3,2025-05-03,No\n4,2025-05-09,Yes\n", "second.csv")
    said = "2 respondents of the earlier file first.csv come again, 1 do not and still count"
    assert outcome.found["notes"][-1] == said
    assert sorted(people(settings).values()) == ["No", "No", "No", "Yes"]


def test_files_without_a_common_respondent_add_up_and_that_is_said(settings: Settings) -> None:
    ingest(settings, WAVE_1, "first.csv")
    outcome = ingest(settings, HEADER + "7,2025-06-02,Yes\n", "second.csv")
    assert outcome.found["notes"][-1] == "no respondent of the earlier file first.csv is in this one: both count"
    assert len(people(settings)) == 4


def test_another_time_zone_of_the_same_answers_is_the_same_wave(settings: Settings) -> None:
    ingest(settings, WAVE_1, "first.csv")
    moved = WAVE_1.replace("-01,", "-01 09:00,").replace("-02,", "-02 09:00,")
    assert "another wave" not in ingest(settings, moved, "b.csv").found["notes"][-1]
    assert len(people(settings)) == 3


def test_an_older_file_read_again_brings_only_whom_the_later_one_cannot_hold(settings: Settings) -> None:
    ingest(settings, WAVE_1 + "9,2025-04-01,Old\n4,2025-05-02,Test\n", "first.csv")
    ingest(settings, WAVE_1.replace("3,2025-05-03,No", "3,2025-05-03,Yes"), "second.csv")
    (settings.surveys_dir / "tools.yml").write_text(MAPPING.replace("title: Tools", "title: Our tools"))
    again = ingest(settings, WAVE_1 + "9,2025-04-01,Old\n4,2025-05-02,Test\n", "first.csv")
    assert "the later file second.csv counts for 4 respondents of this one" in again.found["notes"]
    assert sorted(people(settings).values()) == ["No", "No", "Old", "Yes"]


ROLES = "Respondent ID,End Date,Uses X,Role\n1,2025-05-01,No,Chief cook and bottle washer\n2,2025-05-01,Yes,Owner\n"


@pytest.mark.parametrize("point", ["", "lake.entry_rewrite", "removal.entry_rewritten", "removal.file_removed"])
def test_what_a_corrected_mapping_takes_out_goes_from_the_disk_even_after_a_crash(
    settings: Settings, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = settings.surveys_dir / "tools.yml"
    mapping.write_text(MAPPING + "segments: {role: Role}\n")
    ingest(settings, ROLES)
    assert in_lake(settings, "bottle washer")
    mapping.write_text(MAPPING + "free_text: [Role]\n")
    if point:
        forget_passages()
        monkeypatch.setenv(PLAN_VARIABLE, f"{point}:eio")
        with pytest.raises(TweetbenchError, match="rows that no longer count could not be removed"):
            ingest(settings, ROLES)
        monkeypatch.delenv(PLAN_VARIABLE)
    assert ingest(settings, ROLES).status == ("already_known" if point else "added")
    assert not in_lake(settings, "bottle washer")
    assert sorted(people(settings).values()) == ["No", "Yes"]
    assert remove_replaced(Lake(settings.lake_dir)) == []


def test_the_first_mapping_again_is_read_again(settings: Settings) -> None:
    for lines in ("segments: {role: Role}\n", "free_text: [Role]\n", "segments: {role: Role}\n"):
        (settings.surveys_dir / "tools.yml").write_text(MAPPING + lines)
        assert ingest(settings, ROLES).status == "added"
    assert ingest(settings, ROLES).status == "already_known"
    assert in_lake(settings, "bottle washer")


def in_lake(settings: Settings, words: str) -> bool:
    tables = (pq.read_table(path).to_pylist() for path in settings.lake_dir.rglob("*.parquet"))
    return any(words in repr(table) for table in tables)
