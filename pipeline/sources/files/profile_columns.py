"""Where a profile table keeps its values: canonical and common column spellings, and the layout made from them.

Knows names, and of the cells only whether they number lines or name accounts. Mappings that a person wrote belong to
`mapping`, the choice between them and these spellings to `layout`, all other cells to `rows`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from pipeline.sources.files.cell_values import parse_status_link
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.personal_data import PRIVATE
from pipeline.sources.files.tabular import Sheet

# Field -> spellings, the surest first; each also as `user.<spelling>` and the like, which are surer still.
# `id` comes last: in tables of posts it is the id of the post.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "platform": ("platform",),
    "account_id": ("account_id", "user_id", "author_id", "twitter_id", "id_str", "id"),
    "handle": ("handle", "username", "screen_name", "user_name", "twitter_handle"),
    "captured_at": (
        *("captured_at", "snapshot_date", "retrieved_at", "__twarc.retrieved_at", "collected_at", "observed_at"),
        *("captured_date", "date", "day", "timestamp", "datum", "tag", "fecha", "día", "jour", "data", "dia"),
        *("giorno", "dato", "tarih", "дата", "日付", "日期", "날짜", "time", "date_time"),
    ),
    "follower_count": (
        *("follower_count", "followers_count", "public_metrics.followers_count", "followers", "follower"),
        *("abonnés", "seguidores", "seguaci", "volgers", "följare", "obserwujący", "takipçi", "подписчики"),
        *("フォロワー数", "フォロワー", "粉丝数", "关注者", "팔로워"),
    ),
    "following_count": (
        *("following_count", "friends_count", "public_metrics.following_count", "followings", "friends", "following"),
    ),
    "post_count": (
        *("post_count", "tweet_count", "statuses_count", "public_metrics.tweet_count", "public_metrics.post_count"),
        *("posts_count", "tweets_count", "posts", "tweets"),
    ),
    "listed_count": ("listed_count", "public_metrics.listed_count"),
    "liked_count": ("liked_count", "favourites_count", "public_metrics.like_count"),
    "media_count": ("media_count", "public_metrics.media_count"),
    "name": ("display_name", "displayname", "name"),
    "created_at": ("created_at",),
    "description": ("description", "bio"),
    "location": ("location",),
    "url": ("url",),
    "is_verified": ("is_verified", "verified"),
    "verified_type": ("verified_type",),
    "is_protected": ("is_protected", "protected"),
    "status": ("status",),
    "withheld": ("withheld", "withheld_countries", "withheld_in_countries", "withheld.country_codes"),
}
_OWNERS = ("user.", "author.", "account.", "user_", "author_", "account_")
_NOT_OWNED = {"platform", "captured_at", "status"}
COUNTS = ("follower_count", "following_count", "post_count", "listed_count", "liked_count", "media_count")
# Columns of tables whose rows are posts or days: a follower column next to them describes something else.
OTHER_TABLES = {
    *("text", "full_text", "tweet_text", "post_text", "tweet_id", "post_id", "status_id", "conversation_id"),
    *("retweet_count", "reply_count", "quote_count", "impression_count", "impressions", "engagements"),
    *("tweet_permalink", "new_follows"),
}
# Of these, what tables of days have as well.
OF_DAYS = {"impressions", "engagements", "new_follows", "impression_count"}
# What these say next to columns of posts, they say about the post.
_OF_THE_POST = {"id", "id_str", "created_at", "date", "day", "timestamp", "time", "date_time", "url", "status"}
# Tables of several networks say so in such a column; only its cells prove it.
_NETWORK_COLUMNS = {
    "network",
    "social_network",
    "channel",
    "channel_type",
    "netzwerk",
    "kanal",
    "réseau",
    "red",
    "rede",
}
_NETWORKS = {
    *("x", "twitter", "facebook", "instagram", "linkedin", "tiktok", "youtube", "pinterest", "threads", "bluesky"),
    *("mastodon", "reddit", "snapchat", "telegram", "whatsapp", "tumblr", "xing", "vk", "google"),
}
# Next to changes and averages of a period, the posts are those of that period and no level.
_OF_A_PERIOD = re.compile(
    r"(?:^|_)(?:change|growth|gained|lost|net|new|engagements?|avg|average|per_(?:day|week|post)|wachstum|zuwachs|"
    r"crecimiento|croissance|crescita|crescimento)(?:_|$|[.])"
)
_COUNTED_IN_A_PERIOD = {"posts", "tweets"}
# Words for an account in other columns than the known ones: where such a column holds several values, a table is not
# one account's.
ACCOUNT_WORDS = frozenset(
    {
        *(
            "account",
            "account_name",
            "brand",
            "channel",
            "company",
            "firm",
            "name",
            "page",
            "profile",
            "user",
            "twitter",
        ),
        *("konto", "marke", "firma", "unternehmen", "profil", "benutzer", "benutzername", "nutzername", "kanal"),
        *("compte", "marque", "entreprise", "utilisateur", "cuenta", "marca", "empresa", "usuario", "perfil", "conta"),
        *("azienda", "utente", "account_x", "bedrijf", "gebruiker", "gebruikersnaam", "merk", "marka", "użytkownik"),
        *(
            "hesap",
            "kullanıcı",
            "аккаунт",
            "бренд",
            "компания",
            "アカウント",
            "ユーザー名",
            "企業名",
            "账号",
            "品牌",
            "계정",
        ),
    }
)
_LINK_COLUMN = re.compile(r"(?:^|_)(?:url|link|adresse|lien|enlace|perfil|profil)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Layout:
    """Where each value is in a table, and what is the same for all its rows."""

    dialect: str
    columns: Mapping[str, int]  # field -> position
    platform: str = "x"
    account_id: str | None = None
    handle: str | None = None
    captured_at: datetime | None = None
    date_format: str | None = None
    value: str = "follower_count"
    account_columns: Mapping[int, str] = field(default_factory=dict)  # position -> handle; wide tables only
    options: Mapping[str, str] = field(default_factory=dict)
    is_wide: bool = False
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=4096)  # asked for every cell of a payload
def column_key(name: str) -> str:
    """A column name for comparison: lower case, blanks, hyphens and the humps of `followersCount` as underscores."""
    return "_".join(re.split(r"[\s-]+", _CAMEL.sub("_", name.strip()).casefold()))


def find_columns(header: Sequence[str]) -> dict[str, int]:
    """Field -> position for every known spelling in a header, the surest first, each column once."""
    position_of: dict[str, int] = {}
    for position, name in enumerate(header):
        position_of.setdefault(column_key(name), position)
    is_of_posts = bool(position_of.keys() & OTHER_TABLES) or {"id", "author_id"} <= position_of.keys()
    found: dict[str, int] = {}
    for field_name, spellings in SPELLINGS.items():
        owned = () if field_name in _NOT_OWNED else (f"{owner}{name}" for name in spellings for owner in _OWNERS)
        taken = set(found.values())
        for name in (*owned, *spellings):
            is_free = name in position_of and position_of[name] not in taken
            if is_free and not (is_of_posts and name in _OF_THE_POST):
                found[field_name] = position_of[name]
                break
    return found


def find_in_table(sheet: Sheet) -> dict[str, int]:
    """`find_columns` without a column `id` that only numbers the rows, and with accounts under another name.

    A column such as `Profile` names the accounts if each of its cells is an `@name` or a link to a profile, one such as
    `Network` the platform if each cell is a network.
    """
    found = find_columns(sheet.header)
    if "platform" not in found and (network := _network_column(sheet)) is not None:
        found = {"platform": network, **{name: at for name, at in found.items() if at != network}}
    posts = found.get("post_count")
    is_of_period = any(_OF_A_PERIOD.search(column_key(name)) for name in sheet.header)
    if posts is not None and is_of_period and column_key(sheet.header[posts]) in _COUNTED_IN_A_PERIOD:
        del found["post_count"]
    position = found.get("account_id")
    if position is not None and column_key(sheet.header[position]) == "id" and _numbers_rows(sheet, position):
        del found["account_id"]
    if not {"handle", "account_id"} & found.keys():
        for position, name in enumerate(sheet.header):
            key = column_key(name)
            if (key in ACCOUNT_WORDS or _LINK_COLUMN.search(key)) and names_accounts(sheet, position):
                found = {field: at for field, at in found.items() if at != position}
                return {**found, "handle": position}
    return found


def names_accounts(sheet: Sheet, position: int) -> bool:
    """True if each filled cell of a column is an `@name` or a link to a profile: what nobody writes elsewhere."""
    cells = {record.cells[position].strip() for record in sheet.records} - {""}
    return bool(cells) and all(_is_account(cell) for cell in cells)


def _is_account(cell: str) -> bool:
    if not cell.startswith(("@", "http://", "https://", "x.com/", "twitter.com/")) or parse_status_link(cell):
        return False
    try:
        return bool(normalise_handle(cell))
    except ValueError:
        return False


def _network_column(sheet: Sheet) -> int | None:
    for position, name in enumerate(sheet.header):
        if column_key(name) in _NETWORK_COLUMNS:
            cells = {record.cells[position].strip().casefold() for record in sheet.records} - {""}
            if cells and all(re.split(r"[\s(/]+", cell)[0] in _NETWORKS for cell in cells):
                return position
    return None


def is_snapshot_table(sheet: Sheet, *, account_is_told: bool = False, day_is_told: bool = False) -> bool:
    """True for a table of profiles: followers and an id or handle, and no columns of posts, days or contacts.

    Args:
        sheet: the table.
        account_is_told: whose profiles they are is known otherwise, so days and followers are enough.
        day_is_told: of which day they are is known otherwise.
    """
    found = find_in_table(sheet)
    keys = {column_key(name) for name in sheet.header}
    is_foreign = bool(keys & OTHER_TABLES) or any(PRIVATE.search(key) for key in keys)
    is_of_posts = "id" in keys and "author_id" in keys
    has_account = bool({"account_id", "handle"} & set(found)) or (
        account_is_told and (day_is_told or "captured_at" in found)
    )
    return "follower_count" in found and has_account and not (is_foreign or is_of_posts)


def _numbers_rows(sheet: Sheet, position: int) -> bool:
    cells = [record.cells[position].strip() for record in sheet.records]
    return bool(cells) and any(cells == [str(number) for number in range(at, at + len(cells))] for at in (0, 1))
