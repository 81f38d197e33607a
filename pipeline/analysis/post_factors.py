"""What distinguishes posts that draw more reactions from others of the same account.

Reactions per impression (or per follower, or per post) of single posts, in logarithms, on what can be seen of a post:
form, length, time, words that many accounts use. All factors are in one model, within accounts and weeks. Effects are
shrunk by what they vary by, and p-values adjusted for their number, so that the luckiest of fifty is not a finding.
How a post starts is compared with what came later, by `first_hour`, and judged together with the others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtr, stdtrit

from pipeline.analysis.first_hour import EARLY_COLUMNS, FirstHour, measure_first_hour
from pipeline.analysis.growth.tables import Row, build_table
from pipeline.analysis.panel import InsufficientDataError, fit_panel
from pipeline.analysis.panel.data import read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS
from pipeline.analysis.proportions import benjamini_hochberg

FloatArray = npt.NDArray[np.float64]
POST_COLUMNS = ("account_key", "platform", "is_own", "week_start_date", "basis", "log_response", *EARLY_COLUMNS)
# Compared with what came after it, so it is no part of the model of the others.
FIRST_HOUR = "early__first_hour"
LEVEL = 0.05
# A factor seen in fewer posts, or missing from fewer, is a matter of single posts.
FEWEST_POSTS, FEWEST_POSTS_OF_ONE = 20, 100
FEWEST_WITH_ONE = 10
_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
FACTORS = pa.schema(
    [
        *[(name, _TEXT) for name in ("segment_dimension", "segment", "factor_group", "factor", "bases")],
        *[(name, _NUMBER) for name in ("response_ratio", "conf_low", "conf_high", "measured_ratio")],
        *[(name, _NUMBER) for name in ("p_value", "p_value_adjusted")],
        ("is_distinct_from_usual", pa.bool_()),
        *[(name, _NUMBER) for name in ("partial_r2", "explained_share")],
        *[(name, _COUNT) for name in ("post_count", "other_post_count", "account_count")],
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


@dataclass(frozen=True)
class _Posts:
    """Posts of one segment: n posts, k factors."""

    accounts: npt.NDArray[np.str_]  # (n,)
    weeks: npt.NDArray[np.int64]  # (n,)
    response: FloatArray  # (n,)
    factors: FloatArray  # (n, k) of 0 and 1
    names: Sequence[str]


@dataclass(frozen=True)
class _Found:
    """Effects of the factors that could be estimated."""

    names: Sequence[str]
    estimates: FloatArray
    errors: FloatArray
    p_values: FloatArray
    quantile: float  # of t, for 95 % limits
    partial_r2: FloatArray
    explained_share: float


def estimate_factors(posts: pa.Table) -> pa.Table:
    """One row per segment and factor: how many times the usual response posts with it draw, with 95 % limits.

    `posts` has the POST_COLUMNS and a column of 0 and 1 for each factor, named `group__factor`. Segments are platforms,
    estimated over accounts, and own accounts on their own posts. Sources: Efron and Morris 1972 (limited translation),
    Benjamini and Hochberg 1995.
    """
    names = [name for name in posts.column_names if "__" in name]
    rows: list[Row] = []
    for platform in sorted(set(posts["platform"].to_pylist())):
        rows += _describe(posts.filter(pc.equal(posts["platform"], platform)), "platform", platform, names)
    own = posts.filter(posts["is_own"])
    for account in sorted(set(own["account_key"].to_pylist())):
        rows += _describe(own.filter(pc.equal(own["account_key"], account)), "account", account, names)
    return build_table(rows, FACTORS)


def _describe(table: pa.Table, dimension: str, segment: str, names: Sequence[str]) -> Iterator[Row]:
    order = [(name, "ascending") for name in ("account_key", "week_start_date", "log_response", *EARLY_COLUMNS)]
    table = table.sort_by([*order, *((name, "ascending") for name in names)])
    factors = (
        np.column_stack([table[name].cast(pa.float64()).to_numpy() for name in names])
        if names
        else np.zeros((table.num_rows, 0))
    )
    posts = _Posts(
        np.array(table["account_key"].to_pylist(), np.str_),
        table["week_start_date"].cast(pa.int32()).to_numpy().astype(np.int64),
        table["log_response"].to_numpy().astype(np.float64),
        factors,
        names,
    )
    accounts = len(np.unique(posts.accounts))
    facts: Row = {
        "segment_dimension": dimension,
        "segment": segment,
        "account_count": accounts,
        "bases": ", ".join(sorted(set(table["basis"].to_pylist()))),
    }
    counts = factors.sum(axis=0).astype(np.int64)
    seen = {
        name: {"post_count": int(count), "other_post_count": len(factors) - int(count)}
        for name, count in zip(names, counts, strict=True)
    }
    reason = _find_shortage(dimension, accounts, len(factors))
    usable = [
        name
        for name in names
        if min(seen[name].values()) >= (FEWEST_POSTS if dimension == "platform" else FEWEST_WITH_ONE)
    ]
    found = None
    if not reason:
        try:
            found = _fit_over_accounts(posts, usable) if dimension == "platform" else _fit_one(posts, usable)
        except InsufficientDataError as error:
            reason = str(error)
    early = measure_first_hour(
        table,
        factors[:, [place for place, name in enumerate(names) if name in usable and not name.startswith("word__")]],
        is_over_accounts=dimension == "platform",
    )
    parts = [part for part in (found, _as_found(early)) if part]
    judged = {row["name"]: row for row in _judge(parts)}
    for name in names:
        group, _, factor = name.partition("__")
        address: Row = {**facts, **seen[name], "factor_group": group, "factor": factor}
        if name in judged:
            figures = {key: value for key, value in judged[name].items() if key != "name"}
            yield {**address, **figures, "status": "ok", "status_reason": ""}
        else:
            why = reason or _why_not(seen[name], name in usable)
            yield {
                **address,
                "status": "insufficient_data" if name not in usable or reason else "not_testable",
                "status_reason": why,
            }
    yield {
        **facts,
        "bases": "per_post",
        "factor_group": "early",
        "factor": "first_hour",
        "post_count": early.strong_count,
        "other_post_count": early.other_count,
        "account_count": early.account_count,
        **{key: value for key, value in judged.get(FIRST_HOUR, {}).items() if key != "name"},
        "status": early.status,
        "status_reason": early.status_reason,
    }


def _find_shortage(dimension: str, accounts: int, posts: int) -> str:
    if dimension == "platform" and accounts < FEWEST_CLUSTERS:
        named = f"{accounts} account{'' if accounts == 1 else 's'}"
        return f"{named} with posts whose response is known; a comparison over accounts needs {FEWEST_CLUSTERS}"
    if dimension == "account" and posts < FEWEST_POSTS_OF_ONE:
        return f"{posts} posts whose response is known; the posts of one account need {FEWEST_POSTS_OF_ONE}"
    return ""


def _why_not(seen: dict[str, int], is_usable: bool) -> str:
    if is_usable:
        return "it does not vary within accounts, or only together with other factors"
    return f"{seen['post_count']} posts with it and {seen['other_post_count']} without are too few"


def _fit_over_accounts(posts: _Posts, usable: Sequence[str]) -> _Found | None:
    """Least squares with effects of account and week, errors clustered by account."""
    # Words of one set phrase are one factor; each that is found collinear would cost another fit.
    seen = {posts.factors[:, list(posts.names).index(name)].tobytes(): name for name in reversed(usable)}
    names = [name for name in usable if name in set(seen.values())]
    table = pa.table({"account_key": pa.array(posts.accounts), "week": posts.weeks, "response": posts.response})
    for name in names:
        table = table.append_column(name, pa.array(posts.factors[:, list(posts.names).index(name)]))
    while names:
        try:
            fit = fit_panel(
                table,
                outcome="response",
                regressors=names,
                unit="account_key",
                time="week",
                wild_draws=0,
                jackknife=False,
            )
        except InsufficientDataError:
            raise
        except ValueError as error:
            # The message names the factor that the others, or the effects, explain.
            named = re.match(r"'([^']+)'", str(error))
            if not named or named[1] not in names:
                return None
            names.remove(named[1])
            continue
        kept = [name for name in names if fit.estimates[name].status == "ok"]
        errors = np.array([fit.estimates[name].standard_error or np.nan for name in kept])
        p_values = np.array([fit.estimates[name].p_value or 0.0 for name in kept])
        estimates = np.array([fit.estimates[name].estimate for name in kept])
        effects = fit.inference.regression.times.rank
        rest = max(fit.n_obs - effects - len(names), 1)
        regression = fit.inference.regression
        chosen = [list(fit.estimates).index(name) for name in kept]
        spread = regression.by_unit.residual_square / rest * np.diag(regression.bread)[chosen]
        share = 1 - (1 - fit.within_r2) * (fit.n_obs - effects) / rest
        return _Found(
            kept,
            estimates,
            errors,
            p_values,
            float(stdtrit(fit.n_units - 1, 0.975)),
            _partial(estimates, spread, rest),
            max(share, 0.0),
        )
    return None


def _fit_one(posts: _Posts, usable: Sequence[str]) -> _Found | None:
    """Least squares on the posts of one account, with a trend; errors allow for unequal spread (HC3)."""
    trend = (posts.weeks - posts.weeks.mean()) / max(float(np.ptp(posts.weeks)), 1.0)
    columns = [np.ones(len(trend)), trend] if np.ptp(posts.weeks) > 0 else [np.ones(len(trend))]
    fixed, names = len(columns), []
    for name in usable:
        column = posts.factors[:, list(posts.names).index(name)]
        basis = np.column_stack(columns)
        rest = column - basis @ np.linalg.lstsq(basis, column, rcond=None)[0]
        if rest @ rest > 1e-8 * (column @ column):
            columns.append(column)
            names.append(name)
    design = np.column_stack(columns)
    rest_count = len(design) - design.shape[1]
    if not names or rest_count < FEWEST_POSTS:
        return None
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ (design.T @ posts.response)
    residuals = posts.response - design @ coefficients
    centred = posts.response - design[:, :fixed] @ np.linalg.lstsq(design[:, :fixed], posts.response, rcond=None)[0]
    if residuals @ residuals <= 1e-12 * max(float(posts.response @ posts.response), 1e-12) or not centred @ centred > 0:
        return None
    leverage = np.clip(np.einsum("ij,jk,ik->i", design, bread, design), 0, 1 - 1e-6)
    weighted = design * (residuals / (1 - leverage))[:, None]
    errors = np.sqrt(np.diag(bread @ (weighted.T @ weighted) @ bread))[fixed:]
    estimates = coefficients[fixed:]
    p_values = 2 * stdtr(rest_count, -np.abs(estimates) / errors)
    share = 1 - float(residuals @ residuals) / float(centred @ centred) * (len(design) - fixed) / rest_count
    spread = float(residuals @ residuals) / rest_count * np.diag(bread)[fixed:]
    return _Found(
        names,
        estimates,
        errors,
        p_values,
        float(stdtrit(rest_count, 0.975)),
        _partial(estimates, spread, rest_count),
        max(share, 0.0),
    )


def _partial(estimates: FloatArray, variances: FloatArray, df: int) -> FloatArray:
    """Share of what the other factors leave that each explains, from its classical variance."""
    squares: FloatArray = estimates**2 / np.maximum(variances, 1e-300)
    return squares / (squares + df)


def _as_found(early: FirstHour) -> _Found | None:
    if early.status != "ok":
        return None
    estimate, error, p_value = np.array([early.estimate]), np.array([early.error]), np.array([early.p_value])
    partial = np.array([early.partial_r2])
    return _Found([FIRST_HOUR], estimate, error, p_value, early.quantile, partial, float("nan"))


def _judge(parts: Sequence[_Found]) -> Iterator[Row]:
    """Shrunk effects, limits of the measured ones, adjusted p-values, and the share that each explains.

    An effect is moved by one standard error at most, so that a few large ones among many of nothing stay what they are.
    What effects vary by is that of one model; their number is that of all.
    """
    adjusted = iter(benjamini_hochberg([p for found in parts for p in found.p_values.tolist()]))
    for found in parts:
        variance = max(0.0, float((found.estimates**2 - found.errors**2).mean()))
        moved = found.estimates * found.errors**2 / (variance + found.errors**2)
        shrunk = found.estimates - np.clip(moved, -found.errors, found.errors)
        half = found.quantile * found.errors
        for place, name in enumerate(found.names):
            p_adjusted = next(adjusted)
            yield {
                "name": name,
                "response_ratio": float(np.exp(shrunk[place])),
                "conf_low": float(np.exp(found.estimates[place] - half[place])),
                "conf_high": float(np.exp(found.estimates[place] + half[place])),
                "measured_ratio": float(np.exp(found.estimates[place])),
                "p_value": float(found.p_values[place]),
                "p_value_adjusted": p_adjusted,
                "is_distinct_from_usual": p_adjusted is not None and p_adjusted < LEVEL,
                "partial_r2": float(found.partial_r2[place]),
                "explained_share": found.explained_share,
            }


def add_words(posts: pa.Table, words: pa.Table) -> pa.Table:
    """The posts with a column of 0 and 1 for each word; `posts` has post_key, `words` post_key and word."""
    places = pc.index_in(words["post_key"], value_set=posts["post_key"].combine_chunks()).to_numpy()
    codes, labels = read_labels(words, "word")
    for code, word in enumerate(labels.to_pylist()):
        column = np.zeros(posts.num_rows, np.int64)
        column[places[codes == code]] = 1
        posts = posts.append_column(f"word__{word}", pa.array(column))
    return posts


def add_early(posts: pa.Table, early: pa.Table) -> pa.Table:
    """The posts with the EARLY_COLUMNS, null where `early` has no row for the post_key."""
    places = pc.index_in(posts["post_key"], value_set=early["post_key"].combine_chunks())
    for name in EARLY_COLUMNS:
        posts = posts.append_column(name, early[name].take(places))
    return posts
