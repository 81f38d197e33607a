"""Growth by dose: mean growth by bins of volume and of quality, and where more volume stops paying.

As in the primary model the dose is that of the week itself and the week before together: of the posts of one week
alone most of the response would be missed, or a part of it. Bins are adjusted for the other terms of that model and for
the effects of account and week. The linear models are in `growth`.
"""

from collections.abc import Mapping, Sequence
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
from pipeline.analysis.panel.data import close_gaps, read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
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
    """Bins of one driver: codes (n,) of the rows, and name, low and high of each bin."""

    driver: str
    codes: npt.NDArray[np.int64]
    labels: Sequence[tuple[str, float | None, float | None]]


def describe_doses(panel: pa.Table, segments: pa.Table) -> pa.Table:
    """Adjusted mean weekly growth by bin of volume (original posts) and quality, for all accounts and each segment.

    Volume uses weeks without a measure of quality too, so that weeks of silence count; of two weeks one of which is
    silent, quality is that of the other. Quality is in fifths of the distance from the account's own mean, in log
    points. A bin with fewer than 10 accounts has counts, but no mean. `panel` has the PANEL_COLUMNS of
    int_account_week_panel, `segments` a row per account and segment dimension.
    """
    groups = read_groups(segments)
    panel = _add_doses(order_weeks(panel, PANEL_COLUMNS))
    known = [*KNOWN, POSTS, VOLUME]
    with_volume = panel.filter(panel["is_in_volume_panel"]).select(known).drop_null()
    with_quality = panel.filter(panel["is_in_panel"]).select([*known, QUALITY]).drop_null()
    rows = _describe_segment(with_volume, with_quality, ALL, ALL)
    for dimension in sorted(groups):
        for segment in sorted(set(groups[dimension].values())):
            volume = select_segment(with_volume, groups[dimension], segment)
            quality = select_segment(with_quality, groups[dimension], segment)
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


def _describe_segment(with_volume: pa.Table, with_quality: pa.Table, dimension: str, segment: str) -> list[Row]:
    address: Row = {"segment_dimension": dimension, "segment": segment}
    curve = describe_curve(with_volume, outcome=OUTCOME, controls=_varying(with_volume, CONTROLS))
    by_volume = _describe_bins(with_volume, _volume_bins(with_volume), CONTROLS)
    by_quality = _describe_bins(with_quality, _quality_bins(with_quality), (*CONTROLS, VOLUME))
    return [*({**address, **curve, **row} for row in by_volume), *({**address, **row} for row in by_quality)]


def _varying(panel: pa.Table, columns: Sequence[str]) -> list[str]:
    return [column for column in columns if panel.num_rows and np.ptp(panel[column].to_numpy()) > 0]


def _volume_bins(panel: pa.Table) -> Bins:
    starts = np.array([low for _, low, _ in VOLUME_BINS])
    codes = np.searchsorted(starts, np.floor(panel[POSTS].to_numpy() + 0.5), side="right") - 1
    return Bins("volume", codes.astype(np.int64), VOLUME_BINS)


def _quality_bins(panel: pa.Table) -> Bins:
    values = np.asarray(panel[QUALITY].to_numpy(), dtype=np.float64)
    units = close_gaps(read_labels(panel, UNIT)[0])
    if not len(values):
        return Bins("quality", np.empty(0, np.int64), [(name, None, None) for name in QUALITY_BINS])
    # Rounded, so that equal values fall into the same bin whatever the last digit of their mean.
    distance = np.round(values - (np.bincount(units, values) / np.bincount(units))[units], 9)
    edges = np.quantile(distance, np.linspace(0, 1, len(QUALITY_BINS) + 1))
    codes = np.searchsorted(edges[1:-1], distance, side="left").astype(np.int64)
    limits = zip(QUALITY_BINS, edges[:-1], edges[1:], strict=True)
    return Bins("quality", codes, [(name, float(low), float(high)) for name, low, high in limits])


def _describe_bins(panel: pa.Table, bins: Bins, controls: Sequence[str]) -> list[Row]:
    """One row per bin; counts always, the adjusted mean with its interval where the data carry it."""
    units = read_labels(panel, UNIT)[0]
    sizes = np.bincount(bins.codes, minlength=len(bins.labels))
    accounts = [len(np.unique(units[bins.codes == code])) for code in range(len(bins.labels))]
    # A bin of few accounts has no error over accounts, and as a part of the model it would leave the others none.
    shown = np.where(np.array(accounts) >= FEWEST_CLUSTERS, sizes, 0)
    is_shown = shown[bins.codes] > 0
    kept = Bins(bins.driver, bins.codes[is_shown], bins.labels)
    panel = panel.filter(pa.array(is_shown, pa.bool_()))
    fit, reason = _fit_bins(panel, kept, shown, controls)
    rows: list[Row] = []
    for code, (name, low, high) in enumerate(bins.labels):
        row: dict[str, object] = {
            "driver": bins.driver,
            "bin": name,
            "bin_number": code + 1,
            "bin_low": low,
            "bin_high": high,
            "observation_count": int(sizes[code]),
            "account_count": accounts[code],
        }
        if accounts[code] < FEWEST_CLUSTERS:
            named = f"{accounts[code]} account{'' if accounts[code] == 1 else 's'}"
            found = f"{named} in the bin; a mean over accounts needs at least {FEWEST_CLUSTERS}"
            row |= {"status": "insufficient_data", "status_reason": found}
        elif fit is None:
            row |= {"status": "not_testable", "status_reason": reason}
        else:
            mean = float(np.mean(panel[OUTCOME].to_numpy()))
            row |= _adjusted_mean(fit, shown, code, mean)
        rows.append(row)
    return rows


def _fit_bins(
    panel: pa.Table, bins: Bins, sizes: npt.NDArray[np.int64], controls: Sequence[str]
) -> tuple[PanelFit | None, str]:
    """The model with one dummy for each bin but the fullest; None with the reason where it cannot be fitted."""
    base = int(np.argmax(sizes))
    terms = [code for code in range(len(sizes)) if sizes[code] and code != base]
    if not terms:
        return None, "all weeks fall into one bin"
    names = _varying(panel, controls)
    model = split_by_platform(panel.select([UNIT, TIME, OUTCOME, *names]))
    for code in terms:
        model = model.append_column(f"bin {code}", pa.array((bins.codes == code).astype(np.float64)))
    regressors = [*names, *(f"bin {code}" for code in terms)]
    try:
        fit = fit_panel(
            model, outcome=OUTCOME, regressors=regressors, unit=UNIT, time=TIME, wild_draws=0, jackknife=False
        )
    except ValueError as error:
        return None, str(error)
    return (fit, "") if fit.status == "ok" else (None, fit.status_reason)


def _adjusted_mean(fit: PanelFit, sizes: npt.NDArray[np.int64], code: int, mean: float) -> Row:
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
