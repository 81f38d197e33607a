"""Handles and platforms as people write them, in the one form that the platform itself uses.

A handle that only looks right (other alphabet, too long, a sentence) is refused, never repaired by guessing.
Reading files and deciding what to do with a refused handle belongs to the sources.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from pipeline.sources.files.cell_values import parse_handle

PLATFORM_WORDS = {
    "": "x",
    "x": "x",
    "twitter": "x",
    "x.com": "x",
    "twitter.com": "x",
    "bluesky": "bluesky",
    "bsky": "bluesky",
    "mastodon": "mastodon",
    "linkedin": "linkedin",
    "linkedin.com": "linkedin",
}
_SEPARATORS = re.compile(r"[\s/|,()\[\]-]+")
_FORMERLY = {"", "formerly", "former", "ex", "aka", "früher", "ehemals", "anciennement", "antes"}
_X_LINK = re.compile(r"^(?:https?://)?(?:[a-z]+\.)?(?:twitter|x)\.com/(?:#!/)?@?(?P<handle>[^/?#\s]*)", re.IGNORECASE)
_BLUESKY_LINK = re.compile(r"^(?:https?://)?bsky\.app/profile/(?P<handle>[^/?#\s]+)", re.IGNORECASE)
# A name on Mastodon may have dots and hyphens inside. A link may lead to a post, or to another server's account as the
# host shows it.
_MASTODON_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_MASTODON_LINK = re.compile(
    rf"^(?:https?://)?(?P<host>[\w.-]+)/(?:(?:web/)?@|users/)(?P<name>{_MASTODON_NAME})(?:@(?P<home>[\w.-]+))?"
    r"(?:/(?:statuses/)?\d+)?/?(?:[?#].*)?$"
)
# A domain name; its last part begins with a letter, and may be punycode: `x.xn--p1ai`.
_BLUESKY = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$")
_LONGEST_DOMAIN = 253
_TWO_SPELLINGS = set("ßς\u200c\u200d")
# The account itself; the handle only leads to it.
DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")
_MASTODON = re.compile(rf"^{_MASTODON_NAME}@[\w-]+(?:\.[\w-]+)+$", re.ASCII)
_LINKEDIN_LINK = re.compile(
    r"^(?:https?://)?(?:[a-z]+\.)?linkedin\.com/(?P<kind>[a-z-]+)/(?P<handle>[^/?#\s]+)", re.IGNORECASE
)
_LINKEDIN_PAGES = {"company", "school", "showcase", "organization-guest", "edu"}
_LINKEDIN = re.compile(r"\w(?:[\w-]*\w)?")  # letters of any alphabet, digits and hyphens
_LONGEST_SLUG = 100
# Domains whose accounts are copies of another platform's, which tell nothing of their own.
_THREADS = "Mastodon holds a copy only of an account on Threads, which tells its figures to its owner alone"
_COPIES = {
    "threads.net": _THREADS,
    "threads.com": _THREADS,
    "bsky.brid.gy": "it is the copy of an account on Bluesky: list that account, with the platform bluesky",
    "web.brid.gy": "it repeats the posts of a website, which is no account anywhere",
    "ap.brid.gy": "it is the copy of an account on Mastodon: list that account, with the platform mastodon",
    "brid.gy": "it is a copy that a bridge keeps: list the account itself",
}
# First parts of addresses on x.com that are pages, not accounts.
_PAGES = {"home", "i", "intent", "search", "hashtag", "share", "explore", "settings", "login", "messages"}
_LONGEST = 15


def normalise_platform(cell: str) -> str:
    """`x`, `bluesky`, `mastodon` or `linkedin`; an empty cell means X, as do both its names: `X (Twitter)`.

    Raises:
        ValueError: another word.
    """
    words = [word for word in _SEPARATORS.split(cell.strip().casefold()) if word not in _FORMERLY] or [""]
    platforms = {PLATFORM_WORDS.get(word) for word in words}
    platform = platforms.pop()
    if platform is None or platforms:
        raise ValueError(f"{cell!r} is not a known platform (x, bluesky, mastodon, linkedin)")
    return platform


def clean_cell(cell: str) -> str:
    """The text in the compatibility form of Unicode, without invisible marks and blanks around it."""
    return "".join(mark for mark in unicodedata.normalize("NFKC", cell) if unicodedata.category(mark) != "Cf").strip()


@lru_cache(maxsize=1 << 14)  # a long table names the same accounts again and again
def normalise_handle(cell: str, platform: str = "x") -> str:
    """The handle without @, from `@name`, ` name `, full-width letters or a link to the profile or a post.

    On Bluesky a DID, which links may hold in its place, is given back as it is.

    Raises:
        ValueError: not a handle of that platform; the message names the character or the length that is wrong.
    """
    text = clean_cell(cell)
    if platform == "bluesky":
        return _bluesky_handle(text)
    if platform == "mastodon":
        return _mastodon_handle(text)
    if platform == "linkedin":
        return _linkedin_slug(text)
    link = _X_LINK.match(text)
    handle = (link["handle"] if link else text).removeprefix("@").strip()
    if not link and "/" in handle:
        raise ValueError(f"{cell!r} is a link to another place than an account on X")
    if link and (not handle or handle.casefold() in _PAGES):
        raise ValueError(f"{cell!r} is a link to a page, not to an account")
    foreign = next((mark for mark in handle if not mark.isascii()), None)
    if foreign:
        name = unicodedata.name(foreign, "an unnamed character")
        raise ValueError(f"{cell!r} holds {name}, which only looks like a character of a handle")
    if len(handle) > _LONGEST:
        raise ValueError(f"{cell!r} has {len(handle)} characters; a handle has at most {_LONGEST}")
    return parse_handle(handle)


def refuse_copy(domain: str) -> None:
    """Pass a domain whose accounts live there.

    Raises:
        ValueError: they are copies of another platform's.
    """
    bare = domain.casefold().removeprefix("www.")
    for place, why in _COPIES.items():
        if bare == place or bare.endswith(f".{place}"):
            raise ValueError(why)


def _bluesky_handle(text: str) -> str:
    link = _BLUESKY_LINK.match(text)
    handle = (link["handle"] if link else text).removeprefix("@")
    if DID.fullmatch(handle):
        return handle
    handle = _ascii_domain(handle.casefold())
    if handle.endswith(".invalid"):
        raise ValueError(
            f"{text!r} is what Bluesky shows for a handle that does not resolve; give the DID as account_id"
        )
    if not _BLUESKY.match(handle) or len(handle) > _LONGEST_DOMAIN:
        raise ValueError(f"{text!r} is not a Bluesky handle such as name.bsky.social")
    return handle


def _mastodon_handle(text: str) -> str:
    link = _MASTODON_LINK.match(text)
    bare = text.removeprefix("acct:").removeprefix("@")
    handle = f"{link['name']}@{link['home'] or link['host']}" if link else bare
    name, at, domain = handle.rpartition("@")
    handle = f"{name}{at}{_ascii_domain(domain)}"
    if not _MASTODON.match(handle):
        raise ValueError(f"{text!r} is not a Mastodon handle such as name@host.example")
    return handle


def _ascii_domain(domain: str) -> str:
    """A domain with letters of other alphabets as the servers' names spell it, in punycode."""
    # What two versions of the standard spell in two ways would be a guess.
    if domain.isascii() or _TWO_SPELLINGS & set(domain):
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _linkedin_slug(text: str) -> str:
    """The part of a page's address that names it: `acme-inc` of linkedin.com/company/acme-inc."""
    link = _LINKEDIN_LINK.match(text)
    if link and link["kind"].casefold() not in _LINKEDIN_PAGES:
        raise ValueError(f"{text!r} is no page of a business on LinkedIn; profiles of people are not read")
    slug = unquote(link["handle"] if link else text.removeprefix("@")).casefold()
    if not _LINKEDIN.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        raise ValueError(
            f"{text!r} is not the name in a page's address, such as acme-inc of linkedin.com/company/acme-inc"
        )
    return slug
