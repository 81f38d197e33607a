"""The folder in which a person happens to stand: nothing in it is run, and no name in it breaks a command."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from tests.command import Tweetbench
from tests.ui.stand import make_folder, opened

# What a decoy does when it is imported: the names of stolen imports are all that is left of it.
DECOY = "open({mark!r}, 'a').write(__name__ + chr(10))\nraise SystemExit('a file of the current folder was run')\n"


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A folder with a file under the name of every module that we, Python or a dependency could import; its mark."""
    mark = tmp_path / "stolen_imports"
    names = {*sys.stdlib_module_names, *importlib.metadata.packages_distributions(), "pipeline", "sitecustomize"}
    for name in {*names, "usercustomize", "tests", "profiles", "conftest"}:
        (tmp_path / f"{name}.py").write_text(DECOY.format(mark=str(mark)))
    return mark


def large_table() -> str:
    """Profiles in more than 64 kB, so that another process reads them."""
    rows = [f"x,{900 + number},maker{number},2026-02-01T06:00:00Z,{number},7" for number in range(2_500)]
    return "\n".join(["platform,account_id,handle,captured_at,follower_count,following_count", *rows]) + "\n"


def test_g42_no_command_runs_a_file_of_the_current_folder(tmp_path: Path, decoys: Path) -> None:
    folder = tmp_path / "data"
    make_folder(folder)
    large = tmp_path / "large.csv"
    large.write_text(large_table())
    tweetbench = Tweetbench(folder)
    for command in (
        ["ingest", "large.csv"],
        ["run"],
        ["report"],
        ["sql", "from published"],
        ["doctor", "--fix"],
        ["verify"],
    ):
        said = tweetbench(*command, TWEETBENCH_SETTLE_SECONDS="0")
        assert not decoys.exists(), (command, decoys.read_text())
        assert said.code == 0, (command, said.err)
    assert tweetbench.rows("select handle from accounts where handle = 'maker7'") == [{"handle": "maker7"}]
    with opened(folder) as ui:
        ui.wait_for_work(ui.launch())
    assert not decoys.exists(), decoys.read_text()


@pytest.mark.parametrize("name", ["pipeline", "dagster", "dbt", "data"])
def test_g42_a_folder_with_the_name_of_a_module_breaks_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / "large.csv").write_text(large_table())
    said = Tweetbench(tmp_path / "elsewhere")("ingest", "--check", "large.csv")
    assert (said.code, said.err) == (0, "")
