"""Reading at arm's length: the limits on memory and time, children that die, and what stays unharmed next to them."""

import os
import signal
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.errors import TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.ingest.inbox import ingest_inbox
from pipeline.lake import Lake
from pipeline.reading.sandbox import IN_PROCESS_BYTES, open_reader
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input
from tests.conftest import NOW

# Texts that never recur take as much memory as they have characters.
LONG_TEXTS = b"a,b\n" + b"".join(b"%01000d,y\n" % at for at in range(200_000))
HEADER = "platform,account_id,handle,captured_at,follower_count,following_count\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    made.make_folders()
    return made


def profiles(path: Path, rows: int = 3_000) -> Path:
    """A table of profiles that is too large to be read in this process."""
    path.write_text(HEADER + "".join(f"x,{at},brand{at},2026-11-01,{100 + at},10\n" for at in range(1, rows + 1)))
    assert path.stat().st_size > IN_PROCESS_BYTES
    return path


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for at, line in enumerate([HEADER.strip(), "x,7,brand,2026-11-01,100,10"]):
            sheet.write_row(at, 0, line.split(","))
    return path


def test_a_child_reads_what_this_process_would_have_read(settings: Settings, tmp_path: Path) -> None:
    lake, path = Lake(settings.lake_dir), profiles(tmp_path / "large.csv")
    outcome = ingest_file(path, lake, settings, build_request(settings, now=NOW), run_id="run-1")
    assert (outcome.status, outcome.source) == ("added", "profile_snapshots")
    assert lake.read("accounts").num_rows == 3_000


def test_one_helper_serves_all_files_of_a_call_and_ends_with_it(settings: Settings, tmp_path: Path) -> None:
    request = build_request(settings, now=NOW)
    with open_reader(settings) as reader:
        for name in ("a.xlsx", "b.xlsx"):
            found, reading = reader.read(open_input(workbook(tmp_path / name), 10), request)
            assert (found, reading.row_count) == ("profile_snapshots", 1)
        assert reader._helper is not None
        helper = reader._helper[0]
        assert helper.poll() is None
    assert helper.poll() == 0


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read(settings: Settings, tmp_path: Path) -> None:
    tight = settings.model_copy(update={"max_reading_mb": 64})
    big = tmp_path / "big.csv"
    big.write_bytes(LONG_TEXTS)
    request = build_request(tight, now=NOW)
    with open_reader(tight) as reader:
        with pytest.raises(TweetbenchError) as caught:
            reader.read(open_input(big, 1_000), request)
        assert "memory" in str(caught.value)
        assert "TWEETBENCH_MAX_READING_MB" in caught.value.next_step
        assert reader.read(open_input(workbook(tmp_path / "a.xlsx"), 10), request)[0] == "profile_snapshots"


def test_a_file_that_takes_too_long_is_stopped_by_the_clock(settings: Settings, tmp_path: Path) -> None:
    short = settings.model_copy(update={"max_reading_seconds": 0.05})
    slow = profiles(tmp_path / "slow.csv", rows=60_000)
    with (
        open_reader(short) as reader,
        pytest.raises(TweetbenchError, match=r"longer than .* of one processor") as caught,
    ):
        reader.read(open_input(slow, 100), build_request(short, now=NOW))
    assert "raise TWEETBENCH_MAX_READING_SECONDS, now 0.05, to 0.1" in caught.value.next_step


def test_a_helper_that_is_killed_costs_one_file(settings: Settings, tmp_path: Path) -> None:
    request = build_request(settings, now=NOW)
    with open_reader(settings) as reader:
        first = open_input(workbook(tmp_path / "a.xlsx"), 10)
        reader.read(first, request)
        assert reader._helper is not None
        os.kill(reader._helper[0].pid, signal.SIGKILL)
        with pytest.raises(TweetbenchError, match="killed from outside"):
            reader.read(first, request)
        assert reader.read(first, request)[0] == "profile_snapshots"


def test_a_dying_child_sends_its_file_to_quarantine_with_a_note_and_harms_no_other(settings: Settings) -> None:
    tight = settings.model_copy(update={"max_reading_mb": 64})
    (settings.inbox_dir / "big.csv").write_bytes(LONG_TEXTS)
    workbook(settings.inbox_dir / "good.xlsx")
    lake = Lake(settings.lake_dir)
    outcomes = {each.file: each for each in ingest_inbox(lake, tight, build_request(tight, now=NOW), run_id="run-1")}
    assert outcomes["good.xlsx"].status == "added"
    assert outcomes["big.csv"].status == "refused"
    (note,) = settings.quarantine_dir.glob("*big.csv.why.md")
    assert "TWEETBENCH_MAX_READING_MB" in note.read_text()
    assert lake.read("accounts").num_rows == 1
    assert lake.read("issues").column("problem").to_pylist() == ["file_refused"]


def test_a_fault_of_ours_is_told_by_its_place_and_without_a_cell(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "x,7,secret_cell,2026-11-01,100,10\n")

    def fail(cell: str) -> str:
        raise RuntimeError(cell)

    monkeypatch.setattr("pipeline.sources.profile_snapshots.rows.parse_id", fail)
    outcome = ingest_file(path, Lake(settings.lake_dir), settings, build_request(settings, now=NOW), run_id="run-1")
    assert outcome.error is not None
    assert "RuntimeError at test_reading.py" in str(outcome.error)
    assert "secret_cell" not in str(outcome.error)


def test_the_helper_knows_no_tokens(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_X_BEARER_TOKEN", "do-not-tell")
    with open_reader(settings) as reader:
        reader.read(open_input(workbook(tmp_path / "a.xlsx"), 10), build_request(settings, now=NOW))
        assert reader._helper is not None
        shown = Path(f"/proc/{reader._helper[0].pid}/environ")
        if not shown.exists():
            pytest.skip("this system does not show the environment of a process")
        assert b"do-not-tell" not in shown.read_bytes()


def test_a_bomb_is_refused_before_anything_is_unpacked(settings: Settings, tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx")
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in source.namelist():
            padding = b"<row/>" * 5_000_000 if name.endswith("sheet1.xml") else b""
            bomb.writestr(name, source.read(name) + padding)
    with open_reader(settings) as reader, pytest.raises(TweetbenchError, match="a ZIP bomb"):
        reader.read(open_input(tmp_path / "bomb.xlsx", 10), build_request(settings, now=NOW))
