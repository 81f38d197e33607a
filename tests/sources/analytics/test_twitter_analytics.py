"""The exports of the former Twitter, by tweet and by day: names, widths, languages, and two real accounts."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.analytics import twitter_analytics_by_day as by_day
from pipeline.sources.analytics import twitter_analytics_by_tweet as by_tweet
from pipeline.sources.analytics import x_analytics_content, x_analytics_overview
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.snowflake import EPOCH_MS, created_at

ORGANIC = [
    *("impressions", "engagements", "engagement rate", "retweets", "replies", "likes", "user profile clicks"),
    *("url clicks", "hashtag clicks", "detail expands", "permalink clicks", "app opens", "app installs", "follows"),
    *("email tweet", "dial phone", "media views", "media engagements"),
]
METRICS = [*ORGANIC, *(f"promoted {name}" for name in ORGANIC)]
TWEET_HEADER = ["Tweet id", "Tweet permalink", "Tweet text", "time", *METRICS]
DAY_HEADER = ["Date", "Tweets published", *METRICS]
CELLS = ["424.0", "30.0", "0.07075471698113207", *(f"{number}.0" for number in range(1, 9)), *"9876543", *"-" * 18]
TWEET_NAME = "tweet_activity_metrics_some_brand_20150901_20151001_en.csv"
DAY_NAME = f"daily_{TWEET_NAME}"
NOON = datetime(2015, 9, 5, 12, 0, 0, 250_000, UTC)
REQUEST = Request(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
COUNTS = {
    "impression_count": 424,
    "engagement_count": 30,
    "repost_count": 1,
    "reply_count": 2,
    "like_count": 3,
    "profile_click_count": 4,
    "link_click_count": 5,
    "hashtag_click_count": 6,
    "detail_expand_count": 7,
    "permalink_click_count": 8,
    "new_follow_count": 7,
    "media_view_count": 4,
}
DAY_COUNTS = {name: count for name, count in COUNTS.items() if name != "new_follow_count"}  # follows are of posts
UNCERTAIN = {"new_follow_count", "media_view_count"}
Ingest = Callable[..., Reading]


def tweet(moment: datetime = NOON, text: str = "Hello", /, **changed: str) -> list[str]:
    tweet_id = str(((int(moment.timestamp() * 1000) - EPOCH_MS) << 22) + 1)
    link = f"https://twitter.com/some_brand/status/{tweet_id}"
    row = dict(zip(TWEET_HEADER, [tweet_id, link, text, f"{moment:%Y-%m-%d %H:%M} +0000", *CELLS], strict=True))
    return list({**row, **changed}.values())


def day(number: int = 5) -> list[str]:
    return [f"2015-09-{number:02}", "3", *CELLS]


def written(header: list[str], *rows: list[str]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return stream.getvalue().encode()


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    def read(source: ModuleType, data: bytes, name: str, request: Request = REQUEST) -> Reading:
        (tmp_path / "file").write_bytes(data)
        file = InputFile(path=tmp_path / "file", shown_name=name, sha256="0" * 64)
        every = [by_tweet, by_day, x_analytics_content, x_analytics_overview]
        assert [known for known in every if known.recognises(file, request)] == [source]
        reading: Reading = source.read(file, request)
        Lake(tmp_path / "lake").commit(reading.tables, source=source.NAME, run_id="r1", now=request.now)
        return reading

    return read


def counts(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name.endswith("_count")}


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (TWEET_HEADER, "English, 40 columns"),
        ([name.replace("likes", "favorites") for name in TWEET_HEADER], "English, 40 columns"),
        ([f"列{number}" for number in range(40)], "localised, 40 columns"),
    ],
)
def test_tweets_are_read_by_name_or_by_position(ingest: Ingest, header: list[str], dialect: str) -> None:
    reading = ingest(by_tweet, written(header, tweet(NOON, "@Some_Brand 1 &lt; 2")), TWEET_NAME)
    assert (reading.dialect, reading.account, reading.tables["issues"]) == (dialect, "some_brand", [])
    post, metric = reading.tables["posts"][0], reading.tables["post_metrics"][0]
    assert counts(metric) == COUNTS
    assert (post["created_at"], post["created_date"], post["utc_offset_minutes"]) == (NOON, date(2015, 9, 5), 0)
    assert (post["text"], post["post_kind"]) == ("@Some_Brand 1 < 2", "self_reply")
    assert list(json.loads(metric["payload"])) == header
    assert not any("payload only" in note or "left empty" in note for note in reading.notes)


def test_a_narrower_file_in_another_language_leaves_uncertain_columns_empty(ingest: Ingest) -> None:
    cells = tweet()
    reading = ingest(by_tweet, written([f"列{number}" for number in range(38)], cells[:38]), TWEET_NAME)
    expected = {name: count for name, count in COUNTS.items() if name not in UNCERTAIN}
    assert counts(reading.tables["post_metrics"][0]) == expected
    assert "columns whose place is not certain, left empty: new_follow_count, media_view_count" in reading.notes


def test_the_printed_time_serves_where_the_id_carries_none(ingest: Ingest) -> None:
    early = tweet(
        datetime(2015, 9, 6, tzinfo=UTC), **{"Tweet id": "12", "Tweet permalink": "", "time": "2015-09-06 07:08 +0000"}
    )
    post = ingest(by_tweet, written(TWEET_HEADER, early), TWEET_NAME).tables["posts"][0]
    assert post["created_at"] == datetime(2015, 9, 6, 7, 8, tzinfo=UTC)


def test_rewritten_times_keep_the_tweets_because_ids_tell_the_time(ingest: Ingest) -> None:
    reading = ingest(by_tweet, written(TWEET_HEADER, tweet(time="05/09/2015 12:00")), TWEET_NAME)
    assert reading.tables["posts"][0]["created_at"] == NOON
    assert [issue["problem"] for issue in reading.tables["issues"]] == ["rewritten_dates"]


def test_bad_cells_of_tweets_cost_the_cell_where_another_tells(ingest: Ingest) -> None:
    later = [NOON + timedelta(hours=hour) for hour in range(4)]
    rows = [
        tweet(later[0]),
        tweet(later[1], likes="n/k", impressions="1.2729541E7"),
        tweet(later[2], **{"Tweet id": "6.4E+17"}),
        tweet(later[3], time="soon"),
        tweet(**{"Tweet id": "6.4E+17", "Tweet permalink": ""}),
    ]
    reading = ingest(by_tweet, written(TWEET_HEADER, *rows), TWEET_NAME)
    assert [row["created_at"] for row in reading.tables["posts"]] == later
    metrics = reading.tables["post_metrics"]
    assert [(row["impression_count"], row["like_count"]) for row in metrics[:2]] == [(424, 3), (12_729_541, None)]
    assert [
        (issue["subject"].removeprefix(f"{TWEET_NAME} "), issue["problem"]) for issue in reading.tables["issues"]
    ] == [
        ("line 6", "damaged_post_id"),
        (TWEET_NAME, "damaged_ids"),
        (TWEET_NAME, "impossible_dates"),
        ("column likes", "not_a_count"),
    ]


def test_a_header_in_the_middle_and_a_line_of_totals_are_no_tweets(ingest: Ingest) -> None:
    total = ["Total", *[""] * 3, "848", *[""] * 35]
    reading = ingest(
        by_tweet, written(TWEET_HEADER, tweet(), TWEET_HEADER, tweet(NOON + timedelta(1)), total), TWEET_NAME
    )
    assert len(reading.tables["posts"]) == 2
    assert [(issue["subject"].split()[-1], issue["problem"]) for issue in reading.tables["issues"]] == [
        ("3", "header_row"),
        ("5", "total_row"),
    ]


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (DAY_HEADER, "English, 38 columns"),
        (["日付", "Tweets published", *(f"列{number}" for number in range(36))], "localised, 38 columns"),
    ],
)
def test_days_are_read_by_name_or_by_position(ingest: Ingest, header: list[str], dialect: str) -> None:
    reading = ingest(by_day, written(header, day()), DAY_NAME)
    assert (reading.dialect, reading.account) == (dialect, "some_brand")
    row = reading.tables["account_daily"][0]
    assert (row["date"], counts(row)) == (date(2015, 9, 5), {"post_count": 3, **DAY_COUNTS})
    assert (reading.period_start, reading.period_end) == (date(2015, 9, 1), date(2015, 9, 30))
    assert row["captured_at"] == datetime(2015, 10, 1, tzinfo=UTC)
    assert any(note.startswith("29 of the 30 days") for note in reading.notes)


def test_an_account_told_against_the_file_name_is_noted(ingest: Ingest) -> None:
    given = Request(now=REQUEST.now, account="renamed")
    reading = ingest(by_day, written(DAY_HEADER, day()), DAY_NAME, given)
    assert reading.account == "renamed"
    assert "the file name says @some_brand" in reading.notes
    with pytest.raises(TweetbenchError, match="which account it belongs to"):
        ingest(by_day, written(DAY_HEADER, day()), "by_day.csv")


def read_folder(ingest: Ingest, folder: Path, source: ModuleType, pattern: str) -> list[Reading]:
    return [ingest(source, path.read_bytes(), path.name) for path in sorted(folder.glob(pattern))]


def test_sixty_real_months_add_up_and_show_the_missing_one(ingest: Ingest, shared_data: Path) -> None:
    readings = read_folder(ingest, shared_data / "ropensci_tweets", by_tweet, "tweet_activity_metrics_*.csv")
    posts = [row for reading in readings for row in reading.tables["posts"]]
    metrics = [row for reading in readings for row in reading.tables["post_metrics"]]
    assert (len(readings), len(posts), len({row["post_id"] for row in posts})) == (60, 1_668, 1_668)
    sums = [sum(row[name] for row in metrics) for name in ("like_count", "repost_count", "impression_count")]
    assert sums == [22_769, 11_371, 9_723_067]
    assert all(row["created_at"] == created_at(row["post_id"]) for row in posts)
    assert sum(len(reading.tables["issues"]) for reading in readings) == 0
    covered = sorted({(row["period_start_date"], row["period_end_date"]) for row in metrics})
    gaps = [
        (before + timedelta(days=1), after - timedelta(days=1))
        for (_, before), (after, _) in pairwise(covered)
        if after - before > timedelta(days=1)
    ]
    assert gaps == [(date(2021, 5, 1), date(2021, 5, 31))]


def test_a_real_year_by_tweet_and_by_day(ingest: Ingest, shared_data: Path) -> None:
    folder = shared_data / "psyteachr_analytics"
    tweets = read_folder(ingest, folder, by_tweet, "tweet_activity_metrics_*.csv")
    days = read_folder(ingest, folder, by_day, "daily_tweet_activity_metrics_*.csv")
    assert (len(tweets), sum(len(reading.tables["posts"]) for reading in tweets)) == (12, 3_087)
    daily = [row for reading in days for row in reading.tables["account_daily"]]
    assert (len(days), len({row["date"] for row in daily})) == (12, 365)
    assert sum(row["post_count"] for row in daily) == 3_097
    assert {reading.account for reading in [*tweets, *days]} == {tweets[0].account}
    assert all(row["date"] <= row["period_end_date"] for row in daily)
