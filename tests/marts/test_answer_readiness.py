"""When growth can be answered: the shortage that is named, the date, and the smallest effect, through the models."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.marts.stand import build_models, compiled_model

MODELS = ["int_readiness_account_weeks", "int_readiness_segments", "int_readiness_growth"]
MONDAY = date(2026, 9, 7)
Row = dict[str, object]
PANEL = pa.schema(
    [
        ("account_key", pa.string()),
        ("week_start_date", pa.date32()),
        ("follower_count_start", pa.int64()),
        ("follower_count_end", pa.int64()),
        ("growth_rate", pa.float64()),
        ("exclusion_reason", pa.string()),
    ]
)
SEGMENTS = pa.schema([(name, pa.string()) for name in ("account_key", "segment_dimension", "segment")])
ESTIMATES = pa.schema(
    [
        *[(name, pa.string()) for name in ("specification", "segment_dimension", "segment", "term")],
        *[(name, pa.float64()) for name in ("standardised_low", "standardised_high", "standard_error", "within_sd")],
        *[(name, pa.string()) for name in ("status", "status_reason")],
    ]
)


def weeks_of(account: int, weeks: int, *, missed: tuple[int, ...] = (), obstacle: str = "") -> list[Row]:
    """The weeks of an account as the panel has them: what a first, a last and a missed reading keep out."""
    rows = []
    read = [week for week in range(weeks) if week not in missed]
    for week in range(weeks):
        has = {shift: week + shift in read for shift in (0, -1, -2)}
        reason: str | None = "too_few_weeks"
        if not has[0]:
            reason = "no_level_at_week_end"
        elif not has[-1]:
            reason = "no_level_at_previous_week_end"
        elif week >= weeks - 2:
            reason = "too_recent"
        elif obstacle:
            reason = obstacle
        elif not has[-2]:
            reason = "no_earlier_growth"
        rows.append(
            {
                "account_key": f"x:{account}",
                "week_start_date": MONDAY + timedelta(weeks=week),
                "follower_count_start": 1000 if has[-1] else None,
                "follower_count_end": 1000 if has[0] else None,
                # Two per cent up, two per cent down, account by account.
                "growth_rate": (-1) ** (week + account) * 0.02 if has[0] and has[-1] else None,
                "exclusion_reason": reason,
            }
        )
    complete = [row for row in rows if row["exclusion_reason"] == "too_few_weeks"]
    for row in complete if len(complete) >= 12 else []:
        row["exclusion_reason"] = None
    return rows


@dataclass(frozen=True)
class Stand:
    warehouse: Path
    statements: tuple[tuple[str, str], ...]

    def ask(
        self, panel: list[Row], *, last: int, segments: tuple[Row, ...] = (), estimates: tuple[Row, ...] = ()
    ) -> list[Row]:
        """Rows of growth; `last` is the number of weeks after the first Monday until the last reading, a Sunday."""
        day = MONDAY + timedelta(weeks=last, days=-1)
        with duckdb.connect(str(self.warehouse)) as connection:
            for name, table in parents(panel, day, segments, estimates).items():
                connection.register("parent", table)
                connection.execute(f"create or replace table intermediate.{name} as from parent")
            for name, statement in self.statements:
                connection.execute(f"create or replace table intermediate.{name} as {statement}")
            rows = connection.table(f"intermediate.{MODELS[-1]}").order("segment_dimension, segment")
            return rows.to_arrow_table().to_pylist()


def parents(
    panel: list[Row], day: date, segments: tuple[Row, ...] = (), estimates: tuple[Row, ...] = ()
) -> dict[str, pa.Table]:
    return {
        "int_account_week_panel": pa.Table.from_pylist(panel, schema=PANEL),
        "int_account_snapshots_daily": pa.table({"account_key": ["x:0"], "date": pa.array([day], pa.date32())}),
        "int_settled_weeks": pa.table({"last_settled_week_date": pa.array([day - timedelta(days=20)], pa.date32())}),
        "int_growth_account_segments": pa.Table.from_pylist(list(segments), schema=SEGMENTS),
        "int_growth_estimates": pa.Table.from_pylist(list(estimates), schema=ESTIMATES),
    }


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("readiness") / "data"
    warehouse = build_models(folder, parents(weeks_of(0, 3), MONDAY), MODELS)
    return Stand(warehouse, tuple((name, compiled_model(folder, name)) for name in MODELS))


def panel_of(accounts: int, weeks: int, **values: object) -> list[Row]:
    return [row for account in range(accounts) for row in weeks_of(account, weeks, **values)]  # type: ignore[arg-type]


def test_thirty_accounts_in_week_nine_are_short_of_weeks_and_not_of_accounts(stand: Stand) -> None:
    (row,) = stand.ask(panel_of(30, 9), last=9)
    assert row["status"] == "insufficient_data"
    assert row["status_reason"] == "30 accounts, 9 of about 16 weeks; first answer about 2026-12-27"
    assert (row["account_count"], row["usable_week_count"], row["needed_week_count"]) == (30, 9, 16)
    # Seven weeks after the last reading, a Sunday.
    assert row["expected_answer_date"] == date(2026, 11, 8) + timedelta(weeks=7)


def test_three_accounts_and_two_weeks_get_a_date_and_two_accounts_get_advice(stand: Stand) -> None:
    (three,) = stand.ask(panel_of(3, 2), last=2)
    assert three["status_reason"] == "3 accounts, 2 of about 16 weeks; first answer about 2026-12-27"
    (two,) = stand.ask(panel_of(2, 2), last=2)
    assert two["status_reason"] == "2 accounts, 2 of about 16 weeks; a first estimate needs 3 accounts: watch 1 more"
    assert two["expected_answer_date"] is None


def test_half_the_pace_takes_twice_the_weeks_and_missed_weeks_raise_what_is_needed(stand: Stand) -> None:
    # Every fourth week is missed: of four weeks only the last but one keeps its two before.
    panel = panel_of(12, 12, missed=(3, 7, 11))
    (row,) = stand.ask(panel, last=12)
    complete = sum(1 for entry in panel if entry["exclusion_reason"] == "too_few_weeks") // 12
    assert complete == 2
    assert (row["usable_week_count"], row["needed_week_count"]) == (9, 19)
    assert row["expected_answer_date"] > date(2026, 11, 29) + timedelta(weeks=20)
    (even,) = stand.ask(panel_of(12, 12), last=12)
    assert even["expected_answer_date"] == date(2026, 11, 29) + timedelta(weeks=4)


def test_what_time_cannot_heal_is_named_instead_of_a_date(stand: Stand) -> None:
    (uncovered,) = stand.ask(panel_of(5, 10, obstacle="posts_not_covered"), last=10)
    assert uncovered["status_reason"] == (
        "5 accounts, 10 weeks read; 5 of them cannot be compared, the first because the posts of most weeks were not "
        "read"
    )
    (small,) = stand.ask(panel_of(5, 10, obstacle="too_few_followers"), last=10)
    assert str(small["status_reason"]).endswith("because it has under 100 followers")
    (sparse,) = stand.ask(panel_of(5, 20, missed=tuple(range(0, 20, 2))), last=20)
    assert str(sparse["status_reason"]).endswith("because it is read less than once a week")
    assert {row["expected_answer_date"] for row in (uncovered, small, sparse)} == {None}


def test_an_account_that_cannot_be_compared_counts_only_where_others_are_too_few(stand: Stand) -> None:
    waves = weeks_of(9, 20, obstacle="spam_and_cull")
    (few,) = stand.ask([*panel_of(2, 20), *waves], last=20)
    assert few["status_reason"] == (
        "3 accounts, 20 weeks read; 1 of them cannot be compared, the first because it follows and drops accounts in "
        "waves"
    )
    assert few["expected_answer_date"] is None
    (enough,) = stand.ask([*panel_of(3, 9), *waves], last=9)
    assert enough["status_reason"] == "4 accounts, 9 of about 16 weeks; first answer about 2026-12-27"


def test_accounts_that_are_no_longer_read_have_no_date(stand: Stand) -> None:
    (row,) = stand.ask(panel_of(4, 6), last=30)
    assert str(row["status_reason"]).endswith("none was read recently, so there is no date")


def test_the_smallest_effect_comes_from_the_error_or_from_the_spread_of_growth(stand: Stand) -> None:
    estimate: Row = {
        "specification": "same_and_previous_week",
        "segment_dimension": "all",
        "segment": "all",
        "term": "quality",
        "standardised_low": -0.001,
        "standardised_high": 0.003,
        "standard_error": 0.002,
        "within_sd": 0.5,
        "status": "ok",
        "status_reason": "",
    }
    (known,) = stand.ask(panel_of(12, 20), last=20, estimates=(estimate,))
    assert (known["status"], known["status_reason"], known["expected_answer_date"]) == ("ok", "", None)
    assert known["smallest_effect_visible"] == pytest.approx(0.002 + 0.8416 * 0.001)
    assert known["effect_basis"] == "present_error"
    (guess,) = stand.ask(panel_of(30, 9), last=9)
    # Eight growth weeks of plus and minus two per cent; 3.1 standard errors with 30 accounts of twelve weeks.
    spread = 0.02 * (8 / 7) ** 0.5
    assert guess["smallest_effect_visible"] == pytest.approx(3.1 * spread / (30 * 12) ** 0.5, rel=1e-6)
    assert guess["effect_basis"] == "spread_so_far"
    (nothing,) = stand.ask(panel_of(30, 1), last=1)
    assert (nothing["smallest_effect_visible"], nothing["effect_basis"]) == (None, None)


def test_a_segment_has_a_shortage_of_its_own(stand: Stand) -> None:
    segments = tuple(
        {"account_key": f"x:{number}", "segment_dimension": "customer_focus", "segment": "b2b" if number < 2 else "b2c"}
        for number in range(12)
    )
    panel = panel_of(12, 9)
    found = {row["segment"]: row["status_reason"] for row in stand.ask(panel, last=9, segments=segments)}
    assert found == {
        "all": "12 accounts, 9 of about 16 weeks; first answer about 2026-12-27",
        "b2b": "2 accounts, 9 of about 16 weeks; a first estimate needs 3 accounts: watch 1 more",
        "b2c": "10 accounts, 9 of about 16 weeks; first answer about 2026-12-27",
    }
