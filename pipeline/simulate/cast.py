"""Who lives in the demo world: accounts, their fixed traits, and the scripted turns of their lives.

Roles are dealt once, without overlap, from a seeded permutation, so that even a small world has one of each.
Follower paths belong to `growth`, posts to `posts`.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.effects import FOCUSES, TrueEffects
from pipeline.simulate.words import COMPANY_SIZES, INDUSTRIES, company_name, handle_for
from pipeline.simulate.world_calendar import DAY_MS, HOUR_MS, NEVER_MS, Calendar, Flags, Floats, Integers
from pipeline.sources.snowflake import EPOCH_MS

OWN = 0  # the account whose owner runs the demo
STYLES = ("mass_communication", "interpersonal", "transitional", "net_follower")
# Share of accounts per role; each role has at least one account while there are accounts left.
ROLE_SHARES = {
    "spam": 0.04,
    "newcomer": 0.20,
    "quitter": 0.04,
    "chatty": 0.0,
    "suspended": 0.0,
    "restored": 0.0,
    "deactivated": 0.0,
    "protected": 0.0,
    "renamed": 0.02,
    "reuser": 0.0,
    "pins_removed": 0.0,
    "withheld": 0.0,
}


@dataclass(frozen=True)
class Spell:
    """A stretch of time in which an account is suspended, deactivated, protected or has moved elsewhere."""

    account: int
    status: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Naming:
    """A handle and the time from which the account has it."""

    account: int
    handle: str
    start_ms: int


@dataclass(frozen=True)
class Cast:
    """Fixed traits, one array element per account; spells and namings in order of time."""

    account_ids: tuple[str, ...]
    names: tuple[str, ...]
    industries: tuple[str, ...]
    company_sizes: tuple[str, ...]
    roles: tuple[str, ...]
    focus: Integers  # position in FOCUSES
    style: Integers  # position in STYLES
    created_ms: Integers
    start_day: Integers  # first day with posts; 0 where the account is older than the world
    stop_day: Integers  # day from which it posts no more
    follower_start: Floats
    ratio: Floats  # followers per following at the start
    post_rate: Floats  # posts a day
    account_effect: Floats
    follow_back_share: Floats
    fake_share: Floats
    posted_growth: Floats  # the part of usual weekly growth that comes by posts
    click_level: Floats
    like_level: Floats
    earlier_post_count: Integers
    reading_weekday: Integers  # of those who were read once a week before the API was; -1: read daily
    spells: tuple[Spell, ...]
    namings: tuple[Naming, ...]

    @property
    def size(self) -> int:
        return len(self.account_ids)

    def with_role(self, role: str) -> Flags:
        """True for the accounts of a role."""
        return np.array([other == role for other in self.roles])

    def focus_name(self, account: int) -> str:
        """b2b, b2c or both."""
        return FOCUSES[int(self.focus[account])]


def draw_cast(
    rng: np.random.Generator,
    count: int,
    calendar: Calendar,
    effects: TrueEffects,
    post_rate_scale: float = 1.0,
    roles: tuple[str, ...] = (),
) -> Cast:
    """The accounts of a world; roles are dealt where none are given."""
    roles = roles or _deal_roles(rng, count)
    is_new = np.array([role == "newcomer" for role in roles])
    is_spam = np.array([role == "spam" for role in roles])
    industry = rng.integers(0, len(INDUSTRIES), count)
    leans_b2b = np.isin(industry, [0, 1, 3])
    focus = np.where(rng.random(count) < np.where(leans_b2b, 0.7, 0.25), 0, rng.integers(1, 3, count))
    size_rank = rng.integers(0, len(COMPANY_SIZES), count)
    followers = np.exp(rng.normal(7.6, 1.35, count) + 0.25 * (size_rank - 2))
    followers = np.where(is_new, rng.uniform(40, 160, count), np.clip(followers, 120, 400_000))
    followers[is_spam] = rng.uniform(1_500, 6_000, int(is_spam.sum()))
    followers[OWN] = 4_000.0
    style = rng.choice(len(STYLES), count, p=[0.40, 0.42, 0.08, 0.10])
    style[is_spam] = 1
    ratio = _draw_ratio(rng, style)
    start_day, stop_day, created_ms = _draw_lives(rng, roles, calendar)
    # Small accounts post less.
    size = np.clip((followers / 2_000) ** 0.15, 0.6, 1.6)
    rate = np.clip(0.48 * size * np.exp(rng.normal(0, 0.6, count)), 0.1, 6.0)
    stops = stop_day < calendar.day_count
    rate[stops & is_new] = np.maximum(rate[stops & is_new], 1.5)
    rate[[role == "chatty" for role in roles]] = 9.0
    rate[OWN] = 2.0
    effect = rng.normal(effects.account_effect_mean, effects.account_effect_sd, count)
    effect += np.where(is_new, effects.newcomer_bonus * rng.uniform(0.4, 1.0, count), 0.0)
    effect[OWN] = 0.003
    index = np.arange(count)
    return Cast(
        # The low bits differ by account, so ids stay unique where two accounts share a creation time.
        account_ids=tuple(str(((int(ms) - EPOCH_MS) << 22) + int(i)) for i, ms in zip(index, created_ms, strict=True)),
        names=tuple(company_name(int(i), INDUSTRIES[industry[i]]) for i in index),
        industries=tuple(INDUSTRIES[i] for i in industry),
        company_sizes=tuple(COMPANY_SIZES[i] for i in size_rank),
        roles=roles,
        focus=focus.astype(np.int64),
        style=style.astype(np.int64),
        created_ms=created_ms,
        start_day=start_day,
        stop_day=stop_day,
        follower_start=followers,
        ratio=ratio,
        post_rate=rate * post_rate_scale,
        account_effect=effect,
        follow_back_share=np.where(is_spam, rng.uniform(0.10, 0.30, count), 0.12),
        fake_share=rng.beta(2, 10, count),
        posted_growth=effects.posted_share * np.maximum(effect + 7 * effects.unfollow_rate, 0.0),
        click_level=rng.normal(0, 0.4, count),
        like_level=rng.normal(0, 0.3, count),
        earlier_post_count=np.where(is_new, 0, rng.integers(200, 6_000, count)).astype(np.int64),
        reading_weekday=_deal_weekdays(rng, roles),
        spells=_script_spells(roles, calendar),
        namings=_script_namings(roles, calendar),
    )


def _deal_roles(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """One role per account, 'plain' for most; the own account is always plain."""
    roles = ["plain"] * count
    waiting = [int(i) for i in rng.permutation(np.arange(1, count))]
    for role, share in ROLE_SHARES.items():
        for _ in range(max(1, round(share * count))):
            if waiting:
                roles[waiting.pop()] = role
    return tuple(roles)


def _deal_weekdays(rng: np.random.Generator, roles: tuple[str, ...]) -> Integers:
    """A weekday for a seventh of the accounts, plain ones that are not our own; all seven in turn."""
    weekdays = np.full(len(roles), -1)
    plain = [account for account, role in enumerate(roles) if role == "plain" and account != OWN]
    chosen = rng.permutation(np.array(plain, np.int64))[: len(roles) // 7]
    weekdays[chosen] = np.arange(len(chosen)) % 7
    return weekdays


def _draw_ratio(rng: np.random.Generator, style: Integers) -> Floats:
    """Followers per following: about 1 for interpersonal accounts, 5.5 to 80 for mass communication."""
    count = len(style)
    ranges = np.array([[5.5, 80.0], [0.9, 1.12], [1.6, 4.0], [0.25, 0.7]])
    low, high = np.log(ranges[style, 0]), np.log(ranges[style, 1])
    return np.asarray(np.exp(low + (high - low) * rng.random(count) ** np.where(style == 0, 2.0, 1.0)))


def _draw_lives(
    rng: np.random.Generator, roles: tuple[str, ...], calendar: Calendar
) -> tuple[Integers, Integers, Integers]:
    """First and last posting day and creation time of each account; a third of the newcomers quit in the first week."""
    count, days = len(roles), calendar.day_count
    start, stop = np.zeros(count, np.int64), np.full(count, days + 1, np.int64)
    age_days = rng.integers(200, 4_000, count)
    created = calendar.start_ms - age_days * DAY_MS + rng.integers(0, DAY_MS, count)
    newcomer_order = 0
    for account, role in enumerate(roles):
        if role == "newcomer":
            start[account] = int(rng.integers(1, max(2, int(days * 0.8))))
            created[account] = calendar.start_ms + start[account] * DAY_MS + 5 * HOUR_MS
            if newcomer_order % 3 == 0:
                stop[account] = start[account] + rng.integers(1, 7)
            elif newcomer_order % 6 == 1:
                stop[account] = start[account] + rng.integers(10, 80)
            newcomer_order += 1
        elif role == "quitter":
            stop[account] = int(days * rng.uniform(0.2, 0.8))
    return start, stop, (created // 1000 * 1000).astype(np.int64)


def _script_spells(roles: tuple[str, ...], calendar: Calendar) -> tuple[Spell, ...]:
    script = {
        "suspended": ("suspended", 0.80, None),
        "restored": ("suspended", 0.60, 0.65),
        "deactivated": ("not_found", 0.97, None),
        "moved": ("moved", 0.987, None),
        "protected": ("protected", 0.975, 0.996),
    }
    spells = []
    for account, role in enumerate(roles):
        if role in script:
            status, start, end = script[role]
            spells.append(Spell(account, status, _moment(calendar, start), _moment(calendar, end)))
    return tuple(sorted(spells, key=lambda spell: spell.start_ms))


def _script_namings(roles: tuple[str, ...], calendar: Calendar) -> tuple[Naming, ...]:
    """First handles, renamings, and one old handle taken by another account."""
    namings = [Naming(account, handle_for(account), 0) for account in range(len(roles))]
    renamed = [account for account, role in enumerate(roles) if role == "renamed"]
    for order, account in enumerate(renamed):
        moment = _moment(calendar, min(0.955 + 0.013 * order, 0.99))
        namings.append(Naming(account, handle_for(account, generation=1), moment))
    for account, role in enumerate(roles):
        if role == "reuser" and renamed:
            namings.append(Naming(account, handle_for(renamed[0]), _moment(calendar, 0.975)))
    return tuple(sorted(namings, key=lambda naming: naming.start_ms))


def _moment(calendar: Calendar, share: float | None) -> int:
    """11:00 UTC of the day at a share of the window, or never."""
    if share is None:
        return NEVER_MS
    return calendar.start_ms + int(calendar.day_count * share) * DAY_MS + 11 * HOUR_MS
