"""X archives: what is read, what is never opened, and what is reported."""

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources import x_archive
from pipeline.sources.files.protocol import InputFile

from .archive_builder import ACCOUNT, NOW, REQUEST, archive, manifest, problems, script, tweet


def read_one(folder: Path, **fields: Any) -> dict[str, Any]:
    (post,) = x_archive.read(archive(folder, None, tweet(**fields)), REQUEST).tables["posts"]
    return post


def test_a_whole_archive_gives_posts_metrics_account_and_handle_changes(tmp_path: Path) -> None:
    renaming = {"changedAt": "2015-03-01T00:00:00.000Z", "changedFrom": "acme_old", "changedTo": "acme"}
    change = {"accountId": "42", "screenNameChange": renaming}
    members = {
        "data/manifest.js": manifest("tweets.js"),
        "data/follower.js": script("follower", [{"follower": {"accountId": str(number)}} for number in range(5)]),
        "data/following.js": script("following", []),
        "data/profile.js": script("profile", [{"profile": {"description": {"bio": "We make things"}}}]),
        "data/screen-name-change.js": script("screen_name_change", [{"screenNameChange": change}]),
    }
    file = archive(tmp_path, members, tweet())
    assert x_archive.recognises(file, REQUEST)
    reading = x_archive.read(file, REQUEST)
    (post,), (metric,) = reading.tables["posts"], reading.tables["post_metrics"]
    (account,), (renamed,) = reading.tables["accounts"], reading.tables["handle_changes"]
    assert (post["post_id"], post["account_id"], post["handle"]) == ("1050118621198921728", "42", "acme")
    assert post["created_at"] == datetime(2018, 10, 10, 20, 19, 24, 211_000, tzinfo=UTC)
    assert (metric["like_count"], metric["repost_count"], metric["metric_scope"]) == (3, 1, "public")
    assert metric.get("impression_count") is None
    assert (account["follower_count"], account["following_count"], account["post_count"]) == (5, 0, 1)
    assert account["description"] == "We make things"
    assert (renamed["previous_handle"], renamed["handle"]) == ("acme_old", "acme")
    assert {row["captured_at"] for rows in reading.tables.values() for row in rows} == {
        datetime(2022, 11, 18, 20, 4, 5, tzinfo=UTC)
    }
    assert reading.tables["issues"] == []
    Lake(tmp_path / "lake").commit(reading.tables, source="x_archive", run_id="r1", now=NOW)


def test_private_data_never_reaches_a_row(tmp_path: Path) -> None:
    secret = b"secret message"
    members = {"data/direct-messages.js": secret, "data/deleted-tweets.js": secret, "data/ad-impressions.js": secret}
    file = archive(tmp_path, members, tweet(), tweet("not an id"))
    reading = x_archive.read(file, REQUEST)
    text = repr(reading)
    assert all(word not in text for word in ("owner@example.com", "15550100", "secret message"))
    assert json.loads(reading.tables["accounts"][0]["payload"]).keys() == {
        "accountId", "username", "accountDisplayName", "createdAt",
    }  # fmt: skip
    assert "deleted posts are in the archive and are not read" in reading.notes


@pytest.mark.parametrize(
    ("fields", "kind", "referenced"),
    [
        ({}, "original", None),
        ({"full_text": "RT @other: hello"}, "repost", None),
        ({"in_reply_to_status_id_str": "7", "in_reply_to_user_id_str": "9"}, "reply", "7"),
        ({"in_reply_to_status_id_str": "7", "in_reply_to_user_id_str": "42"}, "self_reply", "7"),
        ({"in_reply_to_screen_name": "Acme"}, "self_reply", None),
        ({"entities": {"urls": [{"expanded_url": "https://x.com/other/status/77?s=20"}]}}, "quote", "77"),
        ({"entities": {"urls": [{"expanded_url": "https://x.com/acme/status/77/photo/1"}]}}, "original", None),
        ({"entities": {"urls": [{"expanded_url": "https://notx.com/other/status/77"}]}}, "original", None),
    ],
)
def test_the_kind_of_a_post_is_seen(tmp_path: Path, fields: dict[str, Any], kind: str, referenced: str | None) -> None:
    post = read_one(tmp_path, **fields)
    assert (post["post_kind"], post["referenced_post_id"]) == (kind, referenced)


def test_links_hashtags_mentions_media_and_entities_in_text_are_read(tmp_path: Path) -> None:
    entities = {
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.com/a"}],
        "hashtags": [{"text": "Launch"}],
        "user_mentions": [{"screen_name": "other"}],
    }
    media = {"media": [{"type": "photo"}, {"type": "video"}]}
    post = read_one(tmp_path, full_text="A &amp; B", entities=entities, extended_entities=media)
    assert post["text"] == "A & B"
    assert (post["link_urls"], post["hashtags"]) == (["https://example.com/a"], ["Launch"])
    assert (post["mentioned_handles"], post["media_types"]) == (["other"], ["photo", "video"])


