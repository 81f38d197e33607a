"""Columns of the four analytics exports: by names in many languages, by places where no name contradicts them."""

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics import twitter_analytics_by_day as by_day
from pipeline.sources.analytics import twitter_analytics_by_tweet as by_tweet
from pipeline.sources.analytics import x_analytics_content as content
from pipeline.sources.analytics import x_analytics_overview as overview
from pipeline.sources.analytics.exports import BY_DAY, BY_TWEET, CONTENT, OVERVIEW, OVERVIEW_ORDER, TWITTER_METRICS
from pipeline.sources.analytics.header_words import names_by_field
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.snowflake import EPOCH_MS

EXPORTS = {content: CONTENT, overview: OVERVIEW, by_tweet: BY_TWEET, by_day: BY_DAY}
EVERY = tuple(EXPORTS)
OLD = (by_tweet, by_day)
REQUEST = Request(now=datetime(2026, 11, 22, 12, tzinfo=UTC), account="brand")
LANGUAGES = {source: tuple(names_by_field(EXPORTS[source].words)) for source in EVERY}
CASES = [(source, language) for source in EVERY for language in LANGUAGES[source]]
FIRST = ("post_id", "link", "text", "time")
COUNTS = {  # each another figure, and as X defines them: likes are a part of engagements, those of impressions
    "impression_count": 9_000,
    "engagement_count": 900,
    "like_count": 110,
    "repost_count": 33,
    "reply_count": 21,
    "bookmark_count": 12,
    "share_count": 13,
    "new_follow_count": 14,
    "unfollow_count": 15,
    "profile_click_count": 16,
    "post_count": 17,
    "video_view_count": 18,
    "media_view_count": 19,
    "detail_expand_count": 20,
    "link_click_count": 121,
    "hashtag_click_count": 22,
    "permalink_click_count": 23,
}
Ingest = Callable[..., Reading]


def moment(number: int) -> datetime:
    return datetime(2022, 3, 1, 12, 0, 0, 250_000, UTC) + timedelta(days=number)


def cells(source: ModuleType, number: int) -> dict[str, str]:
    posted = moment(number)
    post_id = str(((int(posted.timestamp() * 1000) - EPOCH_MS) << 22) + 1)
    return {
        "post_id": post_id,
        "link": f"https://x.com/brand/status/{post_id}",
        "text": f"Text {number}",
        "time": f"{posted:%Y-%m-%d %H:%M} +0000",
        "day": f"{posted:%Y-%m-%d}" if source in OLD else f"{posted:%a}, {posted:%b} {posted.day}, {posted.year}",
        "engagement_rate": "0.1",
        **dict.fromkeys(("app_opens", "app_installs", "emailed_tweets", "dialled_phones"), "0"),
        "media_engagements": "0",
        **{field: str(count + number) for field, count in COUNTS.items()},
        "impression_count": str(10 * (COUNTS["engagement_count"] + number)),
    }


def names(source: ModuleType, language: str) -> dict[str, str]:
    known = names_by_field(EXPORTS[source].words)[language]
    return {field: known[field][-1] for field in EXPORTS[source].fields if field in known}


def whole_header(source: ModuleType, language: str) -> list[str]:
    """Names in X's order; words stand for those that the language's table does not know."""
    known, order = names(source, language), max(EXPORTS[source].orders.items())[1]
    return [known.get(str(field), f"word {number}") for number, field in enumerate(order)]


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue().encode()


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    def read(source: ModuleType, data: bytes, name: str = "export.csv", request: Request = REQUEST) -> Reading:
        (tmp_path / "file").write_bytes(data)
        file = InputFile(path=tmp_path / "file", shown_name=name, sha256="0" * 64)
        assert [known for known in EVERY if known.recognises(file, request)] == [source]
        reading: Reading = source.read(file, request)
        return reading

    return read


def figures(source: ModuleType, reading: Reading) -> list[dict[str, object]]:
    table = "post_metrics" if source in (content, by_tweet) else "account_daily"
    return [{name: row[name] for name in row if name.endswith("_count")} for row in reading.tables[table]]


