"""The demo world: same seed, same world; its accounts live as scripted."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.simulate.cast import ROLE_SHARES
from pipeline.simulate.posts import ORIGINAL, REPOST
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import to_instant
from pipeline.sources import snowflake
from tests.simulate.panel import latent_panel

DIGEST = """
import hashlib, sys
from pipeline.simulate.world import World
from pipeline.simulate.texts import text_of
world = World(seed=int(sys.argv[1]), account_count=40, day_count=120)
parts = [world.posts.post_id, world.finals, world.growth.log_followers, world.growth.following]
digest = hashlib.sha256(b"".join(part.tobytes() for part in parts))
digest.update(repr([text_of(world, row) for row in range(0, world.posts.size, 7)]).encode())
digest.update(repr(world.account_state(5, world.end)).encode())
print(digest.hexdigest())
"""


def _digest(seed: int, hash_seed: str) -> str:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", DIGEST, str(seed)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_same_seed_gives_the_same_world_in_another_process_and_another_seed_does_not() -> None:
    first = _digest(7, "1")
    assert first == _digest(7, "2")
    assert first != _digest(8, "1")


def test_the_purge_week_is_a_loss_for_the_median_account_and_no_other_week_is(world: World) -> None:
    panel = latent_panel(world).to_pydict()
    by_week: dict[int, list[float]] = {}
    for week, growth in zip(panel["week"], panel["growth"], strict=True):
        by_week.setdefault(week, []).append(growth)
    losing = {week for week, growths in by_week.items() if np.median(growths) < -0.005}
    assert losing == {world.growth.purge_week}


def test_every_post_id_carries_the_post_s_own_millisecond_and_is_unique(world: World) -> None:
    ids = [str(post_id) for post_id in world.posts.post_id]
    assert len(set(ids)) == len(ids)
    for row in range(0, world.posts.size, 997):
        assert snowflake.created_at(ids[row]) == to_instant(int(world.posts.created_ms[row]))


def test_counts_grow_with_age_and_stay_within_the_final_ones(world: World) -> None:
    row = int(np.flatnonzero((world.posts.kind == ORIGINAL) & (world.finals[0] > 500))[0])
    made = to_instant(int(world.posts.created_ms[row]))
    likes = [world.metrics(row, made + timedelta(days=age))["impression_count"] for age in (0, 1, 3, 7, 30)]
    assert likes[0] == 0
    assert likes == sorted(likes)
    # Nine tenths of the reactions to a post come within a day, as real ones do.
    assert likes[1] == pytest.approx(0.9390 * world.finals[0, row], abs=1)
    assert likes[-1] <= world.finals[0, row]


def test_an_edit_chain_shows_its_latest_version_only_and_freezes_the_others(world: World) -> None:
    row = int(np.flatnonzero(world.posts.root != np.arange(world.posts.size))[0])
    root = int(world.posts.root[row])
    before = to_instant(int(world.posts.created_ms[root]) + 1)
    after = before + timedelta(hours=1)
    account = int(world.posts.account[root])
    first_id = str(world.posts.post_id[root])
    versions = world.versions(root, after)
    assert world.versions(root, before) == [first_id]
    assert len(versions) >= 2
    assert versions[0] == first_id
    assert world.posts_at(account, before)[0] == first_id
    assert set(versions) & set(world.posts_at(account, after)) == {versions[-1]}
    assert world.find_post(first_id, after) == root
    late = world.metrics(root, after + timedelta(days=30))
    assert late == world.metrics(root, to_instant(int(world.posts.superseded_ms[root])))


def test_a_repost_has_the_original_s_reposts_and_no_likes(world: World) -> None:
    row = int(np.flatnonzero(world.posts.kind == REPOST)[5])
    shown = world.metrics(row, world.end)
    assert shown["like_count"] == shown["impression_count"] == 0
    assert shown["repost_count"] >= 1


def test_a_given_up_handle_is_taken_by_another_account(world: World, account_with: Callable[[str], int]) -> None:
    renamed, reuser = account_with("renamed"), account_with("reuser")
    early = world.end - timedelta(days=60)
    handle = world.handle(renamed, early)
    assert world.find_handle(handle.upper(), early) == renamed
    assert world.find_handle(handle, world.end) == reuser
    assert world.handle(renamed, world.end) != handle


def test_suspended_and_vanished_accounts_have_a_status_and_no_counts(
    world: World, account_with: Callable[[str], int]
) -> None:
    states = {role: world.account_state(account_with(role), world.end) for role in ("suspended", "deactivated")}
    assert {role: state.status for role, state in states.items()} == {
        "suspended": "suspended",
        "deactivated": "not_found",
    }
    assert all(state.follower_count is None for state in states.values())
    assert world.account_state(account_with("restored"), world.end).status == "active"
    newcomer = account_with("newcomer")
    born = to_instant(int(world.cast.created_ms[newcomer]))
    assert world.status(newcomer, born - timedelta(days=1)) == "not_found"


def test_a_spam_account_follows_in_waves_and_loses_no_followers_when_it_culls(
    world: World, account_with: Callable[[str], int]
) -> None:
    account = account_with("spam")
    change = np.diff(world.growth.following[account])
    cull_days = np.flatnonzero(change < -50)
    growth = np.diff(world.growth.log_followers[account])
    assert len(cull_days) > 30
    assert (change > 30).sum() > 100
    assert np.median(growth[cull_days]) > -0.002


def test_a_third_of_the_newcomers_quit_within_their_first_week(world: World) -> None:
    newcomers = np.flatnonzero(world.cast.with_role("newcomer"))
    lived = world.cast.stop_day[newcomers] - world.cast.start_day[newcomers]
    assert (lived <= 7).mean() == pytest.approx(1 / 3, abs=0.01)
    for account in newcomers[lived <= 7]:
        assert world.posts.created_ms[world.posts.rows_of(int(account))].size >= 1


def test_a_small_world_has_one_of_each_role() -> None:
    assert set(ROLE_SHARES) <= set(World(account_count=20, day_count=60).cast.roles)


def test_ten_thousand_accounts_have_distinct_valid_handles_and_ids() -> None:
    large = World(account_count=10_000, day_count=7)
    handles = {large.handle(account, large.end) for account in range(10_000)}
    assert len(handles) == len(set(large.cast.account_ids)) == 10_000
    assert max(map(len, handles)) <= 15
    assert large.posts.size > 20_000
    busy = World(account_count=10_000, day_count=7, post_rate_scale=9.0)
    assert busy.posts.size / 7 == pytest.approx(50_000, rel=0.2)
