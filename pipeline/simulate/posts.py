"""When the accounts post and what kind of post it is: one row per version of a post, by account and time.

An edit is a further row with an id of its own; `root` ties the chain together. Counts of reactions belong to
`metrics`, texts to `rendering`.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.cast import OWN, Cast
from pipeline.simulate.drivers import Drivers
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.world_calendar import DAY_MS, HOUR_MS, NEVER_MS, Calendar, Flags, Floats, Integers
from pipeline.sources.snowflake import EPOCH_MS

KINDS = ("original", "reply", "self_reply", "quote", "repost")
ORIGINAL, REPLY, SELF_REPLY, QUOTE, REPOST = range(5)
# What an account says itself, to everybody: what volume counts and quality is of.
OWN_KINDS = (ORIGINAL, QUOTE)
KIND_SHARES = (0.62, 0.16, 0.04, 0.06, 0.12)
LINK_SHARE, LONG_SHARE, EDIT_SHARE, REMOVED_SHARE = 0.70, 0.02, 0.02, 0.015
_EDIT_WINDOW_MS = HOUR_MS // 2


@dataclass(frozen=True)
class Posts:
    """Columns of equal length, sorted by account, then time; `start[a]:start[a + 1]` are the rows of account a."""

    account: Integers
    created_ms: Integers
    post_id: Integers
    kind: Integers  # position in KINDS
    week: Integers
    referenced: Integers  # row of the post reposted, quoted or replied to; -1: none
    root: Integers  # row of the first version; its own row for most
    superseded_ms: Integers  # when the next version replaced this one
    removed_ms: Integers  # when its author deleted the chain
    reach: Floats  # luck of the post in reach, in log points; the same for all versions
    salt: Integers  # decides texts and links
    has_link: Flags
    is_long: Flags
    is_viral: Flags
    start: Integers

    @property
    def size(self) -> int:
        return len(self.account)

    def rows_of(self, account: int) -> slice:
        """Rows of one account, oldest first."""
        return slice(int(self.start[account]), int(self.start[account + 1]))


def draw_posts(
    rng: np.random.Generator, cast: Cast, calendar: Calendar, drivers: Drivers, effects: TrueEffects
) -> Posts:
    """All posts of the world, edits included."""
    account, created, kind = _draw_times(rng, cast, calendar, drivers)
    account, created, kind, is_viral = _add_viral_posts(rng, cast, calendar, effects, account, created, kind)
    keep = _outside_suspensions(cast, account, created)
    account, created, kind, is_viral = account[keep], created[keep], kind[keep], is_viral[keep]
    is_edit_of, offset = _draw_edits(rng, kind)
    chain = np.concatenate([np.arange(len(account)), is_edit_of])
    moments = np.concatenate([created, created[is_edit_of] + offset])
    order = np.lexsort((moments, account[chain]))
    chain, moments = chain[order], moments[order]
    account, kind, is_viral = account[chain], kind[chain], is_viral[chain]
    rows = np.arange(len(chain))
    root = _first_rows(chain)
    kind, referenced = _draw_references(rng, account, moments, kind, root)
    salt = rng.integers(0, 2**50, len(rows))[root]
    traits = rng.random((3, len(rows)))[:, root]
    removed = np.where(
        traits[2] < REMOVED_SHARE, moments[root] + (np.exp(rng.uniform(0, 7, len(rows)))[root] * HOUR_MS), NEVER_MS
    ).astype(np.int64)
    # A chain cannot be removed before its last edit.
    removed = np.where(removed < NEVER_MS, np.maximum(removed, moments[root] + 2 * _EDIT_WINDOW_MS), removed)
    return Posts(
        account=account,
        created_ms=moments,
        post_id=((moments - EPOCH_MS) << 22) | (rows % 2**22),
        kind=kind,
        week=calendar.week_of_day[np.clip(calendar.day_of(moments), 0, calendar.day_count - 1)],
        referenced=referenced,
        root=root,
        superseded_ms=_next_in_chain(root, moments),
        removed_ms=removed,
        reach=np.clip(effects.reach_sd * heavy_tailed(rng, len(rows)), -4.0, 4.0)[root],
        salt=salt,
        has_link=(traits[0] < LINK_SHARE) & (kind == ORIGINAL) & ~is_viral,
        is_long=(traits[1] < LONG_SHARE) & (kind == ORIGINAL),
        is_viral=is_viral,
        start=np.searchsorted(account, np.arange(cast.size + 1)),
    )


def _draw_times(
    rng: np.random.Generator, cast: Cast, calendar: Calendar, drivers: Drivers
) -> tuple[Integers, Integers, Integers]:
    """Account, time and kind of every post before edits; hours follow an office day."""
    days = np.arange(calendar.day_count)
    week = calendar.week_of_day
    rate = cast.post_rate[:, None] * np.exp(drivers.appetite[:, week])
    is_active = (days >= cast.start_day[:, None]) & (days < cast.stop_day[:, None])
    counts = rng.poisson(rate * is_active)
    newcomers = np.flatnonzero(cast.with_role("newcomer") & (cast.start_day < calendar.day_count))
    counts[newcomers, cast.start_day[newcomers]] += 1  # everybody says hello
    account, day = (np.repeat(part, counts[counts > 0]) for part in np.nonzero(counts))
    hour = 6.0 + 17.0 * rng.beta(2.2, 2.6, len(account))
    second = np.floor(hour * 3600).astype(np.int64)
    created = calendar.start_ms + day * DAY_MS + second * 1000 + rng.integers(0, 1000, len(account))
    kind = rng.choice(len(KINDS), len(account), p=KIND_SHARES)
    return account.astype(np.int64), created, kind.astype(np.int64)


def _add_viral_posts(
    rng: np.random.Generator,
    cast: Cast,
    calendar: Calendar,
    effects: TrueEffects,
    account: Integers,
    created: Integers,
    kind: Integers,
) -> tuple[Integers, Integers, Integers, Flags]:
    """Adds a viral original to a few account-weeks (always two of the own account)."""
    week_of_day = calendar.week_of_day
    is_hit = rng.random((cast.size, calendar.week_count)) < effects.spike_rate
    is_hit[OWN] = False
    is_hit[OWN, [calendar.week_count // 3, calendar.week_count - 2]] = calendar.week_count > 4
    who, week = np.nonzero(is_hit)
    day = np.minimum(np.searchsorted(week_of_day, week) + 1, calendar.day_count - 1)
    is_alive = (day >= cast.start_day[who]) & (day < cast.stop_day[who])
    who, day = who[is_alive], day[is_alive]
    moments = calendar.start_ms + day * DAY_MS + 9 * HOUR_MS + rng.integers(0, HOUR_MS, len(who))
    return (
        np.concatenate([account, who]),
        np.concatenate([created, moments]),
        np.concatenate([kind, np.full(len(who), ORIGINAL)]),
        np.concatenate([np.zeros(len(account), bool), np.ones(len(who), bool)]),
    )


def _outside_suspensions(cast: Cast, account: Integers, created: Integers) -> Flags:
    keep = np.ones(len(account), bool)
    for spell in cast.spells:
        if spell.status != "protected":
            keep &= ~((account == spell.account) & (created >= spell.start_ms) & (created < spell.end_ms))
    return keep


def _draw_edits(rng: np.random.Generator, kind: Integers) -> tuple[Integers, Integers]:
    """Row and delay in milliseconds of every edit; 1 to 3 edits in the first half hour of some originals."""
    edit_count = np.where((rng.random(len(kind)) < EDIT_SHARE) & (kind == ORIGINAL), rng.integers(1, 4, len(kind)), 0)
    edited = np.repeat(np.arange(len(kind)), edit_count)
    return edited, rng.integers(60_000, _EDIT_WINDOW_MS, len(edited))


def _first_rows(chain: Integers) -> Integers:
    """Row of the first appearance of each row's chain; rows are in order of time within an account."""
    _, first, inverse = np.unique(chain, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], np.int64)


