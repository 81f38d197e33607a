"""A build makes only what new rows can reach, for every kind of file, and every table is as after one full build."""

from datetime import timedelta

from pipeline import warehouse
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.simulate.demo import drop_files
from pipeline.simulate.history import history_rows, metric_rows, post_rows
from pipeline.simulate.world import World
from pipeline.transform.build_state import find_start, remember
from pipeline.transform.dbt import GOOD, KEPT, MATERIALISED, invoke_dbt
from pipeline.transform.project import dbt_locations, read_manifest
from tests.marts.test_incremental import NO_TESTS, contents

WATCHED_DAYS = 21
CLICK = {"link_id": "bit.ly/a", "bucket_unit": "day", "click_count": 3, "long_url": "https://example.org/a"}
# One table of each subject, to see what a build has made.
SUBJECTS = {
    "accounts": "accounts",
    "posts": "posts",
    "account_days": "account days",
    "survey_segments": "surveys",
    "contact_activation": "contacts",
    "link_clicks": "links",
    "issues": "issues",
    "post_periods": "posts of a period",
}
EVERYTHING = set(SUBJECTS.values())
# Links belong to posts, and what is odd about an account's identity is an issue.
ACCOUNTS_AND_POSTS = {"accounts", "posts", "account days", "posts of a period", "links", "issues"}


def build(settings: Settings) -> tuple[str, set[str], set[str]]:
    """Load and build as a run does; why it was a full build, or nothing, the subjects reached, and the tables kept."""
    warehouse.load_tables(settings, Lake(settings.lake_dir), list(TABLES))
    start = find_start(settings)
    selected = ["--select", *start.selection] if start.selection else []
    arguments = [*start.dbt_arguments, *selected, *NO_TESTS, *dbt_locations(settings)]
    results = invoke_dbt(["--quiet", "build", *arguments], read_manifest(settings))
    wrong = [result.message for result in results if result.status not in GOOD | {"no-op"}]
    assert not any(wrong), wrong
    remember(settings, start)
    reached = {done.node.name for done in results if done.node.resource_type in MATERIALISED}
    kept = {done.node.name for done in results if done.message == KEPT}
    return "" if start.watermark else start.reason, {SUBJECTS[name] for name in reached & SUBJECTS.keys()}, kept


def test_each_kind_of_file_makes_its_own_tables_and_the_rest_stays_right(settings: Settings) -> None:
    world, lake = World(), Lake(settings.lake_dir)
    first, middle = world.calendar.first_day, world.calendar.first_day + timedelta(days=WATCHED_DAYS)
    now = world.end
    drop_files(settings, world, now)

    def land(**rows: list[dict[str, object]]) -> None:
        lake.commit(rows, source="x_api", run_id="r", now=now)

    def drop(words: str) -> None:
        (path,) = (path for path in settings.inbox_dir.iterdir() if words in path.name)
        outcome = ingest_file(path, lake, settings, build_request(settings, now=now), run_id="r", check=False)
        assert outcome.status == "added", outcome.error

    made: dict[str, tuple[str, set[str], set[str]]] = {}
    land(accounts=list(history_rows(world, first, middle)), posts=list(post_rows(world, first, middle)))
    land(post_metrics=list(metric_rows(world, first, middle)))
    made["first build"] = build(settings)
    drop("survey")
    made["survey"] = build(settings)
    drop("contacts")
    made["contact list"] = build(settings)
    drop("demo_followers")
    made["follower list"] = build(settings)
    land(link_clicks=[{**CLICK, "platform": "x", "captured_at": now, "bucket_start_at": now}])
    made["link clicks"] = build(settings)
    land(issues=[{"platform": "x", "captured_at": now, "subject": "s", "problem": "p"}])
    made["issues"] = build(settings)
    drop("overview")
    made["account export"] = build(settings)
    next_day = middle + timedelta(days=1)
    land(accounts=list(history_rows(world, next_day, next_day)))
    made["followers of a day"] = build(settings)
    land(posts=list(post_rows(world, next_day, next_day)))
    made["posts of a day"] = build(settings)
    land(post_metrics=list(metric_rows(world, next_day, next_day)))
    made["reactions of a day"] = build(settings)
    made["nothing"] = build(settings)

    assert made.pop("first build")[1:] == (EVERYTHING, set())
    assert {name: reason for name, (reason, _, _) in made.items() if reason} == {}
    kept = {name: tables for name, (_, _, tables) in made.items()}
    # A day changes what is counted, and neither a week that has settled nor anybody's segment.
    for day in ("followers of a day", "posts of a day", "reactions of a day"):
        assert {"int_growth_estimates", "int_growth_doses"} <= kept[day], day
    assert "int_account_week_ends" not in kept["followers of a day"]
    assert {"int_account_week_ends", "int_ratio_styles"} <= kept["posts of a day"]
    assert {name: subjects for name, (_, subjects, _) in made.items()} == {
        "survey": {"surveys"},
        "contact list": {"contacts", "issues"},
        "follower list": {"contacts"},
        "link clicks": {"links"},
        "issues": {"issues"},
        "account export": {"account days", "accounts", "issues"},
        "followers of a day": ACCOUNTS_AND_POSTS,
        "posts of a day": ACCOUNTS_AND_POSTS,
        "reactions of a day": {"posts", "posts of a period", "links"},
        "nothing": set(),
    }
    step_by_step = contents(settings)
    with warehouse.connect(settings) as connection:
        connection.execute("delete from raw.build_watermark")
    assert build(settings)[1:] == (EVERYTHING, set())
    assert contents(settings) == step_by_step
