"""Against an independent implementation that is installed for tests only."""

import numpy as np
import pytest
from dummy_regression import draw_panel

from pipeline.analysis.panel import fit_panel

linearmodels = pytest.importorskip("linearmodels.panel", reason="a test-only package; make check installs it")


@pytest.mark.parametrize("seed", [1, 2])
def test_coefficients_and_errors_equal_those_of_linearmodels(seed: int) -> None:
    table = draw_panel(seed)
    terms = ["x0", "x1"]
    got = fit_panel(table, outcome="y", regressors=terms, unit="unit", time="time", wild_draws=0)
    frame = table.to_pandas()
    frame = frame[frame.groupby("unit")["y"].transform("size") > 1]
    frame["time"] = frame["time"].rank(method="dense").astype(int)
    frame = frame.set_index(["unit", "time"])
    model = linearmodels.PanelOLS(frame["y"], frame[terms], entity_effects=True, time_effects=True)
    # Its errors count all effects in K (group_debias); ours leave out the unit effects, which the clusters hold.
    theirs = model.fit(cov_type="clustered", cluster_entity=True, group_debias=True)
    rows, units, times = got.n_obs, got.n_units, got.n_times
    assert theirs.nobs == rows
    ratio = np.sqrt((rows - len(terms) - times) / (rows - len(terms) - times - units + 1))
    for term in terms:
        assert got.estimates[term].estimate == pytest.approx(theirs.params[term], rel=1e-9)
        assert got.estimates[term].se_crv1 * ratio == pytest.approx(theirs.std_errors[term], rel=1e-7)
