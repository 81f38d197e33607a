"""Days that are missing, quantity by quantity, with the real models: posts of a day are no follower count of it."""

from datetime import UTC, datetime

import pytest

from tests.marts.stand import build_from_raw, read_rows

Row = dict[str, object]


def reading(account: str, day: int, **more: object) -> Row:
    base = {"platform": "x", "account_id": account, "handle": f"a{account}", "follower_count": 10, "status": "active"}
    return {**base, "captured_at": datetime(2026, 11, day, 6, tzinfo=UTC), **more}


def post(account: str, day: int, captured: int) -> Row:
    base = {"platform": "x", "account_id": account, "handle": f"a{account}", "post_id": f"{account}{day}"}
    times = {
        "created_at": datetime(2026, 11, day, 5, tzinfo=UTC),
        "captured_at": datetime(2026, 11, captured, tzinfo=UTC),
    }
    return {**base, **times, "post_kind": "original", "availability": "available"}


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Row]:
    """Each account's row of coverage, by source and account."""
    rows = {
        "accounts": [
            # Posts of every day, a day without a run.
            *(reading("1", day) for day in (1, 2, 4)),
            # A reading whose follower count could not be used, then one of a suspended account.
            *(reading("2", day) for day in (1, 4)),
            reading("2", 2, follower_count=None),
            reading("2", 3, follower_count=None, status="suspended"),
            # Everything there.
            *(reading("3", day) for day in (1, 2, 3)),
            # Four gaps.
            *(reading("4", day) for day in (1, 3, 5, 9, 20)),
            # Profiles only, as an archive gives them.
            *(reading("5", day, follower_count=None, source="x_archive") for day in (1, 3)),
            # Readings in the first days, a post of weeks later.
            *(reading("6", day) for day in (1, 2)),
            # One run that read the posts of ten days, an old import among them.
            reading("7", 10),
            reading("8", 10, platform="bluesky", source="bluesky"),
            # Read once; then its server answered its own users only.
            reading("9", 1),
            reading("9", 2, follower_count=None, status="unknown"),
            *(reading("10", day, follower_count=None, status="unknown") for day in (1, 2)),
        ],
        "posts": [
            *(post("1", 1, 1), post("1", 4, 4), post("6", 20, 21), post("7", 1, 10), post("7", 9, 10)),
            {**post("8", 1, 10), "platform": "bluesky", "source": "bluesky",
             "indexed_at": datetime(2026, 11, 7, tzinfo=UTC)},
        ],
        "account_daily": [
            {"platform": "x", "account_id": "3", "date": datetime(2026, 11, day, tzinfo=UTC).date(),
             "captured_at": datetime(2026, 11, 9, tzinfo=UTC), "source": "x_analytics_overview", "post_count": 1}
            for day in (1, 2, 5)
        ],
    }  # fmt: skip
    file = build_from_raw(tmp_path_factory.mktemp("coverage"), rows, ["+coverage"])
    return {(row["source"], row["account_key"]): row for row in read_rows(file, "from marts.coverage")}


@pytest.mark.parametrize(
    ("source", "account", "captured", "missing", "followers", "missing_followers", "note"),
    [
        ("x_api", "1", 3, 1, 3, 1, "no follower counts for 2026-11-03"),
        ("x_api", "2", 3, 1, 3, 1, "no follower counts for 2026-11-02"),
        ("x_api", "3", 3, 0, 3, 0, None),
        ("x_analytics_overview", "3", 3, 2, None, None, "no daily figures for 2026-11-03 to 2026-11-04 (2 days)"),
        (
            *("x_api", "4", 5, 15, 5, 15),
            "4 gaps, the largest: no follower counts for 2026-11-02, no follower counts for 2026-11-06 to 2026-11-08 "
            "(3 days), no follower counts for 2026-11-10 to 2026-11-19 (10 days)",
        ),
        ("x_archive", "5", 2, 1, None, None, "no profile for 2026-11-02"),
        ("x_api", "6", 2, 17, 2, 0, "no data for 2026-11-03 to 2026-11-19 (17 days)"),
        ("x_api", "7", 1, 0, 1, 0, None),
    ],
)
def test_a_gap_is_a_gap_of_a_quantity(
    coverage: dict[tuple[str, str], Row],
    source: str,
    account: str,
    captured: int,
    missing: int,
    followers: int | None,
    missing_followers: int | None,
    note: str | None,
) -> None:
    row = coverage[source, f"x:{account}"]
    assert (row["captured_day_count"], row["missing_day_count"]) == (captured, missing)
    assert (row["follower_day_count"], row["missing_follower_day_count"]) == (followers, missing_followers)
    assert row["gap_note"] == note


def test_a_server_that_said_nothing_of_an_account_was_not_read(coverage: dict[tuple[str, str], Row]) -> None:
    assert coverage["x_api", "x:9"]["captured_day_count"] == 1
    assert ("x_api", "x:10") not in coverage


def test_an_imported_post_covers_no_day_before_the_import(coverage: dict[tuple[str, str], Row]) -> None:
    row = coverage["bluesky", "bluesky:8"]
    assert (row["first_captured_at"], row["captured_day_count"]) == (datetime(2026, 11, 7, tzinfo=UTC), 1)
