"""Statuses of Mastodon: what they are, how far a feed is read, and what becomes of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sources.api.scripted import Reply

from .stand import ACME, HANDLE, HOME, LOCAL, NOW, acme_world, make_status

FEED, BATCH = f"/api/v1/accounts/{LOCAL}/statuses", "/api/v1/statuses"
DAY = timedelta(days=1)
OTHER = {"id": "77", "acct": "ann@other.example", "username": "ann"}


def boost(number: int, **of: Any) -> dict[str, Any]:
    """A boost by ACME of an old status of somebody else."""
    original = make_status(number + 500, at=NOW - 400 * DAY, content="<p>theirs</p>", favourites_count=9_000, **of)
    return make_status(number, reblog={**original, "account": OTHER} | of, content="<p>theirs</p>")


def test_a_feed_is_read_by_its_links_to_the_end(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(130)], page_size=30) as stand:
        result = stand.run()
    assert len(set(stand.ids())) == len(stand.ids()) == 130
    assert (stand.problems(), result.shortfalls, stand.tiny.calls().count(FEED)) == ([], (), 5)
    assert stand.ids()[0] == f"{HOME}/900000"


def test_a_short_page_with_a_link_is_not_the_end_and_a_link_elsewhere_is_asked_for_at_home(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(60)], page_size=25) as stand:
        link = '<https://evil.example/steal?max_id=899995&limit=25>; rel="next"'
        stand.tiny.script[FEED] = [Reply(change=lambda page: page[:6], headers={"Link": link})]
        stand.run()
    assert len(set(stand.ids())) == 60
    assert {path.partition("/")[0] for path in stand.tiny.paths()} == {HOME}


def test_reading_stops_at_the_window_and_the_next_run_reads_what_is_new(tmp_path: Path) -> None:
    old = [make_status(n, at=NOW - timedelta(days=40, minutes=n)) for n in range(80, 200)]
    with acme_world(tmp_path, [*(make_status(n) for n in range(50)), *old]) as stand:
        stand.run()
        assert (len(stand.ids()), stand.tiny.calls().count(FEED)) == (50, 2)
        stand.home.statuses[LOCAL].insert(0, make_status(-1, at=NOW + timedelta(hours=5)))
        stand.run(now=NOW + timedelta(hours=6))
        assert stand.ids().count(f"{HOME}/900001") == 1
        assert len(stand.ids()) == 51, "within half a day only new posts are read"
    assert stand.problems() == []


@pytest.mark.parametrize(
    ("fields", "kind", "referenced", "answered"),
    [
        ({}, "original", None, None),
        ({"in_reply_to_id": "5", "in_reply_to_account_id": "77"}, "reply", f"{HOME}/5", f"{HOME}/77"),
        ({"in_reply_to_id": "5", "in_reply_to_account_id": LOCAL}, "self_reply", f"{HOME}/5", ACME),
        ({"in_reply_to_id": "5", "in_reply_to_account_id": None}, "reply", f"{HOME}/5", None),
        ({"quote": {"state": "accepted", "quoted_status": {"id": "6"}}}, "quote", f"{HOME}/6", None),
        ({"quote": {"state": "accepted", "quoted_status_id": "6"}}, "quote", f"{HOME}/6", None),
        ({"quote": {"state": "revoked", "quoted_status": None}}, "quote", None, None),
        ({"quote": {"id": "A1b", "content": "x"}, "quote_id": "A1b"}, "quote", f"{HOME}/A1b", None),
        ({"in_reply_to_id": "5", "quote": {"state": "accepted"}}, "reply", f"{HOME}/5", None),
        ({"quote": None, "poll": {"id": "1"}, "media_attachments": "odd", "tags": None}, "original", None, None),
    ],
)
def test_the_kind_of_a_status(
    tmp_path: Path, fields: dict[str, Any], kind: str, referenced: str | None, answered: str | None
) -> None:
    with acme_world(tmp_path, [make_status(1, **fields)]) as stand:
        stand.run()
        (row,) = stand.rows("posts")
    assert (row["post_kind"], row["referenced_post_id"], row["in_reply_to_account_id"]) == (kind, referenced, answered)
    assert (row["text"], row["availability"], row["conversation_id"]) == ("post 1", "available", None)


def test_metrics_are_public_counts_and_null_for_what_mastodon_does_not_count(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(5), make_status(6, quotes_count=3)]) as stand:
        stand.run()
        first, second = stand.rows("post_metrics")
    names = ("like_count", "repost_count", "reply_count", "quote_count")
    assert [first[name] for name in names] == [5, 2, 1, None]
    assert [second[name] for name in names] == [6, 2, 1, 3]
    nothing = ("impression_count", "link_click_count", "bookmark_count", "engagement_count")
    assert [first[name] for name in nothing] == [None] * 4
    assert first["metric_scope"] == "public"


def test_a_boost_is_volume_of_the_account_at_its_own_time_and_brings_no_metrics(tmp_path: Path) -> None:
    hidden = boost(2)
    hidden["reblog"]["account"] = {**OTHER, "noindex": True}
    with acme_world(tmp_path, [boost(1), hidden]) as stand:
        stand.run()
        first, second = stand.rows("posts")
    assert (first["post_kind"], first["account_id"], first["referenced_post_id"]) == ("repost", ACME, f"{HOME}/899499")
    assert (first["created_at"], first["text"]) == (NOW - timedelta(minutes=2), "theirs")
    assert (second["post_kind"], second["text"], "theirs" in second["payload"].split('"content"')[0]) == (
        "repost",
        None,
        False,
    )
    assert stand.rows("post_metrics") == []


def test_links_names_and_media_of_a_status(tmp_path: Path) -> None:
    people = [
        {"acct": "bob", "url": f"https://{HOME}/@bob"},
        {"acct": "ann@other.example", "url": "https://other.example/@ann"},
    ]
    status = make_status(
        1,
        content='<p><a href="https://other.example/@ann">ann</a> <a href="https://acme.example/a">a</a></p>'
        '<p class="quote-inline">RE: <a href="https://other.example/@ann/9">x</a></p>',
        mentions=people,
        tags=[{"name": "forge", "url": f"https://{HOME}/tags/forge"}],
        card={"url": "https://acme.example/card"},
        media_attachments=[{"type": "image"}, {"type": "gifv"}, {"type": "unknown"}],
    )
    quoted = make_status(2, card={"url": "https://other.example/@ann/9"}, content=status["content"])
    with acme_world(tmp_path, [status, quoted]) as stand:
        stand.run()
        first, second = stand.rows("posts")
    assert first["link_urls"] == ["https://acme.example/a", "https://acme.example/card"]
    assert second["link_urls"] == ["https://other.example/@ann", "https://acme.example/a"]
    assert (first["mentioned_handles"], first["hashtags"]) == ([f"bob@{HOME}", "ann@other.example"], ["forge"])
    assert (first["media_types"], first["lang"], first["handle"]) == (["photo", "animated_gif"], "en", HANDLE)


def test_odd_records_are_issues_one_by_one_and_the_rest_of_the_page_lands(tmp_path: Path) -> None:
    odd: list[Any] = [
        {"id": None, "account": {"id": LOCAL}},
        make_status(7, account="2002"),
        make_status(8, visibility="private"),
        {**make_status(9), "account": {"id": LOCAL, "acct": "acme@other.example"}},
        "text",
        None,
        [1],
    ]
    flake = {**make_status(3), "id": "AjK4ZzNqR5tF8wXyQe", "visibility": "unlisted"}
    late = make_status(4, created_at="tomorrow", content=None, extra=[{"unknown": {"deep": [1]}}])
    with acme_world(tmp_path, [make_status(0), make_status(1)]) as stand:
        stand.tiny.script[FEED] = [Reply(change=lambda page: [page[0], *odd, flake, late, page[1]])]
        stand.run()
    assert stand.problems() == ["malformed_item"] * 7
    assert stand.ids() == [f"{HOME}/900000", f"{HOME}/AjK4ZzNqR5tF8wXyQe", f"{HOME}/899996", f"{HOME}/899999"]
    assert [row["text"] for row in stand.rows("posts")] == ["post 0", "post 3", None, "post 1"]
    assert "private" in " ".join(row["detail"] for row in stand.rows("issues"))


def test_a_count_that_is_none_is_not_reported_and_a_page_without_any_says_so(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(0, favourites_count=-4), make_status(1, favourites_count="7")]) as stand:
        stand.run()
        assert [row["like_count"] for row in stand.rows("post_metrics")] == [None, 7]
        assert stand.problems() == ["unusable_metric"]
        for status in stand.home.statuses[LOCAL]:
            del status["favourites_count"]
        stand.run(now=NOW + DAY)
    assert stand.problems() == ["unusable_metric", "missing_required_metric"]


def test_a_feed_that_ends_before_posts_that_were_read_is_read_three_times(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(10)]) as stand:
        stand.run()
        fresh = [make_status(-n, at=NOW + timedelta(hours=n)) for n in (3, 2, 1)]
        for hours in (20, 34, 48, 62):
            stand.tiny.script[FEED] = [Reply(body=fresh)]
            stand.run(now=NOW + timedelta(hours=hours))
        assert stand.problems() == ["feed_ended_early"] * 3
        mark = stand.lake.state("mastodon")[f"timeline:{ACME}"]["high"]
    assert mark == (NOW + timedelta(hours=3)).isoformat()


def test_posts_for_followers_only_are_no_sign_of_an_early_end(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL]["statuses_count"] = 4_000
        result = stand.run()
    assert (stand.problems(), result.shortfalls) == ([], ())


def test_an_edit_keeps_the_id_and_its_metrics_go_on(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(1)]) as stand:
        stand.run()
        edit = {"edited_at": "2026-11-22T13:00:00.000Z", "content": "<p>better</p>", "favourites_count": 50}
        stand.home.statuses[LOCAL][0] |= edit
        stand.run(now=NOW + 2 * DAY, overlap_hours=0.0)
        texts = {row["text"] for row in stand.rows("posts")}
        likes = {row["like_count"] for row in stand.rows("post_metrics")}
    assert (texts, likes, set(stand.ids())) == ({"post 1", "better"}, {1, 50}, {f"{HOME}/899999"})


@pytest.mark.parametrize(
    "link",
    [
        '<https://home.example/x?min_id=1>; rel="prev"',
        '<http://[bad?max_id=1>; rel="next"',
        '<https://home.example/x>; rel="next"',
        "garbage",
        "",
    ],
)
def test_a_link_that_leads_to_no_next_page_is_the_end(tmp_path: Path, link: str) -> None:
    with acme_world(tmp_path, has_links=False) as stand:
        stand.tiny.script[FEED] = [Reply(headers={"Link": link})]
        result = stand.run()
    assert (len(stand.ids()), stand.tiny.calls().count(FEED), result.shortfalls) == (3, 1, ())


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (Reply(body=[]), "a server that means something else by it"),
        (Reply(422, {"error": "Validation failed: too many"}), "a server that takes fewer"),
        (Reply(401, {"error": "The access token is invalid"}), "a server that gives it to its users only"),
        (Reply(change=lambda page: [*page, *page, make_status(900)]), "posts that come twice, and one too many"),
    ],
)
def test_a_batch_that_is_answered_oddly_loses_and_doubles_no_post(tmp_path: Path, reply: Reply, kept: str) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(4)]) as stand:
        stand.run()
        stand.tiny.script[BATCH] = [reply]
        stand.run(now=NOW + 2 * DAY, overlap_hours=0.0)
        readings = sorted(stand.ids())
    assert (readings, {row["availability"] for row in stand.rows("posts")}) == (
        sorted([f"{HOME}/{900_000 - n}" for n in range(4)] * 2),
        {"available"},
    ), kept
    assert stand.problems() == []


@pytest.mark.parametrize("has_batches", [True, False])
def test_due_posts_are_read_again_and_those_that_are_gone_get_a_tombstone(tmp_path: Path, has_batches: bool) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(45)], has_batches=has_batches) as stand:
        stand.run()
        stand.home.gone |= {"899990", "899980"}
        stand.tiny.requests.clear()
        stand.run(now=NOW + 2 * DAY, overlap_hours=0.0)
        calls = stand.tiny.calls()
        rows = [row for row in stand.rows("posts") if row["availability"] == "removed"]
    assert {(row["post_id"], row["text"], row["account_id"]) for row in rows} == {
        (f"{HOME}/899990", None, ACME),
        (f"{HOME}/899980", None, ACME),
    }
    assert calls.count(BATCH) == (3 if has_batches else 1)
    assert sum(call.startswith(f"{BATCH}/") for call in calls) == (2 if has_batches else 45)
    assert stand.problems() == []


def test_a_post_that_the_batch_leaves_out_and_the_server_still_has_is_not_removed(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(4)]) as stand:
        stand.run()
        stand.tiny.script[BATCH] = [Reply(change=lambda page: page[1:])]
        stand.run(now=NOW + 2 * DAY, overlap_hours=0.0)
        assert {row["availability"] for row in stand.rows("posts")} == {"available"}
        stand.tiny.script[f"{BATCH}/899999"] = [Reply(500, {"error": "oops"})] * 9
        stand.tiny.script[BATCH] = [Reply(change=lambda page: [each for each in page if each["id"] != "899999"])]
        stand.run(now=NOW + 4 * DAY, overlap_hours=0.0)
    assert {row["availability"] for row in stand.rows("posts")} == {"available"}
    assert stand.problems() == ["api_transient"]


def test_posts_of_an_account_that_is_suspended_may_come_back(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.home.accounts[LOCAL]["suspended"] = True
        stand.home.gone |= {"900000", "899999", "899998"}
        stand.run(now=NOW + 2 * DAY)
        states = {row["availability"] for row in stand.rows("posts") if row["text"] is None}
    assert states == {"unknown"}