@pytest.mark.parametrize(
    "edit_info",
    [
        {"initial": {"editTweetIds": ["5", "6"]}},
        {"edit": {"initialTweetId": "5", "editControlInitial": {"editTweetIds": ["5", "6"]}}},
    ],
)
def test_an_edited_post_names_its_first_version(tmp_path: Path, edit_info: dict[str, Any]) -> None:
    post = read_one(tmp_path, edit_info=edit_info)
    assert (post["edit_root_id"], post["edit_history_ids"]) == ("5", ["5", "6"])


@pytest.mark.parametrize("ids", [{"tweetId": "1050118621198921728"}, {"noteTweetId": "99"}])
def test_a_long_post_gets_its_full_text_by_id_or_by_time_and_beginning(tmp_path: Path, ids: dict[str, str]) -> None:
    core = {"text": "A long beginning of a text and its end", "urls": [{"expandedUrl": "https://example.com/n"}]}
    note = {"noteTweet": {**ids, "createdAt": "2018-10-10T20:19:23.000Z", "core": core}}
    members = {
        "data/note-tweet.js": script("note_tweet", [note, {"noteTweet": {**note["noteTweet"], "noteTweetId": "8"}}])
    }
    if "noteTweetId" in ids:
        members = {"data/note-tweet.js": script("note_tweet", [note])}
    shortened = "A long beginning of a text… https://t.co/x1"
    reading = x_archive.read(archive(tmp_path, members, tweet(full_text=shortened)), REQUEST)
    (post,) = reading.tables["posts"]
    assert (post["text"], post["link_urls"]) == (core["text"], ["https://example.com/n"])


def test_flat_rows_old_names_semicolons_and_a_top_folder_are_read(tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        zip_file.writestr("twitter-2019/data/account.js", script("account", [{"account": ACCOUNT}]))
        zip_file.writestr("twitter-2019/data/tweet.js", script("tweet", [tweet("1")]) + ";\n")
        zip_file.writestr("twitter-2019/data/tweet.part1.js", "\ufeffanything = " + json.dumps([tweet("2")]))
    file = InputFile(path, "old.zip", "0" * 64)
    assert x_archive.recognises(file, REQUEST)
    reading = x_archive.read(file, REQUEST)
    assert [post["post_id"] for post in reading.tables["posts"]] == ["1", "2"]
    assert reading.tables["accounts"][0]["follower_count"] is None
    assert reading.tables["accounts"][0]["post_count"] is None
    assert any("newest post" in note for note in reading.notes)


def test_a_part_that_the_manifest_lists_and_the_zip_lacks_is_reported(tmp_path: Path) -> None:
    members = {"data/manifest.js": manifest("tweets.js", "tweets-part1.js")}
    reading = x_archive.read(archive(tmp_path, members, tweet()), REQUEST)
    assert problems(reading) == ["missing_part"]
    assert "tweets-part1.js" in reading.tables["issues"][0]["subject"]
    assert (len(reading.tables["posts"]), reading.tables["accounts"][0]["post_count"]) == (1, None)


@pytest.mark.parametrize(
    "bad", ["window.YTD = [{not json", "", 'x = {"a": [', "x = [1]", b"PK\x03\x04", "x = " + "[" * 9000]
)
def test_a_broken_part_is_reported_and_the_others_load(tmp_path: Path, bad: str | bytes) -> None:
    reading = x_archive.read(archive(tmp_path, {"data/tweets-part1.js": bad}, tweet()), REQUEST)
    assert (len(reading.tables["posts"]), problems(reading)) == (1, ["unreadable_part"])


def test_bad_posts_are_reported_and_good_ones_beside_them_load(tmp_path: Path) -> None:
    bad = [
        tweet("2.00796E+18"),
        tweet("5", created_at="some day"),
        tweet("6", created_at="Fri Dec 31 23:59:59 +0000 9999"),
    ]
    halved = tweet("7", full_text="half \ud83d of a pair\x00", favorite_count="-1")
    reading = x_archive.read(archive(tmp_path, None, tweet(), *bad, halved), REQUEST)
    assert [post["post_id"] for post in reading.tables["posts"]] == ["1050118621198921728", "7"]
    assert problems(reading) == ["unusable_post"] * 3 + ["not_a_count"]
    Lake(tmp_path / "lake").commit(reading.tables, source="x_archive", run_id="r1", now=NOW)


def test_the_same_post_in_two_parts_counts_once(tmp_path: Path) -> None:
    again = script("tweets", [{"tweet": tweet()}, {"tweet": tweet("2")}, {"tweet": tweet("2", favorite_count="9")}])
    reading = x_archive.read(archive(tmp_path, {"data/tweets-part1.js": again}, tweet()), REQUEST)
    assert [row["like_count"] for row in reading.tables["post_metrics"]] == [3, 9]
    assert problems(reading) == ["duplicate_post"]


def test_another_accounts_archive_is_refused_unless_told(tmp_path: Path) -> None:
    file = archive(tmp_path, None, tweet())
    with pytest.raises(TweetbenchError, match="belongs to @acme"):
        x_archive.read(file, replace(REQUEST, own_handles=frozenset({"mine"})))
    assert x_archive.read(file, replace(REQUEST, account="acme", own_handles=frozenset({"mine"}))).account == "acme"
