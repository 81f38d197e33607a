"""An export that names no account against the days that the lake holds of the account it was taken for."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.analytics.known_days import refuse_other_account
from pipeline.sources.files.protocol import Reading
from tests.conftest import NOW

FIRST = date(2026, 3, 2)
HEADER = "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
HEADER += "Create Post,Video views,Media views\n"


def row(number: int, impressions: int | None, captured: int = 1) -> dict[str, object]:
    return {
        "date": FIRST + timedelta(days=number),
        "impression_count": impressions,
        "captured_at": datetime(2026, 4, captured, tzinfo=UTC),
        "period_end_date": FIRST + timedelta(days=9),
    }


def compare(known: list[int], new: list[int | None]) -> tuple[str, ...]:
    reading = Reading({"account_daily": [row(number, count) for number, count in enumerate(new)]}, "overview", len(new))
    rows = [row(number, count, 3) for number, count in enumerate(known)]
    older = [row(number, 10**6, 2) for number in range(len(known))]
    return refuse_other_account(reading, [*rows, *older], file_name="a.csv")


@pytest.mark.parametrize(
    "new",
    [[100] * 10, [100, 90, *[110] * 8], [*[100] * 8, 900, 900], [100, None], [], [*[100] * 6, *[90] * 4]],
    ids=["equal", "one fell", "fresh days grew", "not reported", "none", "less than half"],
)
def test_figures_that_may_be_the_accounts_pass(new: list[int | None]) -> None:
    assert compare([100] * 10, new) == ()


def test_days_of_another_account_are_refused_with_the_way_out() -> None:
    for new in ([*[100] * 4, *[80] * 6], [900] * 8):
        with pytest.raises(TweetbenchError, match="does not look like an export of") as caught:
            compare([100] * 10, new)
        assert "--account HANDLE" in caught.value.next_step
    assert caught.value.why.endswith(
        "0 of 8 days that are known of @None have fewer impressions in this file, 8 more than twice as many, "
        "e.g. 2026-03-02: 900 instead of 100"
    )


def test_a_single_day_is_said_and_not_refused() -> None:
    (note,) = compare([100] * 10, [90])
    assert note.startswith("1 of 1 days that are known of @None have fewer impressions")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    made.accounts_file.write_text("platform,handle,is_own\nx,brand,true\n")
    return made


def overview(folder: Path, name: str, *impressions: int) -> Path:
    days = [(FIRST + timedelta(days=number), count) for number, count in enumerate(impressions)]
    lines = [f'"{day:%a, %b} {day.day}, {day.year}",{count},1,2,0,0,3,1,0,0,4,1,0,0\n' for day, count in days]
    path = folder / name
    path.write_text(HEADER + "".join(lines))
    return path


def test_a_second_brands_overview_is_refused_unless_its_account_is_named(settings: Settings, tmp_path: Path) -> None:
    lake, request = Lake(settings.lake_dir), build_request(settings, now=NOW)
    first = ingest_file(overview(tmp_path, "a.csv", 500, 600, 700, 800), lake, settings, request, run_id="r1")
    assert (first.status, first.found["account"]) == ("added", "brand")
    path = overview(tmp_path, "b.csv", 50, 60, 70, 900)
    for check in (True, False):
        refused = ingest_file(path, lake, settings, request, run_id="r2", check=check)
        assert refused.error is not None
        assert (refused.status, refused.error.what) == ("refused", "this does not look like an export of @brand")
    named = build_request(settings, now=NOW, account="second")
    assert ingest_file(path, lake, settings, named, run_id="r3").status == "added"
    again = ingest_file(overview(tmp_path, "c.csv", 500, 610, 700, 800), lake, settings, request, run_id="r4")
    assert again.status == "added"
