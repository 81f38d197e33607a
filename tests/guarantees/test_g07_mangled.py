"""G7: every file that the small flow leaves, found by walking, is cut and altered; each damage is named or harmless."""

import random
from collections import Counter

import pytest

from pipeline.lake import Lake
from pipeline.maintain.lake_repair import quarantine_damage
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.flow import Order, build_marts, make_settings, open_world, run_flow
from tests.guarantees.mangling import mangle, open_judge, persistent_files, read_all, ways, write_back


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("mangled") / "data"
    settings = make_settings(folder)
    with open_world() as world:
        world.drop(folder)
        run_flow(Order(str(folder), world.tiny.base_url, "first", rows_in_memory=10_000))
    return settings


def test_g07_every_file_that_a_run_leaves_is_judged(whole: Settings) -> None:
    kinds = Counter(path.suffix for path in persistent_files(whole.data_dir))
    assert kinds == {".parquet": 7, ".json": 3, ".duckdb": 2, "": 1}  # the last is .format


def test_g07_any_cut_and_any_turned_bit_is_named_or_harmless(whole: Settings) -> None:
    judge, drawn = open_judge(whole), random.Random(7)  # noqa: S311
    answers: Counter[str] = Counter()
    for path in persistent_files(whole.data_dir):
        cuts, flips = ways(path)[:16], ways(path)[16:]
        for how in ("cut:0", drawn.choice(cuts[1:]), drawn.choice(flips)):
            good = mangle(path, how, drawn.randrange(10_000))
            answers[judge.is_harmless_or_named(path)] += 1
            write_back(path, good)
    assert {answer for answer in answers if answer.startswith("unseen")} == set()
    assert answers["named"] >= 0.8 * answers.total()
    assert read_all(whole) == judge.readable


def test_g07_a_mangled_lake_is_quarantined_by_name_and_made_again_and_the_rest_is_read(whole: Settings) -> None:
    before, drawn = read_all(whole), random.Random(8)  # noqa: S311
    lake = Lake(whole.lake_dir)
    files = {file.path: file.table for commit in lake.commits() for file in commit.files}
    for name in files:
        mangle(whole.lake_dir / name, drawn.choice(ways(whole.lake_dir / name)), drawn.randrange(10_000))
    with hold_lease(whole, purpose="test", now=NOW):
        repairs = quarantine_damage(whole, now=NOW)
    assert {repair.where for repair in repairs} == set(files)
    assert all(repair.moved_to and (whole.data_dir / repair.moved_to).exists() for repair in repairs)
    # What the warehouse holds comes back from it; this flow loads accounts and posts only.
    restored = {repair.where for repair in repairs if "restored" in repair.outcome}
    assert restored == {name for name, table in files.items() if table in {"accounts", "posts"}}
    build_marts(whole)
    after = read_all(whole)
    assert after["raw"] == before["raw"]
    assert {table: after["lake"][table] for table in ("accounts", "posts")} == {
        table: before["lake"][table] for table in ("accounts", "posts")
    }
