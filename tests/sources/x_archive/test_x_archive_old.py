"""Archives of 2012 to 2018, ZIPs that only come close to an archive, and archives of which nothing can be read."""

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources import x_archive
from pipeline.sources.files.protocol import InputFile, Request

from .archive_builder import ACCOUNT, NOW, REQUEST, archive, manifest, problems, script, tweet

USER = {
    "screen_name": "acme",
    "id": "42",
    "full_name": "Acme Ltd",
    "bio": "We make things",
    "location": "Here",
    "created_at": "2009-05-18 00:44:02 +0000",
    "url": "http://t.co/x",
    "expanded_url": "http://acme.example",
}
PAYLOAD = {"tweets": 3, "created_at": "2014-07-07 09:45:13 +0000", "lang": "en"}


def old_tweet(post_id: str, created_at: str, text: str = "hello", **fields: Any) -> dict[str, Any]:
    entities: dict[str, list[Any]] = {"user_mentions": [], "media": [], "hashtags": [], "urls": []}
    user = {"screen_name": "acme", "id_str": "42", "id": 42}
    record = {"source": "web", "entities": entities, "geo": {}, "id_str": post_id, "id": int(post_id), "text": text}
    return {**record, "created_at": created_at, "user": user, **fields}


POSTED = old_tweet("297008270982402049", "2013-01-31 15:47:44 +0000", "R&amp;D http://t.co/a")
REPOSTED = old_tweet(
    "296524154914615296",
    "2013-01-30 07:44:02 +0000",
    "RT @other: half of a te",
    retweeted_status={"id_str": "296497031873183744", "id": 296497031873183744, "text": "half of a text"},
)
EARLY = old_tweet("2374809129", "2009-06-28 00:00:00 +0000", "@other yes", in_reply_to_user_id_str="9")


def old_archive(folder: Path, months: Mapping[str, list[dict[str, Any]]], prefix: str = "", **counts: int) -> InputFile:
    index = [
        {"file_name": f"data/js/tweets/{month}.js", "tweet_count": counts.get(f"m{month}", len(posts))}
        for month, posts in months.items()
    ]
    path = folder / "old.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        zip_file.writestr(f"{prefix}tweets.csv", "tweet_id\n")
        zip_file.writestr(f"{prefix}data/js/user_details.js", f"var user_details =  {json.dumps(USER)}")
        zip_file.writestr(f"{prefix}data/js/payload_details.js", f"var payload_details =  {json.dumps(PAYLOAD)}")
        zip_file.writestr(f"{prefix}data/js/tweet_index.js", f"var tweet_index =  {json.dumps(index)}")
        for month, posts in months.items():
            text = f"Grailbird.data.tweets_{month} = \n {json.dumps(posts)}"
            zip_file.writestr(f"{prefix}data/js/tweets/{month}.js", text)
    return InputFile(path, "old.zip", "0" * 64)


@pytest.mark.parametrize("prefix", ["", "archive/", "tweets-master/archive/"])
def test_an_archive_of_2012_to_2018_gives_its_posts_and_its_account(tmp_path: Path, prefix: str) -> None:
    file = old_archive(tmp_path, {"2013_01": [POSTED, REPOSTED], "2009_06": [EARLY]}, prefix)
    assert x_archive.recognises(file, REQUEST)
    reading = x_archive.read(file, REQUEST)
    assert (reading.dialect, reading.account, reading.row_count) == ("X archive of 2012 to 2018", "acme", 3)
    posts = {post["post_id"]: post for post in reading.tables["posts"]}
    assert posts["297008270982402049"]["created_at"] == datetime(2013, 1, 31, 15, 47, 44, 606_000, tzinfo=UTC)
    assert posts["297008270982402049"]["text"] == "R&D http://t.co/a"
    reposted = posts["296524154914615296"]
    assert (reposted["post_kind"], reposted["referenced_post_id"]) == ("repost", "296497031873183744")
    early = posts["2374809129"]
    assert (early["created_at"], early["post_kind"]) == (datetime(2009, 6, 28, tzinfo=UTC), "reply")
    (account,) = reading.tables["accounts"]
    assert (account["account_id"], account["name"], account["description"]) == ("42", "Acme Ltd", "We make things")
    assert (account["created_at"], account["url"]) == (
        datetime(2009, 5, 18, 0, 44, 2, tzinfo=UTC),
        "http://acme.example",
    )
    assert (account["post_count"], account["follower_count"]) == (3, None)
    assert account["captured_at"] == datetime(2014, 7, 7, 9, 45, 13, tzinfo=UTC)
    assert reading.tables["post_metrics"] == []
    assert "archives of 2012 to 2018 have no counts of likes and reposts" in reading.notes
    assert [row["detail"] for row in reading.tables["issues"]] == [
        "1 posts from before November 2010 have their day and no time of day: they are at midnight"
    ]
    Lake(tmp_path / "lake").commit(reading.tables, source="x_archive", run_id="r1", now=NOW)


def test_a_month_that_the_index_lists_otherwise_or_the_zip_lacks_is_reported(tmp_path: Path) -> None:
    file = old_archive(tmp_path, {"2013_01": [POSTED]}, m2013_01=7)
    reading = x_archive.read(file, REQUEST)
    assert (problems(reading), reading.tables["accounts"][0]["post_count"]) == (["part_count_differs"], None)


