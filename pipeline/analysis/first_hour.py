"""Whether posts that start well do better later: reactions after the first hour against those within it.

Early and total response of a post share a count, so what is compared is what came after the early reading. A post that
started well is one above the median of the account's posts of the same quarter of a year, so that an account that
grows has such posts in every quarter. It is a sign, not a lever: what makes a post start well also works later.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtr, stdtrit

from pipeline.analysis.panel.inference import FEWEST_CLUSTERS
from pipeline.analysis.panel.projection import build_two_way, demean_two_way

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
EARLY_COLUMNS = ("early_reaction_count", "early_hours", "total_reaction_count")
# A quarter of a year: as long as an account's usual response is one thing.
QUARTER_WEEKS = 13
# Posts that started well, and others; those of one account, and of a platform's accounts together.
FEWEST_EACH = 20
LONGEST_WAIT = 520  # weeks
_TINY = 1e-9


@dataclass(frozen=True)
class FirstHour:
    """Posts that started well against the others; without figures there is a status and a reason."""

    strong_count: int
    other_count: int
    account_count: int
    status: str
    status_reason: str
    estimate: float = float("nan")
    error: float = float("nan")
    p_value: float = float("nan")
    quantile: float = float("nan")  # of t, for 95 % limits
    partial_r2: float = float("nan")


@dataclass(frozen=True)
class _Posts:
    """Posts of one segment that were read in time, sorted by account and quarter: n posts."""

    accounts: IntArray  # (n,)
    blocks: IntArray  # (n,) account and quarter
    weeks: IntArray  # (n,)
    strong: npt.NDArray[np.bool_]  # (n,)
    columns: FloatArray  # (n, 2 + k) started well, hours at the reading, what else is held
    response: FloatArray  # (n,)


def measure_first_hour(posts: pa.Table, held: FloatArray, *, is_over_accounts: bool) -> FirstHour:
    """How many times as many reactions came after the first hour to posts that started well, in logarithms.

    `posts` has account_key, week_start_date and the EARLY_COLUMNS, null where a post was not read at that time; `held`
    are the features of the posts that are held constant. Errors are those of a jackknife over accounts, for one account
    over posts (HC3), whose weeks are not held: one account has too few posts in each.
    """
    is_read = [pc.is_valid(posts[name]) for name in EARLY_COLUMNS]
    if not pc.any(is_read[2]).as_py():
        return FirstHour(0, 0, 0, "not_testable", "exports do not state the hour of their figures")
    known = pc.and_(is_read[0], pc.and_(is_read[1], is_read[2]))
    early = _arrange(posts.filter(known), held[known.to_numpy(zero_copy_only=False)])
    varied = _varied(early)
    strong = int(early.strong[varied].sum())
    counts = (strong, int(varied.sum()) - strong, len(np.unique(early.accounts[varied])))
    if is_over_accounts and counts[2] < FEWEST_CLUSTERS:
        return FirstHour(*counts, "insufficient_data", _say_accounts(counts[2], is_any=bool(pc.any(known).as_py())))
    if min(counts[:2]) < FEWEST_EACH:
        return FirstHour(*counts, "insufficient_data", _say_posts(posts, known, counts))
    found = _fit_over_accounts(early) if is_over_accounts else _fit_one(early)
    if found is None:
        return FirstHour(
            *counts, "not_testable", "it does not vary within accounts, or only together with other factors"
        )
    estimate, error, df, partial = found
    p_value = float(2 * stdtr(df, -abs(estimate) / error))
    return FirstHour(*counts, "ok", "", estimate, error, p_value, float(stdtrit(df, 0.975)), partial)


def _arrange(posts: pa.Table, held: FloatArray) -> _Posts:
    _, accounts = np.unique(np.array(posts["account_key"].to_pylist(), np.str_), return_inverse=True)
    weeks = posts["week_start_date"].cast(pa.int32()).to_numpy().astype(np.int64) // 7
    last = int(weeks.max()) if len(weeks) else 0
    _, blocks = np.unique(np.column_stack([accounts, (last - weeks) // QUARTER_WEEKS]), axis=0, return_inverse=True)
    order = np.argsort(blocks.reshape(-1), kind="stable")
    _, weeks = np.unique(weeks, return_inverse=True)
    early, hours, total = (posts[name].cast(pa.float64()).to_numpy()[order] for name in EARLY_COLUMNS)
    blocks = blocks.reshape(-1)[order]
    strong = np.zeros(len(order), np.bool_)
    for rows in np.split(np.arange(len(order)), np.flatnonzero(np.diff(blocks)) + 1):
        strong[rows] = early[rows] > np.median(early[rows]) if len(rows) else False
    # A reading a little later has a little more before it and less after it.
    columns = np.column_stack([strong, np.log(hours), held[order]])
    # Likes can be taken back: fewer in the end than at first are none after it.
    return _Posts(accounts[order], blocks, weeks[order], strong, columns, np.log(np.maximum(total - early, 0) + 0.5))


def _varied(posts: _Posts) -> npt.NDArray[np.bool_]:
    """Posts of quarters in which some started well and some did not."""
    if not len(posts.blocks):
        return posts.strong
    sizes, strong = np.bincount(posts.blocks), np.bincount(posts.blocks, posts.strong)
    is_varied: npt.NDArray[np.bool_] = ((strong > 0) & (strong < sizes))[posts.blocks]
    return is_varied


def _fit_over_accounts(posts: _Posts) -> tuple[float, float, int, float] | None:
    """Estimate, error, degrees of freedom and partial R2, with effects of quarter and week."""
    effects = build_two_way(posts.blocks, posts.weeks)
    x, y = (
        _drop_constant(demean_two_way(effects, posts.columns)),
        demean_two_way(effects, posts.response[:, None])[:, 0],
    )
    if x is None:
        return None
    products, cross = x.T @ x, x.T @ y
    coefficients = np.linalg.pinv(products, hermitian=True) @ cross
    groups = int(posts.accounts.max()) + 1
    each, each_cross = np.zeros((groups, *products.shape)), np.zeros((groups, len(cross)))
    np.add.at(each, posts.accounts, x[:, :, None] * x[:, None, :])
    np.add.at(each_cross, posts.accounts, x * y[:, None])
    without = (np.linalg.pinv(products - each, hermitian=True) @ (cross - each_cross)[:, :, None])[:, 0, 0]
    # Effects of weeks are not taken out again without each account, which makes its errors too small.
    taken = len(y) / max(len(y) - effects.time_count - x.shape[1], 1)
    error = float(np.sqrt(taken * (groups - 1) / groups * ((without - coefficients[0]) ** 2).sum()))
    return _conclude(x, y, coefficients, error, groups - 1, len(y) - effects.rank)


def _fit_one(posts: _Posts) -> tuple[float, float, int, float] | None:
    sizes = np.bincount(posts.blocks)
    data = np.column_stack([posts.columns, posts.response])
    means = np.array([np.bincount(posts.blocks, column) / sizes for column in data.T]).T
    data = data - means[posts.blocks]
    x, y = _drop_constant(data[:, :-1]), data[:, -1]
    if x is None:
        return None
    bread = np.linalg.pinv(x.T @ x, hermitian=True)
    coefficients = bread @ (x.T @ y)
    leverage = np.einsum("ij,jk,ik->i", x, bread, x) + 1 / sizes[posts.blocks]
    scores = (x @ bread[0]) * (y - x @ coefficients) / (1 - np.clip(leverage, 0, 1 - 1e-6))
    df = len(y) - len(sizes) - int(np.linalg.matrix_rank(x))
    return _conclude(x, y, coefficients, float(np.sqrt(scores @ scores)), df, len(y) - len(sizes))


def _drop_constant(x: FloatArray) -> FloatArray | None:
    """The columns that vary; None where the first does not, or only together with the others."""
    others = x[:, 1:][:, (x[:, 1:] ** 2).sum(axis=0) > _TINY * len(x)]
    left = x[:, 0] - others @ np.linalg.lstsq(others, x[:, 0], rcond=None)[0] if others.size else x[:, 0]
    return np.column_stack([x[:, 0], others]) if left @ left > _TINY * len(x) else None


def _conclude(
    x: FloatArray, y: FloatArray, coefficients: FloatArray, error: float, df: int, free: int
) -> tuple[float, float, int, float] | None:
    residuals = y - x @ coefficients
    others = x[:, 1:]
    without = y - others @ np.linalg.lstsq(others, y, rcond=None)[0] if others.size else y
    is_exact = residuals @ residuals <= 1e-12 * max(float(y @ y), 1e-12)
    if df < 1 or free <= x.shape[1] or not error > 0 or is_exact:
        return None
    partial = 1 - float(residuals @ residuals) / float(without @ without)
    return float(coefficients[0]), error, df, max(partial, 0.0)


def _say_accounts(accounts: int, *, is_any: bool) -> str:
    named = f"{accounts} account{'' if accounts == 1 else 's'}"
    reason = (
        f"{named} with posts of one quarter that were read about an hour after posting and started differently; a "
        f"comparison over accounts needs {FEWEST_CLUSTERS}"
    )
    return reason if is_any else f"{reason}; a run in the hour after posting reads them"


def _say_posts(posts: pa.Table, known: pa.Array, counts: tuple[int, int, int]) -> str:
    """What is missing, and when it will be there at the pace of the last quarter."""
    read = int(pc.sum(known).as_py() or 0)
    reason = (
        f"{read} post{'' if read == 1 else 's'} read about an hour after posting, {counts[0]} of them with an "
        f"unusually good start; a comparison needs {FEWEST_EACH} of each kind"
    )
    newest = pc.max(posts["week_start_date"]).as_py()
    recent = pc.greater(posts["week_start_date"], pa.scalar(newest - timedelta(weeks=QUARTER_WEEKS), pa.date32()))
    lately = int(pc.sum(pc.and_(known, recent)).as_py() or 0)
    if not lately:
        return f"{reason}; a run in the hour after posting reads them"
    # At best every second post starts better than the middle one; often no two differ.
    share = 0.5 if read < 2 * FEWEST_EACH else min(counts[:2]) / read
    weeks = ceil((FEWEST_EACH - min(counts[:2])) / share / lately * QUARTER_WEEKS) if share else LONGEST_WAIT + 1
    if weeks > LONGEST_WAIT:
        return f"{reason}; at the present pace that takes more than ten years"
    return f"{reason}; first answer about {newest + timedelta(days=6, weeks=weeks)}"
