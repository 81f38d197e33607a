"""The journal of an API source: pages that a crash left come into the lake once, whole, in bounded memory."""

from pathlib import Path

from pipeline.lake import Lake
from pipeline.sources.api.journal import Journal, JournalOwner, recover
from pipeline.sources.api.responses import Converted
from tests.conftest import NOW

JOURNALS = JournalOwner("lark", "mastodon", lambda _answers: Converted())


def row(number: int) -> dict[str, object]:
    return {"platform": "mastodon", "captured_at": NOW, "post_id": str(number), "created_at": NOW}


def test_a_journal_left_by_a_crash_is_committed_once_without_its_torn_line(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="old-run", rows_in_memory=99, clock=lambda: NOW)
    landing.append({"posts": [row(1)]}, {"timeline:1": {"high": "1"}})
    landing.append({"posts": [row(2)]}, {"timeline:1": {"high": "2"}})
    journal = next(JOURNALS.folder(lake).glob("*.jsonl"))
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"tables": {"posts": [{"post_')
    assert journal.stat().st_mode & 0o777 == 0o600
    assert recover(lake, JOURNALS, now=NOW) == 1
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "2"]
    assert lake.read("posts")["run_id"].to_pylist() == ["old-run", "old-run"]
    assert lake.state("lark") == {"timeline:1": {"high": "2"}}
    # Killed between the commit and the removal of the journal.
    journal.write_bytes(whole)
    assert recover(lake, JOURNALS, now=NOW) == 1
    assert lake.read("posts").num_rows == 2
    assert recover(lake, JOURNALS, now=NOW) == 0


def test_a_damaged_line_inside_a_journal_becomes_an_issue(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=99, clock=lambda: NOW)
    for number in (1, 2, 3):
        landing.append({"posts": [row(number)]})
    journal = next(JOURNALS.folder(lake).glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\x00garbage\n" + lines[2])
    recover(lake, JOURNALS, now=NOW)
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "3"]
    assert lake.read("issues")["problem"].to_pylist() == ["journal_damaged"]


def test_memory_holds_a_bounded_number_of_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=10, clock=lambda: NOW)
    for number in range(35):
        landing.append({"posts": [row(number)]})
    assert [commit.row_counts()["posts"] for commit in lake.commits()] == [10, 10, 10]
    landing.commit()
    assert lake.read("posts").num_rows == 35
