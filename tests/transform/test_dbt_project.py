"""House rules of the dbt project, read from its manifest, and its unit tests, run on an empty warehouse."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipeline import warehouse
from pipeline.orchestration.assets.dbt_build import DBT_DIR
from pipeline.report.sections import all_figures
from pipeline.schemas import TABLES
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.transform.dbt import invoke_dbt
from pipeline.transform.project import dbt_environment, dbt_locations, prepare_project, read_manifest
from pipeline.warehouse.raw_tables import create_raw_tables
from tests.parsed import share_parsed_project
from tools import dbt_exposures, dbt_sources

DOCS = DBT_DIR / "models" / "docs"
DOC_BLOCK = re.compile(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", re.DOTALL)
LAYERS = {"staging": "stg_", "intermediate": "int_", "marts": ""}
# Promised to users: dashboards break when one of these goes.
PROMISED = {
    "company_platforms": "company platform account_key follower_count follower_share_note weekly_growth_rate "
    "posts_per_week engagement_per_1000_followers engagement_basis first_captured_at week_count status status_reason",
    "accounts": "account_key platform account_id handle name industry company_size customer_focus is_own created_at "
    "status size_tier follower_count following_count post_count listed_count first_captured_at last_captured_at",
    "account_days": "account_key date follower_count following_count post_count follower_change following_change "
    "new_follow_count unfollow_count is_captured days_since_capture",
    "posts": "post_key account_key post_id created_at post_kind text has_link link_domain impression_count like_count "
    "repost_count reply_count quote_count bookmark_count link_click_count engagement_count metrics_age_hours "
    "availability",
    "account_weeks": "account_key week_start_date follower_count_start follower_count_end growth_rate post_count "
    "original_post_count link_post_count quality quality_basis volume following_change coverage_share is_in_panel "
    "exclusion_reason",
    "ratio_styles": "account_key as_of_date follower_count following_count followers_per_following ratio_style "
    "size_tier ratio_style_since_date ratio_style_change_count is_follow_limited engagement_per_1000_followers",
    "ratio_style_weeks": "account_key week_start_date followers_per_following ratio_style",
    "ratio_style_summary": "segment_dimension segment ratio_style account_count account_share share_low share_high "
    "median_weekly_growth_rate median_engagement_per_1000_followers",
    "ratio_distribution_tests": "segment_dimension segment account_count test statistic p_value is_multimodal",
    "follow_churn": "account_key episode_count peak_following_count culled_following_count follow_back_share "
    "is_spam_and_cull evidence",
    "growth_attribution": "specification segment_dimension segment term estimate standard_error conf_low conf_high "
    "p_value standardised_estimate explained_share account_count week_count observation_count status status_reason",
    "growth_verdict": "segment_dimension segment quality_effect volume_effect difference difference_low "
    "difference_high p_value verdict placebo_p_value status status_reason",
    "growth_dose_response": "segment_dimension segment driver bin bin_low bin_high mean_growth_rate conf_low "
    "conf_high observation_count",
    "growth_by_account": "account_key growth_rate_total quality_part volume_part following_part unexplained_part",
    "answer_readiness": "question segment_dimension segment account_count usable_week_count needed_week_count "
    "smallest_effect_visible expected_answer_date status status_reason",
    "playbook": "account_key rule figure figure_low figure_high peer_figure reading account_count status status_reason",
    "account_retention": "segment day at_risk_count quit_count survival_share conf_low conf_high",
    "attention_load": "account_key following_count expected_posts_per_day minutes_per_day is_beyond_reading",
    "benchmark": "account_key metric value peer_median peer_mean_without_account percentile peer_count conf_low "
    "conf_high",
    "benchmark_peer_sets": "account_key metric peer_set peer_group value peer_median peer_mean_without_account "
    "peer_mean_with_account percentile peer_count conf_low conf_high status status_reason",
    "post_ages": "post_key account_key age_days tolerance_hours metrics_age_hours impression_count like_count "
    "repost_count reply_count quote_count reaction_count status status_reason",
    "post_timing": "segment_dimension segment time_basis weekday hour_from post_count account_count "
    "relative_engagement conf_low conf_high is_distinct_from_usual status status_reason",
    "top_posts": "account_key rank post_key engagement_rate conf_low conf_high compared_post_count status "
    "status_reason",
    "hashtag_performance": "segment_dimension segment hashtag post_count other_post_count relative_engagement "
    "conf_low conf_high is_distinct_from_usual status status_reason",
    "survey_segments": "survey_id question_id question option segment_dimension segment respondent_count base_count "
    "share share_low share_high design_effect difference_from_rest p_value p_value_adjusted is_significant "
    "is_suppressed",
    "survey_tests": "survey_id question_id segment_dimension test statistic df_num df_den p_value p_value_adjusted "
    "cramers_v base_count",
    "survey_benchmarks": "survey_id question_id option segment share share_low share_high published_share "
    "published_source difference",
    "survey_respondents": "survey_id respondent_id weight company_size industry customer_focus",
    "contact_activation": "list_id segment contact_count matched_count follower_count activation_share share_low "
    "share_high status status_reason",
    "reconciliation": "account_key date metric api_value export_value difference reason",
    "coverage": "source account_key first_captured_at last_captured_at captured_day_count missing_day_count "
    "captured_post_share gap_note",
    "link_clicks": "platform link_id long_url post_key date click_count source",
    "issues": "run_id source subject problem detail next_step captured_at",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return share_parsed_project(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> dict[str, Any]:
    return json.loads(prepare_project(settings).read_text())


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


def properties() -> Iterator[Path]:
    yield from sorted((DBT_DIR / "models").rglob("*.yml"))
    yield from sorted((DBT_DIR / "seeds").glob("*.yml"))


def sql_files() -> Iterator[Path]:
    yield from (DBT_DIR / "models").rglob("*.sql")


def test_what_dbt_says_of_sources_staging_and_readers_is_generated() -> None:
    assert {
        path.name for path, text in dbt_sources.render().items() if path.read_text(encoding="utf-8") != text
    } == set()
    assert dbt_exposures.TARGET.read_text(encoding="utf-8") == dbt_exposures.render()


def test_the_report_is_exposed_with_every_mart_that_its_figures_ask(manifest: dict[str, Any]) -> None:
    asked = " ".join(figure.sql for figure in all_figures())
    named = set(re.findall(r"\bmarts\.(\w+)", asked)) - {"published"}
    report = manifest["exposures"]["exposure.tweetbench.report"]["depends_on"]["nodes"]
    assert len(named) > 20
    assert named <= {node.rsplit(".", 1)[-1] for node in report}


def test_every_model_is_described_and_every_column_that_is_listed(models: dict[str, dict[str, Any]]) -> None:
    bare = [name for name, node in models.items() if not node["description"].strip()]
    bare += [
        f"{name}.{column}"
        for name, node in models.items()
        for column, facts in node["columns"].items()
        if not facts["description"].strip() or "TODO" in facts["description"]
    ]
    assert bare == []
    assert [name for name, node in models.items() if not node["columns"] and not name.startswith("int_")] == []


def test_every_model_has_a_properties_file_of_its_own_whose_lines_can_be_reviewed() -> None:
    for path in properties():
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "models" in listed:
            assert [model["name"] for model in listed["models"]] == [path.stem]
        lines, opened = path.read_text(encoding="utf-8").splitlines(), []
        for token in yaml.scan(path.read_text(encoding="utf-8")):
            if isinstance(token, yaml.FlowMappingStartToken):
                opened.append(token.start_mark.line)
            elif isinstance(token, yaml.FlowMappingEndToken):
                line = opened.pop()
                assert line == token.end_mark.line, f"{path.name}:{line + 1} breaks a flow mapping over lines"
                assert len(lines[line]) <= 120, f"{path.name}:{line + 1} is a flow mapping of more than 120 characters"


def test_no_description_of_a_column_is_written_twice() -> None:
    written = Counter[str]()
    for path in properties():
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            texts = [column["description"] for column in model.get("columns", [])]
            written.update(text for text in texts if not text.startswith("{{ doc("))
    blocks = [
        text for path in sorted(DOCS.glob("*.md")) for _, text in DOC_BLOCK.findall(path.read_text(encoding="utf-8"))
    ]
    written.update(" ".join(text.split()) for text in blocks)
    assert [text for text, count in written.items() if count > 1] == []


def test_every_intermediate_model_is_read_and_every_seed_has_a_reader(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    readers = {
        name: [node for node in children if ".test." not in f".{node}"]
        for name, children in manifest["child_map"].items()
    }
    seeds = [key for key, node in manifest["nodes"].items() if node["resource_type"] == "seed"]
    steps = [node["unique_id"] for name, node in models.items() if name.startswith(("int_", "stg_"))]
    # Prices of the X API are read by the budget, in pipeline/sources/x_api.
    assert {key.rsplit(".", 1)[-1] for key in [*seeds, *steps] if not readers[key]} == {"x_prices"}


def test_names_follow_the_layer_and_every_mart_has_a_contract(models: dict[str, dict[str, Any]]) -> None:
    for name, node in models.items():
        layer = Path(node["original_file_path"]).parts[1]
        assert name.startswith(LAYERS[layer]), name
        assert node["schema"] == layer
        assert node["config"]["group"] == layer
        assert node["config"]["contract"]["enforced"] == (layer == "marts"), name


def test_staging_reads_one_source_and_marts_never_read_raw(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    for name, node in models.items():
        parents = manifest["parent_map"][node["unique_id"]]
        sources = [parent for parent in parents if parent.startswith("source.")]
        if name.startswith("stg_"):
            assert len(parents) == len(sources) == 1, name
        else:
            assert sources == [], name


def ancestors(manifest: dict[str, Any], node: str) -> set[str]:
    """Names of the lake tables that a model reads, through whatever stands between."""
    found: set[str] = set()
    for parent in manifest["parent_map"].get(node, []):
        found |= {parent.rsplit(".", 1)[-1]} if parent.startswith("source.") else ancestors(manifest, parent)
    return found


def test_no_model_joins_respondents_to_accounts_and_contacts_only_with_consent(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    people = {"survey_respondents", "survey_responses"}
    accounts = set(TABLES) - people - {"contacts", "issues", "link_clicks"}
    for name, node in models.items():
        lake = ancestors(manifest, node["unique_id"])
        assert not (lake & people and lake & (accounts | {"contacts"})), f"{name} reads respondents and accounts"
        direct = {parent.rsplit(".", 1)[-1] for parent in manifest["parent_map"][node["unique_id"]]}
        if "stg_contacts" in direct and len(direct) > 1:
            assert "has_consent" in node["raw_code"], f"{name} matches contacts without asking for consent"
            assert direct <= {"stg_contacts", "stg_followers"}, f"{name} joins contacts to something else"


def test_promised_columns_are_there(models: dict[str, dict[str, Any]]) -> None:
    missing = {name: sorted(set(columns.split()) - set(models[name]["columns"])) for name, columns in PROMISED.items()}
    assert {name: columns for name, columns in missing.items() if columns} == {}


def test_no_count_is_coalesced_to_zero_and_every_division_goes_through_the_macro() -> None:
    for path in sql_files():
        text = re.sub(r"--.*", "", path.read_text())
        assert not re.search(r"coalesce\(\s*[\w.]*_count\s*,\s*0\s*\)", text), path.name
        outside_macros = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)
        assert not re.search(r"[\w)]\s*/\s*(?!\d)[\w(]", outside_macros), f"{path.name} divides by hand"


def test_models_stay_small() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in sql_files()}
    assert {name: length for name, length in lengths.items() if length > 120} == {}


def test_every_dbt_unit_test_passes_and_every_column_is_described_once_along_its_way(
    settings: Settings, manifest: dict[str, Any]
) -> None:
    settings.make_folders()
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_environment(settings).items():
            patch.setenv(name, value)
        # Tests of data prove nothing where there is none.
        arguments = ["--quiet", "build", "--full-refresh", "--exclude-resource-type", "test", *dbt_locations(settings)]
        results = invoke_dbt(arguments, read_manifest(settings))
    wrong = {result.node.name: result.message for result in results if result.status in {"error", "fail", "skipped"}}
    assert wrong == {}
    unit_tests = [result for result in results if result.node.resource_type == "unit_test"]
    assert len(unit_tests) >= 40
    assert undescribed_columns(settings, manifest) == []


def test_a_log_that_is_asked_for_holds_the_notes_that_a_build_without_one_leaves_out(settings: Settings) -> None:
    settings.make_folders()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dbt_environment(settings).items():
            patch.setenv(name, value)
        locations = [
            word for word in dbt_locations(settings) if word not in {"--log-level", "--log-level-file", "none"}
        ]
        written = settings.dbt_target_dir / "dbt.log"
        for arguments in (dbt_locations(settings), [*locations, "--log-level-file", "debug"]):
            assert not written.exists()
            words = ["--quiet", "build", "--full-refresh", "--select", "comparison_ages,resource_type:seed", *arguments]
            results = invoke_dbt(words, read_manifest(settings))
            assert [str(result.status) for result in results if result.node.name == "comparison_ages"] == ["success"]
    assert "[debug]" in written.read_text(encoding="utf-8")


def test_followers_are_never_added_up() -> None:
    """The same people follow on several platforms, and several accounts of one: nobody knows how many there are."""
    places = [PROJECT_DIR / "dbt_project" / "models", PROJECT_DIR / "bi", PROJECT_DIR / "pipeline" / "report"]
    files = [file for place in places for file in place.rglob("*") if file.suffix in {".sql", ".py", ".yaml", ".yml"}]
    sums = re.compile(r"\bsum\(\s*(?:distinct\s+)?[\w.]*follower_count\b", re.IGNORECASE)
    found = [file.name for file in files if sums.search(file.read_text(encoding="utf-8"))]
    # One account's posts of a week, each with the followers that it had then: what reactions are divided by.
    assert found == ["int_company_engagement_weeks.sql"]
    assert len(files) > 400


def undescribed_columns(settings: Settings, manifest: dict[str, Any]) -> list[str]:
    """Columns of intermediate tables that no model on their way and no doc block describes."""
    described = {
        key: set(node["columns"]) for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    blocks = {key.rsplit(".", 1)[-1] for key in manifest["docs"]}
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        query = "select table_name, column_name from duckdb_columns() where schema_name = 'intermediate'"
        columns = connection.execute(query).fetchall()
    found = []
    for table, column in columns:
        model = f"model.tweetbench.{table}"
        near = [model, *reached(manifest["parent_map"], model), *reached(manifest["child_map"], model)]
        if column not in blocks.union(*(described.get(name, set()) for name in near)):
            found.append(f"{table}.{column}")
    return found


def reached(edges: dict[str, list[str]], start: str) -> set[str]:
    found, todo = set[str](), [start]
    while todo:
        new = set(edges.get(todo.pop(), [])) - found
        found |= new
        todo += new
    return found
