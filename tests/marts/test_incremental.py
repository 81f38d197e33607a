"""A warehouse that is built day by day holds the same rows as one that is built at once, with the real dbt project."""

import os
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import warehouse
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.transform.build_state import Start, find_start, remember
from pipeline.transform.dbt import GOOD, invoke_dbt
from pipeline.transform.project import dbt_locations, read_manifest
from pipeline.warehouse.contents import content_of

DAY_1 = datetime(2026, 3, 2, 6, tzinfo=UTC)
# What an incremental build rewrites in part, and what that is made from: other tables are made from these in full.
NO_TESTS = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
MODELS = ["+config.materialized:incremental", "+int_source_gaps", "int_account_week_ends"]
CHANGES = ("_changed", "_new")
# More by hand: TWEETBENCH_TEST_SEEDS=20.
SEEDS = range(int(os.environ.get("TWEETBENCH_TEST_SEEDS", "1")))
Row = Mapping[str, object]


def snapshot(day: float, account: str | None, handle: str, followers: int) -> Row:
    at = DAY_1 + timedelta(days=day)
    counts = {"follower_count": followers, "following_count": 50, "post_count": 9}
    return {"platform": "x", "captured_at": at, "account_id": account, "handle": handle, **counts}


def post(day: float, number: int, *, versions: Sequence[int] = (), account: str | None = "1", **more: object) -> Row:
    at = DAY_1 + timedelta(days=day)
    texts = {"text": f"post {number} #day{number}", "post_kind": "original", "availability": "available"}
    ids = {"post_id": str(number), "edit_history_ids": [str(each) for each in versions] or None}
    base = {"platform": "x", "captured_at": at, "created_at": at - timedelta(hours=1), "account_id": account}
    return {**base, **ids, "handle": "one", **texts, **more}


def reading(day: float, number: int, likes: int | None, **more: object) -> Row:
    at = DAY_1 + timedelta(days=day)
    base = {"platform": "x", "captured_at": at, "account_id": "1", "handle": "one", "metric_scope": "public"}
    return {**base, "post_id": str(number), "like_count": likes, "impression_count": 1000, **more}


def stated(first: int, last: int) -> Row:
    start, end = ((DAY_1 + timedelta(days=day)).date() for day in (first, last))
    return {"period_start_date": start, "period_end_date": end, "source": "x_analytics_content"}


def reported(day: int, follows: int) -> Row:
    at = DAY_1 + timedelta(days=day)
    base = {"platform": "x", "captured_at": DAY_1 + timedelta(days=6 + follows), "account_id": "1", "handle": "one"}
    return {**base, "date": at.date(), "new_follow_count": follows, "unfollow_count": 0}


# What each day brings; the sentences say what is unusual about it.
DAYS: list[dict[str, list[Row]]] = [
    {
        "accounts": [snapshot(0, "1", "one", 100), snapshot(0, "2", "two", 200), snapshot(0, None, "three", 300)],
        "posts": [post(0, number) for number in (100, 200, 300)] + [post(0, 400, account=None, handle="three")],
        "post_metrics": [reading(0, number, 1) for number in (100, 200, 300, 400)],
    },
    {  # A post is edited, an account is renamed; 205 comes without saying that it is a version of 200.
        "accounts": [snapshot(1, "1", "uno", 110), snapshot(1, "2", "two", 190)],
        "posts": [post(1, 105, versions=(100, 105)), post(1, 205), post(1, 500, account="2", handle="two")],
        "post_metrics": [reading(1, 100, 3), reading(1, 105, 2), reading(1, 205, 8), reading(1, 200, 4)],
    },
    {  # Late files with old days, a record that corrects one of the same moment, a version known at last, a removal.
        "accounts": [snapshot(2, "1", "uno", 120), snapshot(-20, "1", "one", 40), snapshot(1.1, "2", "two", 191)],
        "posts": [post(2, 205, versions=(200, 205)), post(2, 300, availability="removed", text=None)],
        "post_metrics": [
            reading(0, 200, 2),
            reading(0.5, 300, 9),
            reading(3, 100, None),
            reading(31, 100, 50),
            reading(7, 205, 90),
            reading(2, 100, 20, metric_scope="export", engagement_count=31),
        ],
    },
    {  # An account is read again after four days, another is new; an export states days before the first reading.
        "accounts": [snapshot(4, "2", "two", 180), snapshot(4, "9", "nine", 7), snapshot(5, "2", "two", 181)],
        "account_daily": [reported(-22, 0), reported(-21, 1), reported(1, 1), reported(3, 3)],
        "post_metrics": [reading(3, 300, 11, metric_scope="export", **stated(-2, 3))],
    },
    {  # The export's account again, a day inside a gap that is closed late, a Tuesday that ends the week before.
        "accounts": [snapshot(6, "1", "uno", 130), snapshot(3, "2", "two", 185), snapshot(8, "2", "two", 199)],
        "account_daily": [reported(3, 4), reported(5, 1)],
        "post_metrics": [reading(5, 400, 2, metric_scope="export", **stated(2, 5))],
    },
]


