"""Whether an update is noticed: what belongs to the program is, and what lies next to it is not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import importlib_metadata  # noqa: F401 - dbt imports it, and from then on it looks for packages
import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import build_request
from pipeline.ingest.inbox import ingest_inbox
from pipeline.lake import Lake
from pipeline.runtime import program
from pipeline.runtime.failures import explain
from pipeline.runtime.program import is_replaced, note_program, require_same_program
from pipeline.settings import Settings
from tests.conftest import NOW

METADATA = (
    "Metadata-Version: 2.4\nName: tweetbench\nVersion: 1.0\nRequires-Dist: Duck.DB>=1\nRequires-Dist: x; extra == 'y'\n"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with tweetbench 1.0, what it needs and something else."""
    folder = tmp_path / "site-packages"
    for name in ("tweetbench/pipeline", "tweetbench-1.0.dist-info", "duck_db-1.5.dist-info", "other-1.0.dist-info"):
        (folder / name).mkdir(parents=True)
    (folder / "tweetbench/pipeline/run.py").write_text("a = 1\n")
    (folder / "tweetbench-1.0.dist-info/METADATA").write_text(METADATA)
    (folder / "tweetbench-1.0.dist-info/RECORD").write_text("tweetbench/pipeline/run.py,,\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(program, "PROJECT_DIR", folder / "tweetbench")
    monkeypatch.setattr(program, "_begun", None)
    monkeypatch.delenv(program.PROGRAM_VARIABLE, raising=False)
    return folder


@pytest.fixture
def checkout(site: Path) -> Path:
    (site / "tweetbench/pyproject.toml").write_text("")
    (site / "tweetbench/dbt_project/models").mkdir(parents=True)
    (site / "tweetbench/dbt_project/models/posts.sql").write_text("select 1")
    return site / "tweetbench"


def write_record(site: Path) -> None:
    """As pip does: another file under the same name."""
    record = site / "tweetbench-1.0.dist-info/RECORD"
    new = record.with_name("new")
    shutil.copyfile(record, new)
    new.replace(record)


def upgrade(site: Path) -> None:
    shutil.rmtree(site / "tweetbench-1.0.dist-info")
    (site / "tweetbench-2.0.dist-info").mkdir()
    (site / "tweetbench-2.0.dist-info/RECORD").write_text("")


def upgrade_without_list(site: Path) -> None:
    """As packages of Linux distributions do."""
    upgrade(site)
    (site / "tweetbench-2.0.dist-info/RECORD").unlink()


UPDATES: dict[str, Callable[[Path], object]] = {
    "the next version": upgrade,
    "the next version, by who lists no files": upgrade_without_list,
    "the same version again": write_record,
    "half of an update": lambda site: (site / "tweetbench-1.0.dist-info/RECORD").unlink(),
    "another version of what it needs": lambda site: (site / "duck_db-1.5.dist-info").rename(
        site / "duck_db-2.0.dist-info"
    ),
    "an extra that it knows": lambda site: (site / "x-1.0.dist-info").mkdir(),
}


@pytest.mark.parametrize("what", UPDATES)
def test_an_update_in_an_environment_is_noticed(site: Path, what: str) -> None:
    note_program()
    require_same_program()
    UPDATES[what](site)
    with pytest.raises(TweetbenchError, match="updated or changed while this was at work") as refused:
        require_same_program()
    assert refused.value.exit_code is Exit.REPLACED
    assert refused.value.next_step.startswith("repeat the command")


def test_what_is_installed_next_to_it_and_what_python_compiles_is_no_update(site: Path) -> None:
    note_program()
    (site / "other-1.0.dist-info").rename(site / "other-2.0.dist-info")
    (site / "tweetbench/pipeline/__pycache__").mkdir()
    (site / "tweetbench/pipeline/__pycache__/run.pyc").write_text("compiled")
    require_same_program()


def test_in_a_checkout_a_change_of_sql_or_code_is_an_update_and_what_a_run_writes_is_none(checkout: Path) -> None:
    note_program()
    for folder in ("dbt_project/target", "pipeline/__pycache__", "dbt_project/logs"):
        (checkout / folder).mkdir()
        (checkout / folder / "file").write_text("made by a run")
    assert not is_replaced()
    (checkout / "dbt_project/models/posts.sql").write_text("select 2")
    assert is_replaced()


def test_what_a_server_starts_is_compared_with_what_the_server_began_with(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_program(for_children=True)
    upgrade(site)
    monkeypatch.setattr(program, "_begun", None)  # a process of its own, of the new version
    note_program()
    assert is_replaced()


def test_faults_of_two_versions_are_called_an_update_and_what_a_platform_says_is_not(site: Path) -> None:
    lost = ModuleNotFoundError("No module named 'pipeline.report.gone'")
    late = TweetbenchError("dbt cannot read its project", exit_code=Exit.CONFIGURATION)
    refused = TweetbenchError("the token is refused", exit_code=Exit.AUTHENTICATION)
    assert (explain(lost), explain(late)) == (None, late)
    note_program()
    assert (explain(lost), explain(late)) == (None, late)
    upgrade(site)
    for error in (lost, late):
        words = explain(error)
        assert words is not None
        assert (words.exit_code, str(error).split(";")[0] in words.why) == (Exit.REPLACED, True)
    assert explain(refused) is refused


def test_a_file_that_cannot_be_read_after_an_update_stays_in_the_inbox(site: Path, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    settings.make_folders()
    file = settings.inbox_dir / "export.csv"
    file.write_text("nothing, that, is, known\n1,2,3,4\n")
    lake, request = Lake(settings.lake_dir), build_request(settings, now=NOW)
    note_program()
    upgrade(site)
    with pytest.raises(TweetbenchError) as stopped:
        list(ingest_inbox(lake, settings, request, run_id="r"))
    assert stopped.value.exit_code is Exit.REPLACED
    assert file.exists()
    assert list(settings.quarantine_dir.iterdir()) == []
    assert list(lake.commits()) == []
