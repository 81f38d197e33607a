"""Real answers of Mastodon's servers, which lie next to the project."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import urllib3
import yaml

from pipeline.sources.api.exchange import read_exchange
from pipeline.sources.api.feeds.items import Page
from pipeline.sources.mastodon.content import read_content
from pipeline.sources.mastodon.dialect import classify
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.normalise import account_row, read_statuses
from pipeline.sources.mastodon.session import next_query
from tests.sources.api.converted import rows_of

READ_AT = datetime(2026, 11, 28, tzinfo=UTC)
FEED, TIMELINE = "mastodon_rtoot/get_account_statuses_limit.yml", "mastodon_rtoot/process_request_bigger.yml"
ACCOUNT = "fosstodon.org/109302436954721982"


def recorded(shared_data: Path, name: str) -> list[dict[str, Any]]:
    """Requests with their answers."""
    text = (shared_data / "platforms" / name).read_text("utf-8")
    cassette = yaml.load(text, Loader=yaml.CSafeLoader)
    found: list[dict[str, Any]] = cassette.get("http_interactions") or cassette["interactions"]
    return found


def bodies(shared_data: Path, name: str) -> list[Any]:
    return [json.loads(each["response"]["body"]["string"]) for each in recorded(shared_data, name)]


def read(statuses: Iterable[Any], host: str = "fosstodon.org", account_id: str | None = None) -> Page:
    texts = [msgspec.Raw(json.dumps(status).encode()) for status in statuses]
    return read_statuses(texts, host=host, handles={}, endpoint="feed", at=READ_AT, account_id=account_id)


def test_five_recorded_pages_are_read_whole(shared_data: Path) -> None:
    page = read([status for answer in bodies(shared_data, FEED) for status in answer], account_id=ACCOUNT)
    posts, metrics = rows_of(MASTODON, page)
    assert (len(page.items), page.issues, len({row["post_id"] for row in posts})) == (100, [], 100)
    # Eight of the replies answer posts that are deleted: the account that is answered is all that is left of them.
    kinds = Counter(row["post_kind"] for row in posts)
    assert kinds == {"reply": 55, "original": 39, "self_reply": 5, "repost": 1}
    links = [link for row in posts for link in row["link_urls"]]
    assert Counter(urlsplit(link).scheme for link in links) == {"https": 34, "http": 6}
    assert (len(metrics), sum(row["like_count"] for row in metrics)) == (99, 395)
    assert {row["quote_count"] for row in metrics} == {None}, "the server was older than 4.5"
    moments = [item.at for item in page.items if item.at]
    assert moments == sorted(moments, reverse=True)
    assert (max(moments), min(moments)) == (
        datetime(2025, 6, 24, 17, 35, 19, 898000, UTC),
        datetime(2024, 1, 2, 22, 0, 17, 549000, UTC),
    )


def test_the_texts_hold_whole_addresses_and_no_tags(shared_data: Path) -> None:
    page = read([status for answer in bodies(shared_data, FEED) for status in answer], account_id=ACCOUNT)
    texts = {row["post_id"]: row["text"] for row in rows_of(MASTODON, page)[0]}
    assert texts["fosstodon.org/113758502912504745"] == (
        '@mario_angst_sci thanks! I will definitely be around more in Zürich but only as a "Grenzgänger" for now😄'
    )
    grant = texts["fosstodon.org/114620457512351116"]
    assert "https://r-consortium.org/posts/r-consortium-awards-first-round-of-2025-isc-grants/#bridging-worlds" in grant
    assert not any("<" in text for text in texts.values() if text)


def test_each_link_header_leads_to_the_page_that_was_asked_for_next_and_pages_have_a_limit_of_their_own(
    shared_data: Path,
) -> None:
    calls = recorded(shared_data, FEED)
    exchanges = []
    for call in calls:
        answer = call["response"]
        sent = urllib3.HTTPResponse(headers=answer["headers"], status=200)
        exchanges.append(read_exchange("/x", sent, answer["body"]["string"].encode(), 1))
    asked = [parse_qs(urlsplit(call["request"]["uri"]).query).get("max_id") for call in calls]
    led = [parse_qs(next_query(exchange) or "")["max_id"] for exchange in exchanges]
    assert asked == [None, *led[:-1]]
    resets = [datetime.fromtimestamp(int(exchange.reset or 0), UTC).strftime("%H:%M") for exchange in exchanges]
    assert resets == ["13:55", *["14:00"] * 4]
    assert [exchange.remaining for exchange in exchanges] == ["299", "275", "269", "256", "267"]


def test_copies_of_other_servers_are_refused_one_by_one(shared_data: Path) -> None:
    page = read([status for answer in bodies(shared_data, TIMELINE) for status in answer])
    assert (len(page.items), len(page.issues)) == (1, 19)
    assert all("another server's: fosstodon.org holds a copy only" in row["detail"] for row in page.issues)


def test_recorded_accounts_have_their_counts_and_the_first_link_that_is_verified(shared_data: Path) -> None:
    (account,) = bodies(shared_data, "mastodon_rtoot/get_account_default.yml")
    row = account_row(account, account_id=ACCOUNT, handle="schochastics@fosstodon.org", at=READ_AT)
    assert (row["follower_count"], row["following_count"], row["post_count"]) == (1036, 138, 280)
    assert (row["url"], row["created_at"]) == (
        "https://www.mr.schochastics.net/",
        datetime(2022, 11, 7, tzinfo=UTC),
    )
    assert row["description"] == "Data Scientist/DevOps Engineer at cynkra | #Rstats enthusiast"


def test_a_recorded_404_is_an_account_that_does_not_exist(shared_data: Path) -> None:
    (missing,) = (
        call["response"]
        for call in recorded(shared_data, "mastodon_py_cassettes/test_account_lookup.yaml")
        if call["response"]["status"]["code"] == 404
    )
    headers = {name: values[0] for name, values in missing["headers"].items()}
    sent = urllib3.HTTPResponse(headers=headers, status=404)
    exchange = read_exchange("/api/v1/accounts/lookup", sent, missing["body"]["string"].encode(), 1)
    assert (str(classify(exchange)), exchange.remaining) == ("missing", "299")


def test_a_recorded_quote_is_known_and_its_address_is_no_link_of_the_post(shared_data: Path) -> None:
    (status,) = bodies(shared_data, "mastodon_py_cassettes/test_entity_quote.yaml")
    # As its home server would give it, and not as the reply that it is.
    at_home = {"account": {"id": "7", "acct": "here"}, "in_reply_to_account_id": None, "in_reply_to_id": None}
    ((post,), _) = rows_of(MASTODON, read([status | at_home], "h.example"))
    assert (post["post_kind"], post["referenced_post_id"]) == ("quote", "h.example/115044070560414080")
    assert post["text"] == "actual reply that quotes a post that quotes a post bsky.app/profile/h4lc..."
    assert post["link_urls"] == ["https://bsky.app/profile/h4lcy.bsky.social/post/3lwlumdwf522i"]
    assert read_content(status["content"]).quoted == [
        "https://bsky.app/profile/did:plc:5syfqzormjkutgo5hi2u2gpr/post/3lwlumdwf522i"
    ]


def test_seven_statuses_of_2023_are_read(shared_data: Path) -> None:
    statuses = json.loads((shared_data / "mastodon_json/statuses.json").read_text("utf-8"))
    page = read(statuses, "mastodon.social")
    posts, metrics = rows_of(MASTODON, page)
    kinds, likes = Counter(row["post_kind"] for row in posts), sum(row["like_count"] for row in metrics)
    assert (len(page.items), page.issues, kinds, likes) == (7, [], {"original": 6, "self_reply": 1}, 29)


@pytest.mark.parametrize("name", ["test_fetch_next_previous.yaml", "test_status_quotes.yaml"])
def test_statuses_of_a_newer_server_are_read_with_their_quotes(shared_data: Path, name: str) -> None:
    answers = bodies(shared_data, f"mastodon_py_cassettes/{name}")
    statuses = [each for answer in answers for each in (answer if isinstance(answer, list) else [answer])]
    page = read([status for status in statuses if "visibility" in status], "localhost")
    assert page.issues == []
    assert {row["quote_count"] for row in rows_of(MASTODON, page)[1]} == {0}
