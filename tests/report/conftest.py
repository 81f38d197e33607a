"""Published reports to look at, made once, and a real browser to look with."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.at_publish import report_writer
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.report.stand import publish_rows, settings_for
from tests.report.world import world
from tests.report.world_names import LAST_DAY, key

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo version whose marts all hold something, some of it hostile, published with its report."""
    settings = settings_for(tmp_path_factory.mktemp("filled") / "data", is_demo=True)
    done = publish_rows(settings, world(), now=NOW, write_report=report_writer(settings))
    assert done.report_problems == ()
    return settings


@pytest.fixture(scope="session")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Real data of one account that was read once: no survey, no own account, and a table that does not exist yet."""
    settings = settings_for(tmp_path_factory.mktemp("sparse") / "data")
    counts = {"account_key": key(5), "follower_count": 120, "following_count": 80}
    style = {**counts, "followers_per_following": 1.5, "ratio_style": "transitional", "as_of_date": LAST_DAY}
    few = {"status": "insufficient_data", "status_reason": "1 account with complete weeks; at least 10 are needed"}
    rows = {
        "accounts": [{**counts, "handle": "lonely", "account_label": "lonely"}],
        "ratio_styles": [style],
        "account_days": [{"account_key": key(5), "date": LAST_DAY, "follower_count": 120, "is_captured": True}],
        "growth_verdict": [
            {"segment_dimension": "all", "segment": "all", "verdict": "insufficient_data", "account_count": 1, **few}
        ],
    }
    missing = ("top_posts", "survey_tests", "contact_activation")
    done = publish_rows(settings, rows, now=NOW, without=missing, write_report=report_writer(settings))
    assert done.report_problems == ()
    return settings


@pytest.fixture(scope="module")  # playwright allows one at a time in a process, and other modules open their own
def browser() -> Iterator[Any]:
    """A headless Chromium of the machine; nothing is downloaded."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium is installed here; the report cannot be looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept: TWEETBENCH_TEST_PICTURES, else the folder of this test run."""
    kept = os.environ.get("TWEETBENCH_TEST_PICTURES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def report_folder(settings: Settings) -> Path:
    """The report of the current version."""
    return settings.published_dir / "current" / "report"
