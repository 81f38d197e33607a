"""Data folders of earlier releases still give their figures; one of a later release is left alone, and that is said."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.runtime.data_format import FILE, FORMAT, refuse_later_format
from pipeline.runtime.lease import LEASE_FILE, hold_lease
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.warehouse import load_table, loaded_files
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.parsed import share_parsed_project

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.tar.gz"))
CONFIGURATION = 78
FIGURES = """
select
    (select count(*) from survey_respondents) as respondents,
    (select sum(contact_count) from contact_activation where segment = 'all') as contacts,
    (select count(*) from posts) as posts,
    (select sum(impression_count) from posts) as impressions,
    (select sum(new_follow_count) from own_account_days) as new_follows
"""


WRITTEN_BY_0_1_0 = {"respondents": 800, "contacts": 240, "posts": 64, "impressions": 137080, "new_follows": 710}


@pytest.mark.parametrize("release", RELEASES, ids=[path.name.removesuffix(".tar.gz") for path in RELEASES])
def test_a_folder_of_an_earlier_release_gives_its_figures(release: Path, tmp_path: Path) -> None:
    packed, tweetbench = tmp_path / "kept.tar", Tweetbench(tmp_path / "data")
    packed.write_bytes(gzip.decompress(release.read_bytes()))
    restored = tweetbench("restore", packed)
    assert restored.code == 0, restored.err
    for command in (["status"], ["verify"], ["backup", tmp_path / "again.tar"]):
        assert tweetbench(*command).code == 0, command
    for command in (["sql", "select 1"], ["report"], ["export"]):
        said = tweetbench(*command)
        assert (said.code, "nothing has been published yet" in said.err) == (CONFIGURATION, True), said
    ran = tweetbench("run", TWEETBENCH_IS_DEMO="true")
    assert ran.code == 0, ran.err
    assert tweetbench.rows(FIGURES) == [WRITTEN_BY_0_1_0]


def test_a_folder_of_a_later_release_is_refused_by_every_command_and_left_as_it_is(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    assert tweetbench("init").code == 0
    with hold_lease(Settings(_env_file=None, data_dir=tweetbench.data_dir), purpose="a test", now=NOW):
        pass  # the first writer leaves the mark
    mark = tweetbench.data_dir / FILE
    assert json.loads(mark.read_text())["format"] == FORMAT
    mark.write_text(json.dumps({"format": FORMAT + 1, "written_by": "9.0.0"}))
    share_parsed_project(tweetbench.data_dir)  # or these tests would leave it on the way
    before = {path: path.stat().st_mtime_ns for path in tweetbench.data_dir.rglob("*")}
    for command in (["status"], ["ingest", "x.csv"], ["run"], ["verify", "--quarantine"], ["rebuild"], ["doctor"]):
        said = tweetbench(*command)
        assert said.code == CONFIGURATION, (command, said)
        assert "a later version of tweetbench wrote this data folder" in said.err
        assert "install tweetbench 9.0.0 or later" in said.err
    assert {path: path.stat().st_mtime_ns for path in tweetbench.data_dir.rglob("*")} == before
    mark.write_text("{}")
    assert "it is not known which version wrote this data folder" in tweetbench("status").err


def test_the_mark_of_an_earlier_form_is_raised_by_the_first_writer(tmp_path: Path) -> None:
    """Else the version before would take what a later one has written for its own form."""
    tweetbench = Tweetbench(tmp_path / "data")
    tweetbench.data_dir.mkdir()
    mark = tweetbench.data_dir / FILE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.runtime.data_format.FORMAT", FORMAT + 1)
        mark.write_text(json.dumps({"format": FORMAT, "written_by": "0.0.1"}))
        refuse_later_format(tweetbench.data_dir)
        assert json.loads(mark.read_text())["format"] == FORMAT, "a reader leaves it"
        with hold_lease(Settings(_env_file=None, data_dir=tweetbench.data_dir), purpose="a test", now=NOW):
            pass
    assert json.loads(mark.read_text()) == {"format": FORMAT + 1, "written_by": __version__}
    assert tweetbench("status").code == CONFIGURATION


def test_status_says_that_another_version_was_at_work_last(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    tweetbench.data_dir.mkdir()
    with hold_lease(Settings(_env_file=None, data_dir=tweetbench.data_dir), purpose="a test", now=NOW):
        pass
    assert "was at work here last" not in tweetbench("status").out
    lease = tweetbench.data_dir / LEASE_FILE
    lease.write_text(json.dumps({**json.loads(lease.read_text()), "version": "99.0.0"}))
    said = tweetbench("status").out
    assert f"tweetbench 99.0.0 was at work here last; {__version__} builds every table again" in said


def test_columns_that_a_later_version_has_added_are_said_and_not_dropped(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    settings.make_folders()
    lake, row = Lake(settings.lake_dir), {"platform": "x", "captured_at": NOW, "subject": "a", "problem": "b"}
    with pytest.MonkeyPatch.context() as patch:
        later = TABLES["issues"].append(pa.field("mood", pa.string(), metadata={"description": "of a later version"}))
        patch.setitem(TABLES, "issues", later)
        lake.commit({"issues": [{**row, "mood": "good"}]}, source="inbox", run_id="r", now=NOW)
    with pytest.raises(TweetbenchError, match="the lake holds columns of issues that this version") as refused:
        load_table(settings, lake, "issues")
    assert (refused.value.exit_code, "mood" in refused.value.why) == (Exit.CONFIGURATION, True)
    assert loaded_files(settings)[0] == 0, "nothing of it is in the warehouse"
