"""The demo's LinkedIn exports: the same bytes for the same seed, and figures that agree with the world and add up."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.simulate.cast import OWN
from pipeline.simulate.elsewhere import Elsewhere, draw_page
from pipeline.simulate.linkedin_files import POSTED_BY, write_page_exports
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import HOUR_MS, to_instant
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Reading, Request
from pipeline.sources.linkedin.export import PAGE_EXPORTS

DAYS = 119  # of 120: the last is not over when the exports are made


@pytest.fixture(scope="module")
def page() -> Elsewhere:
    return draw_page(World(account_count=40, day_count=120))


@pytest.fixture(scope="module")
def exports(page: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_page_exports(tmp_path_factory.mktemp("exports"), page, page.world.end - timedelta(hours=18))


@pytest.fixture(scope="module")
def readings(page: Elsewhere, exports: list[Path]) -> dict[str, Reading]:
    world = page.world
    slugs = {name: world.handle(account, world.end) for account, name in enumerate(world.cast.names)}
    own = frozenset({slugs[world.cast.names[OWN]]})
    request = Request(now=world.end, own_handles_elsewhere={"linkedin": own}, handles_by_name={"linkedin": slugs})
    found = {}
    for path in exports:
        file = open_input(path, 50)
        (source,) = (each for each in PAGE_EXPORTS if each.recognises(file, request))
        found[source.NAME] = source.read(file, request)
    return found


def test_the_same_seed_gives_the_same_bytes(page: Elsewhere, exports: list[Path], tmp_path: Path) -> None:
    again = write_page_exports(tmp_path, page, page.world.end - timedelta(hours=18))
    assert [path.name for path in again] == [path.name for path in exports]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in exports]


def test_every_table_is_read_whole_and_belongs_to_the_own_page(readings: dict[str, Reading], page: Elsewhere) -> None:
    assert set(readings) == {"linkedin_content", "linkedin_followers", "linkedin_competitors"}
    assert {reading.account for reading in readings.values()} == {page.world.handle(OWN, page.world.end)}
    assert [len(reading.tables["issues"]) for reading in readings.values()] == [0, 0, 0]
    assert len(readings["linkedin_content"].tables["account_daily"]) == DAYS
    assert len(readings["linkedin_content"].tables["posts"]) > 50
    assert POSTED_BY not in str(readings)


def test_net_gains_lead_to_the_total_of_the_competitors_export(readings: dict[str, Reading], page: Elsewhere) -> None:
    gains = readings["linkedin_followers"].tables["account_daily"]
    totals = {row["handle"]: row["follower_count"] for row in readings["linkedin_competitors"].tables["accounts"]}
    start = page.world.account_state(OWN, to_instant(page.world.calendar.start_ms + 6 * HOUR_MS)).follower_count
    assert start is not None
    own = page.world.handle(OWN, page.world.end)
    assert totals[own] - start == sum(row["net_follow_count"] for row in gains)
    assert (len(totals), any(row["net_follow_count"] < 0 for row in gains)) == (6, True)


def test_days_and_posts_tell_the_same_figures(readings: dict[str, Reading]) -> None:
    tables = readings["linkedin_content"].tables
    for name in ("impression_count", "engagement_count"):
        days, posts = (sum(row[name] for row in tables[table]) for table in ("account_daily", "post_metrics"))
        assert days == pytest.approx(posts, rel=0.02)
