"""The digest: what changed between two versions, sent through apprise to a server on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import formatdate
from pathlib import Path

import pytest

from pipeline.publish.reader import kept_versions
from pipeline.report.digest import Digest, write_digest
from pipeline.simulate.responses import Response
from pipeline.simulate.wire import listen
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.report.stand import publish_rows, settings_for
from tests.report.world import world
from tests.report.world_names import HOSTILE, Rows, key

CANARY = "canary-8f3a1"


def later_world() -> Rows:
    """The same world a day on: an account more, one less, a mover, and a change of style, churn and verdict."""
    rows = world()
    rows["accounts"] = [row for row in rows["accounts"] if row["account_key"] != key(39)]
    rows["accounts"].append({**rows["accounts"][5], "account_key": "x:new", "handle": "newcomer", "is_own": False})
    rows["accounts"][10]["follower_count"] = round(rows["accounts"][10]["follower_count"] * 1.25)
    rows["ratio_styles"][1]["ratio_style"] = "interpersonal"
    rows["follow_churn"][7]["is_spam_and_cull"] = True
    rows["growth_verdict"][0]["verdict"] = "no_difference_shown"
    rows["survey_segments"] = [{**row, "base_count": 95} for row in rows["survey_segments"]]
    rows["issues"] = rows["issues"] * 3
    return rows


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_for(tmp_path_factory.mktemp("digest") / "data", is_demo=True)
    publish_rows(settings, world(), now=NOW - timedelta(days=1))
    publish_rows(settings, later_world(), now=NOW)
    settings.demo_mark.touch()
    return settings.data_dir


def digest_of(data_dir: Path, *, first: bool = False) -> Digest:
    before, current = kept_versions(settings_for(data_dir))
    return write_digest(before, None) if first else write_digest(current, before)


def test_the_digest_names_every_kind_of_news(two_versions: Path) -> None:
    digest = digest_of(two_versions)
    assert digest.title == "[DEMO DATA] tweetbench: version 2 of 2026-11-22 12:00 UTC"
    gap = "\u00a0"
    for line in (
        "DEMO DATA: all of it is invented.",
        "Since version 1 of 2026-11-21 12:00 UTC",
        "- All accounts: response matters more became cannot tell yet",
        "- 1 new: newcomer",
        "- 1 no longer there: account_39",
        f"- {HOSTILE}: in between became about one to one",
        "- 1 now follow and unfollow in waves: account_7",
        f"- account_10: 465 to 581 (+24.9{gap}%)",
        "- s1: 15 new responses, 95 in all",
        "- bad time: 2 new issues",
    ):
        assert line in digest.text.splitlines(), line


def test_the_html_digest_says_the_same_and_escapes_what_comes_from_the_data(two_versions: Path) -> None:
    digest = digest_of(two_versions)
    assert "&lt;/script&gt;&lt;img src=x" in digest.html
    assert "<img" not in digest.html
    assert digest.html.count("<li>") == sum(line.startswith("- ") for line in digest.text.splitlines())


def test_a_first_version_and_an_unchanged_one_say_so(two_versions: Path, tmp_path: Path) -> None:
    assert "nothing to compare it with" in digest_of(two_versions, first=True).text
    settings = settings_for(tmp_path / "data")
    for _ in range(2):
        publish_rows(settings, world(), now=NOW)
    before, current = kept_versions(settings)
    digest = write_digest(current, before)
    assert "No notable changes" in digest.text
    assert "No notable changes" in digest.html
    assert "DEMO" not in digest.title


@contextmanager
def receiver(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Address of a web hook on loopback, and what it was sent."""
    received: list[dict[str, str]] = []

    def take(_target: str, _headers: object, body: bytes | None) -> tuple[Response, None]:
        received.append(json.loads(body or b"null"))
        return Response(status, raw=b""), None

    with listen(take, date=formatdate) as address:
        yield f"{address.replace('http://', f'json://user:{CANARY}@')}/hook", received


def test_the_command_sends_text_or_html_as_the_service_shows_it_and_never_shows_the_address(
    two_versions: Path,
) -> None:
    tweetbench = Tweetbench(two_versions)
    with receiver() as (address, received):
        urls = f"{address} {address}?format=html"
        said = tweetbench("report", "--notify", TWEETBENCH_NOTIFY_URLS=urls)
    assert said.code == 0, said.err
    assert "digest sent to 2 services" in said.out
    assert "<li>" not in received[0]["message"]
    assert "newcomer" in received[0]["message"]
    assert "<li>1 new: newcomer</li>" in received[1]["message"]
    assert {message["title"] for message in received} == {"[DEMO DATA] tweetbench: version 2 of 2026-11-22 12:00 UTC"}
    assert CANARY not in said.out + said.err
    assert not (two_versions / "reports").exists(), "a digest alone rebuilds no report"


def test_a_service_that_refuses_and_an_address_that_is_none_are_said_by_number(two_versions: Path) -> None:
    tweetbench = Tweetbench(two_versions)
    with receiver(status=500) as (address, _):
        refused = tweetbench("report", "--notify", address)
    assert refused.code == 69
    assert "1 of 1 services did not take the digest" in refused.err
    unknown = tweetbench("report", "--notify", f"nonsense://{CANARY}")
    assert unknown.code == 78
    assert "address 1 of 1" in unknown.err
    assert CANARY not in refused.err + refused.out + unknown.err + unknown.out
    nobody = tweetbench("report", "--notify")
    assert nobody.code == 78
    assert "TWEETBENCH_NOTIFY_URLS" in nobody.err


def test_without_the_extra_the_command_names_what_to_install(
    two_versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.errors import TweetbenchError
    from pipeline.report.notify import send

    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(TweetbenchError, match="apprise, which is not installed") as caught:
        send(digest_of(two_versions), ["json://127.0.0.1"])
    assert "tweetbench[notify]" in caught.value.next_step