@pytest.mark.parametrize(
    ("members", "what", "why"),
    [
        (
            {"tweets.csv": "tweet_id\n", "index.html": ""},
            "only the post table of an X archive of 2012 to 2018",
            "whose posts",
        ),
        ({"twitter-2022-11-18-abc.zip": "PK"}, "the X archive is in another ZIP", "never one inside another"),
    ],
)
def test_what_comes_close_to_an_archive_is_refused_by_its_name(
    tmp_path: Path, members: dict[str, str], what: str, why: str
) -> None:
    path = tmp_path / "near.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        for name, text in members.items():
            zip_file.writestr(name, text)
    file = InputFile(path, "near.zip", "0" * 64)
    assert x_archive.recognises(file, REQUEST)
    with pytest.raises(TweetbenchError, match=what) as caught:
        x_archive.read(file, REQUEST)
    assert why in caught.value.why


def test_the_table_of_posts_alone_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(
        '"tweet_id","in_reply_to_status_id","in_reply_to_user_id","timestamp","source","text","retweeted_status_id",'
        '"retweeted_status_user_id","retweeted_status_timestamp","expanded_urls"\n"1","","","2013-01-01","","a","","","",""\n'
    )
    file = InputFile(path, "tweets.csv", "0" * 64)
    assert x_archive.recognises(file, REQUEST)
    with pytest.raises(TweetbenchError, match="only the post table of an X archive") as caught:
        x_archive.read(file, REQUEST)
    assert "request a new archive from X" in caught.value.next_step


def test_a_zip_of_another_kind_is_no_archive_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        zip_file.writestr("photos/1.jpg", "x")
    named = Request(now=NOW, account="acme", captured_at=NOW)
    with pytest.raises(TweetbenchError, match="this ZIP is not an X archive") as caught:
        x_archive.read(InputFile(path, "photos.zip", ""), named)
    assert "it holds 1 files: 'photos/1.jpg'" in caught.value.why


@pytest.mark.parametrize("tweets", ["window.YTD = [{not json", None])
def test_success_with_nothing_read_does_not_exist(tmp_path: Path, tweets: str | None) -> None:
    members = {"data/tweets.js": tweets} if tweets else {}
    named = Request(now=NOW, captured_at=NOW)
    with pytest.raises(TweetbenchError, match="no post and no figure of the account") as caught:
        x_archive.read(archive(tmp_path, members), named)
    assert ("data/tweets.js" in caught.value.where) == bool(tweets)


def test_an_archive_whose_list_says_that_nothing_was_posted_has_a_figure(tmp_path: Path) -> None:
    members = {"data/manifest.js": manifest("tweets.js", count="0"), "data/tweets.js": script("tweets", [])}
    assert x_archive.read(archive(tmp_path, members), REQUEST).tables["accounts"][0]["post_count"] == 0


def test_nul_characters_are_left_out_everywhere(tmp_path: Path) -> None:
    members = {"data/account.js": script("account", [{"account": {**ACCOUNT, "accountDisplayName": "A\x00cme"}}])}
    posts = [tweet(full_text="a\x00b", entities={"hashtags": [{"text": "x\x00y"}], "urls": [], "user_mentions": []})]
    reading = x_archive.read(archive(tmp_path, members, *posts), REQUEST)
    assert reading.tables["accounts"][0]["name"] == "Acme"
    assert (reading.tables["posts"][0]["text"], reading.tables["posts"][0]["hashtags"]) == ("ab", ["xy"])
    assert "\\x00" not in repr(reading)
    assert "\\u0000" not in repr(reading)


def test_an_archive_that_does_not_name_its_account_says_so(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="which account it belongs to") as caught:
        x_archive.read(archive(tmp_path, {"data/account.js": "x = {"}, tweet()), REQUEST)
    assert caught.value.why.startswith("the archive has no readable data/account.js")


def test_a_bad_count_costs_the_count_and_not_the_other(tmp_path: Path) -> None:
    reading = x_archive.read(
        archive(tmp_path, None, tweet(favorite_count="-1"), tweet("2", favorite_count="1.2E3")), REQUEST
    )
    assert [(row["like_count"], row["repost_count"]) for row in reading.tables["post_metrics"]] == [
        (None, 1),
        (1200, 1),
    ]
    assert problems(reading) == ["not_a_count"]


def without_data_folder(folder: Path, prefix: str = "", **members: str) -> InputFile:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        for name, content in members.items():
            zip_file.writestr(f"{prefix}{name}.js", content)
        zip_file.writestr("__MACOSX/data/._account.js", "x")
    return InputFile(path, "archive.zip", "0" * 64)


@pytest.mark.parametrize("prefix", ["", "twitter-2019-05-01/"])
def test_archives_of_2018_and_2019_lie_at_the_top_of_the_zip(tmp_path: Path, prefix: str) -> None:
    account, posts = script("account", [{"account": ACCOUNT}]), script("tweet", [tweet(), tweet("1050118621198921729")])
    file = without_data_folder(tmp_path, prefix, account=account, tweet=posts, profile=script("profile", []))
    assert x_archive.recognises(file, REQUEST)
    reading = x_archive.read(file, REQUEST)
    assert (reading.account, len(reading.tables["posts"])) == ("acme", 2)
    assert sum(row["like_count"] for row in reading.tables["post_metrics"]) == 6


@pytest.mark.parametrize("names", [("account", "profile"), ("tweets",), ("manifest", "account"), ("profile",)])
def test_a_zip_of_scripts_is_no_archive_because_one_is_called_account(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert not x_archive.recognises(without_data_folder(tmp_path, **dict.fromkeys(names, "var a = 1")), REQUEST)
