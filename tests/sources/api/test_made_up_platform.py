"""A new API source is one package and one entry in the list: every place that asks platforms follows from it."""

import ast
import json
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipeline import sources
from pipeline.cli.idle import idle_note, input_stamp
from pipeline.cli.main import app
from pipeline.comply.lake_removals import known_removals
from pipeline.comply.probe import ask
from pipeline.comply.request import Wanted, read_lines
from pipeline.comply.sweep import erase, lift
from pipeline.ingest.registry import asked_sources
from pipeline.lake import Lake
from pipeline.lake.tombstones import read_tombstones
from pipeline.maintain.verify import verify
from pipeline.orchestration.assets.extract_api import api_assets
from pipeline.orchestration.assets.load import raw_assets
from pipeline.orchestration.assets.presentation import READ_DAILY, freshness
from pipeline.orchestration.running import _check_sources
from pipeline.runtime.lease import hold_lease
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.sources.api.journal import Journal
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiSource
from tests.conftest import NOW
from tests.sources.api import lark

ACME = "lark.example/acme"
KEPT, GONE = "lark.example/11", "lark.example/12"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data folder with one account of Lark, and Lark as the second API source. Its list entry is all it needs."""
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    made.accounts_file.write_text("platform,handle,notes\nmastodon,acme@lark.example,\n")
    # Lark borrows the word of Mastodon, which must not be asked for its accounts.
    others = tuple(each for each in sources.API_SOURCES if each.PLATFORM != lark.PLATFORM)
    monkeypatch.setattr(sources, "API_SOURCES", (*others, source()), raising=False)
    monkeypatch.setattr(lark, "SERVED", {"acme": {KEPT: "words that stay", GONE: "words to be taken back"}})
    monkeypatch.setenv("TWEETBENCH_DATA_DIR", str(made.data_dir))
    monkeypatch.setenv("TWEETBENCH_NOW", NOW.isoformat())
    monkeypatch.chdir(tmp_path)
    return made


def source() -> ApiSource:
    return lark


def rows_of(settings: Settings) -> list[dict[str, object]]:
    del settings
    return [{"platform": "mastodon", "handle": "acme@lark.example"}]


def read(settings: Settings) -> None:
    run = ApiRun("r", NOW, lambda _: None, lambda: 0.0)
    source().extract(settings, Lake(settings.lake_dir), rows_of(settings), run)


def test_a_source_needs_a_package_and_an_entry_in_the_list_and_no_other_file() -> None:
    """What is counted here is asked of Lark below: every place that reads, plans, erases or judges finds it."""
    names = [source.NAME for source in sources.API_SOURCES]
    needed = {name: set[str]() for name in names}
    for file in (PROJECT_DIR / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.module.split(".") if isinstance(node, ast.ImportFrom) and node.module else []
            if parts[:2] == ["pipeline", "sources"]:
                imported = parts[2:3] or [alias.name for alias in node.names]
                for name in {*imported} & {*names}:
                    if file.parent.name != name:
                        needed[name].add(str(file.relative_to(PROJECT_DIR)))
    assert needed == {name: {"pipeline/sources/__init__.py"} for name in names}
    assert [file.name for file in Path(lark.__file__).parent.glob("*.py")] == ["__init__.py"]


def test_its_tables_are_assets_and_run_takes_its_name(settings: Settings) -> None:
    keys = {dg.AssetKey(["lake", "lark", table]) for table in lark.TABLES}
    assert set(api_assets(source(), settings.max_usd_per_run).keys) == keys
    assert {freshness(key) for key in keys} == {READ_DAILY}
    parents = {key for deps in raw_assets().asset_deps.values() for key in deps}
    assert keys <= parents
    _check_sources(["lark"])  # an unknown name is refused
    assert [each.NAME for each in asked_sources(settings, now=NOW)] == ["lark"], "X has no token"


def test_the_asset_reads_it(settings: Settings) -> None:
    from pipeline.orchestration.resources import LEASE, SETTINGS, lease_resource

    def materialise() -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            resources = {SETTINGS: settings, LEASE: lease_resource}
            return dg.materialize([api_assets(source(), 1.0)], resources=resources, instance=instance)

    done = materialise()
    assert done.success
    assert Lake(settings.lake_dir).read("posts")["post_id"].to_pylist() == [KEPT, GONE]
    assert [check.passed for check in done.get_asset_check_evaluations()] == [True]
    settings.accounts_file.write_text("platform,handle,notes\nx,acme,\n")
    before = len(list(Lake(settings.lake_dir).commits()))
    assert materialise().success
    assert len(list(Lake(settings.lake_dir).commits())) == before, "without accounts of it nothing is written"


def test_plan_and_backfill_show_it_without_a_token(settings: Settings) -> None:
    run = CliRunner()
    plan = json.loads(run.invoke(app, ["plan", "--json"]).stdout)
    assert [(line["source"], line["request_count"]) for line in plan["lines"]] == [("lark", 1)]
    assert (plan["usd"], plan["fits"]) == (0, True)
    gaps = json.loads(run.invoke(app, ["backfill", "--json"]).stdout)
    assert [(gap["platform"], gap["account"], gap["day_count"]) for gap in gaps] == [("mastodon", "acme", 1)]
    read(settings)
    assert json.loads(run.invoke(app, ["backfill", "--json"]).stdout) == []
    status = json.loads(run.invoke(app, ["status", "--json"]).stdout)
    assert [(row["source"], row["rows"]) for row in status["lake"]] == [("lark", 3)]


def test_watch_asks_it_for_the_accounts_that_a_person_names(settings: Settings) -> None:
    lark.SERVED["other"] = {}
    said = CliRunner().invoke(
        app, ["watch", "@acme@lark.example", "@other@lark.example", "@none@lark.example", "--json"]
    )
    shown = json.loads(said.stdout)
    assert [(each["handle"], each["follower_count"], each["is_added"]) for each in shown["accounts"]] == [
        ("acme@lark.example", 7, False),
        ("other@lark.example", 7, True),
    ]
    assert [refused["what"] for refused in shown["refused"]] == ["@none@lark.example does not exist on Mastodon"]
    assert said.exit_code == 65
    assert settings.accounts_file.read_text().splitlines()[2:] == ["mastodon,other@lark.example,,false"]


def test_plan_names_the_accounts_that_the_next_run_does_not_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "API_SOURCES", sources.API_SOURCES[:-1])
    accounts = "bluesky,acme.example,\nmastodon,acme@lark.example,\nx,acme,\nx,other,\n"
    settings.accounts_file.write_text(f"platform,handle,notes\n{accounts}")
    shown = CliRunner().invoke(app, ["plan"]).stdout
    assert "x: 2 accounts of accounts.csv are not read: set TWEETBENCH_X_BEARER_TOKEN in .env" in shown
    assert "mastodon: 1 accounts of accounts.csv are not read: no source reads it yet" in shown
    plan = json.loads(CliRunner().invoke(app, ["plan", "--json"]).stdout)
    assert [(each["platform"], each["account_count"]) for each in plan["not_read"]] == [("mastodon", 1), ("x", 2)]


def test_a_folder_with_an_account_of_it_is_never_idle(settings: Settings) -> None:
    # `run` remembers an idle folder only where no platform is asked.
    assert asked_sources(settings, now=NOW)
    assert idle_note(settings) is None
    before = input_stamp(settings)
    settings.accounts_file.write_text("platform,handle,notes\n")
    assert asked_sources(settings, now=NOW) == []
    assert input_stamp(settings) != before


def test_verify_judges_its_bookmarks_and_names_its_journals(settings: Settings) -> None:
    read(settings)
    assert verify(settings, now=NOW).findings == ()
    early = verify(settings, now=NOW.replace(year=NOW.year - 1)).findings
    assert [(finding.kind, finding.where) for finding in early] == [("bookmark", f"timeline:{ACME}")]
    lake = Lake(settings.lake_dir)
    journal = Journal(lake, lark.JOURNALS, run_id="killed", rows_in_memory=9, clock=lambda: NOW)
    issue = {"platform": "mastodon", "captured_at": NOW, "subject": "s", "problem": "p"}
    journal.append({"issues": [issue]})
    (left,) = verify(settings, now=NOW).findings
    assert (left.kind, left.where.rpartition("/")[0], left.is_damage) == ("journal", "_landing/lark", False)
    assert sources.API_SOURCES[0].recover(lake, now=NOW) == 0, "X leaves the journals of others alone"
    assert source().recover(lake, now=NOW) == 1
    assert lake.read("issues")["source"].to_pylist() == ["lark"]


def test_comply_asks_it_and_erases_what_it_has_taken_back(settings: Settings) -> None:
    read(settings)
    del lark.SERVED["acme"][GONE]
    lake = Lake(settings.lake_dir)
    found = ask(source(), settings, lake, run_id="probe", now=NOW)
    assert (dict(found.gone_posts), found.served_posts, found.asked_count) == ({GONE: "deleted"}, frozenset({KEPT}), 3)
    with hold_lease(settings, purpose="comply", now=NOW):
        receipt = erase(settings, Wanted(found.gone_posts), run_id="r", now=NOW, republish=lambda: 1)
    assert receipt.is_clean
    rows = {row["post_id"]: (row["text"], row["availability"]) for row in lake.read("posts").to_pylist()}
    assert rows == {KEPT: ("words that stay", "available"), GONE: (None, "removed")}
    assert known_removals(lake).posts == {GONE: "deleted"}
    with hold_lease(settings, purpose="comply", now=NOW):
        assert lift(settings, posts=frozenset({GONE}), accounts=frozenset()) == 1
    assert not read_tombstones(settings.lake_dir)


def test_an_erased_account_loses_its_name_and_its_posts_by_the_id_that_a_person_types(settings: Settings) -> None:
    read(settings)
    lake = Lake(settings.lake_dir)
    wanted = read_lines([f"account:{ACME}"])
    with hold_lease(settings, purpose="comply", now=NOW):
        erase(settings, wanted, run_id="r", now=NOW, republish=lambda: 1)
    assert lake.read("posts")["text"].to_pylist() == [None, None]
    assert lake.read("accounts").select(["handle", "follower_count"]).to_pylist() == [
        {"handle": None, "follower_count": 7}
    ]
