"""History rows and exports of the demo world: they fit the lake and agree with what the platform would have shown."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.schemas import TABLES
from pipeline.simulate.exports import CONTENT_HEADER, OVERVIEW_HEADER, write_exports
from pipeline.simulate.history import history_rows, metric_rows, newest_landed_ids, post_rows
from pipeline.simulate.posts import KINDS
from pipeline.simulate.survey_file import CHANNELS, RESPONDENTS
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import to_milliseconds
from pipeline.sources import account_registry, snowflake

MAKERS = {"accounts": history_rows, "posts": post_rows, "post_metrics": metric_rows}


@pytest.fixture(scope="module")
def small() -> World:
    """40 accounts over 120 days."""
    return World(account_count=40, day_count=120)


def last_day(world: World) -> date:
    return (world.end - timedelta(days=1)).date()


def make(world: World, table: str, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    return list(MAKERS[table](world, first or world.calendar.first_day, last or last_day(world)))


@pytest.mark.parametrize("table", MAKERS)
def test_rows_fit_the_lake_table_and_two_stretches_add_up_to_the_whole(small: World, table: str) -> None:
    cut = last_day(small) - timedelta(days=30)
    whole = make(small, table)
    assert make(small, table, last=cut) + make(small, table, first=cut + timedelta(days=1)) == whole
    stamped = [{**row, "source": "x_api", "run_id": "demo"} for row in whole]
    assert {name for row in whole for name in row} <= set(TABLES[table].names)
    assert pa.Table.from_pylist(stamped, schema=TABLES[table]).num_rows == len(whole) > 1_000


def test_snapshots_show_what_the_world_says_at_six_o_clock(small: World) -> None:
    rows = make(small, "accounts")
    for row in rows[::101]:
        account = small.find_account(row["account_id"])
        assert account is not None
        state = small.account_state(account, row["captured_at"])
        assert (row["captured_at"].hour, row["status"], row["handle"]) == (6, state.status, state.handle)
        assert row.get("follower_count") == state.follower_count
        assert row.get("following_count") == state.following_count
        assert row.get("post_count") == state.post_count
    assert {row["status"] for row in rows} == {"active", "protected", "suspended", "not_found"}
    assert all(row.get("follower_count") is None for row in rows if row["status"] in {"suspended", "not_found"})


def test_metrics_are_taken_at_exact_ages_and_own_posts_have_private_ones(small: World) -> None:
    rows = make(small, "post_metrics")
    ages = set()
    for row in rows:
        made = small.find_post(row["post_id"], row["captured_at"])
        assert made is not None
        ages.add((to_milliseconds(row["captured_at"]) - int(small.posts.created_ms[made])) / 86_400_000)
    assert ages == {1, 3, 7, 30}
    for row in rows[::97]:
        post_row = small.find_post(row["post_id"], row["captured_at"])
        assert post_row is not None
        counts = small.metrics(post_row, row["captured_at"])
        assert row["impression_count"] == counts["impression_count"]
        if row["metric_scope"] == "public":
            assert row["repost_count"] == counts["repost_count"]
            assert "link_click_count" not in row
        else:
            assert row["link_click_count"] == counts["link_click_count"]
    private = {row["account_id"] for row in rows if row["metric_scope"] == "non_public"}
    assert private == {small.own_account_id}
    measured = {KINDS[small.posts.kind[small.find_post(row["post_id"], row["captured_at"])]] for row in rows}
    assert measured == set(KINDS) - {"repost"}


def test_a_removed_post_is_landed_once_as_content_and_once_as_removed(small: World) -> None:
    rows = make(small, "posts")
    removed = [row["post_id"] for row in rows if row["availability"] == "removed"]
    shown = [row for row in rows if row["availability"] != "removed"]
    assert len(removed) == len(set(removed)) > 3
    assert set(removed) <= {row["post_id"] for row in shown}
    assert all(row["created_at"] == snowflake.created_at(row["post_id"]) for row in shown)
    assert [row["withheld_countries"] for row in rows if row["availability"] == "withheld"] == [["DE"]]
    assert any(len(row["text"]) > 280 for row in shown)
    assert any(len(row["edit_history_ids"]) > 1 and row["edit_history_ids"][0] == row["edit_root_id"] for row in shown)


def test_the_newest_landed_id_is_the_newest_of_the_landed_posts(small: World) -> None:
    cut = last_day(small) - timedelta(days=30)
    rows = [row for row in make(small, "posts", last=cut) if row["account_id"] == small.own_account_id]
    assert newest_landed_ids(small, cut)[small.own_account_id] == max((row["post_id"] for row in rows), key=int)


@pytest.fixture(scope="module")
def files(small: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """Rows of every exported file by kind."""
    paths = write_exports(tmp_path_factory.mktemp("exports"), small, small.end)
    return {kind: list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for kind, path in paths.items()}


def test_the_content_export_has_the_own_posts_of_ninety_days(
    small: World, files: dict[str, list[dict[str, str]]]
) -> None:
    rows = files["x_analytics_content"]
    assert list(rows[0]) == CONTENT_HEADER
    timeline = small.posts_at(0, small.end)
    assert [row["Post id"] for row in rows] == [one for one in timeline if one in {r["Post id"] for r in rows}]
    assert len(rows) > 60
    newest = small.find_post(rows[0]["Post id"], small.end)
    assert newest is not None
    assert int(rows[0]["Impressions"]) == small.metrics(newest, small.end)["impression_count"]
    moment = snowflake.created_at(rows[0]["Post id"])
    assert moment is not None
    assert rows[0]["Date"] == f"{moment:%a, %b} {moment.day}, {moment.year}"


def test_the_overview_export_adds_up_to_the_follower_path(small: World, files: dict[str, list[dict[str, str]]]) -> None:
    rows = files["x_analytics_overview"]
    assert list(rows[0]) == OVERVIEW_HEADER
    assert len(rows) == 90
    change = sum(int(row["New follows"]) - int(row["Unfollows"]) for row in rows)
    # A day of follows runs from 06:00 to 06:00, so that those of the last day come after the last reading.
    first = small.account_state(0, small.end - timedelta(days=90, hours=-6)).follower_count
    last = small.account_state(0, small.end - timedelta(hours=18)).follower_count
    assert first is not None
    assert last is not None
    assert change == last - first + int(rows[0]["New follows"]) - int(rows[0]["Unfollows"])
    assert all(int(row["New follows"]) >= 0 for row in rows)
    by_post = sum(int(row["New follows"]) for row in files["x_analytics_content"])
    assert by_post < 0.5 * sum(int(row["New follows"]) for row in rows)


def test_the_registry_names_every_account_and_one_as_own(small: World, files: dict[str, list[dict[str, str]]]) -> None:
    rows = files["accounts"]
    assert tuple(rows[0]) == account_registry.COLUMNS
    assert len(rows) == small.cast.size
    assert [row["account_id"] for row in rows if row["is_own"] == "true"] == [small.own_account_id]
    assert {row["customer_focus"] for row in rows} == {"b2b", "b2c", "both"}
    assert all(row["name"].startswith("Demo ") and row["handle"].startswith("demo") for row in rows)


def test_the_survey_shows_the_differences_that_were_built_in(files: dict[str, list[dict[str, str]]]) -> None:
    rows = files["survey"]

    def share(column: str, value: str, focus: str) -> float:
        group = [row for row in rows if row["customer_focus"] == focus]
        return len([row for row in group if row[column] == value]) / len(group)

    assert len(rows) == RESPONDENTS
    assert share("channels_webinar", "yes", "b2b") > share("channels_webinar", "yes", "b2c") + 0.2
    assert share("roi_metric", "sales", "b2c") > share("roi_metric", "sales", "b2b") + 0.15
    assert {row["effectiveness"] for row in rows} == {"", "1", "2", "3", "4", "5"}
    for row in rows:
        used = [channel for channel in CHANNELS if row[f"channels_{channel}"]]
        assert bool(used) != (row["channels_none"] == "yes")


def test_no_text_or_link_hides_that_it_is_a_demo(small: World) -> None:
    rows = [row for row in make(small, "posts") if row["availability"] == "available"]
    originals = [row for row in rows if row["post_kind"] == "original"]
    assert all("#demo" in row["text"] for row in originals)
    assert all(".example/" in url or "//x.com/" in url for row in rows for url in row["link_urls"])


def test_the_contact_list_has_example_addresses_and_handles_of_the_world(
    small: World, files: dict[str, list[dict[str, str]]]
) -> None:
    rows = files["contacts"]
    with_handle = [row for row in rows if row["x_handle"]]
    assert all(row["email"].endswith(".example") for row in rows)
    known = {small.handle(account, small.end) for account in range(small.cast.size)}
    assert {row["x_handle"] for row in with_handle} <= known
    assert 0.2 < len(with_handle) / len(rows) < 0.5
    assert {row["segment"] for row in rows} == {"customer", "prospect", "influencer"}
    assert {row["may_be_matched"] for row in rows if not row["x_handle"]} == {""}
    followers = {row["handle"] for row in files["followers"]}
    assert followers < known
    assert 0.1 < len(followers) / small.cast.size < 0.6


def test_an_own_account_that_stands_alone_has_files_too_without_contacts(tmp_path: Path) -> None:
    alone = World(seed=3, account_count=1, day_count=40)
    paths = write_exports(tmp_path, alone, alone.end)
    lines = {kind: len(path.read_text(encoding="utf-8").splitlines()) for kind, path in paths.items()}
    assert (lines["accounts"], lines["contacts"], lines["followers"]) == (2, 1, 1)
    assert lines["survey"] == RESPONDENTS + 1
