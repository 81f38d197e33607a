"""Guarantees of every API source where a platform refuses, fails or is slow: bounded, said, and harmful to no other."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import contents
from pipeline.errors import Exit
from pipeline.settings import PROJECT_DIR
from pipeline.sources.api.source import ApiSource
from tests.conftest import NOW
from tests.sources.api.platform import SourceStand, open_stand
from tests.sources.api.scripted import RateLimit, Reply

MINUTE = timedelta(minutes=1)
# What no platform means to say, and what happens on the way.
BROKEN = {
    "a page": Reply(200, b"<html>hello</html>"),
    "nothing": Reply(200, b""),
    "half": Reply(200, b'{"data": ['),
    "a word": Reply(200, b'"ok"'),
    "500": Reply(500, b"[]"),
    "503": Reply(503, b"<html>over capacity</html>"),
    "redirect": Reply(302, b"", {"Location": "https://elsewhere.example/"}),
    "hung up": Reply(wire="disconnect"),
    "cut": Reply(wire="close"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_g19_g20_what_happens_to_one_account_leaves_the_others_alone(stand: SourceStand, how: str) -> None:
    assert_others_are_read(stand, BROKEN[how])


def test_g19_what_a_platform_refuses_of_one_account_leaves_the_others_alone(
    source: ApiSource, stand: SourceStand, tmp_path: Path
) -> None:
    for number, reply in enumerate(stand.platform.refusals):
        with open_stand(source, tmp_path / str(number)) as fresh:
            assert_others_are_read(fresh, reply)


def assert_others_are_read(stand: SourceStand, reply: Reply) -> None:
    first, last = stand.fill(0, 5), stand.fill(2, 5)
    stand.fill(1, 5)
    stand.tiny.script[stand.platform.posts_key(1)] = [reply] * 20
    result = stand.run()
    assert (result.partial_reason, stand.post_ids()) == (None, {*first, *last})
    assert len(stand.tiny.requests) <= stand.most_requests(more=5)
    (issue,) = stand.rows("issues")
    assert (issue["subject"], issue["problem"][:4]) == (f"account {stand.platform.account_ids[1]}", "api_")
    (missing,) = result.shortfalls
    assert missing.exit_code is Exit.INCOMPLETE
    assert f"{issue['problem']}, such as {issue['subject']}" in missing.why
    assert missing.next_step
    assert {row["status"] for row in stand.rows("accounts")} == {"active"}
    stand.tiny.script.clear()
    assert stand.run(now=NOW + MINUTE).shortfalls == ()
    assert len(stand.post_ids()) == 15


def test_g20_errors_that_pass_are_tried_again_and_nothing_is_lost(stand: SourceStand) -> None:
    posts = stand.fill(0, 150)
    passing = [BROKEN[name] for name in ("500", "503", "cut", "hung up")]
    stand.tiny.script[stand.platform.posts_key(0)] = list(passing)
    result = stand.run()
    assert (result.partial_reason, result.shortfalls, stand.post_ids()) == (None, (), set(posts))
    assert 0 < sum(stand.time.naps) < 120


def test_g20_a_platform_that_is_down_ends_the_reading_of_it_after_three_failures(stand: SourceStand) -> None:
    stand.tiny.script["*"] = [None, *[Reply(503, b"{}")] * 99]
    result = stand.run()
    assert stand.shortfall_codes(result) <= {Exit.INCOMPLETE, Exit.UNAVAILABLE}
    assert result.shortfalls
    assert len(stand.tiny.requests) == 1 + 3 * 5


@pytest.mark.parametrize("how", ["500", "503", "cut", "a page"])
def test_g19_a_platform_of_which_nothing_could_be_read_is_not_merely_incomplete(stand: SourceStand, how: str) -> None:
    stand.tiny.script["*"] = [BROKEN[how]] * 99
    result = stand.run()
    assert stand.shortfall_codes(result) == {Exit.UNAVAILABLE}
    assert result.shortfalls[0].what == f"{stand.source.PLATFORM_NAME} could not be read at all"
    assert (stand.rows("accounts"), stand.rows("posts")) == ([], [])


def test_g19_an_account_that_is_gone_has_a_status_and_leaves_the_run_complete(stand: SourceStand) -> None:
    stand.platform.remove_account(1)
    result = stand.run()
    assert (result.partial_reason, result.shortfalls) == (None, ())
    (gone,) = (row for row in stand.rows("accounts") if row["status"] != "active")
    assert gone["status"] in {"suspended", "not_found", "deactivated"}
    assert [gone[name] for name in ("follower_count", "following_count", "post_count")] == [None] * 3


def test_g18_a_limit_without_end_ends_the_run_after_bounded_requests(stand: SourceStand) -> None:
    stand.tiny.script["*"] = [Reply(429, {})] * 99
    result = stand.run(time_budget_seconds=36_000.0)
    assert "kept refusing" in stand.said(result)
    assert len(stand.tiny.requests) <= 4 * max(1, stand.platform.first_requests)


def test_g24_a_wait_beyond_the_time_budget_ends_the_run_at_once_and_the_next_has_all(stand: SourceStand) -> None:
    posts = stand.fill(0, 5)
    stand.tiny.script[stand.platform.posts_key(0)] = [Reply(429, {}, {"Retry-After": "800"})]
    result = stand.run(time_budget_seconds=60.0)
    assert "more than the run's time allows" in stand.said(result)
    assert (stand.time.naps, stand.shortfall_codes(result)) == ([], {Exit.INCOMPLETE})
    assert len(stand.rows("accounts")) == 3
    assert stand.run(now=NOW + MINUTE).partial_reason is None
    assert stand.post_ids() == set(posts)


def test_g24_a_run_asks_for_nothing_once_its_time_is_used(stand: SourceStand) -> None:
    posts = stand.fill(0, 450)
    stand.tiny.on_request = lambda _: stand.time.pass_by(10.0)
    for run in range(9):
        asked, seconds = len(stand.tiny.requests), 45.0 + 30.0 * stand.platform.first_requests
        result = stand.run(now=NOW + run * MINUTE, time_budget_seconds=seconds)
        assert len(stand.tiny.requests) - asked <= seconds / 10 + 1
        if result.partial_reason is None:
            break
        assert "time is used up" in result.partial_reason
        assert stand.shortfall_codes(result) == {Exit.INCOMPLETE}
    assert result.partial_reason is None
    assert stand.post_ids() == set(posts)


def test_g18_no_more_is_asked_for_than_the_platform_allows(stand: SourceStand) -> None:
    posts = stand.fill(0, 900)
    limit = RateLimit(4, 300.0, stand.platform.limit_key, lambda: stand.time.seconds - 1_000.0)
    stand.tiny.limit = limit
    result = stand.run()
    assert (limit.refused, result.partial_reason, stand.post_ids()) == (0, None, set(posts))
    assert stand.time.naps
    assert max(stand.time.naps) <= 310


def test_g24_the_plan_of_a_day_is_what_the_day_asks_for(stand: SourceStand) -> None:
    settings, registry = stand.platform.settings(stand.folder), stand.platform.registry
    for account in range(3):
        stand.fill(account, 30)
    stand.run()
    for day in (1, 2, 3):
        now = NOW + timedelta(days=day, hours=day)
        stand.fill(0, 4, until=now)
        planned = stand.source.plan(settings, stand.lake, registry, now=now)
        before = len(stand.tiny.requests)
        result = stand.run(now=now)
        asked = len(stand.tiny.requests) - before
        assert (day, asked, 0 <= planned.request_count - asked <= 1) == (day, result.request_count, True)
        assert (result.usd > 0) == (planned.usd > 0)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, name)
        yield caplog


def test_g34_passwords_and_proxies_of_the_machine_are_not_used_and_no_secret_stays(
    stand: SourceStand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password canary-of-the-netrc-file\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    posts = stand.fill(0, 5)
    echo = " ".join(stand.platform.secrets) or "nothing"
    stand.tiny.script[stand.platform.posts_key(1)] = [Reply(400, {"error": echo, "message": echo, "title": echo})] * 9
    result = stand.run()
    assert stand.post_ids() == set(posts)
    sent = {name.casefold(): value for _, _, headers in stand.tiny.requests for name, value in headers.items()}
    authorization = {sent["authorization"]} if "authorization" in sent else set()
    assert authorization == {f"Bearer {secret}" for secret in stand.platform.secrets}
    assert "cookie" not in sent
    secrets = [*stand.platform.secrets, "canary-of-the-netrc-file"]
    shown = repr(result) + everything_logged.text + repr([vars(record) for record in everything_logged.records])
    assert [secret for secret in secrets if secret in shown] == []
    needles, files = Needles(secrets), [path for path in stand.lake.root.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if any(needles.is_in(piece) for piece in contents(path))] == []


@pytest.mark.parametrize("source", sources.API_SOURCES, ids=lambda source: source.NAME)
def test_importing_a_source_does_nothing_and_no_module_of_it_knows_dagster_or_the_clock(
    source: ApiSource, tmp_path: Path
) -> None:
    files = sorted((PROJECT_DIR / "pipeline" / "sources" / source.NAME).rglob("*.py"))
    names = [".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts).removesuffix(".__init__") for path in files]
    assert len(names) > 5
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    environment = {"PYTHONPATH": str(PROJECT_DIR), "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []
    for path in files:
        assert not re.search(r"import dagster|datetime\.now|time\.time\(|utcnow", path.read_text()), path.name
