"""The demo's businesses on Bluesky, Mastodon and LinkedIn: the same companies, other audiences, other growth.

Each platform has a world of its own, so that what happens on one never moves a figure of another. What its server
answers belongs to `appview` and `mastodon_server`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from pipeline.simulate.cast import Cast, Naming
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.posts import REPOST, Posts
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import DAY_MS, Floats, Integers

TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
# What the accounts are: their own company first. `hidden` asks not to be shown, `moved` goes to the next account.
ON_BLUESKY = ("plain", "plain", "plain", "plain", "suspended", "deactivated", "renamed", "hidden")
ON_MASTODON = ("plain", "plain", "moved", "plain", "newcomer")
ON_LINKEDIN = ("plain",) * 6  # the own page, and those that it compares itself with
MASTODON_HOSTS = ("social.demo.example", "social.demo.example", "social.demo.example", "trade.demo.example")
# A server that answers only its own users, and the copy of an account that a bridge keeps on Mastodon.
CLOSED_HOST = "closed.demo.example"
BRIDGE = "bsky.brid.gy"
# Growth by the week and size of the audience, in comparison with X.
BLUESKY_EFFECTS = TrueEffects(account_effect_mean=0.006)
MASTODON_EFFECTS = TrueEffects(account_effect_mean=0.0005, account_effect_sd=0.002)
LINKEDIN_EFFECTS = TrueEffects(account_effect_mean=0.004)
AUDIENCES = {"bluesky": 0.35, "mastodon": 0.15, "linkedin": 0.6}
SMALLEST_AUDIENCE = 130.0
# The renaming falls into the days that are read live.
RENAMED_LATER_MS = 15 * DAY_MS


@dataclass(frozen=True)
class Elsewhere:
    """One platform: its accounts have ids and handles in the platform's form, and each belongs to a company of X."""

    platform: str
    world: World
    companies: tuple[int, ...]  # by account, the number of the company's account on X

    @cached_property
    def post_ids(self) -> tuple[str, ...]:
        """Id of every row's post; versions of one post share theirs, as nothing here gives an edit an id of its own."""
        posts, cast = self.world.posts, self.world.cast
        name = _at_uri if self.platform == "bluesky" else _status_id
        roots = posts.root.tolist()
        made = {root: name(cast, posts, root) for root in set(roots)}
        return tuple(made[root] for root in roots)

    @cached_property
    def _roots(self) -> dict[str, int]:
        return dict(zip(self.post_ids, self.world.posts.root.tolist(), strict=True))

    def feed_rows(self, account: int, instant: datetime) -> Integers:
        """Rows on an account's feed, newest first by when the post was made."""
        rows = self.world.visible_rows(account, instant)
        return rows[np.argsort(-self.world.posts.root[rows], kind="stable")]

    def find_row(self, post_id: str, instant: datetime) -> int | None:
        """Row of a post as it stands at an instant, or None where it is not shown then."""
        root, posts = self._roots.get(post_id), self.world.posts
        account = -1 if root is None else int(posts.account[root])
        if root is None or self.world.status(account, instant) in {"suspended", "not_found"}:
            return None
        rows = self.world.visible_rows(account, instant)
        return next((int(row) for row in rows[posts.root[rows] == root]), None)

    def source_row(self, row: int, instant: datetime) -> int | None:
        """Row of the post that a row reposts, quotes or answers, or None where it is not shown at an instant."""
        return self.find_row(self.post_ids[int(self.world.posts.referenced[row])], instant)

    def own_count(self, account: int, instant: datetime) -> int:
        """Posts without reposts."""
        return int((self.world.posts.kind[self.world.visible_rows(account, instant)] != REPOST).sum())

    def is_hidden(self, account: int) -> bool:
        """True for the account that asks not to be shown."""
        return self.world.cast.roles[account] == "hidden"

    def new_home(self, account: int) -> int:
        """Where a moved account went."""
        return account + 1


def draw_elsewhere(world: World) -> tuple[Elsewhere, Elsewhere]:
    """The accounts on Bluesky and on Mastodon of a world's businesses; the own business has one on each."""
    plain = [account for account, role in enumerate(world.cast.roles) if role == "plain"]
    company = [plain[place % len(plain)] for place in range(len(ON_BLUESKY) + len(ON_MASTODON))]
    # The first three are on all platforms; whoever moves has two accounts on one.
    on_mastodon = (company[0], company[1], company[2], company[2], company[len(ON_BLUESKY)])
    return (
        _draw(world, "bluesky", company[: len(ON_BLUESKY)], ON_BLUESKY, BLUESKY_EFFECTS, _bluesky_names),
        _draw(world, "mastodon", on_mastodon, ON_MASTODON, MASTODON_EFFECTS, _mastodon_names),
    )


