"""A Hypothesis state machine: accounts live, files come, runs succeed, crash and starve; the promises hold throughout.

The model is a dict world: what X serves (`TinyX`), what a run must have landed, and what was erased. Holds no test.
"""

import shutil
import tempfile
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.comply.request import Wanted
from pipeline.comply.sweep import erase
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.maintain.verify import verify
from pipeline.publish import publish
from pipeline.publish.reader import open_file
from pipeline.runtime.lease import hold_lease
from tests.conftest import NOW
from tests.forking import Worker
from tests.guarantees.crashing import KILLED
from tests.guarantees.flow import SURVEYED, Order, build_marts, make_settings, open_world, published_contents, run_flow
from tests.sources.x_api.stand import make_post

ACCOUNTS = st.sampled_from(["1001", "1002"])
OPERATIONS = 260


class Lives(RuleBasedStateMachine):
    """One data folder and one platform, from the first run on. `worker` runs what is to die."""

    worker: Worker

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lives-")) / "data"
        self.settings, self.opening = make_settings(self.folder), open_world()
        self.world = self.opening.__enter__()
        self.hours, self.runs, self.number, self.crashes = 0.0, 0, 1_000, 0
        self.away: dict[str, Any] = {}
        self.landed: set[str] = set()
        self.erased: set[str] = set()

    def teardown(self) -> None:
        self.opening.__exit__(None, None, None)
        shutil.rmtree(self.folder.parent)

    @property
    def tiny(self) -> Any:
        return self.world.tiny

    def order(self, **changes: Any) -> Order:
        self.runs += 1
        self.tiny.date = format_datetime(NOW + timedelta(hours=self.hours), usegmt=True)
        return Order(str(self.folder), self.tiny.base_url, f"run{self.runs}", hours=self.hours, **changes)

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = Lake(self.settings.lake_dir).read("posts").to_pylist()
        return rows

    @initialize()
    def begin(self) -> None:
        self.run()

    @rule(account=ACCOUNTS, count=st.integers(1, 45))
    def post(self, account: str, count: int) -> None:
        for _ in range(count):
            self.number += 1
            at = NOW + timedelta(hours=self.hours) - timedelta(seconds=3_600 - self.number % 3_600)
            self.tiny.posts[account].append(make_post(self.number, author=account, at=at))

    @rule(account=ACCOUNTS, place=st.integers(0, 500))
    def delete(self, account: str, place: int) -> None:
        posts = self.tiny.posts[account]
        if posts:
            posts.pop(place % len(posts))

    @rule(account=ACCOUNTS)
    def rename(self, account: str) -> None:
        if account in self.tiny.accounts:
            self.number += 1
            self.tiny.accounts[account]["username"] = f"name{self.number}"

    @rule(account=ACCOUNTS)
    def suspend_or_restore(self, account: str) -> None:
        if account in self.away:
            self.tiny.accounts[account] = self.away.pop(account)
        elif len(self.away) == 0:
            self.away[account] = self.tiny.accounts.pop(account)

    @rule(hours=st.sampled_from([0.5, 7.0, 13.0, 24.0, 75.0]))
    def tick(self, hours: float) -> None:
        self.hours += hours

    @rule(kind=st.sampled_from(["good", "same", "useless", "half"]))
    def drop_file(self, kind: str) -> None:
        self.number += kind == "good"
        good = SURVEYED + f"x,{self.number},b{self.number},2026-11-01,7,3\n"
        text = {"useless": "no,table\nof,ours\n", "half": good[:40]}.get(kind, good)
        (self.folder / "inbox" / f"{kind}.csv").write_text(text)

    @rule()
    def run(self) -> None:
        run_flow(self.order())
        self.learn()

    @rule()
    def run_again_at_once(self) -> None:
        self.run()
        before = len(self.tiny.served)
        self.run()
        assert len(self.tiny.served) == before, "G5: a run with nothing new bought something"

    @rule(at=st.integers(1, OPERATIONS))
    def crash(self, at: int) -> None:
        self.crashes += 1
        assert self.worker.run(self.order(die_at=at)) in {KILLED, 0}

    @rule(at=st.integers(1, OPERATIONS))
    def fill_disk(self, at: int) -> None:
        self.crashes += 1
        assert self.worker.run(self.order(full_from=at)) in {int(Exit.IO), 28, 0}

    @rule()
    def second_run(self) -> None:
        with (
            hold_lease(self.settings, purpose="the first", now=NOW),
            pytest.raises(TweetbenchError, match="another run holds the lease") as caught,
        ):
            run_flow(self.order())
        assert caught.value.exit_code is Exit.BUSY

    @rule(place=st.floats(0, 1, exclude_max=True))
    def corrupt(self, place: float) -> None:
        files = [file for commit in Lake(self.settings.lake_dir).commits() for file in commit.all_files()]
        file = files[int(place * len(files))]
        path = self.settings.lake_dir / file.path
        good = path.read_bytes()
        path.write_bytes(good[: int(place * len(good))])
        assert [each.where for each in verify(self.settings, now=NOW).damage] == [file.path]
        path.write_bytes(good)

    @rule(place=st.integers(0, 500))
    @precondition(lambda self: self.landed)
    def comply(self, place: int) -> None:
        wanted = sorted(self.landed)[place % len(self.landed)]
        now = NOW + timedelta(hours=self.hours)
        with hold_lease(self.settings, purpose="comply", now=now):
            self.runs += 1

            def republish() -> int:
                build_marts(self.settings)
                return publish(self.settings, run_id=f"comply{self.runs}", now=now, basis="b").version

            receipt = erase(
                self.settings, Wanted({wanted: "deleted"}, {}), run_id="comply", now=now, republish=republish
            )
        assert receipt.is_clean
        self.erased.add(wanted)

    def learn(self) -> None:
        """What a run that ended well must have landed."""
        served = {post["id"] for account in self.tiny.accounts for post in self.tiny.posts[account]}
        present = {row["post_id"] for row in self.rows()}
        limit = NOW + timedelta(hours=self.hours) - timedelta(days=25)
        young = {
            post["id"]
            for account in self.tiny.accounts
            for post in self.tiny.posts[account]
            if post["created_at"] > limit.strftime("%Y-%m-%dT%H:%M:%S")
        }
        assert young <= present, f"G3: {len(young - present)} of {len(served)} posts were not landed"
        self.landed |= present
        contents = published_contents(self.folder)
        assert contents is not None
        assert {row[0] for row in contents["posts"]} == present, "G1: the new version lacks posts"

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        rows = self.rows()
        keys = [(row["post_id"], row["captured_at"]) for row in rows]
        assert len(keys) == len(set(keys)), "G3: a reading is there twice"
        assert self.landed <= {row["post_id"] for row in rows}, "G3: a post is gone"
        assert not [row for row in rows if row["post_id"] in self.erased and row["text"]], "G38: words came back"

    @invariant()
    def bookmarks_do_not_run_ahead(self) -> None:
        landed = {row["post_id"] for row in self.rows()}
        for key, value in Lake(self.settings.lake_dir).state("x_api").items():
            high = value.get("high") if key.startswith("timeline:") else None
            assert high is None or high in landed, f"G4: {key} is ahead of its posts"

    @invariant()
    def readers_see_a_whole_version(self) -> None:
        current = self.folder / "published/current/warehouse.duckdb"
        if not current.exists():
            return
        with open_file(current) as reader:
            (posts,) = reader.execute("select count(*) from posts").fetchone() or (0,)
        assert posts <= len({row["post_id"] for row in self.rows()}), "G1: readers see what was never landed"
        assert posts > 0, "G12: readers see an empty version"
