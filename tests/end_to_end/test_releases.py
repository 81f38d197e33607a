"""Data folders of earlier releases still give their figures; one of a later release is left alone, and that is said."""

import gzip
import json
from pathlib import Path

import pytest

from pipeline.runtime.data_format import FILE, FORMAT
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
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
