"""G10: write, fsync, rename, fsync of the folder, in this order, and the manifest entry after everything it names."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.durable import replace_text
from pipeline.lake import Lake
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


def test_g10_a_small_file_is_replaced_by_one_that_is_safe_on_the_disk(
    tmp_path: Path, calls: list[tuple[str, str]]
) -> None:
    replace_text(tmp_path / "state.json", "{}")
    assert calls == [("fsync", ".state.json.tmp"), ("replace", "state.json"), ("fsync", tmp_path.name)]
