"""A tick with nothing new ends early, and never where there may be something: every doubt means work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli.idle import IdleNote, idle_note, input_stamp, remember_idle
from pipeline.cli.tick import skip_if_unchanged
from pipeline.lake import Lake
from pipeline.settings import Settings
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    made.accounts_file.write_text("platform,handle\n")
    version = made.published_dir / "versions" / "v3"
    version.mkdir(parents=True)
    (version / "warehouse.duckdb").write_bytes(b"published")
    (made.published_dir / "current").symlink_to("versions/v3")
    remember_idle(made, inputs=input_stamp(made), version=3, published_at="2026-01-02 03:04 UTC")
    return made


def test_nothing_new_is_told_with_the_version_that_stays(settings: Settings) -> None:
    note = idle_note(settings)
    assert isinstance(note, IdleNote)
    assert (note.version, note.published_at) == (3, "2026-01-02 03:04 UTC")


def add_commit(settings: Settings) -> None:
    row = {"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}
    Lake(settings.lake_dir).commit({"issues": [row]}, source="inbox", run_id="r", now=NOW)


def point_elsewhere(settings: Settings) -> None:
    current = settings.published_dir / "current"
    current.unlink()
    current.symlink_to("versions/v2")


CHANGES: dict[str, Callable[[Settings], object]] = {
    "a file in the inbox": lambda settings: (settings.inbox_dir / "export.csv").write_text("a"),
    "a half-copied file": lambda settings: (settings.inbox_dir / "export.csv.part").write_text("a"),
    "the registry": lambda settings: settings.accounts_file.write_text("platform,handle\nx,someone\n"),
    "a new mapping": lambda settings: (settings.surveys_dir / "s.yml").write_text("a: 1"),
    "a commit to the lake": add_commit,
    "a lost build warehouse": lambda settings: settings.warehouse_file.write_bytes(b"other"),
    "another current version": point_elsewhere,
    "a torn note": lambda settings: (settings.dagster_dir / "idle.json").write_text('{"inputs":'),
    "no note": lambda settings: (settings.dagster_dir / "idle.json").unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_means_work(settings: Settings, what: str) -> None:
    CHANGES[what](settings)
    assert idle_note(settings) is None


def test_a_file_that_was_read_and_put_away_is_no_work(settings: Settings) -> None:
    (settings.inbox_dir / "done" / "export.csv").write_text("read")
    assert idle_note(settings) is not None


def test_with_a_token_there_is_always_something_to_ask_for(settings: Settings) -> None:
    assert idle_note(Settings(_env_file=None, data_dir=settings.data_dir, x_bearer_token="t")) is None
    assert idle_note(settings.model_copy(update={"skip_unchanged": False})) is None
    assert idle_note(settings.model_copy(update={"is_demo": True})) is None


def test_a_timer_that_looks_for_files_is_answered_where_the_inbox_is_empty(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEETBENCH_DATA_DIR", str(settings.data_dir))
    looks = ["run", "--if-files"]
    assert skip_if_unchanged(looks)
    add_commit(settings)  # what a run would have to build waits for the daily one
    assert skip_if_unchanged(looks)
    assert not skip_if_unchanged([*looks, "--json"]), "the run itself says it"
    (settings.inbox_dir / "export.csv").write_text("a")
    assert not skip_if_unchanged(looks)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["run"], "nothing new: version 3 of 2026-01-02 03:04 UTC is still current"),
        (["run", "--if-files"], "no file waits in the inbox"),
    ],
)
def test_the_answer_needs_neither_duckdb_nor_dbt_nor_dagster(settings: Settings, words: list[str], answer: str) -> None:
    script = (
        f"import sys; sys.argv = {['tweetbench', *words]}\n"
        "from pipeline.cli.entry import main; main()\n"
        "print(sorted({'duckdb', 'dbt', 'dagster', 'pyarrow', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.data_dir.parent,
        env={"TWEETBENCH_DATA_DIR": str(settings.data_dir), "PATH": ""},
    )
    first, *_, last = done.stdout.splitlines()
    assert first == answer
    assert last == "[]"