def land(settings: Settings, rows: Mapping[str, Sequence[Row]], replaces: tuple[int, ...] = ()) -> None:
    lake = Lake(settings.lake_dir)
    lake.commit(rows, source="x_api", run_id="r", now=DAY_1, replaces=replaces)
    for table in rows:
        warehouse.load_table(settings, lake, table)


def build(settings: Settings, models: Sequence[str] = MODELS) -> Start:
    """Build as the pipeline does, of the models given only and without data tests."""
    return build_and_tell(settings, models)[0]


def build_and_tell(settings: Settings, models: Sequence[str]) -> tuple[Start, dict[str, str]]:
    """The same, with what dbt says of each model: `kept` of one that was left as it was."""
    start = find_start(settings)
    reached = [f"{new},{model}" for new in start.selection for model in models] or models
    selected = ["--select", *reached, *NO_TESTS]
    results = invoke_dbt(
        ["--quiet", "build", *start.dbt_arguments, *selected, *dbt_locations(settings)], read_manifest(settings)
    )
    assert [result.message for result in results if result.status not in GOOD] == []
    return start, {result.node.name: result.message for result in results}


def contents(settings: Settings) -> dict[str, tuple[int, int]]:
    """Rows and an order-free hash of every table that dbt makes, without the lists of what changed."""
    with warehouse.connect(settings, read_only=True) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('intermediate', 'marts')"
        ).fetchall()
        return {
            name: content_of(connection, f"{schema}.{name}") for schema, name in names if not name.endswith(CHANGES)
        }


