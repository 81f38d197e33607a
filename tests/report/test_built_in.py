"""Demo data only: what was built in is compared with what was found, and a miss is shown as a miss."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from pipeline.report.building import build_report
from pipeline.report.figures import FigureResult
from pipeline.report.run_figures import query_figure
from pipeline.report.sections.built_in import built_in_sections
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.report.stand import publish_rows, settings_for

FIGURES = [
    {"name": "quality", "segment_dimension": "all", "segment": "all", "unit": "growth", "value": 0.0127},
    {"name": "quality_swing", "segment_dimension": "all", "segment": "all", "unit": "growth", "value": 0.0033},
    {"name": "volume", "segment_dimension": "all", "segment": "all", "unit": "growth", "value": 0.0021},
    {"name": "volume", "segment_dimension": "customer_focus", "segment": "b2c", "unit": "growth", "value": 0.003},
    {"name": "quality", "segment_dimension": "customer_focus", "segment": "b2b", "unit": "growth", "value": 0.015},
    {"name": "reliability", "segment_dimension": "all", "segment": "all", "unit": "share", "value": 0.25},
    {"name": "share_in_same_week", "segment_dimension": "all", "segment": "all", "unit": "share", "value": 0.96},
    {"name": "persistence", "segment_dimension": "all", "segment": "all", "unit": "share", "value": 0.5},
]
TABLES = """
create schema marts;
create table marts.growth_attribution (
    specification varchar, segment_dimension varchar, segment varchar, term varchar, estimate double, conf_low double,
    conf_high double, standardised_estimate double, standardised_low double, standardised_high double, status varchar,
    status_reason varchar
);
create table marts.growth_verdict (
    segment_dimension varchar, segment varchar, difference double, difference_low double, difference_high double,
    reliability double, status varchar, status_reason varchar
);
insert into marts.growth_verdict values
    ('all', 'all', 0.0020, 0.0012, 0.0028, 0.22, 'ok', ''),
    ('customer_focus', 'b2b', 0.0010, -0.0002, 0.0022, 0.5, 'ok', '');
insert into marts.growth_attribution values
    ('same_and_previous_week', 'all', 'all', 'quality', 0.0120, 0.0100, 0.0140, 0.0040, 0.0034, 0.0046, 'ok', ''),
    ('same_and_previous_week', 'all', 'all', 'quality_same_week', 0.0108, 0.01, 0.02, 0.1, 0.1, 0.1, 'ok', ''),
    ('same_and_previous_week', 'all', 'all', 'volume', 0.0030, 0.0024, 0.0036, 0.1, 0.1, 0.1, 'ok', ''),
    ('same_and_previous_week', 'customer_focus', 'b2c', 'volume', 0.0030, 0.002, 0.004, 0.1, 0.1, 0.1, 'ok', ''),
    ('same_and_previous_week', 'customer_focus', 'b2b', 'quality', null, null, null, null, null, null,
     'insufficient_data', '8 accounts; at least 10 are needed'),
    ('same_week', 'all', 'all', 'volume', 0.0021, 0.0020, 0.0022, 0.1, 0.1, 0.1, 'ok', '');
