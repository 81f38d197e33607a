"""The HTML of posts and profiles as plain text and links. Pure; never raises, and takes as long as the HTML is.

What Mastodon itself writes has few forms (`_PLAIN`) and only loses its tags; anything else is parsed tag by tag,
with the same result where both can read it.

Servers shorten a link by hiding parts of it (`invisible`, `ellipsis`): the text between the tags is the whole address.
The parser of the standard library fails on `<![`, and needs the square of the length for tags that nobody closes.
"""

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

QUOTE = "quote-inline"  # what precedes a quoting post for readers that show no quotes
LINES, PARAGRAPHS = {"br", "li"}, {"p", "div", "blockquote", "pre", "h1", "h2", "h3", "ul", "ol"}
UNSEEN = {"script", "style"}  # whose text is no text
VOID = {"br", "img", "hr", "wbr", "input", "meta", "link"}
# A tag or a declaration: each search for its end stops at the next `<`.
_MARKUP = re.compile(r"""<(?P<slash>/?)(?P<tag>[a-zA-Z][^\s<>/]*)(?P<rest>(?:"[^"<]*"|[^"<>])*)>|<[!?][^<>]*>""")
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_EMPTY_LINES = re.compile(r"\n{3,}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# No character has such a number, and Python refuses to read one of more than 4,300 digits.
_NO_CHARACTER = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")


ENTITIES = {"&nbsp;": "\u00a0", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
# Paragraphs of text, line breaks, shortened links, mentions and hashtags: no attribute that changes what is shown, and
# no two blanks in a row, which become one unless a tag stands between them.
_CHARACTER = rf"[^<>& \x00-\x1f]|{'|'.join(ENTITIES)}"
_SPAN = r'<span(?: class="(?:invisible|ellipsis|h-card)?")?(?: translate="no")?>|</span>|</a>'
_REL = r' rel="(?:(?:nofollow|noopener|noreferrer|ugc|me) ?)*"| target="_blank"| translate="no"'
_LINK = rf'<a href="https?://[^"<>]*"(?:{_REL})*>'
_NAMED = r'<a href="[^"<>]*" class="(?:u-url mention|mention u-url|mention hashtag|mention|hashtag)"'
_PEOPLE = rf'{_NAMED}(?:{_REL}| rel="tag")*>'
_PLAIN = rf"^(?:<p>(?: ?(?:{_CHARACTER}|<br ?/?>|{_SPAN}|{_LINK}|{_PEOPLE}))* ?</p>)*$"
_LINKS = re.compile(r'<a href="(https?://[^"<>]*)"(?! class)')  # that of a person or a hashtag is followed by its class


class Content(NamedTuple):
    """Plain text, targets of its links, and the target of the quote that was left out."""

    text: str
    links: Sequence[str] = ()
    quoted: Sequence[str] = ()


class Contents(NamedTuple):
    """`Content` of many, column by column; a text is null where there is no HTML."""

    texts: pa.Array
    links: list[Sequence[str]]
    quoted: list[Sequence[str]]


def read_contents(sources: Sequence[str | None]) -> Contents:
    """Text and links of each HTML; nothing where there is none."""
    given = pa.array(sources, pa.string())
    is_plain = pc.fill_null(pc.match_substring_regex(given, _PLAIN), fill_value=False)
    texts = pc.if_else(is_plain, given, "")
    texts = pc.replace_substring_regex(texts, "<br ?/?>", "\n")
    texts = _without_tags(pc.replace_substring(texts, "</p><p>", "\n\n"))
    # Blanks at a line's end, and empty lines, are the parser's.
    is_plain = pc.and_(is_plain, pc.invert(pc.match_substring_regex(texts, " \n|\n |\n\n\n")))
    if pc.any(pc.match_substring(texts, "&"), min_count=0).as_py():
        for entity, character in ENTITIES.items():
            texts = pc.replace_substring(texts, entity, character)
    links = [_plain_links(source) if source and "<a " in source else () for source in sources]
    quoted: list[Sequence[str]] = [()] * len(sources)
    parsed: list[str | None] = []
    for place in np.flatnonzero(~is_plain.to_numpy(zero_copy_only=False)).tolist():
        source = sources[place]
        text, links[place], quoted[place] = Content("") if source is None else read_content(source)
        parsed.append(None if source is None else text)
    texts = pc.replace_with_mask(pc.utf8_trim_whitespace(texts), pc.invert(is_plain), pa.array(parsed, pa.string()))
    return Contents(texts, links, quoted)


def _plain_links(source: str) -> Sequence[str]:
    links: list[str] = _LINKS.findall(source)
    if "&" in source:
        links = list(map(_unescaped, links))
    return list(dict.fromkeys(links)) if len(links) > 1 else links


def _without_tags(texts: pa.StringArray) -> pa.StringArray:
    """The texts without what stands between < and >, which each has in pairs."""
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int32)[: len(texts) + 1]
    if not len(texts) or not starts[-1]:
        return texts
    characters = np.frombuffer(data, np.uint8)[: starts[-1]]
    opens, closes = characters == ord("<"), characters == ord(">")
    depth = np.cumsum(opens.view(np.int8) - closes.view(np.int8), dtype=np.int32)  # int8 takes four times as long
    is_text = (depth == 0) & ~closes
    kept = np.zeros(len(characters) + 1, np.int32)
    np.cumsum(is_text, out=kept[1:])
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(kept[starts]), pa.py_buffer(characters[is_text]))


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
    text = _EMPTY_LINES.sub("\n\n", lines).strip()
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
    """A tag that is open, and whether it is, or lies in, the quote, a text whose blanks count, or what is not shown."""

    tag: str
    is_quote: bool
    is_pre: bool
    is_unseen: bool


class _Reader:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.links: list[str] = []
        self.quoted: list[str] = []
        self._open = [_Open("", is_quote=False, is_pre=False, is_unseen=False)]
        self._names = Counter[str]()  # tags among those that are open

    def read_start(self, tag: str, fields: dict[str, str]) -> None:
        classes, around = set(fields.get("class", "").split()), self._open[-1]
        is_quote = around.is_quote or QUOTE in classes
        if tag not in VOID:
            is_unseen = around.is_unseen or tag in UNSEEN
            self._open.append(_Open(tag, is_quote, around.is_pre or tag == "pre", is_unseen))
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
        if not data or self._open[-1].is_quote or self._open[-1].is_unseen:
            return
        if not self._open[-1].is_pre:
            data = re.sub(r"[ \t\r\n]+", " ", data)
            data = data.lstrip(" ") if not self.parts or self.parts[-1].endswith("\n") else data
        self.parts.append(data)

    def _break(self, tag: str) -> None:
        if not self._open[-1].is_quote:
            self.parts += ["\n\n"] if tag in PARAGRAPHS else ["\n"] if tag in LINES else []