def expected(source: ModuleType, fields: Mapping[str, object], numbers: Sequence[int]) -> list[dict[str, object]]:
    stored = [field for field in fields if field.endswith("_count") and field not in EXPORTS[source].left_out]
    return [{field: int(cells(source, number)[field]) for field in stored} for number in numbers]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_any_order_of_known_columns_in_any_language_gives_the_same_figures(
    ingest: Ingest, case: tuple[ModuleType, str], order: random.Random
) -> None:
    source, language = case
    header = names(source, language)
    fields = list(header)
    order.shuffle(fields)
    rows = [[cells(source, number)[field] for field in fields] for number in (1, 2)]
    reading = ingest(source, written([header[field] for field in fields], rows))
    assert sorted(figures(source, reading), key=str) == sorted(expected(source, header, (1, 2)), key=str)
    assert reading.tables["issues"] == []
    if "posts" in reading.tables:
        assert [row["text"] for row in reading.tables["posts"]] == ["Text 1", "Text 2"]
        assert [row["created_at"] for row in reading.tables["posts"]] == [moment(1), moment(2)]
    else:
        assert [row["date"] for row in reading.tables["account_daily"]] == [date(2022, 3, 2), date(2022, 3, 3)]


@pytest.mark.parametrize(("source", "language"), CASES, ids=lambda part: getattr(part, "NAME", part))
def test_a_header_of_a_known_kind_without_rows_is_said_in_every_language(
    ingest: Ingest, source: ModuleType, language: str
) -> None:
    with pytest.raises(TweetbenchError, match="the file has a header and no rows"):
        ingest(source, written(whole_header(source, language), []))


def test_no_name_heads_two_different_columns() -> None:
    for export in ("x", "twitter"):
        headed: dict[str, set[str]] = {}
        for by_field in names_by_field(export).values():
            for field, variants in by_field.items():
                for name in variants:
                    headed.setdefault(name.casefold(), set()).add(field)
        assert {name: fields for name, fields in headed.items() if len(fields) > 1} == {}


GERMAN = [
    "Post-ID",
    "Datum",
    "Post-Text",
    "Post-Link",
    "Gefällt mir",
    "Impressions",
    "Interaktionen",
    "Lesezeichen",
    "Mal geteilt",
    "Neue Follower",
    "Antworten",
    "Reposts",
    "Profilbesuche",
    "Detailerweiterungen",
    "URL-Klicks",
    "Hashtag-Klicks",
    "Permalink-Klicks",
]
UNKNOWN = [f"列{number}" for number in range(17)]


def test_names_are_followed_where_columns_were_moved(ingest: Ingest) -> None:
    row = cells(content, 1)
    line = [row["post_id"], row["day"], row["text"], row["link"], "1", "110", "3", *"0" * 10]
    (metric,) = ingest(content, written(GERMAN, [line])).tables["post_metrics"]
    assert (metric["like_count"], metric["impression_count"], metric["engagement_count"]) == (1, 110, 3)


def test_a_known_name_in_another_place_is_refused_where_the_rest_is_not_known(ingest: Ingest) -> None:
    row = cells(content, 1)
    line = [row["post_id"], row["day"], row["text"], row["link"], "1", "110", "3", *"0" * 10]
    header = [*UNKNOWN[:5], "Impressions", *UNKNOWN[6:]]
    with pytest.raises(TweetbenchError, match="cannot be distinguished") as caught:
        ingest(content, written(header, [line]))
    assert caught.value.why.startswith(
        "column 6 is called 'Impressions', which X writes as column 5; there stands '列4'"
    )
    assert caught.value.next_step.startswith("set X to English")


