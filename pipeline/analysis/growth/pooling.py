"""The mean of a figure over few accounts, each fitted on its own weeks, and its error. Fits are in `few_accounts`."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from pipeline.analysis.panel.estimates import CONFIDENCE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SMALLEST_SPREAD = 1e-12


@dataclass(frozen=True)
class AccountFit:
    """One account's own fit of k terms, on its weeks at `positions` of all weeks: (n,) integers."""

    positions: IntArray
    coefficients: FloatArray  # (k,)
    variances: FloatArray  # (k, k) classical, for the weights only
    influence: FloatArray  # (n, k) what each week adds to the coefficients
    spread: FloatArray  # (k,) SD of each term within the account


@dataclass(frozen=True)
class Pooled:
    """A mean with its standard error; limits and tests are those of t with `df` degrees."""

    estimate: float
    error: float
    df: int

    @property
    def half(self) -> float:
        """Half the width of the 95 % interval."""
        return float(stdtrit(self.df, 0.5 + CONFIDENCE / 2)) * self.error

    @property
    def one_sided(self) -> float:
        """Small if the mean lies above 0."""
        return float(stdtr(self.df, -self.estimate / self.error))


def weigh(accounts: list[AccountFit], vectors: list[FloatArray]) -> FloatArray:
    """Random-effects weights (k,) that sum to 1: one set for all terms, so that a difference is the difference.

    Between-account variance by DerSimonian and Laird 1986, the sum of that of quality and of volume.
    """
    own, between = np.zeros(len(accounts)), 0.0
    for vector in vectors:
        figures = np.array([vector @ account.coefficients for account in accounts])
        variances = np.array([vector @ account.variances @ vector for account in accounts])
        fixed = 1 / variances
        mean = fixed @ figures / fixed.sum()
        excess = float(fixed @ (figures - mean) ** 2) - (len(accounts) - 1)
        between += max(0.0, excess / float(fixed.sum() - (fixed**2).sum() / fixed.sum()))
        own += variances
    weights = 1 / (own + between)
    return np.asarray(weights / weights.sum())


def pool(accounts: list[AccountFit], vector: FloatArray, weights: FloatArray) -> Pooled:
    """The weighted mean of one figure over the accounts, with the wider of two errors."""
    count = len(accounts)
    figures = np.array([vector @ account.coefficients for account in accounts])
    mean = float(weights @ figures)
    # Each account was measured against the others, so their figures differ by (n - 2) / (n - 1) of what they would.
    spread = math.sqrt(float(weights @ (figures - mean) ** 2) / (count - 1)) * (count - 1) / (count - 2)
    between = Pooled(mean, max(spread, SMALLEST_SPREAD), count - 1)
    joint = _joint_error(accounts, vector, weights, mean)
    return max(between, joint, key=lambda pooled: pooled.half)


def _joint_error(accounts: list[AccountFit], vector: FloatArray, weights: FloatArray, mean: float) -> Pooled:
    """Error of the mean for these very accounts: a long-run variance over weeks that all of them share.

    Equal-weighted cosines (Lazarus, Lewis, Stock and Watson 2018) keep their level in short series.
    """
    first = min(int(account.positions.min()) for account in accounts)
    length = max(int(account.positions.max()) for account in accounts) - first + 1
    total = np.zeros(length)
    for account, weight in zip(accounts, weights, strict=True):
        np.add.at(total, account.positions - first, weight * (account.influence @ vector))
    cosine_count = max(4, int(0.4 * length ** (2 / 3)))
    place = (np.arange(length) + 0.5) / length
    cosines = np.sqrt(2.0) * np.cos(np.pi * np.arange(1, cosine_count + 1)[:, None] * place)
    # The mean of the week was estimated as well: of n accounts it takes one in n.
    share = len(accounts) / (len(accounts) - 1)
    error = math.sqrt(float(((cosines @ total) ** 2).mean()) * share)
    return Pooled(mean, max(error, SMALLEST_SPREAD), cosine_count)
