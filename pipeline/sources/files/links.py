"""A web link in the form by which clicks find posts: `host/path?query`. The macro `link_key` does the same in SQL."""

import re

_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<host>[^/?#\s:@]+\.[^/?#\s:@.]{2,}(?::\d+)?)(?P<rest>[/?][^#\s]*)?(?:#\S*)?",
    re.IGNORECASE,
)


def link_id_of(text: str) -> str:
    """The link without scheme, www., fragment and slash at the end; the host in lower case, the rest as it is.

    Raises:
        ValueError: the text is no link that leads somewhere: it has no host, or nothing behind it.
    """
    match = _LINK.fullmatch(text.strip())
    rest = (match["rest"] or "").rstrip("/") if match else ""
    if match is None or not rest:
        raise ValueError("not a link to a page")
    return match["host"].casefold() + rest
