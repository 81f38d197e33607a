"""A report is opened for whoever sits at the machine, and for nobody else."""

import sys
import time
from pathlib import Path

import pytest

from pipeline.cli.desktop import show_page


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose program for opening files notes what it was given."""
    program, noted = tmp_path / "xdg-open", tmp_path / "noted"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{noted}.new" && mv "{noted}.new" "{noted}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    return noted


@pytest.mark.skipif(sys.platform != "linux", reason="other desktops have other programs")
def test_the_page_is_opened_by_the_program_of_the_desktop_under_its_whole_address(opener: Path) -> None:
    page = opener.parent / "Büro 100 %" / "index.html"
    assert show_page(page) is True
    ends = time.monotonic() + 20
    while not opener.exists():
        assert time.monotonic() < ends
        time.sleep(0.02)
    assert opener.read_text().endswith("/B%C3%BCro%20100%20%25/index.html")


@pytest.mark.skipif(sys.platform != "linux", reason="other desktops have other programs")
@pytest.mark.parametrize("lacks", ["display", "terminal", "program"])
def test_nothing_is_opened_without_a_desktop_a_terminal_or_a_program(
    opener: Path, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    if lacks == "display":
        monkeypatch.delenv("DISPLAY")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    elif lacks == "terminal":
        monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    else:
        monkeypatch.setenv("PATH", str(opener.parent / "nothing"))
    assert show_page(opener.parent / "index.html") is False
    assert not opener.exists()
