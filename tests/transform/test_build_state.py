"""When the next build may be incremental, and when it has to be a full one."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.transform import build_state as built
from pipeline.transform.build_state import Start, drop_removed_models, find_start, remember
from pipeline.transform.project import dbt_environment
from tests.conftest import NOW

Change = Callable[[Settings], object]
ACCOUNT = {"platform": "x", "captured_at": NOW, "account_id": "1", "handle": "Brand", "follower_count": 5}
BY_HANDLE = {**ACCOUNT, "account_id": None, "handle": "brand"}
OTHER = {**BY_HANDLE, "handle": "other"}
LATER, LATE, MUCH_LATER = (NOW + timedelta(days=days) for days in (1, 2, 3))
STEADY = {**ACCOUNT, "account_id": "6", "handle": "steady"}
REGISTERED = {"platform": "x", "captured_at": NOW, "handle": "brand", "is_own": True}


def commit(settings: Settings, rows: dict[str, list[dict[str, object]]], replaces: tuple[int, ...] = ()) -> Path:
    lake = Lake(settings.lake_dir)
    files = lake.commit(rows, source="test", run_id="r", now=NOW, replaces=replaces).files
    return settings.lake_dir / files[0].path


def load(settings: Settings) -> None:
    for table in ("accounts", "account_registry"):
        warehouse.load_table(settings, Lake(settings.lake_dir), table)


def start(settings: Settings) -> Start:
    load(settings)
    return find_start(settings)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse after a whole build of snapshots; rows of `brand` and all of `other` know the handle only."""
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    commit(made, {"accounts": [ACCOUNT, BY_HANDLE, OTHER, STEADY, {**STEADY, "captured_at": LATE}]})
    load(made)
    with warehouse.connect(made) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_account_sightings as "
            "select platform, lower(handle) as handle_key, account_id, "
            "min(captured_at) as first_seen_at, max(captured_at) as last_seen_at, null::timestamptz as created_at "
            "from raw.accounts where account_id is not null group by all"
        )
    remember(made, find_start(made))
    return made


def replace_first(settings: Settings) -> None:
    commit(settings, {"accounts": [ACCOUNT]}, replaces=(1,))


def fail_a_build(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")  # as dbt does when it starts


FULL: dict[str, tuple[Change, str]] = {
    "a commit that replaces another": (replace_first, "rows were removed"),
    "a build that did not end well": (fail_a_build, "no whole build"),
    "new rows of the registry": (lambda s: commit(s, {"account_registry": [REGISTERED]}), "account_registry"),
    "an id for a handle that old rows know": (
        lambda s: commit(s, {"accounts": [{**ACCOUNT, "account_id": "2", "handle": "OTHER"}]}),
        "can now mean another account",
    ),
    "another handle for an account whose handle old rows know": (
        lambda s: commit(s, {"accounts": [{**ACCOUNT, "handle": "renamed", "captured_at": LATER}]}),
        "can now mean another account",
    ),
    "a late reading of another account under a handle": (
        lambda s: commit(s, {"accounts": [{**ACCOUNT, "account_id": "7", "handle": "Steady", "captured_at": LATER}]}),
        "in between",
    ),
}
INCREMENTAL: dict[str, Change] = {
    "nothing new": lambda _settings: None,
    "a new day": lambda s: commit(s, {"accounts": [ACCOUNT]}),
    "a new account": lambda s: commit(s, {"accounts": [{**ACCOUNT, "account_id": "9", "handle": "nine"}]}),
    "a new handle of a known account": lambda s: commit(
        s, {"accounts": [{**STEADY, "handle": "renamed", "captured_at": MUCH_LATER}]}
    ),
    "a day between the first and the last reading": lambda s: commit(
        s, {"accounts": [{**STEADY, "captured_at": LATER}]}
    ),
}


@pytest.mark.parametrize("name", FULL)
def test_the_next_build_is_a_full_one_after(settings: Settings, name: str) -> None:
    change, words = FULL[name]
    change(settings)
    found = start(settings)
    assert found.watermark == 0
    assert words in found.reason


@pytest.mark.parametrize("name", INCREMENTAL)
def test_the_next_build_is_incremental_after(settings: Settings, name: str) -> None:
    INCREMENTAL[name](settings)
    found = start(settings)
    changed = () if name == "nothing new" else ("accounts",)
    said = f"incremental build: rows after commit 1 of the lake, in {'accounts' if changed else 'no table'}"
    assert (found.watermark, found.changed, found.reason) == (1, changed, said)
    assert found.selection == (*built.LISTS_OF_NEWS, *(f"source:raw.{table}+" for table in changed))


def test_room_that_replaced_tables_leave_in_the_file_is_not_in_use(settings: Settings) -> None:
    used = find_start(settings).used_bytes
    with warehouse.connect(settings) as connection:
        connection.execute("create table large as select hash(range) as n from range(1_000_000)")  # 8 MB, not packed
    assert used + 8_000_000 <= find_start(settings).used_bytes <= settings.warehouse_file.stat().st_size
    with warehouse.connect(settings) as connection:
        connection.execute("drop table large")
        connection.execute("create table small as select 1 as n")
    assert find_start(settings).used_bytes < used + 2_000_000 < settings.warehouse_file.stat().st_size - 5_000_000


@pytest.mark.parametrize(("used_mb", "at_once"), [(0, "2"), (170, "2"), (171, "1")])
def test_models_share_the_memory_where_their_tables_take_a_third_of_it(used_mb: int, at_once: str) -> None:
    settings = Settings(_env_file=None, threads=2, memory_limit="512MB")
    assert dbt_environment(settings, used_mb * 1_000_000)["TWEETBENCH_MODELS_AT_ONCE"] == at_once


def test_another_project_or_a_wish_means_a_full_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = find_start(settings)
    assert find_start(settings, full="it was asked for") == Start(
        0, 1, usual.fingerprint, "full build: it was asked for", usual.used_bytes
    )
    monkeypatch.setattr(built, "__version__", "next")
    assert "changed" in find_start(settings).reason
    monkeypatch.undo()
    assert find_start(settings).watermark == 1
    monkeypatch.setattr(built, "analysis_fingerprint", lambda: "other statistics")
    assert find_start(settings).selection == ()
    assert "changed" in find_start(settings).reason


def test_a_file_that_comes_back_below_the_watermark_means_a_full_build(settings: Settings) -> None:
    late = commit(settings, {"accounts": [{**ACCOUNT, "follower_count": 6}]})
    bytes_of_file = late.read_bytes()
    late.write_bytes(b"damaged")
    commit(settings, {"accounts": [{**ACCOUNT, "follower_count": 7}]})
    remember(settings, start(settings))
    assert start(settings).watermark == 3
    late.write_bytes(bytes_of_file)
    assert start(settings).watermark == 0


def test_after_an_empty_lake_the_next_build_is_a_full_one(tmp_path: Path) -> None:
    empty = Settings(_env_file=None, data_dir=tmp_path / "empty")
    empty.make_folders()
    remember(empty, find_start(empty))
    assert find_start(empty).watermark == 0


def test_what_no_model_makes_any_more_goes_and_nothing_else(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.kept as select 1 as a")
        connection.execute('create table marts."removed mart" as select 1 as a')
        connection.execute("create view intermediate.removed_view as select 1 as a")
    made = {("marts", "kept"), ("intermediate", "int_account_sightings")}
    assert drop_removed_models(settings, made) == ["intermediate.removed_view", "marts.removed mart"]
    assert drop_removed_models(settings, made) == []
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.accounts").fetchone() == (5,)
        assert connection.execute("from marts.kept").fetchone() == (1,)
