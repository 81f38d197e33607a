"""Shares, intervals and tests of any design against their definitions and against svy; what must not change them."""

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.survey import adjusted_residuals, association_test, segment_shares
from tests.analysis.survey_definitions import domain_share, korn_graubard, rao_scott

POPULATION = {0: 40.0, 1: 60.0, 2: 25.0}


def make_sample(seed: int, people: int = 240) -> dict[str, Any]:
    """Three strata of clusters with unequal weights, some of them zero, and answers with gaps."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 3, people)
    segment = rng.choice(["a", "b", "c"], people)
    answer = np.where(rng.random(people) < 0.3 + 0.2 * (segment == "b"), "yes", rng.choice(["no", "maybe"], people))
    weight = np.where(rng.random(people) < 0.05, 0.0, np.exp(rng.normal(0, 0.6, people)))
    return {
        "stratum": stratum,
        "cluster": rng.integers(0, 12, people),
        "segment": segment.tolist(),
        "answer": [None if gap else text for gap, text in zip(rng.random(people) < 0.1, answer, strict=True)],
        "weight": weight,
        "population": np.array([POPULATION[at] for at in stratum]),
    }


@pytest.mark.parametrize("with_fpc", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_every_cell_is_that_of_the_definition(clustered: bool, with_fpc: bool) -> None:
    for seed in range(3):
        sample = make_sample(seed, people=240 if clustered else 60)
        cluster, fpc = "cluster" if clustered else None, "population" if with_fpc else None
        rows = segment_shares(
            pa.table(sample),
            question="answer",
            segment="segment",
            weight="weight",
            strata="stratum",
            cluster=cluster,
            fpc=fpc,
        ).to_pylist()
        assert len(rows) == 9
        answers, segments = np.array(sample["answer"], dtype=object), np.array(sample["segment"])
        clusters = sample["cluster"] if clustered else np.arange(len(answers))
        for row in rows:
            domain = (segments == row["segment"]) & (answers != None)  # noqa: E711 - element by element
            chosen = (answers == row["option"]).astype(float)
            share, error, degrees = domain_share(
                chosen, domain, sample["weight"], sample["stratum"], clusters, POPULATION if with_fpc else None
            )
            n = int((domain & (sample["weight"] > 0)).sum())
            assert (row["base_count"], row["degrees_of_freedom"]) == (n, degrees)
            assert (row["share"], row["standard_error"]) == pytest.approx((share, error), abs=1e-12)
            assert (row["share_low"], row["share_high"]) == pytest.approx(
                korn_graubard(share, error, n, degrees), abs=1e-9
            )
            assert row["design_effect"] == pytest.approx(error**2 / (share * (1 - share) / (n - 1)), abs=1e-9)


def test_the_association_test_is_that_of_the_definition_with_and_without_clusters() -> None:
    for seed in range(3):
        sample = make_sample(seed)
        sample["weight"] = sample["weight"] + 0.1
        sample["answer"] = [text or "no" for text in sample["answer"]]
        codes = [np.unique(sample[name], return_inverse=True)[1] for name in ("segment", "answer")]
        for cluster in ("cluster", None):
            (row,) = association_test(
                pa.table(sample),
                question="answer",
                segment="segment",
                weight="weight",
                strata="stratum",
                cluster=cluster,
            ).to_pylist()
            clusters = sample["cluster"] if cluster else np.arange(len(codes[0]))
            expected = rao_scott(codes[0], codes[1], sample["weight"], sample["stratum"], clusters)
            found = (row["statistic"], row["df_num"], row["df_den"], row["p_value"])
            assert found == pytest.approx(expected, rel=1e-9)


def test_shares_and_tests_are_those_of_svy() -> None:
    sample = make_sample(7)
    sample["weight"] = sample["weight"] + 0.1
    frame = pl.DataFrame(sample)
    survey = svy.Sample(frame, svy.Design(wgt="weight", stratum="stratum", psu="cluster"))
    asked = svy.col("answer").is_not_null()
    theirs = survey.estimation.prop("answer", by="segment", where=asked, ci_method="korn-graubard").to_polars()
    ours = segment_shares(
        pa.table(sample), question="answer", segment="segment", weight="weight", strata="stratum", cluster="cluster"
    )
    found = {(row["segment"], row["option"]): row for row in ours.to_pylist()}
    assert theirs.height == len(found) == 9
    for row in theirs.iter_rows(named=True):
        mine = found[row["segment"], row["answer"]]
        expected = (row["est"], row["se"], row["lci"], row["uci"])
        assert (mine["share"], mine["standard_error"], mine["share_low"], mine["share_high"]) == pytest.approx(
            expected, abs=1e-9
        )


def test_the_association_test_is_that_of_svy() -> None:
    sample = make_sample(7)
    sample["weight"] = sample["weight"] + 0.1
    survey = svy.Sample(pl.DataFrame(sample), svy.Design(wgt="weight", stratum="stratum", psu="cluster"))
    theirs = survey.categorical.tabulate("segment", "answer", where=svy.col("answer").is_not_null()).stats.f
    (ours,) = association_test(
        pa.table(sample), question="answer", segment="segment", weight="weight", strata="stratum", cluster="cluster"
    ).to_pylist()
    found = (ours["statistic"], ours["df_num"], ours["df_den"], ours["p_value"])
    assert found == pytest.approx((theirs.value, theirs.df_num, theirs.df_den, theirs.p_value), rel=1e-8)


def test_a_share_of_zero_or_one_keeps_an_interval() -> None:
    table = pa.table({"q": ["no"] * 48 + ["yes"] * 12, "s": ["a"] * 48 + ["b"] * 12})
    rows = {(r["segment"], r["option"]): r for r in segment_shares(table, question="q", segment="s").to_pylist()}
    assert (rows["a", "yes"]["share"], rows["a", "yes"]["share_low"]) == (0.0, 0.0)
    assert rows["a", "yes"]["share_high"] == pytest.approx(1 - 0.025 ** (1 / 48))
    assert rows["b", "yes"]["share_high"] == 1.0
    assert rows["b", "yes"]["share_low"] == pytest.approx(0.025 ** (1 / 12))
    assert rows["b", "yes"]["design_effect"] is None


def test_a_stratum_with_one_cluster_adds_to_the_variance_and_a_census_has_none() -> None:
    table = pa.table({"q": ["y", "n", "y", "n", "y"], "h": [1, 1, 1, 1, 2], "all": [4, 4, 4, 4, 1]})
    (_, lonely) = segment_shares(table, question="q", segment=None, strata="h").to_pylist()
    within = 4 / 3 * (2 * 0.4**2 + 2 * 0.6**2 - 4 * 0.1**2)
    assert lonely["standard_error"] == pytest.approx(np.sqrt(within + 0.4**2) / 5)
    (_, census) = segment_shares(table, question="q", segment=None, strata="h", fpc="all").to_pylist()
    assert census["standard_error"] == 0
    with pytest.raises(ValueError, match="smaller than its sample"):
        segment_shares(table.append_column("size", pa.array([3] * 5)), question="q", segment=None, fpc="size")


def test_what_cannot_be_tested_says_so() -> None:
    perfect = pa.table({"q": ["y"] * 20 + ["n"] * 20, "s": ["a"] * 20 + ["b"] * 20})
    (row,) = association_test(perfect, question="q", segment="s").to_pylist()
    assert (row["status"], row["p_value"]) == ("not_testable", None)
    alike = pa.table({"q": ["y"] * 40, "s": ["a", "b"] * 20})
    (row,) = association_test(alike, question="q", segment="s").to_pylist()
    assert row["status_reason"] == "fewer than two segments or fewer than two answers occur"


def test_missing_weights_and_unknown_columns_are_refused_in_words() -> None:
    table = pa.table({"q": ["y", "n"], "w": [1.0, None]})
    with pytest.raises(ValueError, match="1 rows of 'w' hold no weight"):
        segment_shares(table, question="q", segment=None, weight="w")
    with pytest.raises(ValueError, match="no column 'other'"):
        segment_shares(table, question="other", segment=None)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(1e-3, 1e3))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(seed: int, factor: float) -> None:
    sample = make_sample(seed, people=90)
    order = np.random.default_rng(seed).permutation(90)
    table = pa.table(sample)
    changed = pa.table({**sample, "weight": sample["weight"] * factor}).take(order)
    design = {"question": "answer", "segment": "segment", "weight": "weight", "strata": "stratum", "cluster": "cluster"}
    for estimate in (segment_shares, association_test, adjusted_residuals):
        for one, other in zip(
            estimate(table, **design).to_pylist(), estimate(changed, **design).to_pylist(), strict=True
        ):
            assert one.keys() == other.keys()
            for name, value in one.items():
                expected = pytest.approx(value, rel=1e-6, abs=1e-9) if isinstance(value, float) else value
                assert other[name] == expected, name
