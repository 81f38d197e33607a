"""The saw-tooth detector on accounts whose way of following is known."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.marts.follow_paths import COUNTS, CYCLERS, FIRST_DAY, LOOKALIKES, LOOKALIKES_EACH, PURGE_DAYS
from tests.marts.stand import read_rows


def _flags(warehouse: Path) -> dict[str, Counter[bool | None]]:
    """Flags by class of account."""
    flags: dict[str, Counter[bool | None]] = {name: Counter() for name in COUNTS}
    for row in read_rows(warehouse, "select account_key, is_spam_and_cull from marts.follow_churn"):
        name = str(row["account_key"]).split(":")[1].rsplit("_", 1)[0]
        if name in flags:
            flags[name][row["is_spam_and_cull"]] += 1
    return flags


def test_cycles_of_a_week_two_weeks_and_a_month_are_found(ratio_warehouse: Path) -> None:
    flags = _flags(ratio_warehouse)
    found = sum(flags[name][True] for name in CYCLERS)
    assert found / sum(COUNTS[name] for name in CYCLERS) >= 0.9, flags


def test_a_pattern_is_counted_once_though_growth_models_have_a_window_of_their_own(
    ratio_warehouse: Path,
) -> None:
    """All days of these accounts are settled, so window 1 holds what window 0 does."""
    flagged = "where is_spam_and_cull"
    counts = read_rows(ratio_warehouse, f"select distinct flagged_window_count as n from marts.follow_churn {flagged}")  # noqa: S608
    windows = read_rows(
        ratio_warehouse,
        "select window_number, count(*) as n from intermediate.int_follow_windows "  # noqa: S608
        f"{flagged} group by window_number order by window_number",
    )
    assert [row["n"] for row in counts] == [1]
    assert [row["window_number"] for row in windows] == [0, 1]
    assert windows[0]["n"] == windows[1]["n"] > 0


def test_nobody_else_is_flagged(ratio_warehouse: Path) -> None:
    """Precision 1.00; same-day churn is left out, because net counts show it by luck only."""
    flags = _flags(ratio_warehouse)
    innocent = [name for name in COUNTS if name not in (*CYCLERS, "same_day_churn")]
    assert {name: flags[name][True] for name in innocent} == dict.fromkeys(innocent, 0)
    assert all(flags[name][False] == COUNTS[name] for name in innocent)


@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
@pytest.mark.parametrize("kind", LOOKALIKES)
def test_innocent_waves_are_possible_at_most(ratio_warehouse: Path, kind: str, rhythm: str) -> None:
    """Waves alone flagged all 20 that follow back by rule or clean up twice, and most of the conference goers."""
    rows = read_rows(
        ratio_warehouse,
        "select churn_class, count(*) as account_count from marts.follow_churn "  # noqa: S608 - our names
        f"where account_key like 'x:{kind}_{rhythm}_%' group by churn_class",
    )
    counts = {row["churn_class"]: row["account_count"] for row in rows}
    assert sum(counts.values()) == LOOKALIKES_EACH
    assert counts.get("pattern", 0) <= 1, counts
    assert counts.get("possible", 0) >= 3, "the waves are there, so the class is worth testing"


def test_what_is_missing_for_a_pattern_is_said(ratio_warehouse: Path) -> None:
    rows = read_rows(
        ratio_warehouse,
        "from marts.follow_churn where account_key like 'x:two_conferences_daily%' and churn_class = 'possible'",
    )
    beginning = "waves that clean-ups, events or following back can also make: 2 cycles in 180 days, "
    assert len(rows) >= 3
    assert all(str(row["evidence"]).startswith(beginning) for row in rows)
    assert all("; not a pattern, because there are few cycles" in str(row["evidence"]) for row in rows)


def test_each_purge_is_found_in_the_data_and_left_out(ratio_warehouse: Path) -> None:
    days = read_rows(ratio_warehouse, "from intermediate.int_follow_purge_days where not is_known order by date")
    found = {platform: [row["date"] for row in days if row["platform"] == platform] for platform in ("x", "mastodon")}
    assert found == {"x": [], "mastodon": [FIRST_DAY + timedelta(days=day) for day in PURGE_DAYS]}
    (row,) = read_rows(
        ratio_warehouse,
        "select max(culled_following_count) as culled, max(platform_event_count) as events from marts.follow_churn "
        "where account_key like 'mastodon:%'",
    )
    assert row == {"culled": 0, "events": 3}


def test_the_evidence_counts_cycles_and_says_consistent_with(ratio_warehouse: Path) -> None:
    rows = read_rows(ratio_warehouse, "from marts.follow_churn where account_key like 'x:weekly%' and is_spam_and_cull")
    assert all(str(row["evidence"]).startswith("pattern consistent with follow churn: ") for row in rows)
    assert all(3 <= row["episode_count"] <= 26 for row in rows)
    assert all(row["follow_back_low"] <= row["follow_back_share"] <= row["follow_back_high"] for row in rows)


def test_a_single_reading_is_not_judged(ratio_warehouse: Path) -> None:
    (row,) = read_rows(ratio_warehouse, "from marts.follow_churn where account_key = 'x:single'")
    assert (row["is_spam_and_cull"], row["episode_count"], row["status"]) == (None, None, "insufficient_data")
    assert row["status_reason"] == "readings over 0 days; 90 are needed to see monthly cycles"


def test_an_account_that_follows_nobody_new_has_no_follow_back_share(ratio_warehouse: Path) -> None:
    rows = read_rows(ratio_warehouse, "from marts.follow_churn where account_key like 'x:dormant%'")
    assert {(row["follow_back_share"], row["sawtooth_index"], row["episode_count"]) for row in rows} == {
        (None, None, 0)
    }
