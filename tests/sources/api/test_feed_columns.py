"""Entries of feeds become columns: strict structs where all is usual, value by value where it is not, one result."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from pipeline.simulate import appview, mastodon_rendering
from pipeline.simulate.elsewhere import draw_elsewhere
from pipeline.simulate.world import World
from pipeline.sources.api.columns import moments_of
from pipeline.sources.api.feeds.fitting import fitted
from pipeline.sources.api.feeds.items import Page
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.json_text import unescaped
from pipeline.sources.api.json_values import real_time_of
from pipeline.sources.api.responses import RawResponse
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.normalise import read_posts
from pipeline.sources.bluesky.post_structs import Post, Record
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.normalise import read_statuses
from tests.sources.api.converted import rows_of

AT = datetime(2026, 11, 28, tzinfo=UTC)
SHOWN = 300
ODD: list[Any] = [
    None, 5, -1, 2**70, 1.5, 12.0, True, "", "12", [], [None], ["a", "a", ""], {}, {"a": 1}, "a\x00b", "\ud83d",
    "0001-01-01T00:00:00Z", "2024-02-30T00:00:00.000Z", "2026-01-01T00:00:00+08:00", "<b>a  b</b> & <i",
    "handle.invalid",
]  # fmt: skip
Read = Callable[[list[msgspec.Raw]], Page]


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[FeedPlatform, Read, list[dict[str, Any]]]]:
    """Posts of the demo's businesses, and how an answer with some of them is read."""
    sites = draw_elsewhere(World(seed=5, account_count=60, day_count=60))
    made = []
    for site, render in zip(sites, (appview.render_post, mastodon_rendering.render_status), strict=True):
        now = site.world.end
        rows = (int(row) for account in range(site.world.cast.size) for row in site.feed_rows(account, now))
        made.append([render(site, row, now - timedelta(hours=1)) for row, _ in zip(rows, range(SHOWN), strict=False)])
    return {
        "bluesky": (BLUESKY, lambda texts: read_posts(texts, handles={}, endpoint="e", at=AT), made[0]),
        "mastodon": (
            MASTODON,
            lambda texts: read_statuses(texts, host="h.example", handles={}, endpoint="e", at=AT),
            made[1],
        ),
    }


def texts_of(values: list[Any]) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(value, separators=(",", ":")).encode()) for value in values]


@pytest.mark.parametrize("name", ["bluesky", "mastodon"])
def test_an_odd_post_changes_nothing_of_the_hundreds_that_came_with_it(
    answers: dict[str, tuple[FeedPlatform, Read, list[dict[str, Any]]]], name: str
) -> None:
    platform, read, shown = answers[name]
    usual, metrics = rows_of(platform, read(texts_of(shown)))
    assert len(usual) == len(shown)
    odd = shown[0] | {"id": "7", "uri": "at://did:plc:x/app.bsky.feed.post/odd"}
    odd |= {"content": 5, "record": {"text": ["no text"], "langs": 3}, "likeCount": "12", "favourites_count": "12"}
    posts, counts = rows_of(platform, read([*texts_of(shown), *texts_of([odd])]))
    assert posts[:-1] == usual
    assert counts[:-1] == metrics
    assert (posts[-1]["text"], posts[-1]["lang"] in {None, "en"}, counts[-1]["like_count"]) == (None, True, 12)


@pytest.mark.parametrize("name", ["bluesky", "mastodon"])
def test_any_value_anywhere_costs_a_value_and_no_answer(
    answers: dict[str, tuple[FeedPlatform, Read, list[dict[str, Any]]]], name: str
) -> None:
    """Every post lands or is an issue; the rows of those that land fit the lake's tables."""
    platform, read, shown = answers[name]
    draw = random.Random(3)  # noqa: S311 - odd values, not secrets
    changed = [_changed(draw, post) for post in shown]
    page = read(texts_of(changed))
    landed = {item.post_id for item in page.items}
    posts, _ = rows_of(platform, page)
    malformed = [row for row in page.issues if row["problem"] == "malformed_item"]
    assert len(page.items) + len(malformed) == len(shown)
    assert {row["post_id"] for row in posts} == landed
    assert len(malformed) < len(shown) / 4


