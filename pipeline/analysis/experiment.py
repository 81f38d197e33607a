"""A planned experiment of one account: pairs of weeks in random order, an exact test, and how many weeks it takes.

Within each pair of neighbouring weeks a coin decides which arm comes first, so trends and seasons meet both arms alike.
If the arms make no difference, each pair's difference has either sign with probability one half, whatever the follows
look like: the test is exact without any assumption about them. Method: Wilcoxon's signed ranks over the randomisation
(Pratt's treatment of zeros, mid-ranks for ties), Hodges and Lehmann's estimate, limits from the Walsh averages.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FloatArray = npt.NDArray[np.float64]

# Two-sided at 5 %: of five pairs the most extreme order already has probability 2/32.
FEWEST_PAIRS, MOST_PAIRS = 6, 26
LEVEL, POWER = 0.05, 0.8
FEWEST_PAST_DIFFERENCES = 8
_DRAWS = 4_000
RATIO, DIFFERENCE = "ratio", "difference"
# Net follows can be negative, so only new follows have a ratio.
SCALES = {"new_follows": RATIO, "net_follows": DIFFERENCE, "follower_change": DIFFERENCE}

RESULTS = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("pair_count", pa.int64()),
        *[(name, pa.float64()) for name in ("mean_a", "mean_b", "effect", "effect_low", "effect_high", "p_value")],
        ("status", pa.string()),
        ("status_reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class SignedRanks:
    """Pairs judged: the shift between the arms, its 95 % limits and the two-sided p of the randomisation test."""

    pair_count: int
    shift: float
    low: float
    high: float
    p_value: float


def draw_arms(seed: str, pair_count: int) -> tuple[str, ...]:
    """The arm of each week: for each pair `a`, `b` or `b`, `a`, as a hash of the seed and the pair's number decides."""
    firsts = (hashlib.sha256(f"{seed}:{pair}".encode()).digest()[0] & 1 for pair in range(pair_count))
    return tuple(arm for first in firsts for arm in ("ba" if first else "ab"))


def transform(weekly_count: FloatArray, scale: str) -> FloatArray:
    """Counts as they are compared: logarithms where a ratio is asked for; half a follow keeps zeros finite."""
    return np.log(weekly_count + 0.5) if scale == RATIO else weekly_count


