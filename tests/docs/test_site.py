"""The documentation as static pages: whole, with links that lead somewhere, and nothing fetched from elsewhere."""

import re
import shutil
from pathlib import Path

import pytest
from mkdocs.exceptions import MkDocsException

from pipeline.settings import PROJECT_DIR
from tools.site import write_site

# What a page loads by itself; a link that a reader follows is none.
LOADED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']([^"']+)|url\(["']?([^"')]+)""")


def test_every_page_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    count = write_site(tmp_path / "site")
    pages = [page for page in (tmp_path / "site").rglob("*.html") if page.name != "404.html"]
    assert len(pages) == count
    written = {page.name for page in (PROJECT_DIR / "docs").glob("*.md")}
    assert {page.with_suffix(".md").name for page in (tmp_path / "site" / "docs").glob("*.html")} == written
    for file in [*pages, *(tmp_path / "site").rglob("*.css")]:
        for match in LOADED.finditer(file.read_text(encoding="utf-8")):
            address = match[1] or match[2]
            assert not re.match(r"(?:https?:)?//", address), (file.name, address)
            if not address.startswith(("data:", "#")):
                assert (file.parent / address.partition("?")[0].partition("#")[0]).exists(), (file.name, address)
    text = (tmp_path / "site" / "docs" / "guarantees.html").read_text(encoding="utf-8")
    assert 'href="../tests' not in text, "a link to code is shown as its words"


@pytest.mark.parametrize(
    "link", ["docs/nowhere.md", "docs/connect.md#no-such-heading", "../outside.md", "pipeline/gone.py"]
)
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path, link: str) -> None:
    root = tmp_path / "project"
    for name in ("docs", "benchmarks"):
        shutil.copytree(PROJECT_DIR / name, root / name, ignore=lambda _, names: [n for n in names if "scratch" in n])
    for page in PROJECT_DIR.glob("*.md"):
        shutil.copy(page, root)
    with (root / "README.md").open("a", encoding="utf-8") as readme:
        readme.write(f"\nSee [this]({link}).\n")
    with pytest.raises(MkDocsException):
        write_site(tmp_path / "site", root)
