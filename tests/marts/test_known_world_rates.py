"""What the models recover of worlds whose truth is known, each as a rate: so many of so many."""

import math
from collections import Counter
from pathlib import Path

from pipeline.simulate.cast import STYLES
from pipeline.simulate.world import World
from tests.marts.follow_paths import COUNTS, CYCLERS
from tests.marts.known_accounts import PINNED_COUNT
from tests.marts.stand import read_rows

INTERPERSONAL = STYLES.index("interpersonal")


def _styles(warehouse: Path) -> dict[str, dict[str, object]]:
    rows = read_rows(warehouse, "select split_part(account_key, ':', 2) as account_id, * from marts.ratio_styles")
    return {str(row["account_id"]): row for row in rows}


def _class_of(followers: int, following: int) -> str:
    """The definition, written a second time."""
    if followers + following < 100:
        return "too_small"
    ratio = followers / following if following else math.inf
    edges = ((5, "mass_communication"), (math.nextafter(1.25, 2), "transitional"), (0.8, "interpersonal"))
    return next((name for edge, name in edges if ratio >= edge), "net_follower")


def test_150_of_150_accounts_have_the_style_of_their_last_counts(known_world: World, raw_warehouse: Path) -> None:
    found = _styles(raw_warehouse)
    wrong = {}
    for account_id in known_world.cast.account_ids:
        row = found[account_id]
        expected = _class_of(int(str(row["follower_count"])), int(str(row["following_count"])))
        if row["ratio_style"] != expected:
            wrong[account_id] = (row["ratio_style"], expected)
    assert (len(known_world.cast.account_ids), wrong) == (150, {})


def test_120_of_120_accounts_first_confirm_the_style_they_were_made_with(
    known_world: World, raw_warehouse: Path
) -> None:
    """Newcomers are left out: they begin with a few dozen followers, and a burst of follows is another ratio."""
    cast = known_world.cast
    first = {
        row["account_id"]: row["style"]
        for row in read_rows(
            raw_warehouse,
            "select split_part(account_key, ':', 2) as account_id, "
            "min_by(confirmed_ratio_style, week_start_date) as style "
            "from marts.ratio_style_weeks where confirmed_ratio_style is not null group by account_key",
        )
    }
    older = [account for account in range(cast.size) if cast.roles[account] != "newcomer"]
    right = sum(first[cast.account_ids[account]] == STYLES[cast.style[account]] for account in older)
    assert (right, len(older)) == (120, 120)


def test_49_of_53_who_follow_back_by_rule_are_confirmed_and_nobody_else(
    known_world: World, raw_warehouse: Path
) -> None:
    cast, found = known_world.cast, _styles(raw_warehouse)
    confirmed: Counter[bool] = Counter()
    follow_back = 0
    for account, account_id in enumerate(cast.account_ids):
        is_rule = bool(cast.style[account] == INTERPERSONAL) and cast.roles[account] != "spam"
        follow_back += is_rule
        confirmed[is_rule] += found[account_id]["reciprocity"] == "interpersonal_confirmed"
    assert (confirmed[True], follow_back, confirmed[False]) == (49, 53, 0)


def test_20_of_20_accounts_at_the_follow_limit_are_told_from_20_beside_it(raw_warehouse: Path) -> None:
    found = _styles(raw_warehouse)
    flags = {
        name: Counter(found[f"{name}{n}"]["is_follow_limited"] for n in range(PINNED_COUNT))
        for name in ("pinned", "free")
    }
    assert flags == {"pinned": Counter({True: 20}), "free": Counter({False: 20})}
    assert {found[f"{name}{n}"]["ratio_style"] for name in flags for n in range(PINNED_COUNT)} == {"interpersonal"}


def test_accounts_at_the_follow_limit_are_not_counted_as_interpersonal(raw_warehouse: Path) -> None:
    (row,) = read_rows(
        raw_warehouse,
        "select account_count, base_count, follow_limited_count from marts.ratio_style_summary "
        "where segment = 'all' and ratio_style = 'interpersonal'",
    )
    (styles,) = read_rows(
        raw_warehouse,
        "select count(*) filter (where not is_follow_limited) as free_count, "
        "count(*) filter (where is_follow_limited) as held_count "
        "from marts.ratio_styles where ratio_style = 'interpersonal'",
    )
    assert (row["account_count"], row["follow_limited_count"]) == (styles["free_count"], styles["held_count"])
    assert styles["held_count"] >= PINNED_COUNT


def test_6_of_6_cyclers_of_the_demo_world_are_found_and_0_of_144_others(
    known_world: World, raw_warehouse: Path
) -> None:
    flagged = {
        str(row["account_key"]).split(":")[1]
        for row in read_rows(raw_warehouse, "from marts.follow_churn where is_spam_and_cull")
    }
    cyclers = {
        i for i, role in zip(known_world.cast.account_ids, known_world.cast.roles, strict=True) if role == "spam"
    }
    assert (len(cyclers), flagged) == (6, cyclers)


def test_45_of_45_cyclers_of_three_kinds_are_found_and_0_of_125_innocents(ratio_warehouse: Path) -> None:
    flags: dict[str, Counter[object]] = {name: Counter() for name in COUNTS}
    for row in read_rows(ratio_warehouse, "select account_key, is_spam_and_cull from marts.follow_churn"):
        name = str(row["account_key"]).split(":")[1].rsplit("_", 1)[0]
        if name in flags:
            flags[name][row["is_spam_and_cull"]] += 1
    innocents = [name for name in COUNTS if name not in (*CYCLERS, "same_day_churn")]
    assert sum(flags[name][True] for name in CYCLERS) == 45, flags
    assert (sum(flags[name][True] for name in innocents), sum(flags[name][False] for name in innocents)) == (0, 125)


def test_10_of_10_who_quit_in_their_first_week_are_found_among_30_newcomers(
    known_world: World, raw_warehouse: Path
) -> None:
    cast = known_world.cast
    newcomers = [account for account, role in enumerate(cast.roles) if role == "newcomer"]
    quitters = {cast.account_ids[a] for a in newcomers if cast.stop_day[a] - cast.start_day[a] < 7}
    spells = read_rows(
        raw_warehouse,
        "select split_part(account_key, ':', 2) as account_id, duration_days, is_quit "
        "from intermediate.int_retention_spells where segment = 'all' and silence_days = 30",
    )
    found = {row["account_id"] for row in spells if row["is_quit"] and int(str(row["duration_days"])) < 7}
    assert (len(spells), len(quitters), found) == (30, 10, quitters)


def test_the_share_that_quit_by_day_7_is_the_truth_for_every_length_of_silence(raw_warehouse: Path) -> None:
    rows = read_rows(
        raw_warehouse,
        "select silence_days, account_count, share, share_low < share and share < share_high as has_limits "
        "from marts.account_retention_measures where measure = 'quit_by_day_7' and origin = 'measured' "
        "and segment_dimension = 'all' order by silence_days",
    )
    assert [row["silence_days"] for row in rows] == [14, 30, 60]
    assert all(math.isclose(float(str(row["share"])), 1 / 3, abs_tol=0.04) and row["has_limits"] for row in rows)
    claims = read_rows(
        raw_warehouse, "select measure, share from marts.account_retention_measures where origin = 'published'"
    )
    assert {("quit_by_day_7", 0.6), ("no_return_next_month", 0.6)} <= {(row["measure"], row["share"]) for row in claims}
