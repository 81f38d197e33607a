"""Survey estimates against reference results computed in R: shares, intervals, tests, multi-select questions."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv

from pipeline.analysis.survey import association_test, response_shares, segment_shares

MISSING = csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)


def load(folder: Path) -> tuple[pa.Table, dict[str, Any]]:
    table = csv.read_csv(folder / "input.csv", convert_options=MISSING)
    return table, json.loads((folder / "expected.json").read_text())


def by_cell(shares: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["segment"], row["option"]): row for row in shares.to_pylist()}


@pytest.mark.parametrize(("variant", "fpc"), [("with_fpc", "fpc"), ("without_fpc", None)])
def test_crosstabs_of_a_stratified_sample_are_those_of_the_reference(
    oracles: Path, variant: str, fpc: str | None
) -> None:
    table, expected = load(oracles / "02a_survey_apistrat_crosstab")
    design = {"weight": "pw", "strata": "stype", "fpc": fpc}
    crosstabs = [case for case in expected[variant].values() if "rows" in case]
    assert crosstabs
    for case in crosstabs:
        found = by_cell(segment_shares(table, question=case["col"], segment=case["row"], **design))
        found |= by_cell(segment_shares(table, question=case["col"], segment=None, **design))
        for row in [*case["rows"], {**case["total"], "segment": "all"}]:
            for cell in row["cells"]:
                _check_cell(found[row["segment"], cell["level"]], cell)
        (test,) = association_test(table, question=case["col"], segment=case["row"], **design).to_pylist()
        reference = case["tests"]["F"]
        assert test["statistic"] == pytest.approx(reference["statistic"], abs=1e-6)
        assert test["df_num"] == pytest.approx(reference["parameter"]["ndf"], abs=1e-6)
        assert test["df_den"] == pytest.approx(reference["parameter"]["ddf"], abs=1e-6)
        assert test["p_value"] == pytest.approx(reference["p_value"], abs=1e-6)
        assert test["cramers_v"] == pytest.approx(case["cramers_v_bias_corrected"], abs=1e-8)


def _check_cell(found: dict[str, Any], cell: dict[str, Any]) -> None:
    assert (found["respondent_count"], found["base_count"]) == (cell["n_cell"], cell["n_domain"])
    assert found["degrees_of_freedom"] == cell["df"]
    assert found["share"] == pytest.approx(cell["proportion"], abs=1e-8)
    assert found["standard_error"] == pytest.approx(cell["se"], abs=1e-8)
    low, high = cell["ci_beta_kg_capped_at_n"]
    if low is not None:
        assert (found["share_low"], found["share_high"]) == pytest.approx((low, high), abs=1e-6)
        assert found["design_effect"] == pytest.approx(cell["deff_replace"], abs=1e-8)
    else:  # a share of zero: the exact limit at n
        assert found["share_low"] == 0
        assert found["share_high"] == pytest.approx(1 - 0.025 ** (1 / cell["n_domain"]), abs=1e-12)


def test_a_multi_select_block_counts_those_who_answered_it_and_keeps_the_design(oracles: Path) -> None:
    table, expected = load(oracles / "02d_survey_multiselect")
    picks = [name for name in table.column_names if name.startswith("pick_")]
    design = {"weight": "pw", "strata": "stype", "fpc": "fpc"}
    everybody = by_cell(segment_shares(table, question=picks, segment=None, multi=True, **design))
    by_type = by_cell(segment_shares(table, question=picks, segment="stype", multi=True, **design))
    for name, share in expected["percent_of_respondents"].items():
        assert everybody["all", name]["base_count"] == expected["n_base"]
        assert everybody["all", name]["share"] == pytest.approx(share, abs=1e-8)
        for row in expected["by_stype"][name]["rows"]:
            (ticked,) = (cell for cell in row["cells"] if str(cell["level"]) == "1")
            found = by_type[row["segment"], name]
            assert found["share"] == pytest.approx(ticked["proportion"], abs=1e-8)
            assert found["standard_error"] == pytest.approx(ticked["se"], abs=1e-8)
    for row in response_shares(table, question=picks, **design).to_pylist():
        reference = expected["percent_of_responses"][row["option"]]
        assert row["response_share"] == pytest.approx(reference["ratio"], abs=1e-8)
        assert row["standard_error"] == pytest.approx(reference["se"], abs=1e-8)
    for row in association_test(table, question=picks, segment="stype", multi=True, **design).to_pylist():
        assert row["p_value"] == pytest.approx(expected["rao_scott_F_p_raw"][row["option"]], abs=1e-6)
        assert row["p_value_adjusted"] == pytest.approx(expected["p_holm"][row["option"]], abs=1e-6)


def test_a_list_column_says_the_same_as_one_column_per_option(oracles: Path) -> None:
    table, _ = load(oracles / "02d_survey_multiselect")
    picks = [name for name in table.column_names if name.startswith("pick_")]
    rows = table.select(picks).to_pylist()
    lists = [None if None in row.values() else [name for name, tick in row.items() if tick] for row in rows]
    listed = table.append_column("picks", pa.array(lists, pa.list_(pa.string())))
    design = {"segment": "stype", "weight": "pw", "strata": "stype", "fpc": "fpc", "multi": True}
    one, other = (by_cell(segment_shares(listed, question=shape, **design)) for shape in (picks, "picks"))
    assert one == other