"""


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


@pytest.fixture
def truth_file(tmp_path: Path) -> Path:
    file = tmp_path / "built_in.json"
    file.write_text(json.dumps({"seed": 7, "figures": FIGURES}), encoding="utf-8")
    return file


def answers(connection: duckdb.DuckDBPyConnection, truth_file: Path) -> Mapping[str, FigureResult]:
    (section,) = built_in_sections(truth_file)
    return {figure.name: query_figure(connection, figure) for figure in section.figures}


def test_a_miss_is_called_a_miss_and_a_figure_that_was_not_found_says_why(
    marts: duckdb.DuckDBPyConnection, truth_file: Path
) -> None:
    answer = answers(marts, truth_file)["built_in_effects"]
    assert answer.problem == ""
    assert [row["outcome"] for row in answer.rows] == ["inside", "missed", "missed", "inside", "not found"]
    assert answer.words == (
        "2 of 4 built-in effects are inside the 95 % interval of the estimate.",
        "Missed: Typical swing of quality, All accounts: 0.33\u00a0% built in, 0.34 to 0.46\u00a0% found.",
        "Missed: Volume, both weeks, All accounts: 0.21\u00a0% built in, 0.24 to 0.36\u00a0% found.",
        "1 of 5 built-in effects were not found: 8 accounts; at least 10 are needed.",
    )


def test_only_the_primary_model_is_compared(marts: duckdb.DuckDBPyConnection, truth_file: Path) -> None:
    marts.execute("delete from marts.growth_attribution where specification = 'same_and_previous_week'")
    answer = answers(marts, truth_file)["built_in_effects"]
    assert {row["outcome"] for row in answer.rows} == {"not found"}
    assert answer.words == ("5 of 5 built-in effects were not found: this version has no such estimate.",)


def test_the_difference_of_the_two_is_found_where_the_verdict_has_it(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "built_in.json"
    difference = FIGURES[1] | {"name": "quality_minus_volume", "value": 0.0024}
    in_segment = difference | {"segment_dimension": "customer_focus", "segment": "b2b", "value": 0.0030}
    file.write_text(json.dumps({"figures": [difference, in_segment]}), encoding="utf-8")
    answer = answers(marts, file)["built_in_effects"]
    assert [(row["found"], row["outcome"]) for row in answer.rows] == [(0.0020, "inside"), (0.0010, "missed")]


def test_an_estimate_without_an_interval_is_neither_a_hit_nor_a_miss(
    marts: duckdb.DuckDBPyConnection, truth_file: Path
) -> None:
    marts.execute("update marts.growth_attribution set conf_low = null where term = 'volume'")
    rows = answers(marts, truth_file)["built_in_effects"].rows
    assert [(row["outcome"], row["remark"]) for row in rows[2:4]] == [("not found", "no interval")] * 2


def test_properties_of_the_world_are_laid_beside_what_the_models_say_of_it(
    marts: duckdb.DuckDBPyConnection, truth_file: Path
) -> None:
    answer = answers(marts, truth_file)["built_in_shares"]
    assert answer.words == (
        "Reliability of weekly quality: 25.0\u00a0% built in, 22.0\u00a0% found.",
        "Share of quality's effect in the week of the posts: 96.0\u00a0% built in, 90.0\u00a0% found.",
        "Persistence of quality from week to week: 50.0\u00a0% built in, not estimated.",
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder that the tests below share: the chart library is put together once."""
    return settings_for(tmp_path_factory.mktemp("built_in") / "data", is_demo=True)


@pytest.mark.parametrize("is_demo", [True, False])
def test_only_a_demo_shows_what_was_built_in(settings: Settings, tmp_path: Path, *, is_demo: bool) -> None:
    used = settings.model_copy(update={"is_demo": is_demo})
    used.demo_truth_file.write_text(json.dumps({"figures": FIGURES}), encoding="utf-8")
    publish_rows(used, {}, now=NOW)
    report = build_report(used.published_file, tmp_path / "report", settings=used, sections=())
    page = report.page.read_text(encoding="utf-8")
    assert ("Built in and found" in page) == is_demo
    assert ((tmp_path / "report" / "tables" / "built_in_effects.csv").exists()) == is_demo


def test_a_damaged_truth_file_is_a_problem_of_the_report_and_spares_the_rest(
    settings: Settings, tmp_path: Path
) -> None:
    settings.demo_truth_file.write_text('{"figures": 3}', encoding="utf-8")
    publish_rows(settings, {}, now=NOW)
    report = build_report(settings.published_file, tmp_path / "report", settings=settings, sections=())
    assert [problem[:38] for problem in report.problems] == ["built_in: built_in.json cannot be read"]
    assert "Built in and found" not in report.page.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["{", "{}", '{"figures": [{"unit": "growth"}]}', '{"figures": [3]}'])
def test_other_damage_is_refused_in_the_same_way(truth_file: Path, content: str) -> None:
    truth_file.write_text(content, encoding="utf-8")
    with pytest.raises((ValueError, KeyError, TypeError)):
        built_in_sections(truth_file)


def test_names_from_the_file_stay_text_in_the_sql(marts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "built_in.json"
    hostile = {**FIGURES[0], "segment": "it's {values}; drop table marts.growth_verdict; --"}
    file.write_text(json.dumps({"figures": [hostile, FIGURES[-1]]}), encoding="utf-8")
    answer = answers(marts, file)["built_in_effects"]
    assert answer.problem == ""
    assert [row["segment"] for row in answer.rows] == [hostile["segment"]]
    assert marts.execute("select count(*) from marts.growth_verdict").fetchone() == (2,)