def test_a_page_whose_profiles_an_earlier_release_left_in_its_journal_becomes_the_same_rows(
    answers: dict[str, tuple[FeedPlatform, Read, list[dict[str, Any]]]],
) -> None:
    platform, read, shown = answers["mastodon"]
    page = read(texts_of(shown))
    kept, served = sum(len(item.text) for item in page.items), sum(map(len, texts_of(shown)))
    assert kept < 0.75 * served, "the profiles, which are the most of a status, are not kept"
    whole = json.dumps(shown, separators=(",", ":")).encode()
    earlier = platform.convert([RawResponse(whole, AT, "e", {}, len(shown), "h.example")])
    posts, counts = rows_of(platform, page)
    assert (earlier.rows, [row for table in earlier.blocks["posts"] for row in table.to_pylist()]) == ({}, posts)
    assert [row for table in earlier.blocks["post_metrics"] for row in table.to_pylist()] == counts


def _changed(draw: random.Random, post: dict[str, Any]) -> dict[str, Any]:
    """A post with one value somewhere in it replaced or left out."""
    copy: dict[str, Any] = json.loads(json.dumps(post))
    place: Any = copy
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw.choice(keys)
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner and draw.random() < 0.7):
            break
        place = inner
    if isinstance(place, dict) and draw.random() < 0.25:
        del place[key]
    else:
        place[key] = draw.choice(ODD)
    return copy


@pytest.mark.parametrize("platform", [BLUESKY, MASTODON])
def test_an_answer_that_the_journal_does_not_give_back_whole_is_an_issue(platform: FeedPlatform) -> None:
    for text, count in ((b"[{}", 1), (b"{}", 1), (b"[]", 1), (b"\xff", 1)):
        converted = platform.convert([RawResponse(text, AT, "feed", {}, count)])
        assert (converted.blocks, [row["problem"] for row in converted.rows["issues"]]) == ({}, ["journal_damaged"])


def test_a_value_that_does_not_fit_leaves_its_field_empty() -> None:
    record = {"text": 5, "langs": ["en", None, 3], "facets": [{"features": [{"$type": "t", "uri": 4}, 7]}, "x"]}
    fit = fitted({"uri": "at://a", "record": record, "likeCount": "12", "quoteCount": -1}, Post)
    assert (fit.uri, fit.like_count, fit.quote_count) == ("at://a", 12, None)
    assert isinstance(fit.record, Record)
    assert (fit.record.text, fit.record.langs) == (None, ["en"])
    assert [[feature.uri for feature in facet.features or ()] for facet in fit.record.facets or ()] == [[None]]


@pytest.mark.parametrize(
    "texts",
    [
        ["2026-11-21T12:01:00.000Z", None, "1979-12-31T23:59:59.999Z", "2200-01-01T00:00:00.000Z"],
        ["2024-02-30T00:00:00.000Z", "2024-02-29T00:00:00.000Z"],
        ["2026-11-20T18:00:00+08:00", "2026-11-21T12:01:00.000Z", "yesterday", "0001-01-01T00:00:00Z"],
        [
            "2026-11-21T12:01:00.123456Z",
            "2026-11-21 12:01:00.00Z",
            "2026-11-21T12:01:00,000Z",
            "2026-W01-1T00:00:00.00Z",
        ],
        [None, None],
        [],
    ],
)
def test_times_at_once_are_those_read_one_by_one(texts: list[str | None]) -> None:
    assert moments_of(texts).to_pylist() == [real_time_of(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rb'{"content":"\u003cp\u003ea \u0026amp; b\u003c/p\u003e"}', b'{"content":"<p>a &amp; b</p>"}'),
        (rb'{"content":"\\u003cp \u003e"}', rb'{"content":"\\u003cp >"}'),
        (b'{"content":"plain"}', b'{"content":"plain"}'),
        (rb'{"content":"\u0000 \ud800 \\"}', rb'{"content":"\u0000 \ud800 \\"}'),
    ],
)
def test_escapes_of_rails_are_taken_back_and_a_backslash_stays_what_it_is(text: bytes, expected: bytes) -> None:
    assert [bytes(each) for each in unescaped([msgspec.Raw(text)])] == [expected]
