"""Parsing of X API answers: both vocabularies, odd values, error items, edits, reposts, real pages."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schemas import TABLES
from pipeline.sources.x_api.normalise import PageRows, PostContext, normalise_accounts, normalise_posts
from pipeline.sources.x_api.values import RENAMED

from .stand import NOW, make_account, make_post, problem

CONTEXT = PostContext(NOW, "GET /2/tweets", handles={"1001": "firm1"})


def read_posts(*items: Any, **fields: Any) -> PageRows:
    return normalise_posts({"data": list(items), **fields}, CONTEXT)


def read_accounts(*items: Any, **fields: Any) -> PageRows:
    return normalise_accounts({"data": list(items), **fields}, at=NOW, endpoint="GET /2/users")


def assert_fits(page: PageRows) -> None:
    for name, rows in page.tables.items():
        stamped = [{**row, "source": "x_api", "run_id": "r"} for row in rows]
        assert not {key for row in rows for key in row} - set(TABLES[name].names)
        pa.Table.from_pylist(stamped, schema=TABLES[name])


def renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {RENAMED.get(key, key): renamed(item) for key, item in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list) else value


def test_both_vocabularies_give_the_same_rows() -> None:
    reference = [{"type": "quoted", "id": "55"}]
    post = make_post(1, referenced_tweets=reference, note_tweet={"text": "the whole long text"})
    account = make_account(1)
    for tweet_page, post_page in (
        (read_posts(post), read_posts(renamed(post))),
        (read_accounts(account), read_accounts(renamed(account))),
    ):
        for name, rows in tweet_page.tables.items():
            for row, other in zip(rows, post_page.tables[name], strict=True):
                assert {**row, "payload": None} == {**other, "payload": None}
    row = read_posts(renamed(post)).tables["posts"][0]
    assert (row["post_kind"], row["referenced_post_id"], row["text"]) == ("quote", "55", "the whole long text")
    assert read_accounts(renamed(account)).tables["accounts"][0]["post_count"] == 10


def test_a_repost_is_volume_and_never_has_metrics() -> None:
    repost = make_post(1, text="RT @other: cut…", referenced_tweets=[{"type": "retweeted", "id": "77"}])
    page = read_posts(repost, includes={"tweets": [{"id": "77", "text": "cut no more"}]})
    assert page.tables["post_metrics"] == []
    assert page.tables["posts"][0]["post_kind"] == "repost"
    assert page.tables["posts"][0]["text"] == "RT @other: cut no more"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "original"),
        ({"referenced_tweets": [{"type": "quoted", "id": "9"}]}, "quote"),
        ({"referenced_tweets": [{"type": "replied_to", "id": "9"}], "in_reply_to_user_id": "5"}, "reply"),
        ({"referenced_tweets": [{"type": "replied_to", "id": "9"}], "in_reply_to_user_id": "1001"}, "self_reply"),
        ({"in_reply_to_user_id": "5"}, "reply"),
        ({"referenced_tweets": [{"type": "invented", "id": "9"}]}, "unknown"),
    ],
)
def test_the_kind_of_a_post_follows_its_references(fields: dict[str, Any], kind: str) -> None:
    assert read_posts(make_post(1, **fields)).tables["posts"][0]["post_kind"] == kind


def test_an_edit_chain_keeps_its_first_id_as_root() -> None:
    post = make_post(2)
    post.update(edit_history_tweet_ids=["41", post["id"]], edit_controls={"edits_remaining": "4"})
    row = read_posts(post).tables["posts"][0]
    assert (row["edit_root_id"], row["edit_history_ids"]) == ("41", ["41", post["id"]])
    assert json.loads(row["payload"])["edit_controls"]["edits_remaining"] == "4"


def test_links_leave_out_media_quotes_and_the_post_itself() -> None:
    urls = [
        {"url": "https://t.co/a", "expanded_url": "https://shop.example/x", "unwound_url": "https://shop.example/x?u"},
        {"url": "https://t.co/b", "expanded_url": "https://x.com/firm1/status/1/photo/1", "media_key": "3_1"},
        {"url": "https://t.co/c", "expanded_url": "https://twitter.com/other/status/88"},
    ]
    quote = [{"type": "quoted", "id": "88"}]
    post = make_post(1, entities={"urls": urls}, referenced_tweets=quote, attachments={"media_keys": ["3_1", "16_2"]})
    row = read_posts(post).tables["posts"][0]
    assert row["link_urls"] == ["https://shop.example/x?u"]
    assert row["media_types"] == ["photo", "animated_gif"]


def test_counts_accept_text_and_refuse_negatives_with_an_issue() -> None:
    counts = {"retweet_count": "7", "reply_count": -1, "like_count": None, "impression_count": 2**40}
    page = read_posts(make_post(1, public_metrics=counts))
    metrics = page.tables["post_metrics"][0]
    assert (metrics["repost_count"], metrics["reply_count"], metrics["like_count"]) == (7, None, None)
    assert metrics["impression_count"] == 2**40
    assert "unusable_metric" in [issue["problem"] for issue in page.tables["issues"]]


def test_owner_metrics_have_scopes_of_their_own() -> None:
    own = {"impression_count": 9, "url_link_clicks": 4, "user_profile_clicks": 2, "engagements": 6}
    page = read_posts(make_post(1, non_public_metrics=own, organic_metrics={"url_link_clicks": 3, "retweet_count": 1}))
    found = {row["metric_scope"]: row for row in page.tables["post_metrics"]}
    assert set(found) == {"public", "non_public", "organic"}
    assert (found["non_public"]["link_click_count"], found["non_public"]["engagement_count"]) == (4, 6)
    assert (found["organic"]["link_click_count"], found["organic"]["repost_count"]) == (3, 1)


def test_a_page_without_a_required_metric_raises_the_alarm_and_one_gap_does_not() -> None:
    whole, partial = make_post(1), make_post(2)
    del partial["public_metrics"]["like_count"]
    assert read_posts(whole, partial).tables["issues"] == []
    alarms = read_posts(partial).tables["issues"]
    assert [(row["problem"], row["detail"][:10]) for row in alarms] == [("missing_required_metric", "like_count")]
    nothing = make_post(3)
    del nothing["public_metrics"]
    assert [row["problem"] for row in read_posts(nothing).tables["issues"]] == ["missing_required_metric"]


def test_errors_about_side_objects_never_mark_the_requested_account() -> None:
    side = [
        problem("Not Found Error", "Could not find tweet with pinned_tweet_id: [5].", parameter="pinned_tweet_id"),
        problem("Forbidden", "User has been suspended: [x].", parameter="entities.mentions.username", value="x"),
        problem("Not Found Error", "Could not find tweet", parameter="referenced_tweets.id", value="8"),
        problem(
            "Authorization Error", "Sorry, you are not authorized", parameter="ids", section="includes", value="1001"
        ),
    ]
    page = read_accounts(make_account(1), errors=side)
    assert [row["status"] for row in page.tables["accounts"]] == ["active"]
    assert [row["problem"] for row in page.tables["issues"]] == ["api_side_object"] * 4


def test_title_and_detail_decide_the_status_because_the_type_lies() -> None:
    errors = [
        problem("Forbidden", "User has been suspended: [9].", parameter="ids", value="9", resource_type="user"),
        problem("Not Found Error", "Could not find user with ids: [8].", parameter="ids", value="8"),
        problem("Not Found Error", "Could not find user", parameter="usernames", value="gone_firm"),
    ]
    rows = normalise_accounts({"errors": errors}, at=NOW, endpoint="e").tables["accounts"]
    assert [(row.get("account_id"), row.get("handle"), row["status"]) for row in rows] == [
        ("9", None, "suspended"),
        ("8", None, "not_found"),
        (None, "gone_firm", "not_found"),
    ]
    assert all(row.get("follower_count") is None for row in rows)


def test_protected_and_withheld_accounts_are_statuses() -> None:
    page = read_accounts(
        make_account(1, protected=True), make_account(2, withheld={"country_codes": ["IN"], "scope": "user"})
    )
    assert [row["status"] for row in page.tables["accounts"]] == ["protected", "withheld"]
    assert page.tables["accounts"][1]["withheld_countries"] == ["IN"]


@pytest.mark.parametrize("data", [None, [], "text", 5, [None, 7, {"id": None}, {"text": "no id"}], {"id": []}])
def test_odd_data_never_raises_and_is_listed(data: Any) -> None:
    page = normalise_posts({"data": data}, CONTEXT)
    assert page.ids == ()
    listed = data if isinstance(data, list) else [] if data is None else [data]
    assert [row["problem"] for row in page.tables["issues"]] == ["malformed_item"] * len(listed)


def test_text_with_nul_surrogates_and_odd_times_fits_the_lake() -> None:
    post = make_post(1, text="a\x00b\ud83d " + "x" * 25_000, unknown_field={"deep": ["\ud83d"]})
    late = {**make_post(2), "id": 2**63 + 5, "created_at": "9999-12-31T23:59:59+00:00"}
    page = read_posts(post, late, make_post(1))
    assert_fits(page)
    assert page.tables["posts"][0]["text"].startswith("ab? x")
    assert "unknown_field" in page.tables["posts"][0]["payload"]
    assert (page.tables["posts"][1]["post_id"], page.tables["posts"][1]["created_at"].year) == (str(2**63 + 5), 9999)
    assert len(page.ids) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*make_post(1), "withheld", "entities", "note_tweet", "attachments"]), JSON))
def test_any_change_to_a_post_still_gives_rows_that_fit(changes: dict[str, Any]) -> None:
    assert_fits(read_posts({**make_post(1), **changes}, errors=[changes]))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*make_account(1), "withheld", "entities", "url"]), JSON))
def test_any_change_to_an_account_still_gives_rows_that_fit(changes: dict[str, Any]) -> None:
    assert_fits(read_accounts({**make_account(1), **changes}, errors=[changes]))


def test_real_pages_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "twarc_v2_json"
    pages = {path.name: json.loads(path.read_text().splitlines()[0]) for path in sorted(folder.glob("*.jsonl"))}
    posts = normalise_posts(pages["noflat.jsonl"], CONTEXT)
    kinds = [row["post_kind"] for row in posts.tables["posts"]]
    assert (len(kinds), kinds.count("repost")) == (100, 47)
    assert len(posts.tables["post_metrics"]) == 53
    assert not {row["post_id"] for row in posts.tables["post_metrics"]} & {
        row["post_id"] for row in posts.tables["posts"] if row["post_kind"] == "repost"
    }
    accounts = normalise_accounts(pages["users.jsonl"], at=NOW, endpoint="GET /2/users")
    statuses = [row["status"] for row in accounts.tables["accounts"]]
    # Of the 96 users on the page five are there twice: one snapshot each.
    assert len(pages["users.jsonl"]["data"]) == 96
    assert (len(accounts.ids), statuses.count("not_found"), len(statuses)) == (91, 1, 92)
    edited = normalise_posts(pages["edited.jsonl"], CONTEXT).tables["posts"][0]
    assert edited["edit_root_id"] == edited["edit_history_ids"][0] != edited["post_id"]
    for name, page in pages.items():
        assert_fits(normalise_posts(page, CONTEXT) if name != "users.jsonl" else accounts)
