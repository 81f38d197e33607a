"""Everything that real snapshots get wrong, through every model: no crash, no wrong class, no infinite figure."""

from pathlib import Path

import pytest

from tests.marts.stand import read_rows


def _row(warehouse: Path, mart: str, name: str) -> dict[str, object]:
    (row,) = read_rows(warehouse, f"from marts.{mart} where account_key = 'x:bad_{name}'")
    return row


def test_no_figure_of_any_mart_is_infinite_or_no_number(raw_warehouse: Path) -> None:
    relations = read_rows(
        raw_warehouse,
        "select table_schema || '.' || table_name as relation, list(column_name) as columns, "
        "string_agg('not isfinite(' || column_name || ')', ' or ') as is_bad from information_schema.columns "
        "where table_schema in ('marts', 'intermediate') and data_type = 'DOUBLE' group by relation",
    )
    bad = [
        (row["relation"], row["columns"])
        for row in relations
        if read_rows(raw_warehouse, f"from {row['relation']} where {row['is_bad']} limit 1")
    ]
    assert (len(relations) > 30, bad) == (True, [])


@pytest.mark.parametrize(
    ("name", "style", "confirmed", "ratio"),
    [
        ("falling", "mass_communication", "mass_communication", 1860 / 205),
        ("to_zero", "net_follower", "net_follower", 0.0),
        ("purged", "interpersonal", "interpersonal", 5500 / 5300),
        ("gaps", "interpersonal", "interpersonal", 2272 / 2000),
        ("single", "transitional", None, 3.0),
        ("nobody", "too_small", None, None),
        ("no_followers", "net_follower", None, 0.0),
        ("no_following", "mass_communication", None, None),
        ("future", "mass_communication", None, 8.0),
        ("huge", "mass_communication", None, 2.0**62),
        ("doubled", "transitional", "transitional", 4199 / 1000),
        ("suspended", "interpersonal", "interpersonal", 5200 / 5100),
    ],
)
def test_an_account_has_the_style_of_its_last_counts_and_confirms_none_in_too_few_weeks(
    raw_warehouse: Path, name: str, style: str, confirmed: str | None, ratio: float | None
) -> None:
    row = _row(raw_warehouse, "ratio_styles", name)
    assert (row["ratio_style"], row["confirmed_ratio_style"]) == (style, confirmed)
    assert row["followers_per_following"] == (None if ratio is None else pytest.approx(ratio))
    assert row["engagement_per_1000_followers"] is None


def test_an_account_without_both_counts_has_no_style(raw_warehouse: Path) -> None:
    assert read_rows(raw_warehouse, "from marts.ratio_styles where account_key = 'x:bad_half'") == []


def test_nobody_broken_is_flagged_and_short_or_patchy_histories_are_not_judged(raw_warehouse: Path) -> None:
    rows = read_rows(raw_warehouse, "from marts.follow_churn where account_key like 'x:bad%' order by account_key")
    judged = {str(row["account_key"]).removeprefix("x:bad_"): row["is_spam_and_cull"] for row in rows}
    seen = dict.fromkeys(("doubled", "falling", "purged", "suspended", "to_zero"), False)
    unseen = dict.fromkeys(("future", "gaps", "huge", "no_followers", "no_following", "nobody", "single"))
    assert judged == {**seen, **unseen}
    gaps = _row(raw_warehouse, "follow_churn", "gaps")
    assert gaps["status"] == "insufficient_data"
    assert str(gaps["status_reason"]).endswith("days; every second day is needed to see weekly cycles")


def test_a_creation_time_after_the_reading_says_nothing_about_age(raw_warehouse: Path) -> None:
    assert _row(raw_warehouse, "ratio_styles", "future")["is_newer"] is None
    rows = read_rows(raw_warehouse, "from intermediate.int_ratio_segments where account_key = 'x:bad_future'")
    assert "age" not in {row["segment_dimension"] for row in rows}


def test_a_day_read_twice_is_one_day_with_its_last_counts(raw_warehouse: Path) -> None:
    rows = read_rows(
        raw_warehouse,
        "select date, follower_count, follower_change from marts.account_days where account_key = 'x:bad_doubled' "
        "order by date",
    )
    assert len(rows) == len({row["date"] for row in rows}) == 100
    assert [row["follower_count"] for row in rows] == [4100 + day for day in range(100)]
    assert {row["follower_change"] for row in rows[1:]} == {1}


def test_a_gap_is_shown_and_no_week_is_made_up(raw_warehouse: Path) -> None:
    weeks = read_rows(raw_warehouse, "from marts.ratio_style_weeks where account_key = 'x:bad_gaps'")
    assert len(weeks) == 4
    suspended = read_rows(raw_warehouse, "from marts.ratio_style_weeks where account_key = 'x:bad_suspended'")
    assert len(suspended) < 100 / 7
    counts = read_rows(
        raw_warehouse,
        "select count(*) filter (where follower_count = 0) as zero_count, "
        "count(*) filter (where follower_count is null) as null_count "
        "from marts.account_days where account_key = 'x:bad_suspended'",
    )
    assert counts == [{"zero_count": 0, "null_count": 40}]


def test_an_account_that_lost_all_its_followers_has_no_engagement_per_follower(raw_warehouse: Path) -> None:
    row = _row(raw_warehouse, "engaged_followings", "to_zero")
    assert (row["engagement_per_1000_followers"], row["status"]) == (None, "insufficient_data")
    values = read_rows(raw_warehouse, "from marts.benchmark where account_key = 'x:bad_to_zero'")
    assert {row["metric"] for row in values} == {"followers_per_following", "weekly_growth_rate"}