def draw_page(world: World) -> Elsewhere:
    """The own business' page on LinkedIn and its competitors' pages, which nobody can read but in their exports."""
    plain = [account for account, role in enumerate(world.cast.roles) if role == "plain"]
    company = [plain[place % len(plain)] for place in range(len(ON_LINKEDIN))]
    return _draw(world, "linkedin", company, ON_LINKEDIN, LINKEDIN_EFFECTS, _page_names)


Names = Callable[[Cast], tuple[list[str], list[Naming]]]


def _draw(
    world: World, platform: str, companies: Sequence[int], roles: tuple[str, ...], effects: TrueEffects, names: Names
) -> Elsewhere:
    chosen = np.array(companies)

    def dress(cast: Cast) -> Cast:
        ids, namings = names(replace(cast, names=tuple(world.cast.names[company] for company in companies)))
        return replace(
            cast,
            account_ids=tuple(ids),
            namings=tuple(sorted(namings, key=lambda naming: naming.start_ms)),
            names=tuple(world.cast.names[company] for company in companies),
            industries=tuple(world.cast.industries[company] for company in companies),
            company_sizes=tuple(world.cast.company_sizes[company] for company in companies),
            focus=world.cast.focus[chosen],
            follower_start=_audiences(cast, AUDIENCES[platform]),
            earlier_post_count=np.zeros(cast.size, np.int64),
            reading_weekday=np.full(cast.size, -1),
        )

    calendar = world.calendar
    seed = world.seed + 1_000 * (1 + list(AUDIENCES).index(platform))
    drawn = World(
        seed, len(roles), calendar.day_count, calendar.first_day, effects, post_rate_scale=0.8, roles=roles, dress=dress
    )
    return Elsewhere(platform, drawn, tuple(companies))


def _audiences(cast: Cast, share: float) -> Floats:
    return np.maximum(cast.follower_start * share, SMALLEST_AUDIENCE)


def _slug(name: str) -> str:
    return "-".join(name.lower().split())


def _bluesky_names(cast: Cast) -> tuple[list[str], list[Naming]]:
    """A DID and a handle in a domain of examples each; whoever is renamed takes another domain."""
    ids = [f"did:plc:{_digits(f'account {account} {made}', 24)}" for account, made in enumerate(cast.created_ms)]
    namings = [Naming(account, f"{_slug(name)}.example", 0) for account, name in enumerate(cast.names)]
    for naming in cast.namings:
        if naming.start_ms:
            handle = f"news.{_slug(cast.names[naming.account])}.example"
            namings.append(replace(naming, handle=handle, start_ms=naming.start_ms + RENAMED_LATER_MS))
    return ids, namings


def _mastodon_names(cast: Cast) -> tuple[list[str], list[Naming]]:
    """Ids and names at home servers; nobody can be renamed there."""
    hosts = [MASTODON_HOSTS[min(account, len(MASTODON_HOSTS) - 1)] for account in range(cast.size)]
    names = [name.lower().replace(" ", "_") for name in cast.names]
    ids = [
        f"{host}/{(int(made) << 16) + account}"
        for account, (host, made) in enumerate(zip(hosts, cast.created_ms, strict=True))
    ]
    return ids, [
        Naming(account, f"{name}@{host}", 0) for account, (name, host) in enumerate(zip(names, hosts, strict=True))
    ]


def _page_names(cast: Cast) -> tuple[list[str], list[Naming]]:
    """Pages have no ids that anybody exports, so these go nowhere; their slug is part of their address."""
    ids = [f"page-{account}" for account in range(cast.size)]
    return ids, [Naming(account, _slug(name), 0) for account, name in enumerate(cast.names)]


def _at_uri(cast: Cast, posts: Posts, row: int) -> str:
    account, made = int(posts.account[row]), int(posts.created_ms[row])
    kind = "repost" if posts.kind[row] == REPOST else "post"
    return f"at://{cast.account_ids[account]}/app.bsky.feed.{kind}/{tid(made, row)}"


def _status_id(cast: Cast, posts: Posts, row: int) -> str:
    account, made = int(posts.account[row]), int(posts.created_ms[row])
    host = cast.account_ids[account].partition("/")[0]
    return f"{host}/{(made << 16) + row % (1 << 16)}"


def local_id(record_id: str) -> str:
    """The part of an id of Mastodon that its server knows it by."""
    return record_id.rpartition("/")[2]


def written_time(instant: datetime) -> str:
    """A time as both platforms write it, with milliseconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1_000:03d}Z"


def tid(milliseconds: int, number: int) -> str:
    """A record key: microseconds above ten bits that tell clocks apart, 13 digits to the base 32."""
    value = (milliseconds * 1_000 << 10) + number % 1_024
    return "".join(TID_DIGITS[value >> (5 * place) & 31] for place in range(12, -1, -1))


def content_id(text: str) -> str:
    """What stands for the hash of a record."""
    return f"bafyrei{_digits(text, 52)}"


def _digits(text: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest() * 2, "big")
    return "".join(TID_DIGITS[number >> (5 * place) & 31] for place in range(count))
