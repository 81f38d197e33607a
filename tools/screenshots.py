"""The pictures of the README, from the demo as it is now: `make demo`, then `python -m tools.screenshots`."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from pipeline.runtime.processes import own_module
from pipeline.settings import PROJECT_DIR, Settings

IMAGES = PROJECT_DIR / "docs" / "images"


@contextmanager
def _open_ui(settings: Settings) -> Iterator[str]:
    """Address of a UI on that folder, as long as it is needed."""
    command = own_module("tweetbench", "ui", "--port", "0")
    environment = {"TWEETBENCH_DATA_DIR": str(settings.data_dir), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            found = (re.search(r"http://\S+", line) for line in process.stdout)
            yield next(match[0] for match in found if match)
        finally:
            process.terminate()


def take(settings: Settings, folder: Path) -> None:
    """Write `report.png` and `ui.png` of the published demo."""
    with sync_playwright() as playwright, _open_ui(settings) as address:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1500})
        page.goto((settings.published_file.parent / "report" / "index.html").as_uri())
        expect(page.locator("svg").first).to_be_attached()
        page.screenshot(path=folder / "report.png")
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=address)
        page.goto("/assets/marts/growth_verdict")
        expect(page.get_by_text("quality_effect", exact=True)).to_be_visible(timeout=120_000)
        page.wait_for_timeout(5_000)  # the history of the asset comes last
        page.screenshot(path=folder / "ui.png")


if __name__ == "__main__":
    demo = Settings(data_dir=PROJECT_DIR / "data" / "demo")
    if not demo.published_file.exists():
        sys.exit(f"there is no demo in {demo.data_dir}\nnext: make demo")
    take(demo, IMAGES)
