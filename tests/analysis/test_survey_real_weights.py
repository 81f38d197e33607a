"""Weighted shares of a real political poll with three kinds of weights, against a computation without the package."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.survey import segment_shares
from tests.analysis.r_workspace import read_frame


def test_weighted_shares_of_a_real_poll_are_those_of_an_independent_computation(shared_data: Path) -> None:
    poll = read_frame(shared_data / "pew_dec13" / "dec13_excerpt.RData", "dec13_excerpt")
    assert len(poll["q1"]) == 2001
    table = pa.table({name: poll[name] for name in ("q1", "q2", "sex", "receduc", "weight", "llweight", "cellweight")})
    for weight_name in ("weight", "llweight", "cellweight"):
        weight = np.array(poll[weight_name])
        for question, segment in (("q1", "sex"), ("q2", "receduc")):
            rows = segment_shares(table, question=question, segment=segment, weight=weight_name).to_pylist()
            answers, groups = np.array(poll[question], dtype=object), np.array(poll[segment], dtype=object)
            assert len(rows) == len(set(poll[question]) - {None}) * len(set(poll[segment]) - {None})
            for row in rows:
                domain = (groups == row["segment"]) & np.array([answer is not None for answer in answers])
                chosen = answers == row["option"]
                inside = np.where(domain, weight, 0.0)
                share = (inside * chosen).sum() / inside.sum()
                scores = inside * (chosen - share) / inside.sum()
                error = np.sqrt(2001 / 2000 * (scores**2).sum())
                assert row["share"] == pytest.approx(share, abs=1e-12)
                assert row["standard_error"] == pytest.approx(error, abs=1e-12)
                assert row["base_count"] == (inside > 0).sum()
