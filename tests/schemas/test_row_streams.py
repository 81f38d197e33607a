"""Rows of large files: stored in blocks, committed block by block, the same rows as those that were held in memory."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import lake as lake_module
from pipeline.lake import Lake
from pipeline.runtime.progress import reported_to
from pipeline.schemas.row_streams import BLOCK_ROWS, Row, RowStream, store_rows

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
MANY = BLOCK_ROWS + 5


def snapshots(count: int) -> Iterator[Row]:
    for at in range(count):
        yield {"platform": "x", "account_id": str(at), "captured_at": NOW, "follower_count": at, "payload": None}


def test_a_stream_is_stored_and_read_again_as_often_as_one_likes() -> None:
    stream = RowStream(MANY, lambda: snapshots(MANY))
    with tempfile.TemporaryFile() as file:
        file.write(b"something before")
        stored = store_rows("accounts", stream, file)
        assert store_rows("issues", [], file).count == 0
        bound = replace(stored, stream=file)
        assert (len(bound), [block.num_rows for block in bound.blocks()]) == (MANY, [BLOCK_ROWS, 5])
        for _ in range(2):
            assert [row["follower_count"] for row in bound] == list(range(MANY))


def test_the_lake_writes_stored_rows_in_row_groups_and_the_same_rows_as_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake_module, "ROW_GROUP_ROWS", 15_000)
    origin = {"source": "profile_snapshots", "run_id": "run-1", "now": NOW}
    with tempfile.TemporaryFile() as file:
        stored = replace(store_rows("accounts", RowStream(MANY, lambda: snapshots(MANY)), file), stream=file)
        streamed = Lake(tmp_path / "streamed" / "lake")
        commit = streamed.commit({"accounts": stored, "issues": []}, **origin)
    held = Lake(tmp_path / "held" / "lake")
    held.commit({"accounts": list(snapshots(MANY))}, **origin)
    assert streamed.read("accounts").equals(held.read("accounts"))
    (file_entry,) = commit.files
    assert (file_entry.table, file_entry.row_count) == ("accounts", MANY)
    groups = pq.ParquetFile(streamed.root / file_entry.path).metadata
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [15_000, 5_005]


def test_a_row_that_does_not_fit_is_an_error_before_anything_reaches_the_lake() -> None:
    with tempfile.TemporaryFile() as file:
        with pytest.raises(ValueError, match="lake table accounts has no column followers"):
            store_rows("accounts", [{"followers": 3}], file)
        with pytest.raises(ValueError, match="needs a value in every row of post_id"):
            store_rows("posts", [{"platform": "x", "captured_at": NOW}], file)
        with pytest.raises(ValueError, match="3 rows of accounts were announced and 2 came"):
            store_rows("accounts", RowStream(3, lambda: snapshots(2)), file)


def test_whoever_waits_hears_how_far_it_is() -> None:
    heard: list[tuple[str, int, int]] = []
    with tempfile.TemporaryFile() as file, reported_to(lambda *said: heard.append(said)):
        store_rows("accounts", RowStream(MANY, lambda: snapshots(MANY)), file)
    assert [done for _, done, _ in heard] == [5_000, 10_000, 15_000, 20_000]
    assert {(step, total) for step, _, total in heard} == {("writing accounts", MANY)}
