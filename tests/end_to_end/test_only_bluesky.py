"""A person with Bluesky alone: no token is set, two days are read by the real job, a post is taken back and erased."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.idle import idle_note
from pipeline.runtime.clock import NOW_VARIABLE
from tests.command import Said, Tweetbench
from tests.conftest import NOW
from tests.guarantees.stand import places_of
from tests.sources.bluesky.platform import Platform

TAKEN_BACK = "sentinel words that were taken back"
DAY = timedelta(days=1)


@dataclass
class Person:
    """A data folder, the platform, and what the commands said."""

    tweetbench: Tweetbench
    platform: Platform
    posts: list[str] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)
    marts: dict[str, Any] = field(default_factory=dict)

    def do(self, name: str, now: datetime, *words: str) -> None:
        """A command at some time, remembered by a name."""
        self.platform.server.date = format_datetime(now, usegmt=True)
        address = {"TWEETBENCH_BLUESKY_API_BASE_URL": self.platform.server.base_url}
        self.said[name] = self.tweetbench(*words, **address, **{NOW_VARIABLE: now.isoformat()})
        assert self.said[name].code == 0, self.said[name].err


@contextmanager
def a_person(folder: Path) -> Iterator[Person]:
    with Platform.open(2) as platform:
        person = Person(Tweetbench(folder / "data"), platform)
        assert person.tweetbench("init").code == 0
        registry = "platform,handle,name,industry,company_size,customer_focus,is_own\n"
        registry += (
            "bluesky,firm0.example,Acme,Tools,10-49,b2b,true\nbluesky,firm1.example,Rival,Tools,10-49,b2b,false\n"
        )
        (person.tweetbench.data_dir / "accounts.csv").write_text(registry)
        yield person


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with a_person(tmp_path_factory.mktemp("bluesky")) as person:
        platform, data_dir = person.platform, person.tweetbench.data_dir
        person.posts = [platform.add_post(0, NOW - number * DAY - timedelta(hours=1)) for number in range(9, -1, -1)]
        platform.server.feeds[platform.account_ids[0]][3]["post"]["record"]["text"] = TAKEN_BACK
        person.do("plan", NOW, "plan", "--json")
        person.do("first run", NOW, "run", "--json")
        person.marts["coverage"] = person.tweetbench.rows("from coverage order by account_key")
        person.marts["idle"] = idle_note(platform.settings(data_dir))
        person.marts["status"] = person.tweetbench("status", "--json").json()
        person.posts.append(platform.add_post(0, NOW + DAY - timedelta(hours=1)))
        person.do("second run", NOW + DAY, "run", "--json")
        person.marts["second"] = person.tweetbench.rows("from coverage order by account_key")
        person.marts["posts"] = person.tweetbench.rows("from posts order by created_at")
        gone = person.posts[-5]
        platform.remove_post(gone)
        assert places_of(data_dir, TAKEN_BACK)
        link = f"https://bsky.app/profile/firm0.example/post/{gone.rpartition('/')[2]}"
        (data_dir / "inbox" / "done").mkdir(parents=True, exist_ok=True)
        (data_dir / "inbox" / "done" / "links.csv").write_text(f"link,clicks\n{link},4\n{link}x,5\n")
        person.do("check", NOW + 2 * DAY, "comply", "--probe", "--check", "--json")
        assert places_of(data_dir, TAKEN_BACK)
        person.do("comply", NOW + 2 * DAY, "comply", "--probe", "--json")
        yield person


def test_the_plan_needs_no_token_and_asks_for_what_the_run_then_does(person: Person) -> None:
    plan = person.said["plan"].json()
    assert [(line["endpoint"], line["request_count"]) for line in plan["lines"]] == [
        ("profiles", 1),
        ("feeds", 2),
        ("posts", 0),
    ]
    assert (plan["usd"], plan["not_read"]) == (0, [])


def test_both_runs_read_everything_and_the_second_reads_on(person: Person) -> None:
    for name in ("first run", "second run"):
        assert (name, person.said[name].code, person.said[name].json()["reasons"]) == (name, 0, [])
    assert [row["post_id"] for row in person.marts["posts"]] == person.posts
    assert {row["account_key"] for row in person.marts["posts"]} == {f"bluesky:{person.platform.account_ids[0]}"}


def test_one_day_that_was_read_is_one_captured_day_however_far_back_its_posts_go(person: Person) -> None:
    first = [(row["source"], row["captured_day_count"], row["gap_note"]) for row in person.marts["coverage"]]
    second = [(row["source"], row["captured_day_count"], row["missing_day_count"]) for row in person.marts["second"]]
    assert first == [("bluesky", 1, None)] * 2
    assert second == [("bluesky", 2, 0)] * 2


def test_impressions_and_clicks_are_not_reported_and_never_zero(person: Person) -> None:
    for row in person.marts["posts"]:
        assert (row["impression_count"], row["link_click_count"], row["profile_click_count"]) == (None, None, None)
        assert (row["repost_count"], row["reply_count"], row["engagement_basis"]) == (2, 1, "reactions")
    weeks = person.tweetbench.rows("from account_weeks where post_count > 0")
    assert {row["quality_basis"] for row in weeks} <= {"engagement_per_post", None}


def test_a_scheduled_run_always_has_something_to_ask_for(person: Person) -> None:
    assert person.marts["idle"] is None
    assert not (person.tweetbench.data_dir / "dagster" / "idle.json").exists()


def test_status_and_doctor_miss_no_token(person: Person) -> None:
    assert next(row["source"] for row in person.marts["status"]["lake"]) == "account_registry"
    assert "bluesky" in {row["source"] for row in person.marts["status"]["lake"]}


def test_a_post_that_was_taken_back_is_erased_with_a_receipt(person: Person) -> None:
    said = person.said["comply"]
    assert said.code == 0, said.err
    receipt, gone = said.json(), person.posts[-5]
    assert receipt["posts"] == {gone: "deleted"}
    assert person.said["check"].json()["posts"] == 1
    assert (person.tweetbench.data_dir / "inbox" / "done" / "links.csv").read_text().count("\n") == 2
    assert (receipt["proof"]["found_in"], receipt["version_published"] is not None) == ([], True)
    assert places_of(person.tweetbench.data_dir, TAKEN_BACK) == []
    left = {row["post_id"]: (row["text"], row["availability"]) for row in person.tweetbench.rows("from posts")}
    assert (left[gone], len(left)) == ((None, "removed"), len(person.posts))
