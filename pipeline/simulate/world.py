"""The demo world: what a platform would know about every account and post at any instant of its days.

The same seed gives the same world to the bit, in any process. Pages and JSON belong to `rendering` and `routes`,
files to `exports`, rows of the lake to `history`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np

from pipeline.simulate.cast import OWN, Cast, Naming, Spell, draw_cast
from pipeline.simulate.drivers import Drivers, draw_drivers
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.growth import Growth, grow
from pipeline.simulate.metrics import METRICS, counts_at, draw_finals
from pipeline.simulate.posts import REPOST, Posts, draw_posts
from pipeline.simulate.shocks import Shocks, draw_shocks
from pipeline.simulate.world_calendar import (
    NEVER_MS,
    Calendar,
    Floats,
    Integers,
    to_instant,
    to_milliseconds,
)

FIRST_DAY = date(2025, 9, 1)  # a Monday; the 420th day is Sunday, 25 October 2026
# Effects on one stage of the draw never move the numbers of another: each has a generator of its own.
_CAST, _DRIVERS, _POSTS, _GROWTH, _FINALS, _SHOCKS = range(6)


@dataclass(frozen=True)
class AccountState:
    """An account as the platform shows it at one instant; counts are None unless it is active or protected."""

    account: int
    account_id: str
    handle: str
    name: str
    status: str
    created_at: datetime
    follower_count: int | None = None
    following_count: int | None = None
    post_count: int | None = None
    listed_count: int | None = None
    liked_count: int | None = None
    media_count: int | None = None


class World:
    """A seeded world; every method is pure and safe to call from several threads."""

    def __init__(
        self,
        seed: int = 7,
        account_count: int = 150,
        day_count: int = 420,
        first_day: date = FIRST_DAY,
        effects: TrueEffects | None = None,
        post_rate_scale: float = 1.0,
        roles: tuple[str, ...] = (),
        dress: Callable[[Cast], Cast] = lambda cast: cast,
    ) -> None:
        """`roles` of the accounts, dealt where none are given; `dress` changes the accounts before they live."""
        self.seed = seed
        self.effects = effects or TrueEffects()
        self.calendar = Calendar(first_day, day_count)
        rngs = [np.random.default_rng([seed, stage]) for stage in range(6)]
        drawn = draw_cast(rngs[_CAST], account_count, self.calendar, self.effects, post_rate_scale, roles)
        self.cast: Cast = dress(drawn)
        self.drivers: Drivers = draw_drivers(rngs[_DRIVERS], account_count, self.calendar.week_count, self.effects)
        self.posts: Posts = draw_posts(rngs[_POSTS], self.cast, self.calendar, self.drivers, self.effects)
        shocks: Shocks = draw_shocks(rngs[_SHOCKS], self.cast, self.calendar, self.effects)
        self.growth: Growth = grow(
            rngs[_GROWTH], self.cast, self.calendar, self.drivers, self.posts, shocks, self.effects
        )
        self.finals: Integers = draw_finals(
            rngs[_FINALS], self.cast, self.calendar, self.drivers, self.posts, self.growth, self.effects
        )
        self._account_by_id = {account_id: i for i, account_id in enumerate(self.cast.account_ids)}
        self._rows_by_id = np.argsort(self.posts.post_id)
        self._sorted_ids = self.posts.post_id[self._rows_by_id]
        self._namings: list[list[Naming]] = [[] for _ in range(account_count)]
        self._spells: dict[int, list[Spell]] = {}
        for spell in self.cast.spells:
            self._spells.setdefault(spell.account, []).append(spell)
        self._holders: dict[str, set[int]] = {}
        for naming in self.cast.namings:
            self._namings[naming.account].append(naming)
            self._holders.setdefault(naming.handle.casefold(), set()).add(naming.account)

    @property
    def end(self) -> datetime:
        """Midnight after the last day of the world."""
        return self.calendar.end

    @property
    def own_account_id(self) -> str:
        return self.cast.account_ids[OWN]

    def find_account(self, account_id: str) -> int | None:
        """Number of an account by its id, or None."""
        return self._account_by_id.get(account_id)

    def find_handle(self, handle: str, instant: datetime) -> int | None:
        """Account that has the handle at an instant, whatever its case, or None."""
        wanted = handle.casefold()
        holders = (
            account
            for account in self._holders.get(wanted, ())
            if self.handle(account, instant).casefold() == wanted and self.status(account, instant) != "not_found"
        )
        return next(holders, None)

    def handle(self, account: int, instant: datetime) -> str:
        """Handle of an account at an instant."""
        namings = self._namings[account]
        if len(namings) == 1:
            return namings[0].handle
        at = to_milliseconds(instant)
        return [naming for naming in namings if naming.start_ms <= at][-1].handle

    def status(self, account: int, instant: datetime) -> str:
        """active, protected, suspended or not_found; not_found also before the account was made."""
        at = to_milliseconds(instant)
        if at < self.cast.created_ms[account]:
            return "not_found"
        spells = self._spells.get(account, ())
        return next((spell.status for spell in spells if spell.start_ms <= at < spell.end_ms), "active")

    def account_state(self, account: int, instant: datetime) -> AccountState:
        """An account as shown at an instant."""
        status = self.status(account, instant)
        shown = AccountState(
            account=account,
            account_id=self.cast.account_ids[account],
            handle=self.handle(account, instant),
            name=self.cast.names[account],
            status=status,
            created_at=to_instant(int(self.cast.created_ms[account])),
        )
        if status in {"suspended", "not_found"}:
            return shown
        position = self.calendar.knot_position(to_milliseconds(instant))
        followers = int(np.exp(_between(self.growth.log_followers[account], position)))
        post_count = self._post_count(account, to_milliseconds(instant))
        return AccountState(
            **{
                **shown.__dict__,
                "follower_count": followers,
                "following_count": int(_between(self.growth.following[account], position)),
                "post_count": post_count,
                "listed_count": followers // 90,
                "liked_count": 3 * post_count,
                "media_count": post_count // 4,
            }
        )

    def visible_rows(self, account: int, instant: datetime) -> Integers:
        """Rows of the posts on an account's timeline at an instant, newest first: latest versions, nothing removed."""
        at, part = to_milliseconds(instant), self.posts.rows_of(account)
        created, superseded = self.posts.created_ms[part], self.posts.superseded_ms[part]
        is_shown = (created <= at) & (superseded > at) & (self.posts.removed_ms[part] > at)
        rows: Integers = np.flatnonzero(is_shown) + part.start
        return rows[::-1]

    def posts_at(self, account: int, instant: datetime) -> list[str]:
        """Ids on an account's timeline at an instant, newest first; empty unless the account is active."""
        if self.status(account, instant) != "active":
            return []
        return [str(post_id) for post_id in self.posts.post_id[self.visible_rows(account, instant)]]

    def find_post(self, post_id: str, instant: datetime) -> int | None:
        """Row of a post version that exists at an instant, or None; old versions of an edited post exist too."""
        number = int(post_id)
        place = int(np.searchsorted(self._sorted_ids, number)) if number < 2**63 else self.posts.size
        if place >= self.posts.size or self._sorted_ids[place] != number:
            return None
        row = int(self._rows_by_id[place])
        at = to_milliseconds(instant)
        return row if self.posts.created_ms[row] <= at < self.posts.removed_ms[row] else None

    def versions(self, row: int, instant: datetime) -> list[str]:
        """Ids of all versions of a post up to an instant, oldest first."""
        root, at = int(self.posts.root[row]), to_milliseconds(instant)
        # Edits follow within half an hour, so the chain lies a few rows from its root.
        near = slice(root, root + 64)
        chain = (self.posts.root[near] == root) & (self.posts.created_ms[near] <= at)
        return [str(post_id) for post_id in self.posts.post_id[near][chain]]

    def metrics(self, row: int, instant: datetime) -> dict[str, int]:
        """All counts of a post at an instant, public and private; a repost shows its original's reposts."""
        at = to_milliseconds(instant)
        counts = counts_at(self.posts, self.finals, np.array([row]), at)[:, 0]
        shown = dict(zip(METRICS, (int(count) for count in counts), strict=True))
        if self.posts.kind[row] == REPOST:
            source = np.array([self.posts.referenced[row]])
            reposts = counts_at(self.posts, self.finals, source, at)[METRICS.index("repost_count"), 0]
            shown["repost_count"] = int(reposts) + 1
        return shown

    @cached_property
    def withheld_row(self) -> int | None:
        """Row of the one post that is withheld in a country, or None in a world without one."""
        for account in np.flatnonzero(self.cast.with_role("withheld")):
            part = self.posts.rows_of(int(account))
            roots: Integers = np.flatnonzero(
                (self.posts.root[part] == np.arange(part.start, part.stop))
                & (self.posts.superseded_ms[part] == NEVER_MS)
                & (self.posts.removed_ms[part] == NEVER_MS)
                & (self.posts.kind[part] == 0)
            )
            if len(roots):
                chosen = int(roots[-1 - len(roots) // 8])
                return int(part.start) + chosen
        return None

    def _post_count(self, account: int, at: int) -> int:
        part = self.posts.rows_of(account)
        is_root = self.posts.root[part] == np.arange(part.start, part.stop)
        living = is_root & (self.posts.created_ms[part] <= at) & (self.posts.removed_ms[part] > at)
        return int(self.cast.earlier_post_count[account]) + int(living.sum())


def _between(path: Floats, position: float) -> float:
    """Linear interpolation along one path."""
    low = int(position)
    high = min(low + 1, len(path) - 1)
    return float(path[low] + (position - low) * (path[high] - path[low]))
