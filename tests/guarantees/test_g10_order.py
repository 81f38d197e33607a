"""G10: write, fsync, rename, fsync of the folder, in this order, and the manifest entry after everything it names."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.runtime.failpoints import PLAN_VARIABLE, forget_passages
from pipeline.runtime.files import replace_text
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import fill_lake, post


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every fsync, rename and link from now on, with the name of the file that it is about."""
    seen: list[tuple[str, str]] = []

    def watched(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            is_sync = name == "fsync"
            target = str(Path(f"/proc/self/fd/{arguments[0]}").readlink() if is_sync else arguments[1])
            done = original(*arguments, **options)
            seen.append((name, Path(target).name))
            return done

        return call

    for name in ("fsync", "rename", "replace", "link"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    return seen


def test_g10_a_commit_is_safe_on_the_disk_before_its_entry_appears(
    settings: Settings, calls: list[tuple[str, str]]
) -> None:
    fill_lake(settings)
    calls.clear()
    Lake(settings.lake_dir).commit({"posts": [post("7", "words")]}, source="x_api", run_id="r", now=NOW)
    date = f"captured_date={NOW.date()}"
    assert calls == [
        ("fsync", "r-4.tmp"),
        ("rename", "r-4.parquet"),
        ("fsync", date),
        ("fsync", ".r-4.tmp"),
        ("link", "0000000004.json"),
        ("fsync", "_manifest"),
    ]


def write_files(settings: Settings) -> None:
    Lake(settings.lake_dir).commit({"posts": [post("7", "words")]}, source="x_api", run_id="r", now=NOW)
    replace_text(settings.data_dir / "state.json", "{}")


@pytest.fixture
def interrupt_soon() -> Iterator[Callable[[], object]]:
    """Asks for a Ctrl-C of this process in a moment."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield partial(signal.setitimer, signal.ITIMER_REAL, 0.2)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("point", ["lake.file_written", "lake.entry_written", "durable.written"])
def test_g17_an_error_or_an_interrupt_leaves_no_half_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, interrupt_soon: Callable[[], object], point: str
) -> None:
    fill_lake(settings)
    for fault, expected in (("eio", (OSError, TweetbenchError)), ("sleep=60", KeyboardInterrupt)):
        forget_passages()
        monkeypatch.setenv(PLAN_VARIABLE, f"{point}:{fault}")
        if expected is KeyboardInterrupt:
            interrupt_soon()
        with pytest.raises(expected):
            write_files(settings)
        assert [path.name for path in settings.data_dir.rglob("*.tmp")] == []


def test_g10_a_small_file_is_replaced_by_one_that_is_safe_on_the_disk(
    tmp_path: Path, calls: list[tuple[str, str]]
) -> None:
    replace_text(tmp_path / "state.json", "{}")
    assert calls == [("fsync", f".state.json.{os.getpid()}.tmp"), ("replace", "state.json"), ("fsync", tmp_path.name)]
