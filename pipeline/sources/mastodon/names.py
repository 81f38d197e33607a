"""Servers, handles and ids of Mastodon: `name@domain`, and `host/id` of the home server. Pure.

An id belongs to one server; the domain of a handle and the host of its server may differ, as with mail.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.sources.files.handles import normalise_handle, refuse_copy

# A domain name whose last part is no number: an address of the local network is no server of anybody's account.
HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_ID = 64
LOCAL_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
ACCOUNT_ID = re.compile(rf"{HOST.pattern.replace('$', '/')}/{LOCAL_ID.pattern}")
WEBFINGER = "/.well-known/webfinger"


@dataclass(frozen=True)
class Home:
    """Where an account lives: its server, its name there, and the domain of its handle."""

    host: str
    name: str
    domain: str


@dataclass(frozen=True)
class Referral:
    """Where a domain sends those who ask it for an account: a host, and the resource to ask for."""

    host: str
    resource: str


def joined(host: str, local_id: str) -> str:
    """Id of an account or a post."""
    return f"{host}/{local_id}"


def split(record_id: str) -> tuple[str, str]:
    """Host and local id of an account or a post."""
    host, _, local_id = record_id.partition("/")
    return host, local_id


def local_id_of(value: Any) -> str | None:
    """An id as a server gives it: text, or a number in old answers; Pleroma's are no numbers."""
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    is_usual = 0 < len(text) <= LONGEST_ID and text.isascii() and text.isdigit()
    return text if is_usual or LOCAL_ID.fullmatch(text) else None


def identify(given: str, account_id: str) -> tuple[str | None, str | None]:
    """Handle and account id of what the registry says of both.

    Raises:
        ValueError: one of them cannot be used, or the account lives elsewhere.
    """
    handle = normalise_handle(given, "mastodon").casefold() if given or not account_id else None
    domain = handle.partition("@")[2] if handle else ""
    host = account_id.partition("/")[0] if account_id else domain
    for place in (domain, host):
        refuse_copy(place)
    if handle and not HOST.fullmatch(domain):
        raise ValueError(f"{domain!r} is not the name of a server")
    if account_id and not ACCOUNT_ID.fullmatch(account_id):
        raise ValueError(f"{account_id!r} is not an account's id such as mastodon.example/109302436954721982")
    return handle, account_id or None


def home_of(document: Any, handle: str) -> Home | None:
    """Where a WebFinger document says that the account lives; None where it names no server."""
    fields = document if isinstance(document, dict) else {}
    links = fields.get("links")
    addresses = [
        link.get("href")
        for link in (links if isinstance(links, list) else ())
        if isinstance(link, dict) and link.get("rel") == "self" and "json" in str(link.get("type") or "json")
    ]
    hosts = [host for address in addresses if (host := host_of(address))]
    try:
        shown = normalise_handle(str(fields.get("subject") or "").removeprefix("acct:"), "mastodon")
    except ValueError:
        shown = handle
    name, _, domain = shown.partition("@")
    return Home(hosts[0], name, domain.casefold()) if hosts and HOST.fullmatch(domain.casefold()) else None


def referral_of(location: str, resource: str) -> Referral | None:
    """Where a redirect of WebFinger leads; None where it is no other WebFinger."""
    host, parts = host_of(location), urlsplit(location)
    if host is None or "webfinger" not in parts.path:
        return None
    return Referral(host, parse_qs(parts.query).get("resource", [resource])[0])


def host_of(address: Any) -> str | None:
    """The host of an https address on its usual port."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        is_usual = parts is not None and parts.scheme == "https" and parts.port in {None, 443}
    except ValueError:
        return None
    host = (parts.hostname or "").casefold() if parts is not None and is_usual else ""
    return host if HOST.fullmatch(host) else None


def is_remote(acct: Any, home: str, domain: str) -> bool:
    """True where an account is shown as another server's: `acct` of a local one has no domain, or the server's own."""
    place = str(acct or "").partition("@")[2].casefold()
    return bool(place) and place not in {home, domain}
