"""Growth estimated from blocks of accounts is growth estimated from one table, in memory that blocks bound."""

import tracemalloc
from collections.abc import Iterator, Mapping

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from growth_posts import Drawn, PostWorld, draw_posts_world

from pipeline.analysis.growth import PANEL_COLUMNS, estimate_growth, reading
from pipeline.analysis.growth.accounts import AccountPanel, hold_panel, read_panel
from pipeline.analysis.growth.audience import measure_audience
from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.reading import cut_accounts, read_accounts
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS, read_first_step
from pipeline.analysis.growth.specifications import GROSS, PLACEBO, PRIMARY, find_specification
from pipeline.analysis.sensitivity import estimate_sensitivity

WORLD = PostWorld(accounts=24, weeks=30, posts=2.0)
EFFORT = Effort(wild_draws=99, share_draws=20, seed=1)
Row = Mapping[str, object]


def cut(table: pa.Table, size: int, keys: list[str]) -> Iterator[pa.Table]:
    """Pieces of so many of the accounts."""
    for start in range(0, len(keys), size):
        yield table.filter(pc.is_in(table["account_key"], value_set=pa.array(keys[start : start + size])))


def list_keys(drawn: Drawn) -> list[str]:
    return sorted(set(drawn.panel["account_key"].to_pylist()) | set(drawn.cells["account_key"].to_pylist()))


def read_pieces(drawn: Drawn, size: int) -> AccountPanel:
    keys = list_keys(drawn)
    return read_panel(cut(drawn.panel, size, keys), cut(drawn.cells, size, keys), PANEL_COLUMNS)


def assert_alike(found: list[Row], expected: list[Row], rel: float = 1e-9) -> None:
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        assert list(row) == list(other)
        for name, value in other.items():
            is_number = isinstance(value, float)
            assert row[name] == (pytest.approx(value, rel=rel, abs=1e-15) if is_number else value), (
                other["term"],
                name,
            )


@pytest.mark.parametrize("size", [1, 7, 24])
@pytest.mark.parametrize("name", [PRIMARY, PLACEBO, "no_purge_exclusion", GROSS])
def test_figures_do_not_depend_on_where_the_panel_is_cut(name: str, size: int) -> None:
    drawn, specification = draw_posts_world(WORLD, 3), find_specification(name)
    follows = pa.array(np.random.default_rng(3).poisson(3.0, drawn.panel.num_rows))
    panel = drawn.panel.set_column(drawn.panel.column_names.index("new_follow_count"), "new_follow_count", follows)
    drawn = Drawn(panel, drawn.cells, drawn.quality)
    step = read_first_step(drawn.cells)
    whole = fit_rows(step.attach(panel), specification, EFFORT, step)
    assert whole[0]["status"] == "ok"
    assert_alike(fit_rows(read_pieces(drawn, size), specification, EFFORT), whole)


@pytest.mark.parametrize("accounts", [2, 6])
def test_few_accounts_are_alike_in_blocks_too(accounts: int) -> None:
    drawn, specification = draw_posts_world(PostWorld(accounts=accounts, weeks=40), 5), find_specification(PRIMARY)
    step = read_first_step(drawn.cells)
    whole = fit_rows(step.attach(drawn.panel), specification, EFFORT, step)
    assert_alike(fit_rows(read_pieces(drawn, 1), specification, EFFORT), whole)


def test_the_order_of_the_accounts_does_not_matter() -> None:
    drawn, specification, effort = draw_posts_world(WORLD, 6), find_specification(PRIMARY), Effort(0, 0, 1)
    keys = list_keys(drawn)
    turned = dict(zip(keys, reversed(keys), strict=True))

    def turn(table: pa.Table) -> pa.Table:
        return table.set_column(
            table.column_names.index("account_key"),
            "account_key",
            [[turned[k] for k in table["account_key"].to_pylist()]],
        )

    other = Drawn(turn(drawn.panel), turn(drawn.cells), drawn.quality)
    found, expected = (fit_rows(read_pieces(world, 5), specification, effort) for world in (other, drawn))
    assert_alike(found, expected, rel=1e-8)


def test_the_whole_table_is_alike_with_segments_platforms_and_a_cell_without_panel() -> None:
    drawn = draw_posts_world(WORLD, 7)
    keys = list_keys(drawn)
    # Every third account is on another platform, which comes first in the order of keys; one has cells alone.
    renamed = {key: f"bluesky:{key}" if place % 3 == 0 else key for place, key in enumerate(keys)}

    def rename(table: pa.Table) -> pa.Table:
        names = pa.array([renamed[key] for key in table["account_key"].to_pylist()])
        return table.set_column(table.column_names.index("account_key"), "account_key", names)

    panel, cells = rename(drawn.panel), rename(drawn.cells)
    panel = panel.filter(pc.not_equal(panel["account_key"], renamed[keys[5]]))
    names = sorted(renamed.values())
    rows = [(key, "industry", "software" if place % 2 else "retail") for place, key in enumerate(names)]
    segments = pa.table(
        dict(zip(("account_key", "segment_dimension", "segment"), zip(*rows, strict=True), strict=True))
    )
    draws = {"wild_draws": 99, "share_draws": 20}
    whole = estimate_growth(panel, segments, cells, **draws)
    pieces = [estimate_growth(cut(panel, size, names), segments, cut(cells, size, names), **draws) for size in (1, 7)]
    assert set(whole["segment"].to_pylist()) == {"all", "retail", "software"}
    for piece in pieces:
        # Figures are rounded to six digits.
        assert_alike(piece.to_pylist(), whole.to_pylist(), rel=2e-5)
        assert piece.schema == whole.schema
    sensed = [
        estimate_sensitivity(weeks, known, PANEL_COLUMNS).to_pylist()
        for weeks, known in ((panel, cells), (cut(panel, 7, names), cut(cells, 7, names)))
    ]
    assert sensed[0][0]["status"] == "ok"
    for row, other in zip(*sensed, strict=True):
        assert row == {name: pytest.approx(v, rel=2e-5) if isinstance(v, float) else v for name, v in other.items()}


