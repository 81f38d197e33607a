"""What requests to the X API cost: the dated price table, the ledger of one UTC day, and the hard stop of a run.

X bills each resource returned, once per UTC day. What a future run would cost belongs to `plan`.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.rate_limits import PartialRun

POST_READ, USER_READ, OWNED_READ = "post_read", "user_read", "owned_read"
BUDGET_REACHED = "budget_reached"
# Rows that stand for an object which the API returned; a row made from an error item was not billed.
BILLED_ROWS = {
    POST_READ: ("posts", "post_id", "availability", ("available", "withheld")),
    USER_READ: ("accounts", "account_id", "status", ("active", "protected", "withheld")),
}


@dataclass(frozen=True)
class Price:
    """US dollars for one returned resource, from a day on."""

    resource: str
    usd: Decimal
    valid_from: date


@dataclass(frozen=True)
class PriceTable:
    """Prices by resource and day."""

    prices: tuple[Price, ...]
    shown_name: str

    def usd(self, resource: str, day: date) -> Decimal:
        """Price of one resource on a day; before the first dated price, that first one.

        Raises:
            TweetbenchError: the table has no price for the resource.
        """
        rows = sorted((price for price in self.prices if price.resource == resource), key=lambda row: row.valid_from)
        if not rows:
            raise _bad_prices(self.shown_name, f"it has no price for {resource}")
        return [rows[0], *(row for row in rows if row.valid_from <= day)][-1].usd


def load_prices(path: Path) -> PriceTable:
    """The price table of a CSV with the columns resource, usd, valid_from.

    Raises:
        TweetbenchError: the file is absent or a row is no price.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [
                Price(row["resource"], Decimal(row["usd"]), date.fromisoformat(row["valid_from"]))
                for row in csv.DictReader(stream)
            ]
    except (OSError, KeyError, ValueError, InvalidOperation) as error:
        raise _bad_prices(path.name, f"{type(error).__name__}: {error}") from error
    if any(row.usd < 0 or not row.usd.is_finite() for row in rows):
        raise _bad_prices(path.name, "a price is negative or not a number")
    return PriceTable(tuple(rows), path.name)


class Budget:
    """Money of one run: refuses the request that could pass the limit, and counts what was returned."""

    def __init__(self, prices: PriceTable, max_usd: float) -> None:
        self.prices, self.max_usd = prices, Decimal(str(max_usd))
        self.spent_usd = Decimal(0)
        self.resource_count = 0
        self._billed: dict[tuple[date, str], set[str]] = {}

    def know_billed(self, resource: str, ids: Iterable[str], at: datetime) -> None:
        """Enter resources that an earlier run of this UTC day was billed for."""
        self._day(resource, at).update(ids)

    def is_billed(self, resource: str, resource_id: str, at: datetime) -> bool:
        """True where the resource costs nothing more on this UTC day."""
        return resource_id in self._day(resource, at)

    def require(self, resource: str, ids: Sequence[str], at: datetime) -> None:
        """Let a request for these ids pass.

        Raises:
            PartialRun: the ids not yet billed today could take the run past its limit.
        """
        fresh = len(set(ids) - self._day(resource, at))
        cost = fresh * self.prices.usd(resource, at.date())
        if self.spent_usd + cost > self.max_usd:
            raise self.reached(f"the next request could return {fresh} {resource} for {cost:.3f} USD")

    def affordable(self, resource: str, at: datetime, *, least: int, most: int) -> int:
        """How many unknown resources the next request may return, between `least` and `most`.

        Raises:
            PartialRun: not even `least` fit into the limit.
        """
        left = self.fitting(resource, at, most=most)
        if left < least:
            price = self.prices.usd(resource, at.date())
            raise self.reached(f"{least} {resource} at {price} USD do not fit any more")
        return left

    def fitting(self, resource: str, at: datetime, *, most: int) -> int:
        """How many resources that are not billed today still fit into the limit, at most `most`."""
        price = self.prices.usd(resource, at.date())
        return most if not price else max(0, min(most, int((self.max_usd - self.spent_usd) / price)))

    def record(self, resource: str, ids: Iterable[str], at: datetime) -> Decimal:
        """Count resources that a page returned; what they cost in US dollars."""
        day = self._day(resource, at)
        fresh = set(ids) - day
        day |= fresh
        cost = len(fresh) * self.prices.usd(resource, at.date())
        self.spent_usd += cost
        self.resource_count += len(fresh)
        return cost

    def reached(self, detail: str) -> PartialRun:
        """The end of a run by its budget."""
        return PartialRun(
            f"the budget of {self.max_usd} USD is reached after {self.spent_usd:.3f} USD: {detail}",
            problem=BUDGET_REACHED,
            next_step="see the costs with: tweetbench plan; resume with: tweetbench run --max-usd X",
        )

    def _day(self, resource: str, at: datetime) -> set[str]:
        return self._billed.setdefault((at.date(), resource), set())


def load_ledger(budget: Budget, lake: Lake, *, source: str, at: datetime) -> None:
    """Tell the budget what a source was billed on the UTC day of `at`: the data in the lake are the ledger."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for resource, (table, key, state, billed_states) in BILLED_ROWS.items():
        for commit, file in lake.files(table):
            # A commit is never older than the rows it holds.
            if commit.source != source or commit.committed_at[:10] < at.date().isoformat():
                continue
            rows = pq.read_table(lake.path(file), columns=[key, "captured_at", state])
            chosen = pc.and_(
                pc.greater_equal(rows["captured_at"], pa.scalar(midnight, rows["captured_at"].type)),
                pc.is_in(rows[state], pa.array(billed_states)),
            )
            ids = rows.filter(chosen)[key].to_pylist()
            budget.know_billed(resource, (value for value in ids if value), at)


def _bad_prices(name: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "the price table of the X API cannot be used",
        where=name,
        why=why,
        next_step="restore dbt_project/seeds/x_prices.csv (columns resource,usd,valid_from,source)",
        exit_code=Exit.CONFIGURATION,
    )
