"""The HTML of posts and profiles as plain text and links. Pure; never raises, and takes as long as the HTML is.

Servers shorten a link by hiding parts of it (`invisible`, `ellipsis`): the text between the tags is the whole address.
The parser of the standard library fails on `<![`, and needs the square of the length for tags that nobody closes.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, field

QUOTE = "quote-inline"  # what precedes a quoting post for readers that show no quotes
LINES, PARAGRAPHS = {"br", "li"}, {"p", "div", "blockquote", "pre", "h1", "h2", "h3", "ul", "ol"}
VOID = {"br", "img", "hr", "wbr", "input", "meta", "link"}
# A tag or a declaration: each search for its end stops at the next `<`.
_MARKUP = re.compile(r"""<(?P<slash>/?)(?P<tag>[a-zA-Z][^\s<>/]*)(?P<rest>(?:"[^"<]*"|[^"<>])*)>|<[!?][^<>]*>""")
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# No character has such a number, and Python refuses to read one of more than 4,300 digits.
_NO_CHARACTER = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")


@dataclass
class Content:
    """Plain text, targets of its links, and the target of the quote that was left out."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)


def read_content(source: str) -> Content:
    """Text and links of some HTML; links to the people and hashtags that a post names are none of its links."""
    reader, place = _Reader(), 0
    source = _without_comments(source)
    for markup in _MARKUP.finditer(source):
        reader.read_data(source[place : markup.start()])
        place = markup.end()
        tag = (markup["tag"] or "").casefold()
        if markup["slash"]:
            reader.read_end(tag)
        elif tag:
            reader.read_start(tag, _attributes(markup["rest"]))
    reader.read_data(source[place:])
    lines = "\n".join(line.rstrip(" \t") for line in "".join(reader.parts).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", lines).strip()
    return Content(text, list(dict.fromkeys(reader.links)), list(dict.fromkeys(reader.quoted)))


def _without_comments(source: str) -> str:
    last = source.rfind("-->") + len("-->")  # no search for an end that does not come
    return _COMMENT.sub("", source[:last]) + source[last:] if last >= len("-->") else source


def _attributes(rest: str) -> dict[str, str]:
    return {name.casefold(): _unescaped(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(rest)}


def _unescaped(text: str) -> str:
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text)) if "&" in text else text


@dataclass(frozen=True)
class _Open:
    """A tag that is open, and whether it is, or lies in, the quote or text whose blanks count."""

    tag: str
    is_quote: bool
    is_pre: bool


class _Reader:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.links: list[str] = []
        self.quoted: list[str] = []
        self._open = [_Open("", is_quote=False, is_pre=False)]
        self._names = Counter[str]()  # tags among those that are open

    def read_start(self, tag: str, fields: dict[str, str]) -> None:
        classes, around = set(fields.get("class", "").split()), self._open[-1]
        is_quote = around.is_quote or QUOTE in classes
        if tag not in VOID:
            self._open.append(_Open(tag, is_quote, around.is_pre or tag == "pre"))
            self._names[tag] += 1
        if is_quote and tag == "a":
            self.quoted.append(fields.get("href", ""))
        if is_quote:
            return
        self._break(tag)
        is_named = classes & {"mention", "hashtag"} or "tag" in fields.get("rel", "").split()
        if tag == "a" and not is_named and fields.get("href", "").startswith(("https://", "http://")):
            self.links.append(fields["href"])

    def read_end(self, tag: str) -> None:
        # Whatever was left open inside is closed with it; an end without a start is passed over.
        if not self._names[tag]:
            return
        if tag in PARAGRAPHS:
            self._break(tag)
        while self._names[tag]:
            closed = self._open.pop().tag
            self._names[closed] -= 1
            if closed == tag:
                return

    def read_data(self, source: str) -> None:
        data = _unescaped(source)
        if not data or self._open[-1].is_quote:
            return
        if not self._open[-1].is_pre:
            data = re.sub(r"[ \t\r\n]+", " ", data)
            data = data.lstrip(" ") if not self.parts or self.parts[-1].endswith("\n") else data
        self.parts.append(data)

    def _break(self, tag: str) -> None:
        if not self._open[-1].is_quote:
            self.parts += ["\n\n"] if tag in PARAGRAPHS else ["\n"] if tag in LINES else []
