"""The documentation as static pages: `python -m tools.site`, or `make site`. They need no server and no network.

The pages are the repository's own Markdown, at the places where it has them, so every link works there and here. A link
that leads to source code is shown as its text; one that leads nowhere is an error.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from pipeline.cli.console import say
from pipeline.settings import PROJECT_DIR

TARGET = PROJECT_DIR / "site"
CONFIG, STYLE = (Path(__file__).with_name(name) for name in ("mkdocs.yml", "site.css"))
IMAGES = "docs/images"
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:|#", re.IGNORECASE)


def write_site(target: Path, root: Path = PROJECT_DIR) -> int:
    """Build the pages into a new folder or an earlier one of theirs; returns how many.

    Raises:
        mkdocs.exceptions.MkDocsException: a link leads nowhere, or a page is missing.
    """
    with tempfile.TemporaryDirectory() as place:
        stage = Path(place)
        config = load_config(str(CONFIG), docs_dir=place, site_dir=str(target))
        pages = [page for entry in config.nav or [] for page in _pages(entry)]
        for page in pages:
            staged = stage / page
            staged.parent.mkdir(parents=True, exist_ok=True)
            text = (root / page).read_text(encoding="utf-8")
            staged.write_text(_without_sources(text, root / page, root, pages), encoding="utf-8")
        shutil.copytree(root / IMAGES, stage / IMAGES)
        shutil.copy(STYLE, stage)
        build(config)
    return len(pages)


def _pages(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inside = entry.values() if isinstance(entry, dict) else entry
    return [page for each in inside for page in _pages(each)]


def _without_sources(text: str, file: Path, root: Path, pages: list[str]) -> str:
    """The text with links to what is no page, but there, replaced by their words."""

    def replaced(found: re.Match[str]) -> str:
        if _ELSEWHERE.match(found[2]):
            return found[0]
        led_to = (file.parent / unquote(found[2].partition("#")[0])).resolve()
        inside = led_to.relative_to(root).as_posix() if led_to.is_relative_to(root) else ""
        return found[1] if led_to.exists() and inside and inside not in pages else found[0]

    return _LINK.sub(replaced, text)


def main() -> None:
    """Write the pages and say where they are."""
    try:
        count = write_site(TARGET)
    except MkDocsException as error:
        sys.exit(f"the pages were not written: {error}")
    say(f"{count} pages: {TARGET / 'index.html'}")
