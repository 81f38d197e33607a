"""The lake: one atomic commit per batch, manifest first, bytes checked."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import MANIFEST, Lake
from tests.conftest import NOW

ISSUE = {"platform": "x", "captured_at": NOW, "subject": "a file", "problem": "empty_file"}


def issue(subject: str) -> dict[str, object]:
    return {**ISSUE, "subject": subject}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def add(lake: Lake, *subjects: str, **options: object) -> object:
    rows = [issue(subject) for subject in subjects]
    return lake.commit({"issues": rows}, source="inbox", run_id="run-1", now=NOW, **options)


def test_a_commit_is_one_file_per_table_at_the_promised_path(lake: Lake) -> None:
    commit = add(lake, "one", "two")
    assert [file.path for file in commit.files] == [
        "issues/source=inbox/captured_date=2026-11-22/run-1-1.parquet",
    ]
    assert commit.row_counts() == {"issues": 2}
    assert lake.read("issues").column("run_id").to_pylist() == ["run-1", "run-1"]


def test_rows_come_back_as_they_were_written(lake: Lake) -> None:
    add(lake, "café \u202e 😀", "x" * 10_000)
    assert lake.read("issues").column("subject").to_pylist() == ["café \u202e 😀", "x" * 10_000]


def test_files_without_a_manifest_entry_are_not_read(lake: Lake) -> None:
    add(lake, "committed")
    path = lake.root / "issues/source=inbox/captured_date=2026-11-22/stray.parquet"
    path.write_bytes(b"torn")
    assert lake.read("issues").num_rows == 1


def test_two_writers_never_share_a_sequence_number(lake: Lake) -> None:
    add(lake, "one")
    late = Lake(lake.root)
    late.last_sequence = lambda: 0  # a writer that looked before the other committed
    assert add(late, "two").sequence == 2
    assert [commit.sequence for commit in lake.commits()] == [1, 2]


def test_a_row_with_an_unknown_column_or_a_missing_key_is_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="has no column surprise"):
        lake.commit({"issues": [{**ISSUE, "surprise": 1}]}, source="inbox", run_id="r", now=NOW)
    with pytest.raises(ValueError, match="needs a value in every row of subject"):
        lake.commit({"issues": [{**ISSUE, "subject": None}]}, source="inbox", run_id="r", now=NOW)
    assert list(lake.commits()) == []


def test_a_flipped_byte_and_a_missing_file_are_noticed(lake: Lake) -> None:
    (file,) = add(lake, "one").files
    path = lake.root / file.path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert lake.check(file) == "the bytes differ from the manifest"
    path.unlink()
    assert lake.check(file) == "the file is missing"


def test_a_manifest_entry_that_cannot_be_read_says_which_and_what_to_do(lake: Lake) -> None:
    add(lake, "one")
    (lake.root / MANIFEST / "0000000001.json").write_text("{")
    with pytest.raises(TweetbenchError, match="manifest entry") as caught:
        list(lake.commits())
    assert "0000000001.json" in caught.value.where
    assert "tweetbench doctor" in caught.value.next_step


def test_a_folder_that_refuses_the_write_is_an_input_output_error(tmp_path: Path) -> None:
    blocked = tmp_path / "lake"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(TweetbenchError, match="could not be written") as caught:
        add(Lake(blocked), "one")
    assert caught.value.exit_code == Exit.IO


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (add(Lake(tmp_path / name), "one", "two").files[0] for name in ("a", "b"))
    assert first.sha256 == second.sha256


def test_bookmarks_are_committed_with_their_rows_and_the_newest_wins(lake: Lake) -> None:
    add(lake, "one", state={"x:1": "100", "x:2": "7"})
    add(lake, "two", state={"x:1": "200"})
    assert lake.state("inbox") == {"x:1": "200", "x:2": "7"}
    assert lake.state("x_api") == {}


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=5), max_size=5))
def test_nothing_is_lost_or_doubled_whatever_is_committed(
    batches: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for batch in batches:
        add(lake, *[text.encode("utf-8", "replace").decode() for text in batch])
    expected = [text.encode("utf-8", "replace").decode() for batch in batches for text in batch]
    assert lake.read("issues").column("subject").to_pylist() == expected
    entries = [json.loads(path.read_text()) for path in sorted((lake.root / MANIFEST).glob("*.json"))]
    assert sum(file["row_count"] for entry in entries for file in entry["files"]) == len(expected)