def test_places_that_hold_what_they_cannot_hold_are_refused(ingest: Ingest) -> None:
    row = cells(content, 1)
    line = [row["post_id"], row["day"], row["text"], row["link"], "110", "5", "3", *"0" * 10]
    with pytest.raises(TweetbenchError, match="not where X writes them") as caught:
        ingest(content, written(UNKNOWN, [line]))
    assert caught.value.why == (
        "column 6 ('列5') is larger than column 7 ('列6') in 1 of 1 rows, but should be a part of it"
    )
    days = [cells(by_day, number) for number in (1, 2)]
    moved = [[day["day"], "3", day["engagement_count"], "9000", "0.1", "1", "2", *"0" * 31] for day in days]
    with pytest.raises(TweetbenchError, match="not where X writes them"):
        ingest(by_day, written([f"列{number}" for number in range(38)], moved), "daily.csv")
    rates = [[day["day"], "3", "9000", day["engagement_count"], "0.5", "1", "2", *"0" * 31] for day in days]
    with pytest.raises(TweetbenchError, match="not where X writes them") as caught:
        ingest(by_day, written([f"列{number}" for number in range(38)], rates), "daily.csv")
    assert "the engagement rate is not that of the columns" in caught.value.why


@pytest.mark.parametrize("loanwords", [("retweets",), ("Date", "impressions", "Retweets"), ("Tweets published",)])
def test_a_loanword_makes_no_language(ingest: Ingest, loanwords: tuple[str, ...]) -> None:
    header = [f"列{number}" for number in range(38)]
    places = {"Date": 0, "Tweets published": 1, "impressions": 2, "retweets": 5, "Retweets": 5}
    for word in loanwords:
        header[places[word]] = word
    row = cells(by_day, 1)
    order = [field for field in BY_DAY.orders[38] if field]
    line = [*(row[field] for field in order), *"-" * 18]
    reading = ingest(by_day, written(header, [line]))
    assert reading.dialect == "localised, 38 columns"
    assert figures(by_day, reading) == expected(by_day, dict.fromkeys(order), [1])


def test_european_exports_by_tweet_are_read_although_one_name_is_english(ingest: Ingest) -> None:
    french = names(by_tweet, "French")
    assert french["repost_count"] == "Retweets"
    header = [french[field] for field in TWITTER_METRICS[:11]]
    later = [f"colonne {number}" for number in range(7 + 18)]
    first = [french[field] for field in FIRST]
    row = cells(by_tweet, 1)
    fields = [*FIRST, *TWITTER_METRICS]
    reading = ingest(by_tweet, written([*first, *header, *later], [[*(row[field] for field in fields), *"-" * 18]]))
    assert (reading.dialect, len(reading.tables["posts"])) == ("French, 40 columns", 1)
    assert figures(by_tweet, reading) == expected(by_tweet, dict.fromkeys(fields), [1])
    assert "taken by their position, their French names not being known: new follow, media view" in reading.notes


def test_japanese_days_of_x_with_an_english_date_and_a_stray_mark_are_read_by_name(ingest: Ingest) -> None:
    header = [names(overview, "Japanese")[field] for field in OVERVIEW_ORDER]
    header = ["Date", *header[1:]]
    header[5] += "\\"
    row = cells(overview, 1)
    reading = ingest(overview, written(header[::-1], [[row[field] for field in OVERVIEW_ORDER][::-1]]))
    assert reading.dialect == "overview, Japanese"
    assert figures(overview, reading)[0]["share_count"] == 14


def test_eleven_columns_with_known_names_are_enough(ingest: Ingest) -> None:
    text = "ポストID,日付,ポスト本文,ポストのリンク,インプレッション数,いいね,ブックマーク,リポスト,返信"
    header = [*text.split(","), "URLのクリック数", "新しいフォロー"]
    known = {name: field for field, variants in names_by_field("x")["Japanese"].items() for name in variants}
    row = cells(content, 1)
    reading = ingest(content, written(header, [[row[known[name]] for name in header]]))
    assert (reading.dialect, reading.tables["post_metrics"][0]["link_click_count"]) == ("Japanese", 122)
    assert any(note.startswith("columns not in this file, left empty: engagement_count") for note in reading.notes)


def test_follows_of_posts_are_no_new_followers_of_the_account(ingest: Ingest) -> None:
    header = names(by_day, "English")
    row = cells(by_day, 1)
    reading = ingest(by_day, written(list(header.values()), [[row[field] for field in header]]))
    day = reading.tables["account_daily"][0]
    assert day.get("new_follow_count") is None
    assert '"follows": "15"' in day["payload"]
    assert "follows are those that came from a post, not all of the account: kept in the payload only" in reading.notes