def judge_pairs(differences: Sequence[float] | FloatArray) -> SignedRanks:
    """Arm b minus arm a of each pair, judged by the order that chance gave them.

    Raises:
        ValueError: fewer than six pairs; no result of theirs could be distinguished from chance at 5 %.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < FEWEST_PAIRS:
        raise ValueError(f"{len(values)} pairs; a test at 5 % needs {FEWEST_PAIRS}")
    # Twice the mid-ranks are whole numbers, so sums over all 2^n signs are counted, not simulated.
    _, place, count = np.unique(np.abs(values), return_inverse=True, return_counts=True)
    ranks = (2 * count.cumsum() - count + 1)[place]
    moving = ranks[values != 0]
    observed = abs(int((np.sign(values) * ranks).sum()))
    total = int(moving.sum())
    sums = _chances(tuple(sorted(moving.tolist())))
    reached = np.abs(2 * np.arange(len(sums)) - total) >= observed
    first, second = np.triu_indices(len(values))
    walsh = np.sort((values[first] + values[second]) / 2)
    edge = _limit_position(len(values))
    p_value = min(1.0, float(sums[reached].sum()))
    return SignedRanks(len(values), float(np.median(walsh)), float(walsh[edge]), float(walsh[-edge - 1]), p_value)


@cache
def _chances(ranks: tuple[int, ...]) -> FloatArray:
    """Probability of each sum of the ranks with a positive sign, 0 to their total."""
    chances = np.ones(1)
    for rank in ranks:
        grown = np.zeros(len(chances) + rank)
        grown[: len(chances)] += chances / 2
        grown[rank:] += chances / 2
        chances = grown
    return chances


@cache
def _limit_position(pair_count: int) -> int:
    """How many Walsh averages lie outside on each side of limits with at least 95 % confidence."""
    below = np.cumsum(_chances(tuple(range(1, pair_count + 1))))
    return int((below <= LEVEL / 2).sum()) - 1


def power(noise: FloatArray, shift: float, pair_count: int, *, seed: int = 0) -> float:
    """Share of simulated experiments that notice a shift, where pairs differ by chance as `noise` (past pairs) did."""
    drawn = np.random.default_rng(seed)
    picked = drawn.choice(noise, (_DRAWS, MOST_PAIRS)) * drawn.choice([-1.0, 1.0], (_DRAWS, MOST_PAIRS))
    pairs = picked[:, :pair_count] + shift
    ranks = np.abs(pairs).argsort(axis=1).argsort(axis=1) + 1
    positive = (ranks * (pairs > 0)).sum(axis=1)
    total = pair_count * (pair_count + 1) // 2
    # The test rejects where zero lies outside the limits.
    edge = _limit_position(pair_count)
    return float(((positive <= edge) | (positive >= total - edge)).mean())


def needed_pairs(noise: FloatArray, shift: float) -> int | None:
    """Fewest pairs that notice this shift with 80 % probability; None: a year is too short."""
    return next((n for n in range(FEWEST_PAIRS, MOST_PAIRS + 1) if power(noise, shift, n) >= POWER), None)


def visible_shift(noise: FloatArray, pair_count: int) -> float:
    """Smallest shift that this many pairs notice with 80 % probability, to 1 %."""
    low, high = 0.0, 1e-9
    while power(noise, high, pair_count) < POWER:
        low, high = high, high * 2
    while high - low > 0.01 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if power(noise, middle, pair_count) < POWER else (low, middle)
    return high


def estimate_experiments(weeks: pa.Table) -> pa.Table:
    """One row per experiment from its weeks: columns of int_experiment_weeks.

    `effect` is b against a: a share for new follows (0.2: a fifth more), else follows a week. A result appears only
    when the planned weeks are over: looking earlier, and stopping when it pleases, would find what is not there.
    """
    rows: dict[str, list[Mapping[str, object]]] = {}
    for row in weeks.sort_by([("experiment_id", "ascending"), ("week_number", "ascending")]).to_pylist():
        rows.setdefault(row["experiment_id"], []).append(row)
    results = [{"experiment_id": name, **_result(each)} for name, each in rows.items()]
    return pa.Table.from_pylist(results, schema=RESULTS)


def _result(weeks: Sequence[Mapping[str, object]]) -> dict[str, object]:
    pairs = _whole_pairs(weeks)
    facts: dict[str, object] = {"pair_count": len(pairs)}
    over = sum(bool(week["is_over"]) for week in weeks)
    if not weeks[0]["is_stopped"] and over < len(weeks):
        last = weeks[-1]["week_end_date"]
        reason = f"{over} of {len(weeks)} weeks are over; the result is shown when the last one is, after {last}"
        return {**facts, "status": "insufficient_data", "status_reason": reason}
    if len(pairs) < FEWEST_PAIRS:
        reason = f"{len(pairs)} whole pairs of weeks; a test at 5 % needs {FEWEST_PAIRS}"
        return {**facts, "status": "insufficient_data", "status_reason": reason}
    a, b = (np.array([pair[arm] for pair in pairs]) for arm in "ab")
    scale = SCALES[str(weeks[0]["outcome"])]
    found = judge_pairs(transform(b, scale) - transform(a, scale))
    effect, low, high = (
        math.expm1(value) if scale == RATIO else value for value in (found.shift, found.low, found.high)
    )
    facts |= {"mean_a": float(a.mean()), "mean_b": float(b.mean())}
    facts |= {"effect": effect, "effect_low": low, "effect_high": high}
    if weeks[0]["is_stopped"]:
        reason = "stopped before its last week: limits and a p would only hold if nobody had looked at the follows"
        bare = {name: value for name, value in facts.items() if name not in {"effect_low", "effect_high"}}
        return {**bare, "status": "not_testable", "status_reason": reason}
    return {**facts, "p_value": found.p_value, "status": "ok", "status_reason": ""}


def _whole_pairs(weeks: Sequence[Mapping[str, object]]) -> list[dict[str, float]]:
    """The weekly counts by arm of each pair of which both weeks are over and known."""
    pairs: dict[object, dict[str, float]] = {}
    for week in weeks:
        if week["is_over"] and isinstance(week["weekly_count"], float):
            pairs.setdefault(week["pair_number"], {})[str(week["arm"])] = week["weekly_count"]
    return [pair for pair in pairs.values() if len(pair) == 2]
