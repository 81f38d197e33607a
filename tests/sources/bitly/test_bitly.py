"""Clicks from Bitly: to the click, only days that are over, within the plan, and never with the token in sight."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline import sources
from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import contents
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import asked_sources
from pipeline.settings import Settings, load_settings
from pipeline.sources import bitly
from pipeline.sources.api.source import ApiResult
from pipeline.sources.bitly.config import BitlyConfig
from pipeline.sources.bitly.extraction import extract
from tests.sources.api.scripted import Reply, serve
from tests.sources.api.stand import LakeStand
from tests.sources.bitly.tiny_bitly import TOKEN, TinyBitly

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C = "bit.ly/3Ab", "bit.ly/3aB", "go.acme.com/x"
FIRST = date(2026, 11, 1)
# Made on 1 November: 21 days are over, the 22nd is not.
CLICKS = {
    A: {FIRST: 40, FIRST + DAY: 2, FIRST + 5 * DAY: 7, NOW.date(): 99},
    B: {FIRST + 20 * DAY: 1},
    C: {},
}
TOTAL = 40 + 2 + 7 + 1


class Stand(LakeStand[TinyBitly]):
    def run(self, *, now: datetime = NOW, **changes: Any) -> ApiResult:
        config = BitlyConfig(base_url=self.tiny.base_url, token=SecretStr(TOKEN))
        return extract(replace(config, **changes), self.lake, self.next_run(now))

    def newest(self) -> dict[tuple[str, date], int]:
        """Clicks by link and day, the last reading of each."""
        return {(row["link_id"], row["bucket_start_at"].date()): row["click_count"] for row in self.rows("link_clicks")}

    def asked(self) -> list[str]:
        return [path.removeprefix("/v4/bitlinks/") for path in self.tiny.paths() if path.endswith("/clicks")]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with serve(TinyBitly(clicks={link: dict(days) for link, days in CLICKS.items()})) as tiny:
        yield Stand(tiny, tmp_path)


def test_every_click_of_days_that_are_over_and_a_day_without_is_zero(stand: Stand) -> None:
    result = stand.run()
    assert (result.shortfalls, result.partial_reason, result.row_counts) == ((), None, {"link_clicks": 63})
    found = stand.newest()
    assert sum(found.values()) == TOTAL
    assert (found[A, FIRST + DAY], found[A, FIRST + 2 * DAY]) == (2, 0)
    assert {day for _, day in found} == {FIRST + at * DAY for at in range(21)}, "today is not over"
    assert {row["long_url"] for row in stand.rows("link_clicks") if row["link_id"] == C} == {
        "https://example.org/x?utm_source=s"
    }
    # Groups, two pages of links, limits, three links.
    assert (result.request_count, len(stand.asked())) == (7, 3)


def test_a_second_run_of_a_day_asks_for_no_clicks_and_the_next_day_reads_late_ones(stand: Stand) -> None:
    stand.run()
    stand.run(now=NOW + timedelta(hours=6))
    assert len(stand.asked()) == 3
    stand.tiny.clicks[B][FIRST + 20 * DAY] = 4
    stand.run(now=NOW + DAY)
    assert sum(stand.newest().values()) == TOTAL + 3 + 99


def test_a_missed_fortnight_is_read_afterwards_and_quiet_links_once_a_week(stand: Stand) -> None:
    stand.tiny.created = dict.fromkeys(CLICKS, "2025-01-01T08:00:00+0000")
    stand.run(backfill_days=30)
    stand.tiny.clicks[C][NOW.date() + 3 * DAY] = 5
    before = len(stand.asked())
    for days in range(1, 9):
        stand.run(now=NOW + days * DAY)
    asked = stand.asked()[before:]
    # C had no click in 30 days, and B none in the second reading.
    assert (asked.count(f"{C}/clicks"), asked.count(f"{A}/clicks") <= 4, asked.count(f"{B}/clicks") <= 3) == (
        2,
        True,
        True,
    )
    assert sum(stand.newest().values()) == TOTAL + 99 + 5
    stand.run(now=NOW + 22 * DAY)
    days = {day for link, day in stand.newest() if link == C}
    assert len(days) == (max(days) - min(days)).days + 1, "no day is missed"


def test_days_that_the_plan_does_not_show_are_unknown_and_not_zero(stand: Stand) -> None:
    stand.tiny.shown_days = 8
    stand.run()
    assert min(day for _, day in stand.newest()) == NOW.date() - 7 * DAY
    (issue,) = {row["detail"] for row in stand.rows("issues")}
    assert "Bitly shows 2026-11-15 and later" in issue
    assert set(stand.problems()) == {"history_cut_by_plan"}


@pytest.mark.parametrize("body", [{"message": "UPGRADE_REQUIRED", "description": "a longer history"}])
def test_a_history_that_needs_another_plan_is_asked_for_again_in_a_shorter_form(stand: Stand, body: Any) -> None:
    stand.tiny.created = dict.fromkeys(CLICKS, "2026-01-01T08:00:00+0000")
    stand.tiny.script[f"/v4/bitlinks/{A}/clicks"] = [Reply(402, body)]
    result = stand.run(backfill_days=300)
    assert result.shortfalls == ()
    assert sum(count for (link, _), count in stand.newest().items() if link == A) == 49
    stand.tiny.script[f"/v4/bitlinks/{A}/clicks"] = [Reply(402, body)] * 9
    missing = stand.run(now=NOW + DAY).shortfalls
    assert [(one.exit_code, "api_not_enrolled" in one.why) for one in missing] == [(Exit.INCOMPLETE, True)]
    assert "export" in str(missing[0].next_step)


def test_an_answer_that_names_zeros_names_every_day(stand: Stand) -> None:
    stand.tiny.lists_zeros = True
    stand.run()
    assert sum(stand.newest().values()) == TOTAL
    assert len(stand.newest()) == 63


def test_days_that_cannot_be_read_are_said_and_no_zero_is_made_up(stand: Stand) -> None:
    odd = {"link_clicks": [{"date": "2026-11-01T00:00:00+0000", "clicks": -3}, {"date": "x"}, 5], "units": 22}
    odd["link_clicks"] += [{"date": "2026-11-02T00:00:00+0000", "clicks": 6}]  # type: ignore[operator]
    odd["link_clicks"] += [{"date": "2026-11-03T00:00:00-0500", "clicks": 6}]  # type: ignore[operator]
    stand.tiny.script[f"/v4/bitlinks/{A}/clicks"] = [Reply(200, odd)]
    stand.run()
    assert {day: count for (link, day), count in stand.newest().items() if link == A} == {FIRST + DAY: 6}
    assert stand.problems() == ["unreadable_days"]
    stand.run(now=NOW + timedelta(hours=1))
    assert sum(stand.newest().values()) == TOTAL, "the next run asks again"


def test_no_more_is_asked_for_than_the_plan_still_allows_and_the_next_runs_read_the_rest(stand: Stand) -> None:
    stand.tiny.limits = (1_000, 999)
    result = stand.run()
    assert (len(stand.asked()), str(result.partial_reason)) == (
        1,
        "the plan allows 1 more requests for clicks, and 3 links were due",
    )
    assert [one.exit_code for one in result.shortfalls] == [Exit.INCOMPLETE]
    stand.run(now=NOW + timedelta(hours=1))
    stand.tiny.limits = (1_000, 0)
    assert stand.run(now=NOW + timedelta(hours=2)).partial_reason is None
    assert sum(stand.newest().values()) == TOTAL
    assert len(stand.asked()) == 3


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for_and_without_end_it_ends_the_run(stand: Stand, status: int) -> None:
    refusal = Reply(status, {"message": "RATE_LIMIT_EXCEEDED"})
    stand.tiny.script[f"/v4/bitlinks/{A}/clicks"] = [refusal]
    assert stand.run().partial_reason is None
    assert 60 <= sum(stand.time.naps) <= 90
    stand.tiny.script["*"] = [refusal] * 99
    before = len(stand.tiny.requests)
    assert "kept refusing" in str(stand.run(now=NOW + DAY).partial_reason)
    assert len(stand.tiny.requests) - before == 3


def test_the_month_s_limit_ends_the_run_at_once(stand: Stand) -> None:
    stand.tiny.script[f"/v4/bitlinks/{B}/clicks"] = [Reply(403, {"message": "MONTHLY_RATE_LIMIT_EXCEEDED"})]
    result = stand.run()
    assert "can pay for no more: status 403: MONTHLY_RATE_LIMIT_EXCEEDED" in str(result.partial_reason)
    assert stand.time.naps == []
    assert stand.run(now=NOW + DAY).partial_reason is None
    assert sum(stand.newest().values()) == TOTAL + 99


def test_what_happens_to_one_link_leaves_the_others_alone(stand: Stand) -> None:
    for number, reply in enumerate([Reply(404, {"message": "NOT_FOUND"}), Reply(500, b""), Reply(200, b"<html>")]):
        stand.tiny.script[f"/v4/bitlinks/{A}/clicks"] = [reply] * 9
        result = stand.run(now=NOW + number * DAY)
        assert [one.exit_code for one in result.shortfalls] == [Exit.INCOMPLETE]
        assert {link for link, _ in stand.newest()} == {B, C}
    stand.tiny.script.clear()
    assert stand.run(now=NOW + 3 * DAY).shortfalls == ()
    assert sum(stand.newest().values()) == TOTAL + 99


@pytest.mark.parametrize("status", [401, 403])
def test_g34_a_refused_token_is_said_and_found_nowhere(
    stand: Stand, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    stand.run()
    sent = {headers["Authorization"] for _, _, headers in stand.tiny.requests}
    assert sent == {f"Bearer {TOKEN}"}
    said = {"message": "INVALID_ARG_ACCESS_TOKEN", "description": f"{TOKEN} is no token"}
    stand.tiny.script["*"] = [Reply(status, said)] * 9
    with pytest.raises(TweetbenchError) as refusal:
        stand.run(now=NOW + DAY)
    assert refusal.value.exit_code is Exit.AUTHENTICATION
    assert "Bitly does not accept TWEETBENCH_BITLY_TOKEN" in str(refusal.value)
    assert TOKEN not in str(refusal.value) + caplog.text
    needles, files = Needles([TOKEN]), [path for path in stand.lake.root.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if any(needles.is_in(piece) for piece in contents(path))] == []


def test_g02_g08_a_crash_keeps_what_was_read_and_a_damaged_bookmark_harms_one_link(stand: Stand) -> None:
    config = BitlyConfig(base_url=stand.tiny.base_url, token=SecretStr(TOKEN), tries=1)
    stand.tiny.script[f"/v4/bitlinks/{B}/clicks"] = [Reply(401, {"message": "FORBIDDEN"})]
    with pytest.raises(TweetbenchError):
        extract(config, stand.lake, stand.next_run(NOW))
    assert stand.rows("link_clicks") == []
    assert bitly.recover(stand.lake, now=NOW) == 1
    assert {link for link, _ in stand.newest()} == {A}
    stand.lake.commit({}, source="bitly", run_id="r", now=NOW, state={f"timeline:{A}": {"read_to": "2027-01-01"}})
    result = stand.run(now=NOW + DAY)
    assert [one.exit_code for one in result.shortfalls] == [Exit.INCOMPLETE]
    assert stand.problems() == ["bookmark_unusable"]
    assert {link for link, _ in stand.newest()} == {A, B, C}
    with pytest.raises(TweetbenchError, match="cannot be used"):
        bitly.check_state(f"timeline:{A}", {"read_to": "2027-01-01", "is_quiet": False}, now=NOW)


def test_the_plan_is_what_the_next_day_asks_for(stand: Stand) -> None:
    settings = Settings(_env_file=None, data_dir=stand.folder, bitly_token=SecretStr(TOKEN))
    stand.run()
    planned = bitly.plan(settings, stand.lake, (), now=NOW + DAY)
    asked = stand.run(now=NOW + DAY).request_count
    assert (planned.request_count, planned.usd, planned.fits) == (6, 0.0, True)
    assert asked == 7, "the test's pages hold two links, and Bitly's a hundred"


def test_it_is_asked_wherever_there_is_a_token_whoever_is_registered(tmp_path: Path) -> None:
    assert asked_sources(Settings(_env_file=None, data_dir=tmp_path), now=NOW) == []
    given = Settings(_env_file=None, data_dir=tmp_path, bitly_token=SecretStr(TOKEN))
    assert [source.NAME for source in asked_sources(given, now=NOW)] == ["bitly"]
    assert "bitly" in {source.NAME for source in sources.API_SOURCES}
    with pytest.raises(TweetbenchError, match="TWEETBENCH_BITLY_TOKEN is too short"):
        bitly.is_configured(Settings(_env_file=None, data_dir=tmp_path, bitly_token=SecretStr("changeme")))


def test_another_folder_s_env_file_does_not_send_the_token_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TWEETBENCH_BITLY_API_BASE_URL=https://evil.example\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWEETBENCH_BITLY_TOKEN", TOKEN)
    with pytest.raises(TweetbenchError, match="could send your token elsewhere"):
        load_settings()