def rows_of(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with warehouse.connect(settings, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_days_one_after_another_give_the_rows_of_one_full_build(settings: Settings) -> None:
    starts = []
    for rows in DAYS:
        land(settings, rows)
        starts.append(build(settings))
        # Killed here, or with something left out, it would not count: the next build would be a full one.
        assert find_start(settings).watermark == 0
        remember(settings, starts[-1])
    assert [start.watermark for start in starts] == [0, 1, 2, 3, 4]
    day_by_day = contents(settings)
    posts = "select post_key, like_count, text is null from marts.posts order by post_key"
    assert rows_of(settings, posts) == [
        ("x:100", 52, False), ("x:200", 94, False), ("x:300", None, True), ("x:400", 2, False), ("x:500", None, False),
    ]  # fmt: skip
    hashtags = rows_of(settings, "select post_key from intermediate.int_post_hashtags order by 1")
    assert hashtags == [("x:100",), ("x:200",), ("x:400",), ("x:500",)]
    ends = "from intermediate.int_account_week_ends select follower_count where account_key = 'x:2' order by all"
    # Monday ends the week before; of this week Tuesday is nearer to the end than Saturday, which ended it until then.
    assert rows_of(settings, ends) == [(199,), (200,)]
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")
    assert build(settings).watermark == 0
    assert contents(settings) == day_by_day
    assert len(day_by_day) >= 12


def test_what_settled_weeks_say_is_made_once_a_week_and_again_for_late_days(settings: Settings) -> None:
    def take(day: float) -> Row:
        return {**snapshot(day, "1", "one", 900), "following_count": 100 + int(2 * day)}

    models = ["+int_follow_days_settled"]
    land(settings, {"accounts": [take(day) for day in range(30)]})
    remember(settings, build(settings, models))
    made = []
    # The first and the last are Wednesdays, whose reading settles a week; another corrects an earlier day.
    for day in [*range(30, 37), 3.5, 37]:
        land(settings, {"accounts": [take(day)]})
        start, messages = build_and_tell(settings, models)
        remember(settings, start)
        if messages["int_follow_days_settled"] != "kept":
            made.append(day)
    day_by_day = contents(settings)
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")
    assert build(settings, models).watermark == 0
    assert contents(settings) == day_by_day
    assert made == [30, 3.5, 37]


# A handle passes to another account while rows know it only by the handle; each day says if the build is incremental.
HANDLES: list[tuple[dict[str, list[Row]], bool]] = [
    (
        {"accounts": [snapshot(0, "1", "one", 100), snapshot(0, "2", "two", 200), snapshot(0.5, None, "one", 101)]},
        False,
    ),
    ({"accounts": [snapshot(1, "1", "one", 102), snapshot(1, "2", "two", 201)]}, True),
    # Late, before the first reading of an account that has no other.
    ({"accounts": [snapshot(-1, "2", "two", 190)]}, True),
    # Renamed: who the reading by handle means is asked for again.
    ({"accounts": [snapshot(2, "1", "uno", 103), snapshot(1.2, None, "one", 102)]}, False),
    ({"accounts": [snapshot(3, "1", "uno", 104), snapshot(3, "3", "two", 9)]}, True),
    # The old handle at another account.
    ({"accounts": [snapshot(4, "4", "one", 7), snapshot(4, "1", "uno", 105), snapshot(4, None, "one", 7)]}, False),
    ({"accounts": [snapshot(5, "4", "one", 8), snapshot(5, None, "one", 8), snapshot(5, "2", "dos", 202)]}, True),
    # Late, between two readings of another account under the handle.
    ({"accounts": [snapshot(0.2, "3", "two", 5)]}, False),
    ({"accounts": [snapshot(6, "4", "one", 9), snapshot(6, "2", "dos", 203)]}, True),
]


def test_handles_that_pass_on_give_the_rows_of_one_full_build_day_by_day(settings: Settings) -> None:
    for day, (rows, is_incremental) in enumerate(HANDLES):
        land(settings, rows)
        start = build(settings)
        assert (day, start.watermark > 0, start.reason) == (day, is_incremental, start.reason)
        remember(settings, start)
    day_by_day = contents(settings)
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")
    assert build(settings).watermark == 0
    assert contents(settings) == day_by_day
    by_handle = (
        "select follower_count, account_key from marts.account_days where follower_count in (7, 8) order by date"
    )
    assert rows_of(settings, by_handle) == [(7, "x:4"), (8, "x:4")]


def test_dbt_by_hand_refuses_an_incremental_build_that_it_cannot_judge(settings: Settings) -> None:
    land(settings, DAYS[0])
    with pytest.raises(TweetbenchError, match="Add --full-refresh"):
        invoke_dbt(
            ["--quiet", "build", "--select", *MODELS, *NO_TESTS, *dbt_locations(settings)], read_manifest(settings)
        )


def random_day(draw: random.Random, day: int) -> dict[str, list[Row]]:
    """Rows of one day: late and repeated readings, edits, removals, restated days, accounts that come and go."""

    def late() -> float:
        return day - draw.choice([0, 0, 0, 0.5, 1, 3, 9, 31])

    numbers = [100 + 5 * draw.randrange(12) for _ in range(6)]
    chains = {number: sorted({number, *draw.sample(range(100, 160, 5), draw.randrange(3))}) for number in numbers[:3]}
    posts = [post(late(), number, versions=chains.get(number, ())) for number in numbers]
    posts += [post(day, draw.choice(numbers), availability="removed", text=None)]
    posts += [post(late(), 500 + draw.randrange(4), account=None, handle=draw.choice(["two", "nobody"]))]
    scopes = ("public", "public", "non_public", "organic")
    readings = [
        reading(late(), 100 + 5 * draw.randrange(14), draw.choice([None, *range(9)]), metric_scope=draw.choice(scopes))
        for _ in range(8)
    ]
    readings += [reading(day, draw.choice(numbers), 7, metric_scope="export", **stated(day - draw.randrange(9), day))]
    names = {"1": "one", "2": "two", "5": "five"}
    accounts = [snapshot(late(), key, names[key], draw.randrange(999)) for key in draw.choices(list(names), k=4)]
    if day == 0:  # Known from before any late row: a handle that is seen for the first time can mean a full build.
        accounts += [snapshot(-40, key, name, 50) for key, name in names.items()]
    days = [reported(day - draw.randrange(6), draw.randrange(9)) for _ in range(draw.randrange(3))]
    return {"accounts": accounts, "posts": posts, "post_metrics": readings, "account_daily": days}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_days_give_the_rows_of_one_full_build(settings: Settings, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - worlds, not secrets
    incremental = 0
    for day in range(3):
        # A removal of rows replaces a commit, as an erasure does: the next build is a full one.
        land(settings, random_day(draw, day), replaces=(1,) if day == 1 and seed % 4 == 3 else ())
        start = build(settings)
        incremental += start.watermark > 0
        remember(settings, start)
    day_by_day = contents(settings)
    assert incremental > 0
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")
    assert build(settings).watermark == 0
    assert contents(settings) == day_by_day
