"""Growth by dose: mean growth by bins of volume and of quality, and where more volume stops paying.

As in the primary model the dose is that of the week itself and the week before together: of the posts of one week
alone most of the response would be missed, or a part of it. Bins are adjusted for the other terms of that model and for
the effects of account and week. The linear models are in `growth`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth import ALL
from pipeline.analysis.growth.accounts import order_weeks, read_groups, select_segment
from pipeline.analysis.growth.curve import VOLUME, describe_curve
from pipeline.analysis.growth.tables import DOSES, Row, build_table
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import close_gaps, read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
OUTCOME = "growth_rate"
CONTROLS = ("following_change_lag", "follower_level_lag")
# The mean dose of both weeks, and the columns of the panel that it is made of. Growth linked to it is the sum of
# what is linked to either week.
POSTS, QUALITY = "posts a week", "mean quality"
VOLUMES, QUALITIES = ("volume_same", "volume_lag"), ("quality_same", "quality_lag")
KNOWN = (UNIT, TIME, OUTCOME, *CONTROLS, *VOLUMES)
# What doses are described from; the panel may have more.
PANEL_COLUMNS = (*KNOWN, *QUALITIES, "is_in_panel", "is_in_volume_panel")
# Original posts a week: name, lowest and highest count.
VOLUME_BINS = (
    ("0", 0.0, 0.0),
    ("1-3", 1.0, 3.0),
    ("4-7", 4.0, 7.0),
    ("8-14", 8.0, 14.0),
    ("15-28", 15.0, 28.0),
    (">28", 29.0, None),
)
QUALITY_BINS = ("lowest_fifth", "second_fifth", "middle_fifth", "fourth_fifth", "highest_fifth")


@dataclass(frozen=True)
class Bins:
    """Bins of one driver: codes (n,) of the rows of a block, and name, low and high of each bin."""

    driver: str
    code: Callable[[pa.Table], IntArray]
    labels: Sequence[tuple[str, float | None, float | None]]


@dataclass(frozen=True)
class _Part:
    """Weeks of some accounts, or of all, a block of whole accounts at a time; can be read again."""

    blocks: Iterable[pa.Table]
    group: Mapping[str, str] | None = None
    segment: str = ALL

    def __iter__(self) -> Iterator[pa.Table]:
        for block in self.blocks:
            weeks = block if self.group is None else select_segment(block, self.group, self.segment)
            if weeks.num_rows:
                yield weeks


def describe_doses(panel: pa.Table | Iterable[pa.Table], segments: pa.Table) -> pa.Table:
    """Adjusted mean weekly growth by bin of volume (original posts) and quality, for all accounts and each segment.

    Volume uses weeks without a measure of quality too, so that weeks of silence count; of two weeks one of which is
    silent, quality is that of the other. Quality is in fifths of the distance from the account's own mean, in log
    points. A bin with fewer than 10 accounts has counts, but no mean. `panel` has the PANEL_COLUMNS of
    int_account_week_panel, `segments` a row per account and segment dimension. Of several tables, each read once, every
    one has whole accounts, with keys above those of the table before; then one number for each week is in memory, for
    the fifths, and the rest block by block.
    """
    groups = read_groups(segments)
    known = [*KNOWN, POSTS, VOLUME]
    with_volume: Spool[pa.Table] = Spool()
    with_quality: Spool[pa.Table] = Spool()
    for table in [panel] if isinstance(panel, pa.Table) else panel:
        dosed = _add_doses(order_weeks(table, PANEL_COLUMNS))
        with_volume.append(dosed.filter(dosed["is_in_volume_panel"]).select(known).drop_null())
        with_quality.append(dosed.filter(dosed["is_in_panel"]).select([*known, QUALITY]).drop_null())
    rows = _describe_segment(_Part(with_volume), _Part(with_quality), ALL, ALL)
    for dimension in sorted(groups):
        for segment in sorted(set(groups[dimension].values())):
            volume, quality = (_Part(each, groups[dimension], segment) for each in (with_volume, with_quality))
            rows += _describe_segment(volume, quality, dimension, segment)
    return build_table(rows, DOSES)


def _add_doses(panel: pa.Table) -> pa.Table:
    """The panel with the mean number of posts, its ln(1 + posts), and the mean quality of both weeks."""
    # Rounded, so that a half is one whatever the logarithm made of it.
    posts = np.round(np.mean([np.expm1(_read(panel, name)) for name in VOLUMES], axis=0), 6)
    first, second = (_read(panel, name) for name in QUALITIES)
    quality = (np.where(np.isnan(first), second, first) + np.where(np.isnan(second), first, second)) / 2
    for name, values in ((POSTS, posts), (VOLUME, np.log1p(posts)), (QUALITY, quality)):
        panel = panel.append_column(name, pa.array(values, mask=np.isnan(values)))
    return panel


def _read(panel: pa.Table, name: str) -> FloatArray:
    return np.asarray(panel[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def _describe_segment(with_volume: _Part, with_quality: _Part, dimension: str, segment: str) -> list[Row]:
    address: Row = {"segment_dimension": dimension, "segment": segment}
    curve = describe_curve(with_volume, outcome=OUTCOME, controls=_varying(with_volume, CONTROLS))
    by_volume = _describe_bins(with_volume, Bins("volume", _volume_codes, VOLUME_BINS), CONTROLS)
    by_quality = _describe_bins(with_quality, _quality_bins(with_quality), (*CONTROLS, VOLUME))
    return [*({**address, **curve, **row} for row in by_volume), *({**address, **row} for row in by_quality)]


def _varying(blocks: Iterable[pa.Table], columns: Sequence[str]) -> list[str]:
    limits: dict[str, list[float]] = {column: [] for column in columns}
    for block in blocks:
        for column, seen in limits.items():
            values = block[column].to_numpy()
            seen[:] = [min(*seen, values.min()), max(*seen, values.max())] if seen else [values.min(), values.max()]
    return [column for column, seen in limits.items() if seen and seen[0] < seen[1]]


def _volume_codes(weeks: pa.Table) -> IntArray:
    starts = np.array([low for _, low, _ in VOLUME_BINS])
    codes: IntArray = np.searchsorted(starts, np.floor(weeks[POSTS].to_numpy() + 0.5), side="right") - 1
    return codes


def _quality_bins(blocks: Iterable[pa.Table]) -> Bins:
    distances = [_distance_from_own_mean(block) for block in blocks]
    if not distances:
        return Bins("quality", lambda _: np.empty(0, np.int64), [(name, None, None) for name in QUALITY_BINS])
    edges = np.quantile(np.concatenate(distances), np.linspace(0, 1, len(QUALITY_BINS) + 1))

    def code(weeks: pa.Table) -> IntArray:
        codes: IntArray = np.searchsorted(edges[1:-1], _distance_from_own_mean(weeks), side="left")
        return codes

    limits = zip(QUALITY_BINS, edges[:-1], edges[1:], strict=True)
    return Bins("quality", code, [(name, float(low), float(high)) for name, low, high in limits])


def _distance_from_own_mean(weeks: pa.Table) -> FloatArray:
    """Rounded, so that equal values fall into the same bin whatever the last digit of their mean."""
    values = np.asarray(weeks[QUALITY].to_numpy(), dtype=np.float64)
    units = close_gaps(read_labels(weeks, UNIT)[0])
    return np.round(values - (np.bincount(units, values) / np.bincount(units))[units], 9)


def _describe_bins(blocks: Iterable[pa.Table], bins: Bins, controls: Sequence[str]) -> list[Row]:
    """One row per bin; counts always, the adjusted mean with its interval where the data carry it."""
    sizes, accounts = (np.zeros(len(bins.labels), np.int64) for _ in range(2))
    for block in blocks:
        codes, units = bins.code(block), read_labels(block, UNIT)[0]
        sizes += np.bincount(codes, minlength=len(sizes))
        accounts += [len(np.unique(units[codes == code])) for code in range(len(sizes))]
    # A bin of few accounts has no error over accounts, and as a part of the model it would leave the others none.
    shown = np.where(accounts >= FEWEST_CLUSTERS, sizes, 0)
    kept = _Kept(blocks, bins, shown)
    fit, reason = _fit_bins(kept, controls)
    mean = sum(float(np.sum(block[OUTCOME].to_numpy())) for block in kept) / max(int(shown.sum()), 1)
    rows: list[Row] = []
    for code, (name, low, high) in enumerate(bins.labels):
        row: dict[str, object] = {
            "driver": bins.driver,
            "bin": name,
            "bin_number": code + 1,
            "bin_low": low,
            "bin_high": high,
            "observation_count": int(sizes[code]),
            "account_count": int(accounts[code]),
        }
        if accounts[code] < FEWEST_CLUSTERS:
            named = f"{accounts[code]} account{'' if accounts[code] == 1 else 's'}"
            found = f"{named} in the bin; a mean over accounts needs at least {FEWEST_CLUSTERS}"
            row |= {"status": "insufficient_data", "status_reason": found}
        elif fit is None:
            row |= {"status": "not_testable", "status_reason": reason}
        else:
            row |= _adjusted_mean(fit, shown, code, mean)
        rows.append(row)
    return rows


@dataclass(frozen=True)
class _Kept:
    """Weeks in the bins that are shown; `sizes` has a zero for the others."""

    blocks: Iterable[pa.Table]
    bins: Bins
    sizes: IntArray

    def __iter__(self) -> Iterator[pa.Table]:
        for block in self.blocks:
            weeks = block.filter(pa.array(self.sizes[self.bins.code(block)] > 0, pa.bool_()))
            if weeks.num_rows:
                yield weeks


def _fit_bins(kept: _Kept, controls: Sequence[str]) -> tuple[PanelFit | None, str]:
    """The model with one dummy for each bin but the fullest; None with the reason where it cannot be fitted."""
    base = int(np.argmax(kept.sizes))
    terms = [code for code in range(len(kept.sizes)) if kept.sizes[code] and code != base]
    if not terms:
        return None, "all weeks fall into one bin"
    names = _varying(kept, controls)
    platforms: dict[str, int] = {}

    def model(weeks: pa.Table) -> pa.Table:
        table, codes = split_by_platform(weeks.select([UNIT, TIME, OUTCOME, *names]), platforms), kept.bins.code(weeks)
        for code in terms:
            table = table.append_column(f"bin {code}", pa.array((codes == code).astype(np.float64)))
        return table

    regressors = [*names, *(f"bin {code}" for code in terms)]
    try:
        fit = fit_panel(
            map(model, kept),
            outcome=OUTCOME,
            regressors=regressors,
            unit=UNIT,
            time=TIME,
            wild_draws=0,
            jackknife=False,
        )
    except ValueError as error:
        return None, str(error)
    return (fit, "") if fit.status == "ok" else (None, fit.status_reason)


def _adjusted_mean(fit: PanelFit, sizes: IntArray, code: int, mean: float) -> Row:
    """Mean growth if the bin's effect applied to an average week: the overall mean plus the distance of the effect."""
    weights: Mapping[str, float] = {
        f"bin {other}": float(other == code) - float(sizes[other] / sizes.sum())
        for other in range(len(sizes))
        if f"bin {other}" in fit.estimates
    }
    distance = fit.contrast(weights)
    if distance.status != "ok" or distance.conf_low is None or distance.conf_high is None:
        return {"status": distance.status, "status_reason": distance.status_reason}
    return {
        "mean_growth_rate": mean + distance.estimate,
        "conf_low": mean + distance.conf_low,
        "conf_high": mean + distance.conf_high,
        "status": "ok",
        "status_reason": "",
    }
