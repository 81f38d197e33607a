"""HTML as Mastodon writes it is read in bulk: with the result of the parser, which reads everything else."""

import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.sources.mastodon.content import _PLAIN, read_content, read_contents

USUAL = [
    "word",
    " ",
    "é🦊",
    "\u00a0",
    "&amp;",
    "&lt;b&gt;",
    "&#39;",
    "&nbsp;",
    "</p><p>",
    "<br>",
    "<br />",
    '<span class="invisible">',
    '<span class="ellipsis">',
    "</span>",
    "</a>",
    '<a href="https://a.example/x?a=1&amp;b=2" rel="nofollow noopener" target="_blank">',
    '<a href="http://b.example" target="_blank" rel="nofollow noopener noreferrer" translate="no">',
    '<a href="https://a.example/@b" class="u-url mention">',
    '<a href="https://a.example/tags/c" class="mention hashtag" rel="tag">',
]
ODD = [
    "  ",
    "\n",
    "\t",
    "&am",
    "p;",
    "&",
    "<",
    ">",
    '"',
    "<p>",
    "</p>",
    '<p class="quote-inline">',
    '<a href="mailto:x@y.example">',
    "<script>",
    "</script>",
    "<style>",
    "<!-- x -->",
    "<pre>",
    "</pre>",
    "\u2028",
    "\x1f",
]


def made_up(seed: int, count: int) -> list[str | None]:
    """HTML of usual parts, some of it with odd ones."""
    draw = random.Random(seed)  # noqa: S311 - odd values, not secrets
    made = []
    for _ in range(count):
        parts = USUAL if draw.random() < 0.6 else [*USUAL, *ODD]
        made.append("<p>" + "".join(draw.choices(parts, k=draw.randrange(14))) + "</p>")
    return [*made, None, ""]


@pytest.mark.parametrize("seed", range(3))
def test_html_in_bulk_is_read_as_by_the_parser(seed: int) -> None:
    sources = made_up(seed, 1_000)
    expected = [read_content(source or "") for source in sources]
    found = read_contents(sources)
    differing = [
        (source, text, other)
        for source, text, links, quoted, other in zip(
            sources, found.texts.to_pylist(), found.links, found.quoted, expected, strict=True
        )
        if (text or "", list(links), list(quoted)) != (other.text, *map(list, other[1:]))
    ]
    assert differing == []
    assert 500 < (pc.sum(pc.match_substring_regex(pa.array(sources), _PLAIN)).as_py() or 0) < 950, "both ways are used"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>before<script>alert('x < y')</script> after</p>", "before after"),
        ("<style>p { color: red }</style><p>words</p>", "words"),
        ("<p>one</p><SCRIPT type='text/javascript'>two<b>three</b></SCRIPT><p>four</p>", "one\n\nfour"),
        ("<p>kept<script>never closed</p><p>next</p>", "kept\n\nnext"),
    ],
)
def test_scripts_and_styles_are_no_text(html: str, text: str) -> None:
    assert read_content(html).text == text
    assert read_contents([html]).texts.to_pylist() == [text]
