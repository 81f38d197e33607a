"""The folder in which a person happens to stand: nothing in it is run, and no name in it breaks a command."""

from pathlib import Path

from tests.command import Tweetbench
from tests.guarantees.stand import put_decoys
from tests.orchestration.ui.stand import make_folder


def large_table() -> str:
    """Profiles in more than 64 kB, so that another process reads them."""
    rows = [f"x,{900 + number},maker{number},2026-02-01T06:00:00Z,{number},7" for number in range(2_500)]
    return "\n".join(["platform,account_id,handle,captured_at,follower_count,following_count", *rows]) + "\n"


def test_g42_no_command_runs_a_file_of_the_current_folder(tmp_path: Path) -> None:
    folder, decoys = tmp_path / "data", put_decoys(tmp_path)
    make_folder(folder)
    large = tmp_path / "large.csv"
    large.write_text(large_table())
    tweetbench = Tweetbench(folder, is_installed=True)
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


def test_g42_folders_with_the_names_of_modules_break_nothing(tmp_path: Path) -> None:
    for name in ("pipeline", "dagster", "dbt", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "large.csv").write_text(large_table())
    said = Tweetbench(tmp_path / "elsewhere", is_installed=True)("ingest", "--check", "large.csv")
    assert (said.code, said.err) == (0, "")
