"""The HTML of posts and profiles as plain text and links. Pure.

Servers shorten a link by hiding parts of it (`invisible`, `ellipsis`): the text between the tags is the whole address.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

QUOTE = "quote-inline"  # what precedes a quoting post for readers that show no quotes
LINES, PARAGRAPHS = {"br", "li"}, {"p", "div", "blockquote", "pre", "h1", "h2", "h3", "ul", "ol"}
VOID = {"br", "img", "hr", "wbr", "input", "meta", "link"}


@dataclass
class Content:
    """Plain text, targets of its links, and the target of the quote that was left out."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)


def read_content(html: str) -> Content:
    """Text and links of some HTML; links to the people and hashtags that a post names are none of its links."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = re.sub(r"[ \t]+\n", "\n", "".join(reader.parts))
    text = re.sub(r"\n{3,}", "\n\n", lines).strip()
    return Content(text, list(dict.fromkeys(reader.links)), list(dict.fromkeys(reader.quoted)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.quoted: list[str] = []
        self._open: list[tuple[str, bool]] = []  # tags that are open, and whether they are, or lie in, the quote

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = {name: value or "" for name, value in attrs}
        classes = set(fields.get("class", "").split())
        is_quote = self._is_quote or QUOTE in classes
        if tag not in VOID:
            self._open.append((tag, is_quote))
        if is_quote and tag == "a":
            self.quoted.append(fields.get("href", ""))
        if is_quote:
            return
        self._break(tag)
        is_named = classes & {"mention", "hashtag"} or "tag" in fields.get("rel", "").split()
        if tag == "a" and not is_named and fields.get("href", "").startswith(("https://", "http://")):
            self.links.append(fields["href"])

    def handle_endtag(self, tag: str) -> None:
        # Whatever was left open inside is closed with it; an end without a start is passed over.
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if places:
            if tag in PARAGRAPHS:
                self._break(tag)
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if self._is_quote:
            return
        if not any(tag == "pre" for tag, _ in self._open):
            data = re.sub(r"[ \t\r\n]+", " ", data)
            data = data.lstrip(" ") if not self.parts or self.parts[-1].endswith("\n") else data
        self.parts.append(data)

    def _break(self, tag: str) -> None:
        if not self._is_quote:
            self.parts += ["\n\n"] if tag in PARAGRAPHS else ["\n"] if tag in LINES else []

    @property
    def _is_quote(self) -> bool:
        return bool(self._open) and self._open[-1][1]
