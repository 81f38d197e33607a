"""Growth by dose: bins, their adjusted means, and where more stops paying."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from growth_worlds import draw_panel, draw_segments

from pipeline.analysis.growth.dose_response import QUALITY_BINS, VOLUME_BINS, describe_doses


def rows_of(panel: pa.Table, driver: str) -> list[dict]:
    doses = describe_doses(panel, draw_segments().slice(0, 0))
    return doses.filter(pc.equal(doses["driver"], driver)).to_pylist()


def test_growth_rises_over_the_fifths_of_quality_and_their_mean_is_that_of_the_panel() -> None:
    panel = draw_panel(21, quality=0.02, accounts=40)
    rows = rows_of(panel, "quality")
    assert [row["bin"] for row in rows] == list(QUALITY_BINS)
    means = [row["mean_growth_rate"] for row in rows]
    assert means == sorted(means)
    assert all(row["conf_low"] < row["mean_growth_rate"] < row["conf_high"] for row in rows)
    used = panel.filter(panel["is_in_panel"])
    weights = [row["observation_count"] for row in rows]
    assert sum(weights) == used.num_rows
    assert np.average(means, weights=weights) == pytest.approx(pc.mean(used["growth_rate"]).as_py(), abs=1e-6)


def test_every_week_falls_into_one_bin_of_volume_and_weeks_of_silence_count() -> None:
    panel = draw_panel(22, volume=0.01, accounts=40)
    at = panel.column_names.index("is_in_panel")
    # A week without posts has no quality but does count for volume.
    silent = pc.equal(pc.add(panel["volume_same"], panel["volume_lag"]), 0)
    panel = panel.set_column(at, "is_in_panel", pc.and_(panel["is_in_panel"], pc.invert(silent)))
    rows = rows_of(panel, "volume")
    assert [row["bin"] for row in rows] == [name for name, _, _ in VOLUME_BINS]
    used = panel.filter(panel["is_in_volume_panel"])
    # The mean of both weeks, halves up.
    posts = ((np.expm1(used["volume_same"]) + np.expm1(used["volume_lag"])).round().astype(int) + 1) // 2
    limits = [(0, 0), (1, 3), (4, 7), (8, 14), (15, 28), (29, 10**9)]
    assert [row["observation_count"] for row in rows] == [int(((posts >= a) & (posts <= b)).sum()) for a, b in limits]
    shown = [row["mean_growth_rate"] for row in rows if row["status"] == "ok"]
    assert len(shown) >= 4
    assert shown == sorted(shown)
    # The effect of this world acts in the week after; one that acts in the same week is seen as well.
    names = [{"volume_same": "volume_lag", "volume_lag": "volume_same"}.get(n, n) for n in panel.column_names]
    assert rows_of(panel.rename_columns(names), "volume") == rows


def test_a_bin_of_fewer_than_ten_accounts_has_counts_but_no_mean_and_spoils_no_other() -> None:
    panel = draw_panel(23, volume=0.01, accounts=40)
    is_loud = pc.is_in(panel["account_key"], value_set=pa.array(["x:000", "x:001"]))
    for name in ("volume_same", "volume_lag"):
        loud = pc.if_else(is_loud, float(np.log1p(40)), panel[name])
        panel = panel.set_column(panel.column_names.index(name), name, loud)
    rows = {row["bin"]: row for row in rows_of(panel, "volume")}
    crowd = rows[">28"]
    assert (crowd["status"], crowd["mean_growth_rate"], crowd["account_count"]) == ("insufficient_data", None, 2)
    assert rows["1-3"]["status"] == rows["4-7"]["status"] == "ok"


def test_a_top_inside_the_range_is_found_and_a_straight_line_has_none() -> None:
    top = float(np.log1p(5))
    curved = rows_of(draw_panel(24, volume=0.02, fades_beyond=top, accounts=40), "volume")[0]
    assert curved["turning_point_low"] < 5 < curved["turning_point_high"]
    assert curved["turning_point"] == pytest.approx(5, rel=0.2)
    assert curved["inverted_u_p_value"] < 0.001
    straight = rows_of(draw_panel(25, volume=0.02, accounts=40), "volume")[0]
    assert straight["turning_point"] is None
    assert straight["inverted_u_p_value"] > 0.5


def test_data_that_carry_no_model_leave_counts_and_reasons() -> None:
    for panel in (draw_panel(26).slice(0, 0), draw_panel(26, accounts=4)):
        for driver in ("volume", "quality"):
            rows = rows_of(panel, driver)
            assert {row["status"] for row in rows} == {"insufficient_data"}
            assert {row["mean_growth_rate"] for row in rows} == {None}


@pytest.mark.parametrize("size", [1, 7])
def test_doses_do_not_depend_on_where_the_panel_is_cut(size: int) -> None:
    panel, segments = draw_panel(29, quality=0.02, volume=0.01, accounts=40), draw_segments()
    keys = sorted(set(panel["account_key"].to_pylist()))
    # Every third account is on another platform, and the first block of seven has none of it.
    renamed = {key: f"mastodon:{key}" if place % 3 == 0 else key for place, key in enumerate(keys)}

    def rename(table: pa.Table) -> pa.Table:
        names = pa.array([renamed.get(key, key) for key in table["account_key"].to_pylist()])
        return table.set_column(table.column_names.index("account_key"), "account_key", names)

    panel, segments, keys = rename(panel), rename(segments), sorted(renamed.values())
    pieces = (
        panel.filter(pc.is_in(panel["account_key"], value_set=pa.array(keys[start : start + size])))
        for start in range(0, len(keys), size)
    )
    whole, cut = (describe_doses(given, segments).to_pylist() for given in (panel, pieces))
    assert len({row["segment"] for row in whole}) > 2
    assert {row["status"] for row in whole} >= {"ok", "insufficient_data"}
    assert any(row["inverted_u_p_value"] is not None for row in whole)
    assert len(cut) == len(whole)
    for row, other in zip(cut, whole, strict=True):
        for name, value in other.items():
            assert row[name] == (pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value), name
