"""Which platform a person means by a handle or a link, without asking it. What could be two is refused, never guessed.

The form of each platform's handles belongs to `handles`.
"""

from urllib.parse import urlsplit

from pipeline.sources.files.handles import clean_cell, normalise_handle, refuse_copy

X_HOSTS = {"x.com", "twitter.com"}
BLUESKY_HOSTS = {"bsky.app"}
OTHER_HOSTS = {
    "threads.net": "Threads",
    "threads.com": "Threads",
    "instagram.com": "Instagram",
    "facebook.com": "Facebook",
    "youtube.com": "YouTube",
    "tiktok.com": "TikTok",
    "medium.com": "Medium",
    "linkedin.com": "LinkedIn (its page exports can be ingested as files)",
}
# How links on Mastodon's servers begin that lead to an account.
MASTODON_PATHS = ("/@", "/users/", "/web/@")


def recognise_account(text: str) -> tuple[str, str]:
    """Platform and handle of `@name`, `name.bsky.social`, `@name@server`, a DID or a link to a profile or post.

    Raises:
        ValueError: it names no account, or could name one on several platforms; the message says what to write.
    """
    clean = clean_cell(text)
    platform = _platform_of(clean)
    handle = normalise_handle(clean, platform)
    if platform != "x":
        try:
            refuse_copy(handle.rpartition("@")[2])
        except ValueError as error:
            raise ValueError(f"{text!r} is not watched: {error}") from None
    return platform, handle


def _platform_of(text: str) -> str:
    name = text.removeprefix("@")
    if not name or any(mark.isspace() for mark in text):
        raise ValueError(f"{text!r} is not one handle or one link")
    if text.startswith("did:"):
        return "bluesky"
    if text.startswith("acct:"):
        return "mastodon"
    if "/" in text:
        return _platform_of_link(text)
    if "@" in name:
        if not text.startswith("@"):
            raise ValueError(f"{text!r} could be an e-mail address; an account on Mastodon is written @{text}")
        return "mastodon"
    if name.casefold() in {*X_HOSTS, *BLUESKY_HOSTS, *OTHER_HOSTS}:
        raise ValueError(f"{text!r} is a platform, not an account on it")
    if "." in name:
        return "bluesky"
    if not text.startswith("@"):
        raise ValueError(
            f"{text!r} could be on any platform: write @{text} for X, {text}.bsky.social for Bluesky, or "
            f"@{text}@server for Mastodon"
        )
    return "x"


def _platform_of_link(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.").removeprefix("m.")
    if host in OTHER_HOSTS:
        raise ValueError(f"{text!r} leads to {OTHER_HOSTS[host]}, which is not read as an account to watch")
    if host in X_HOSTS:
        return "x"
    if host in BLUESKY_HOSTS:
        return "bluesky"
    if host and parts.path.startswith(MASTODON_PATHS):
        return "mastodon"
    hint = f"; if {host} is a handle on Bluesky, write {host}" if "." in host and not parts.path.strip("/") else ""
    raise ValueError(f"{text!r} is no link to an account on X, Bluesky or Mastodon{hint}")