def test_an_account_without_quality_in_a_block_of_its_own_is_no_hindrance() -> None:
    drawn = draw_posts_world(WORLD, 8)
    (first, *_) = list_keys(drawn)
    cells = drawn.cells.filter(pc.not_equal(drawn.cells["account_key"], first))
    quiet = Drawn(drawn.panel, cells, drawn.quality)
    step = read_first_step(cells)
    whole = fit_rows(step.attach(drawn.panel), find_specification(PRIMARY), EFFORT, step)
    assert whole[0]["status"] == "ok"
    keys = list_keys(drawn)
    pieces = read_panel(cut(quiet.panel, 1, keys), cut(quiet.cells, 1, keys), PANEL_COLUMNS)
    assert_alike(fit_rows(pieces, find_specification(PRIMARY), EFFORT), whole)


def test_the_audience_is_measured_from_blocks() -> None:
    generator = np.random.default_rng(9)
    account = np.repeat(np.arange(30), 20)
    size = generator.normal(8, 1, 30)[account] + generator.normal(0, 0.3, 600)
    basis = np.where((account % 3 == 0)[:, None], ["clicks"], ["engagement_per_post"])[:, 0]
    weeks = pa.table(
        {
            "account_key": [f"{'x' if code % 2 else 'bluesky'}:{code:03d}" for code in account],
            "week_start_date": np.tile(np.datetime64("2026-01-05") + 7 * np.arange(20), 30),
            "quality_basis": basis,
            "log_quality": 0.4 * size + generator.normal(0, 0.2, 600),
            "log_follower_count": size,
        }
    )
    thresholds = pa.table({"name": ["panel_accounts_from"], "value": [5]})
    whole = measure_audience(weeks, thresholds)
    assert whole["audience_slope"].to_pylist() == pytest.approx([0.4, 0.4], abs=0.15)
    keys = sorted(set(weeks["account_key"].to_pylist()))
    for size_of in (1, 7):
        assert measure_audience(cut(weeks, size_of, keys), thresholds).to_pylist() == whole.to_pylist()


def test_tables_of_the_warehouse_are_read_in_whole_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = draw_posts_world(WORLD, 10)
    (first, second, *_, last) = list_keys(drawn)
    panel = drawn.panel.take(np.random.default_rng(1).permutation(drawn.panel.num_rows))
    cells = drawn.cells.filter(pc.is_in(drawn.cells["account_key"], value_set=pa.array([second, last])))
    monkeypatch.setattr(reading, "BLOCK_ROWS", 50)
    monkeypatch.setattr(reading, "_BATCH_ROWS", 40)
    with duckdb.connect() as connection:
        connection.register("panel", panel)
        connection.register("cells", cells)
        relations = connection.table("panel"), connection.table("cells")
        cuts = cut_accounts(*relations)
        tables = list(read_accounts(relations[0], PANEL_COLUMNS, cuts))
        others = list(read_accounts(relations[1], CELL_COLUMNS, cuts))
        empty = list(read_accounts(relations[0].filter("false"), PANEL_COLUMNS, cuts))
        assert cut_accounts(relations[0].filter("false")) == []
    assert len(tables) == len(others) == len(empty) == len(cuts) + 1 > 5
    joined = pa.concat_tables(tables)
    order = [("account_key", "ascending"), ("week_start_date", "ascending")]
    assert joined.to_pylist() == panel.select(PANEL_COLUMNS).sort_by(order).to_pylist()
    assert max(table.num_rows for table in tables) <= 4 * 30
    seen = [set(table["account_key"].to_pylist()) for table in tables]
    assert sum(map(len, seen)) == 24
    for own, weeks in zip(others, seen, strict=True):
        assert set(own["account_key"].to_pylist()) <= weeks
    assert pa.concat_tables(others).num_rows == cells.num_rows
    assert {table.num_rows for table in empty} == {0}
    assert first in seen[0]


def peak_bytes(count: int) -> int:
    """Peak memory of numpy while the primary model is fitted to so many blocks of 20 accounts, made when asked for."""
    drawn = draw_posts_world(PostWorld(accounts=20, weeks=60), 11)

    def draw(table: pa.Table) -> Iterator[pa.Table]:
        numbers = np.array([int(key[-3:]) for key in table["account_key"].to_pylist()])
        for block in range(count):
            keys = pa.array([f"x:{20 * block + number:06d}" for number in numbers])
            yield table.set_column(table.column_names.index("account_key"), "account_key", keys)

    tracemalloc.start()
    try:
        panel = read_panel(draw(drawn.panel), draw(drawn.cells), PANEL_COLUMNS)
        rows = fit_rows(panel, find_specification(PRIMARY), Effort(0, 20, 1, gives_second_opinion=False))
        assert (rows[0]["status"], rows[0]["account_count"]) == ("ok", 20 * count)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_weeks_of_more_accounts() -> None:
    peak_bytes(3)
    few, many = peak_bytes(4), peak_bytes(24)
    # 400 accounts more, 60 weeks each: their cells alone have five numbers a week.
    assert many - few < 400 * 60 * 5 * 8 / 2


def test_a_panel_in_one_piece_is_a_panel_of_one_block() -> None:
    drawn = draw_posts_world(WORLD, 12)
    step = read_first_step(drawn.cells)
    (block,) = hold_panel(drawn.panel, step).blocks
    assert block.table is drawn.panel
    assert block.first_step is step
