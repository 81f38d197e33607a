"""Accounts of the X API as JSON: read where the keys leave no doubt, one row each, the day from the file."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.protocol import InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 1, tzinfo=UTC)
NEW = {
    "id": "1849991234567891234",
    "username": "acme",
    "name": "Acme",
    "created_at": "2015-05-01T08:00:00.000Z",
    "protected": False,
    "public_metrics": {"followers_count": 1203, "following_count": 5, "tweet_count": 9, "listed_count": 1},
    "entities": {"description": {}},
}
OLD = {
    "id": 12,
    "id_str": "12",
    "screen_name": "acme",
    "followers_count": 1203,
    "friends_count": 5,
    "statuses_count": 9,
    "created_at": "Fri May 01 08:00:00 +0000 2015",
    "status": {"text": "a post that may be deleted", "created_at": "Sat Nov 21 08:00:00 +0000 2026"},
}
SCRAPED = {
    "id": 12,
    "username": "acme",
    "url": "https://twitter.com/acme",
    "followersCount": 1203,
    "friendsCount": 5,
    "statusesCount": 9,
    "createdAt": "2015-05-01T08:00:00+00:00",
}


def read(path: Path, **known: Any) -> Reading:
    name, reading = do_task("read", InputFile(path, path.name, ""), Request(now=NOW, **known))
    assert name == "profile_snapshots"
    return reading


def lines(folder: Path, *objects: object) -> Path:
    path = folder / "users.jsonl"
    path.write_text("".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in objects))
    return path


@pytest.mark.parametrize("record", [NEW, OLD, SCRAPED], ids=["api 2", "api 1.1", "scraper"])
def test_an_account_of_each_version_of_the_interface_is_read(tmp_path: Path, record: dict[str, Any]) -> None:
    reading = read(lines(tmp_path, record), captured_at=DAY)
    (row,) = reading.tables["accounts"]
    assert (row["account_id"], row["handle"]) == (str(record["id"]), "acme")
    assert (row["follower_count"], row["following_count"], row["post_count"]) == (1203, 5, 9)
    assert (row["created_at"].date(), row["captured_at"]) == (date(2015, 5, 1), DAY)
    assert "may be deleted" not in row["payload"]


def test_a_page_of_answers_gives_each_account_and_the_time_it_was_read(tmp_path: Path) -> None:
    page = {"data": [NEW, {**NEW, "id": "7", "username": "other"}], "__twarc": {"retrieved_at": "2026-10-23T19:36:18Z"}}
    reading = read(lines(tmp_path, page))
    assert [(row["account_id"], row["captured_at"].day) for row in reading.tables["accounts"]] == [
        ("1849991234567891234", 23),
        ("7", 23),
    ]


def test_without_a_time_the_day_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="on which day") as caught:
        read(lines(tmp_path, NEW))
    assert "--captured-at DATE" in caught.value.next_step


def test_lines_that_are_no_account_or_no_json_are_named_and_the_others_read(tmp_path: Path) -> None:
    reading = read(lines(tmp_path, NEW, {"text": "hello"}, '{"id": "1'), captured_at=DAY)
    assert len(reading.tables["accounts"]) == 1
    assert [(row["problem"], row["subject"]) for row in reading.tables["issues"]] == [
        ("damaged_line", "users.jsonl, line 3"),
        ("not_a_profile", "users.jsonl, line 2"),
    ]
    assert reading.row_count == 3


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    described = json.dumps({**NEW, "description": "one\u2028two"}, ensure_ascii=False)
    path.write_text(f"{described}\n{json.dumps({**NEW, 'id': '7', 'username': 'other'})}\n", encoding="utf-8")
    assert [row["handle"] for row in read(path, captured_at=DAY).tables["accounts"]] == ["acme", "other"]


def test_a_table_that_only_begins_like_json_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("[id],handle,followers,date\n7,acme,5,2026-11-01\n")
    assert read(path).tables["accounts"][0]["handle"] == "acme"


def test_91_real_accounts_are_read_and_real_posts_refused_by_name(shared_data: Path) -> None:
    folder = shared_data / "twarc_v2_json"
    reading = read(folder / "users.jsonl")
    rows = {row["handle"]: row for row in reading.tables["accounts"]}
    assert (len(rows), reading.row_count, reading.period_start) == (91, 96, date(2021, 10, 23))
    assert reading.notes[1] == "5 repeated lines were the same and count once"
    assert (rows["DoDirty78"]["follower_count"], rows["DoDirty78"]["following_count"]) == (580, 518)
    for name in ("flat", "noflat", "brexit", "edited", "two_tweets"):
        with pytest.raises(TweetbenchError, match="posts of the X API"):
            read(folder / f"{name}.jsonl", captured_at=DAY)