def _next_in_chain(root: Integers, moments: Integers) -> Integers:
    """Time of the next version of the same chain, or never."""
    order = np.lexsort((moments, root))
    following = np.full(len(root), NEVER_MS)
    has_next = root[order][:-1] == root[order][1:]
    following[order[:-1][has_next]] = moments[order[1:][has_next]]
    return following


def _draw_references(
    rng: np.random.Generator, account: Integers, moments: Integers, kind: Integers, root: Integers
) -> tuple[Integers, Integers]:
    """Kinds and the row each refers to: a recent original of another account, or of its own for a self reply."""
    referenced = np.full(len(kind), -1)
    originals = np.flatnonzero((kind == ORIGINAL) & (root == np.arange(len(root))))
    if not len(originals):
        return np.full(len(kind), ORIGINAL), referenced
    by_time = originals[np.argsort(moments[originals], kind="stable")]
    asking = np.flatnonzero((kind != ORIGINAL) & (kind != SELF_REPLY))
    place = np.searchsorted(moments[by_time], moments[asking]) - rng.geometric(0.05, len(asking))
    found = np.where(place >= 0, by_time[np.maximum(place, 0)], -1)
    referenced[asking] = np.where(account[found] == account[asking], -1, found)
    selves = np.flatnonzero(kind == SELF_REPLY)
    before = np.searchsorted(originals, selves) - 1
    own = np.where(before >= 0, originals[np.maximum(before, 0)], -1)
    referenced[selves] = np.where((own >= 0) & (account[own] == account[selves]), own, -1)
    return np.where(referenced < 0, ORIGINAL, kind), referenced


def heavy_tailed(rng: np.random.Generator, count: int) -> Floats:
    """Draws of unit variance with the tails of a t distribution on five degrees of freedom."""
    return np.asarray(rng.standard_t(5, count) * np.sqrt(3 / 5))


def count_originals(posts: Posts, cast: Cast, calendar: Calendar) -> Floats:
    """Originals and quotes per account and week, shape (accounts, weeks); an edit chain counts once."""
    counts = np.zeros((cast.size, calendar.week_count))
    rows = original_rows(posts)
    np.add.at(counts, (posts.account[rows], posts.week[rows]), 1.0)
    return counts


def original_rows(posts: Posts) -> Integers:
    """Rows of originals and quotes, each chain of edits once, by its first version."""
    rows: Integers = np.flatnonzero(np.isin(posts.kind, OWN_KINDS) & (posts.root == np.arange(posts.size)))
    return rows
