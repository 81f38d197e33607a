"""The HTML of statuses as text and links, and the rules of a robots.txt."""

import pytest

from pipeline.sources.mastodon.content import read_content
from pipeline.sources.mastodon.robots import is_allowed

LINK = (
    '<a href="https://acme.example/forge/2026" rel="nofollow noopener"><span class="invisible">https://</span>'
    '<span class="ellipsis">acme.example/for</span><span class="invisible">ge/2026</span></a>'
)
MENTION = '<span class="h-card"><a href="https://other.example/@ann" class="u-url mention">@<span>ann</span></a></span>'
TAG = '<a href="https://home.example/tags/forge" class="mention hashtag" rel="tag">#<span>forge</span></a>'
BARE_TAG = '<a href="https://home.example/tag/forge" rel="tag">#forge</a>'
QUOTE = '<p class="quote-inline">RE: <a href="https://other.example/@ann/1">https://other.example/@ann/1</a></p>'
INNER_QUOTE = '<span class="quote-inline"><br/><br/>RE: <a href="https://other.example/@ann/1">other.example</a></span>'


@pytest.mark.parametrize(
    ("html", "text", "links"),
    [
        ("<p>One<br>two<br />three</p><p>Four</p>", "One\ntwo\nthree\n\nFour", []),
        (f"<p>See {LINK}.</p>", "See https://acme.example/forge/2026.", ["https://acme.example/forge/2026"]),
        (f"<p>{MENTION} thanks {TAG} {BARE_TAG}</p>", "@ann thanks #forge #forge", []),
        (f"{QUOTE}<p>So true</p>", "So true", []),
        (f"<p>So true {LINK}{INNER_QUOTE}</p>", "So true https://acme.example/forge/2026", [LINK[9:40]]),
        ("<p>Fish &amp; chips &lt;3 &#39;now&#39; &nbsp;</p>", "Fish & chips <3 'now'", []),
        ("<p>a</p>\n<p>b</p>c<ul><li>d</li><li>e</li></ul>", "a\n\nb\n\nc\n\nd\ne", []),
        ("<pre><code>if x:\n    y</code></pre>", "if x:\n    y", []),
        (
            '<a href="https://a.example">a</a>, <a href="javascript:x()">x</a>, <a>y</a>',
            "a, x, y",
            ["https://a.example"],
        ),
        (f"{LINK} = {LINK}", "https://acme.example/forge/2026 = https://acme.example/forge/2026", [LINK[9:40]]),
        (
            "<p>open <b>tags <a href='https://a.example'>here</p></i>there",
            "open tags here\n\nthere",
            ["https://a.example"],
        ),
        ("no tags at all < 3", "no tags at all < 3", []),
        ("", "", []),
        ("<p>a <![<![ b</p>", "a <![<![ b", []),
        ("<![if !IE]><p>c</p><![endif]><!-- <b>d</b> --><?e f?>", "c", []),
        (f"<p>&#{'9' * 5000}; &#xD800; &#x1F4A9;</p>", "\ufffd \ufffd \U0001f4a9", []),
    ],
)
def test_html_becomes_text_with_whole_addresses_and_only_its_own_links(html: str, text: str, links: list[str]) -> None:
    content = read_content(html)
    assert (content.text, content.links) == (text, links)


def test_the_link_of_a_quote_is_known_for_what_it_is() -> None:
    assert read_content(QUOTE).quoted == ["https://other.example/@ann/1"]


@pytest.mark.parametrize("odd", ["<i>x", "<a ", "<a title='", "<!--", "<![", "</b>", "<i></b>", "<pre> ", "&#9"])
def test_html_that_nobody_closes_takes_no_longer_than_it_is(odd: str) -> None:
    assert read_content(f"<p>first</p>{odd * 100_000}").text.startswith("first")


MASTODON_S_OWN = """# See http://www.robotstxt.org/robotstxt.html
User-agent: GPTBot
Disallow: /

User-agent: *
Disallow: /media_proxy/
Disallow: /interact/
"""


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("", True),
        (MASTODON_S_OWN, True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\r\nDisallow: /api/\r\n", False),
        ("User-agent: *\nDisallow: /api/*", False),
        ("User-agent: *\nDisallow: /*/accounts", False),
        ("User-agent: *\nDisallow: /api$", True),
        ("User-agent: *\nDisallow: /api/*/accounts/$", False),
        ("User-agent: *\nDisallow: /api/v1/accounts/$", False),
        ("User-agent: *\nDisallow: /*/accounts/*/$", True),
        ("User-agent: *\nDisallow: *", False),
        (f"User-agent: *\nDisallow: /{'*' * 500}x", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /\nAllow: /api/", True),
        ("User-agent: *\nDisallow: /api/\nAllow: /api/", True),
        ("User-agent: Tweetbench\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: tweetbench\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: a\nUser-agent: tweetbench # us\nDisallow: /api", False),
        # Without a rule in between, both names head one group.
        ("User-agent: tweetbench\nCrawl-delay: 5\n\nUser-agent: *\nDisallow: /", False),
        ("\ufeffUser-agent: *\nSitemap: https://x.example\nDisallow: /", False),
        ("<!DOCTYPE html><html><body>Disallow: /</body></html>", True),
    ],
)
def test_robots_are_read_by_the_longest_pattern_of_the_group_that_means_us(robots: str, allowed: bool) -> None:
    assert is_allowed(robots, "/api/v1/accounts/") == allowed
