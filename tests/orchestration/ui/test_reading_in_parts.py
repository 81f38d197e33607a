"""Several runs of one Dagster read the accounts side by side, each its part; one run publishes what they have read."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.runtime.shard import Shard
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.orchestration.ui import stand
from tests.orchestration.ui.databases import Database
from tests.orchestration.ui.databases import database as database
from tests.parsed import share_parsed_project
from tests.postgres import postgres as postgres
from tests.sources.api.scripted import serve
from tests.sources.x_api.stand import TOKEN, make_account, make_post
from tests.sources.x_api.tiny_server import TinyX

READERS, ACCOUNTS, POSTS = 3, 12, 20
LAUNCH = "mutation($p: ExecutionParams!){launchRun(executionParams: $p){... on LaunchRunSuccess{run{runId}}}}"
OVER = {"SUCCESS", "FAILURE", "CANCELED"}


@dataclass
class PatientX(TinyX):
    """Answers nobody before it may, and notes when every reader has asked for something of its own."""

    asked: set[str] = field(default_factory=set)
    all_have_asked: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def respond(self, target: str, headers: Message, body: bytes | None) -> Any:
        self.asked.add(target)
        if len(self.asked) == READERS:
            self.all_have_asked.set()
        self.may_answer.wait(300)
        return super().respond(target, headers, body)


@contextmanager
def world(folder: Path) -> Iterator[tuple[PatientX, dict[str, str]]]:
    """A platform with accounts and posts, a data folder that lists them, and settings for readers of parts."""
    share_parsed_project(folder)
    listed = [f"x,firm{number},{1_000 + number}" for number in range(1, ACCOUNTS + 1)]
    (folder / "accounts.csv").write_text("\n".join(["platform,handle,account_id", *listed]) + "\n")
    accounts = {str(1_000 + number): make_account(number) for number in range(1, ACCOUNTS + 1)}
    posts = {
        author: [make_post(POSTS * each + place, author=author) for each in range(POSTS)]
        for place, author in enumerate(accounts)
    }
    with serve(PatientX(accounts=accounts, posts=posts)) as platform:
        yield (
            platform,
            {
                "TWEETBENCH_READERS": str(READERS),
                "TWEETBENCH_X_BEARER_TOKEN": TOKEN,
                "TWEETBENCH_X_API_BASE_URL": platform.base_url,
                "TWEETBENCH_MAX_USD_PER_RUN": "30",
                NOW_VARIABLE: NOW.isoformat(),
            },
        )


def launch_parts(ui: stand.Ui) -> dict[str, str]:
    """Ask for a run of each part, as the Launchpad does; the runs' ids by part."""
    job = {"repositoryLocationName": "tweetbench", "repositoryName": "__repository__", "jobName": "read_accounts"}
    launched = {}
    for part in (f"{number}/{READERS}" for number in range(1, READERS + 1)):
        tags = {"tags": [{"key": "dagster/partition", "value": part}]}
        asked = {"selector": job, "runConfigData": {}, "executionMetadata": tags}
        launched[part] = str(ui.ask(LAUNCH, p=asked)["launchRun"]["run"]["runId"])
    return launched


def wait_for_publishing(ui: stand.Ui, after: set[str]) -> set[str]:
    """The runs that were asked for to publish, once the newest of them began after these and all have ended.

    The first may hold all rows already: a part has committed them before its run ends, and the sensor asks then.
    """
    for _ in range(600):
        newest, *others = runs = ui.runs()
        asked = [run for run in runs if {"key": "dagster/sensor_name", "value": "accounts_read"} in run["tags"]]
        if newest in asked and after <= {run["runId"] for run in others} and newest["status"] in OVER:
            assert {run["status"] for run in asked} == {"SUCCESS"}, ui.failures(newest["runId"])
            return {str(run["runId"]) for run in asked}
        time.sleep(0.5)
    raise AssertionError(f"nothing was published: {ui.runs()}")


def test_parts_are_read_side_by_side_a_killed_reader_is_repeated_and_what_all_have_read_is_published(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    with world(folder) as (platform, given):
        given["TWEETBENCH_DAGSTER_POSTGRES_URL"] = database.url
        with stand.opened(folder, **given) as ui:
            parts = launch_parts(ui)
            assert platform.all_have_asked.wait(300), f"they do not work side by side: {ui.runs()}"
            victim = parts["2/3"]
            os.kill(ui.wait_for_work(victim), signal.SIGKILL)
            platform.may_answer.set()
            assert {part: ui.wait_for_run(parts[part]) for part in ("1/3", "3/3")} == {
                "1/3": "SUCCESS",
                "3/3": "SUCCESS",
            }
            tags = {tag["key"]: tag["value"] for tag in ui.wait_for_tag(victim, "dagster/auto_retry_run_id")}
            repeated = tags["dagster/auto_retry_run_id"]
            assert ui.wait_for_run(repeated) == "SUCCESS"
            publishing = wait_for_publishing(ui, {*parts.values(), repeated})
        bought = Counter(platform.served)
    assert len(bought) == ACCOUNTS * (1 + POSTS)
    killed = Shard(2, READERS)
    of_others = [author for author in platform.accounts if not killed.holds(author)]
    assert 0 < len(of_others) < ACCOUNTS
    assert {bought[post["id"]] for author in of_others for post in platform.posts[author]} == {1}
    assert {bought[author] for author in of_others} == {1}
    tweetbench = Tweetbench(folder)
    held = "select run_id, (select count(*) from posts) as posts, (select count(*) from accounts) as accounts"
    (published,) = tweetbench.rows(f"{held} from published")
    assert published.pop("run_id") in publishing
    assert published == {"posts": ACCOUNTS * POSTS, "accounts": ACCOUNTS}
    said = tweetbench("status").out
    for part, run in {**parts, "2/3": repeated}.items():
        assert f"part {part} of the accounts, run {run}, " in said
