"""A panel in blocks of whole units gives the figures of the panel in one piece, in memory that blocks bound."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from dummy_regression import draw_panel

from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import InsufficientDataError, read_blocks

TERMS = ["x0", "x1"]


def cut(table: pa.Table, size: int) -> list[pa.Table]:
    """The table in pieces of so many units."""
    units = sorted(set(table["unit"].to_pylist()))
    pieces = [units[start : start + size] for start in range(0, len(units), size)]
    return [table.filter(pc.is_in(table["unit"], value_set=pa.array(piece))) for piece in pieces]


def fit(tables: pa.Table | Iterator[pa.Table] | list[pa.Table]) -> PanelFit:
    return fit_panel(tables, outcome="y", regressors=TERMS, unit="unit", time="time", wild_draws=999)


def figures(got: PanelFit) -> list[float]:
    found = [f for e in got.estimates.values() for f in (e.estimate, e.se_crv1, e.se_crv3, e.p_wild, e.within_sd)]
    limits = got.explained_share_intervals(draws=50)
    return [*found, got.within_r2, got.inference.max_leverage_share, *(f for pair in limits.values() for f in pair)]


@pytest.mark.parametrize("size", [1, 7, 60])
@pytest.mark.parametrize("units", [12, 60])
def test_figures_do_not_depend_on_where_the_panel_is_cut(units: int, size: int) -> None:
    table = draw_panel(3, units=units, effect=0.05)
    whole, cut_up = fit(table), fit(iter(cut(table, size)))
    assert figures(cut_up) == pytest.approx(figures(whole), rel=1e-9)
    assert cut_up.explained_shares() == pytest.approx(whole.explained_shares(), rel=1e-9)
    for name in ("n_obs", "n_units", "n_times", "n_incomplete", "n_singletons", "status", "status_reason"):
        assert getattr(cut_up, name) == getattr(whole, name)
    both = {"x0": 1.0, "x1": -1.0}
    assert cut_up.contrast(both).p_value == pytest.approx(whole.contrast(both).p_value, rel=1e-9)


def test_figures_do_not_depend_on_the_order_of_the_units() -> None:
    table = draw_panel(5, units=20)
    turned = pa.array([f"x:{999 - int(label[2:]):03d}" for label in table["unit"].to_pylist()])
    other = table.set_column(0, "unit", turned)
    # Draws belong to places of units, so what is drawn at random is left out.
    for name in ("estimate", "se_crv1", "se_crv3", "within_sd"):
        found = [getattr(estimate, name) for estimate in fit(cut(other, 3)).estimates.values()]
        expected = [getattr(estimate, name) for estimate in fit(table).estimates.values()]
        assert found == pytest.approx(expected, rel=1e-9), name


def test_singletons_are_found_across_blocks_and_a_block_may_have_no_row_left() -> None:
    table = draw_panel(6, units=10, times=5, missing=0.0)
    # Week 9 has x:011 alone; without it x:011 has week 8 alone; without that week 8 has x:012 alone, and so on.
    chain = [("x:011", 9), ("x:011", 8), ("x:012", 8), ("x:012", 7), ("x:013", 3)]
    extra = pa.table({"unit": [u for u, _ in chain], "time": [t for _, t in chain]})
    extra = extra.append_column("y", pa.array(np.arange(5.0)))
    extra = extra.append_column("x0", pa.array([1.0, 2.0, 4.0, None, 1.0])).append_column("x1", pa.array(np.ones(5)))
    whole = fit(pa.concat_tables([table, extra]))
    cut_up = fit([*cut(table, 3), *cut(extra, 1)])
    assert (cut_up.n_obs, cut_up.n_incomplete, cut_up.n_singletons) == (50, 1, 4)
    assert (whole.n_obs, whole.n_incomplete, whole.n_singletons) == (50, 1, 4)
    assert figures(cut_up) == pytest.approx(figures(whole), rel=1e-9)


def test_collinear_terms_are_named_from_blocks_too() -> None:
    table = draw_panel(7, units=30)
    extra = pa.array(table["x0"].to_numpy() * 3 - table["x1"].to_numpy() + table["time"].to_numpy())
    pieces = cut(table.append_column("extra", extra), 4)
    with pytest.raises(ValueError, match="'extra' is a combination"):
        fit_panel(pieces, outcome="y", regressors=[*TERMS, "extra"], unit="unit", time="time")


def test_units_must_not_be_cut_in_two_nor_come_back() -> None:
    table = draw_panel(8)
    with pytest.raises(ValueError, match="whole units in ascending order"):
        fit([table.slice(0, 10), table.slice(10)])
    with pytest.raises(ValueError, match="whole units in ascending order"):
        fit(cut(table, 3)[::-1])
    with pytest.raises(InsufficientDataError, match="no rows are left: of 0 rows"):
        fit([])


def test_labels_of_times_are_those_of_all_blocks() -> None:
    early = pa.table({"unit": ["a"] * 3 + ["b"] * 3, "time": [5, 6, 7] * 2, "y": np.arange(6.0), "x0": np.arange(6.0)})
    late = pa.table({"unit": ["c"] * 3 + ["d"] * 3, "time": [3, 6, 5] * 2, "y": np.arange(6.0), "x0": np.arange(6.0)})
    blocks = list(read_blocks([early, late], outcome="y", regressors=["x0"], unit="unit", time="time"))
    assert [block.time_codes.tolist() for block in blocks] == [[1, 2, 3] * 2, [0, 1, 2] * 2]
    assert [block.unit_codes.tolist() for block in blocks] == [[0] * 3 + [1] * 3] * 2


def test_a_single_block_stays_in_memory_and_more_can_be_read_again() -> None:
    spool: Spool[np.ndarray] = Spool()
    first = np.arange(3)
    spool.append(first)
    assert next(iter(spool)) is first
    spool.append(np.arange(5))
    spool.append(np.arange(0))
    # Two readings at a time do not disturb each other.
    pairs = [(a.tolist(), b.tolist()) for a, b in zip(spool, spool, strict=True)]
    assert pairs == [(list(range(n)), list(range(n))) for n in (3, 5, 0)]
    assert len(spool) == 3


def draw_blocks(count: int) -> Iterator[pa.Table]:
    """Blocks of 100 units over 40 weeks, drawn when they are asked for."""
    for block in range(count):
        generator = np.random.default_rng(block)
        unit = np.repeat(np.arange(100 * block, 100 * (block + 1)), 40)
        columns = {name: generator.normal(size=4000) for name in ("y", *TERMS)}
        yield pa.table({"unit": unit, "time": np.tile(np.arange(40), 100), **columns})


def peak_bytes(count: int) -> int:
    tracemalloc.start()
    try:
        got = fit_panel(
            draw_blocks(count), outcome="y", regressors=TERMS, unit="unit", time="time", wild_draws=0, jackknife=False
        )
        got.explained_share_intervals(draws=20)
        assert got.n_units == 100 * count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows() -> None:
    peak_bytes(2)
    few, many = peak_bytes(5), peak_bytes(25)
    # 80,000 rows more, of 40 bytes each in the sample alone; units take some numbers each.
    assert many - few < 2000 * 300 < 80_000 * 40
