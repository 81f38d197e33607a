"""Conversion of many answers in columns gives what reading them post by post gives, whatever a post holds."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.sources import snowflake
from pipeline.sources.api.journal import Journal, recover
from pipeline.sources.api.responses import ANSWERS, RawResponse
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.conversion import BLOCK_ANSWERS, JOURNALS, convert, convert_rows
from pipeline.sources.x_api.normalise import PageRows, PostContext, normalise_posts
from pipeline.sources.x_api.post_columns import NotUsual, convert_columns
from pipeline.sources.x_api.responses import open_posts

from .stand import NOW, make_post

HANDLES = {"1001": "firm1", "1002": "firm2", "7": None}
CONTEXT = PostContext(NOW, "GET /2/users/:id/tweets", handles=HANDLES)


def open_page(text: bytes, context: PostContext = CONTEXT) -> tuple[PageRows, list[RawResponse]]:
    page = open_posts(text, context)
    assert page is not None
    return page, [RawResponse(**row) for row in page.tables.get(ANSWERS, [])]


def as_table(name: str, rows: list[Row]) -> pa.Table:
    columns = [field for field in TABLES[name] if field.name not in {"source", "run_id"}]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def as_text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass")


def row_wise(items: list[Any]) -> PageRows:
    """The rows by definition, and what the API wrote kept as it is: numbers of any size and form, no space put in."""
    texts = {post["id"]: as_text(post).decode() for post in items}
    return normalise_posts({"data": items}, replace(CONTEXT, texts=texts))


def assert_same(tables: tuple[pa.Table, pa.Table], expected: PageRows) -> None:
    for name, found in zip(("posts", "post_metrics"), tables, strict=True):
        wanted = as_table(name, expected.tables[name])
        assert found.schema.equals(wanted.schema)
        for column in found.column_names:
            assert found[column].to_pylist() == wanted[column].to_pylist(), column


TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6)
IDS = (st.integers(1, 2**63 - 1) | st.integers(1, snowflake.FIRST_SNOWFLAKE + 5)).map(str)
POST_LINKS = st.builds(
    "https://{}/{}/status/{}{}".format,
    st.sampled_from(["x.com", "twitter.com", "x.org"]),
    st.sampled_from(["a", "i/web", "ä"]),
    st.sampled_from(["50", "51", "99", "x"]),
    st.sampled_from(["", "/", "/photo/1", "/likes"]),
)
LINKS = st.fixed_dictionaries(
    {},
    optional={
        "url": TEXTS,
        "expanded_url": TEXTS | POST_LINKS,
        "unwound_url": TEXTS,
        "media_key": st.sampled_from(["", "3_1"]),
    },
)
ENTITIES: dict[str, st.SearchStrategy[Any]] = {
    "urls": st.lists(LINKS, max_size=4),
    "mentions": st.lists(st.fixed_dictionaries({}, optional={"username": TEXTS, "screen_name": TEXTS}), max_size=3),
    "annotations": st.lists(st.fixed_dictionaries({"probability": st.floats(0, 1)}), max_size=1),
}
TAGS = {"hashtags": st.lists(st.fixed_dictionaries({"tag": TEXTS}), max_size=4)}
COUNT = st.integers(0, 2**63 - 1)
REQUIRED = {"retweet_count": COUNT, "reply_count": COUNT, "like_count": COUNT, "impression_count": COUNT}
REFERENCE = st.fixed_dictionaries(
    {"type": st.sampled_from(["retweeted", "quoted", "replied_to", "new"]), "id": st.sampled_from(["51", "52"])}
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.just("RT @other: cut…"),
    "lang": TEXTS,
    "conversation_id": IDS,
    "in_reply_to_user_id": st.sampled_from(["1001", "1002", "8"]),
    "edit_history_tweet_ids": st.lists(IDS, min_size=1, max_size=3),
    "referenced_tweets": st.lists(REFERENCE, max_size=4),
    "entities": st.fixed_dictionaries({}, optional={**ENTITIES, **TAGS}),
    "note_tweet": st.fixed_dictionaries(
        {}, optional={"text": TEXTS, "entities": st.fixed_dictionaries(TAGS, optional=ENTITIES)}
    ),
    "attachments": st.fixed_dictionaries({}, optional={"media_keys": st.lists(TEXTS | st.just("16_9"), max_size=3)}),
    "context_annotations": st.just([{"domain": {"id": "45"}}]),
}


@st.composite
def usual_posts(draw: st.DrawFn) -> dict[str, Any]:
    """A post of which every field may come from the API as it is."""
    post = draw(
        st.fixed_dictionaries(
            {
                "id": IDS | st.just("50"),
                "author_id": st.sampled_from(list(HANDLES)),
                "public_metrics": st.fixed_dictionaries(
                    REQUIRED, optional={"quote_count": COUNT, "bookmark_count": COUNT}
                ),
            },
            optional=FIELDS,
        )
    )
    timed = snowflake.created_at(post["id"]) or NOW
    stated = draw(
        st.none()
        | st.datetimes(datetime(2006, 3, 21), datetime(9999, 1, 1))  # noqa: DTZ001 - written as UTC
        | st.integers(-61_001, 61_001).map(lambda milliseconds: timed + timedelta(milliseconds=milliseconds))
    )
    return post if stated is None else {**post, "created_at": f"{stated:%Y-%m-%dT%H:%M:%S}.{stated:%f}"[:23] + "Z"}


PAGES = st.lists(usual_posts(), min_size=1, max_size=5, unique_by=lambda post: post["id"])


@settings(max_examples=60, deadline=None)
@given(PAGES)
def test_usual_posts_are_converted_in_columns_and_give_the_same_rows(items: list[dict[str, Any]]) -> None:
    _, answers = open_page(as_text({"data": items, "meta": {}}))
    assert_same(convert_columns(answers), row_wise(items))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.just("7"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "urls", "x"]), inner),
    max_leaves=4,
)
PLACES = [
    *FIELDS,
    *("id", "author_id", "created_at", "withheld", "note_post", "public_metrics", "non_public_metrics"),
    *(f"public_metrics.{name}" for name in ("like_count", "repost_count", "new_count")),
    *("entities.urls", "entities.hashtags", "entities.mentions", "note_tweet.text", "note_tweet.entities"),
    *("attachments.media_keys", "edit_history_post_ids", "organic_metrics"),
]


def spoiled(post: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    changed = dict(post)
    for place, value in changes.items():
        outer, _, inner = place.partition(".")
        record = changed.get(outer)
        changed[outer] = {**(record if isinstance(record, dict) else {}), inner: value} if inner else value
    return changed


@settings(max_examples=120, deadline=None)
@given(PAGES, st.dictionaries(st.sampled_from(PLACES), ODD | st.lists(ODD, max_size=2), min_size=1, max_size=2))
def test_a_spoiled_post_gives_the_same_rows_or_is_left_to_the_row_wise_way(
    items: list[dict[str, Any]], changes: dict[str, Any]
) -> None:
    body = {"data": [*items[1:], spoiled(items[0], changes)]}
    text = as_text(body)
    page, answers = open_page(text)
    expected = normalise_posts(json.loads(text), CONTEXT)
    assert (page.ids, page.next_token) == (expected.ids, expected.next_token)
    if not answers:
        assert page == expected
        return
    expected = row_wise(body["data"])
    assert convert_rows(answers[0]) == expected.tables
    try:
        tables = convert_columns(answers)
    except NotUsual:
        return
    assert expected.tables["issues"] == []
    assert_same(tables, expected)


def test_odd_answers_cost_their_neighbours_nothing() -> None:
    pages = []
    for number in range(BLOCK_ANSWERS + 2):
        odd = {"public_metrics": {"like_count": -1}} if number % 20 == 7 else {}
        items = [make_post(number * 10 + place, **odd) for place in range(3)]
        pages.append(open_page(as_text({"data": items}), replace(CONTEXT, at=NOW + timedelta(seconds=number))))
    answers = [answer for _, found in pages for answer in found]
    broken = replace(answers[3], text=answers[3].text[:-40])
    shorter = replace(answers[4], post_count=2)
    converted = convert([*answers, broken, shorter])
    ids = [row["post_id"] for row in converted.rows["posts"]]
    for table in converted.blocks["posts"]:
        ids += table["post_id"].to_pylist()
    assert sorted(ids) == sorted(post_id for page, _ in pages for post_id in page.ids)
    assert converted.row_counts() == {"posts": 156, "post_metrics": 156, "issues": 23}
    problems = Counter(row["problem"] for row in converted.rows["issues"])
    # Three pages have three negative counts each, and so lack all four required ones.
    assert problems == {"unusable_metric": 9, "missing_required_metric": 12, "journal_damaged": 2}


def test_posts_of_authors_with_changing_handles_keep_the_handle_of_their_time() -> None:
    first, second = (
        open_page(as_text({"data": [make_post(number)]}), replace(CONTEXT, handles={"1001": handle}))[1][0]
        for number, handle in ((1, "old"), (2, None))
    )
    with pytest.raises(NotUsual, match="one handle per account"):
        convert_columns([first, second])
    tables = convert([first, second]).blocks["posts"]
    assert [table["handle"].to_pylist() for table in tables] == [["old"], [None]]


@pytest.mark.parametrize(
    "text",
    [
        b'{"data":[{"id":"1","author_id":"2","text":"\\ud83d"}]}',
        b'{"data":[{"id":"1","author_id":"2","text":"a\\u0000b"}]}',
        b'{"data":[{"id":"1","author_id":"2","lang":NaN}]}',
        b'{"data":[{"id":1,"author_id":"2"}]}',
        b'{"data":[{"id":"1"}]}',
        b'{"data":[{"id":"1","author_id":"2"},{"id":"1","author_id":"2"}]}',
        b'{"data":{"id":"1","author_id":"2"}}',
        b'{"data":[{"id":"1","author_id":"2"}],"includes":{"tweets":[]}}',
    ],
)
def test_an_odd_answer_is_read_post_by_post_at_once(text: bytes) -> None:
    page, answers = open_page(text)
    assert answers == []
    assert page == normalise_posts(json.loads(text), CONTEXT)
    assert [row["post_id"] for row in page.tables["posts"]] == ["1"]


@pytest.mark.parametrize("text", [b"", b"[]", b"<html>", b'{"data":[', b'{"data":[{"id":"1","author_id":"\xff"}]}'])
def test_what_is_no_answer_is_none(text: bytes) -> None:
    assert open_posts(text, CONTEXT) is None


def test_real_posts_are_converted_in_columns(shared_data: Path) -> None:
    names = ("noflat", "brexit", "two_tweets")
    files = [(shared_data / "twarc_v2_json" / f"{name}.jsonl").read_text(encoding="utf-8") for name in names]
    posts = [post for text in files for line in text.splitlines() for post in json.loads(line)["data"]]
    # They are from before X reported how often a post was seen; a run never asks for the posts next to them.
    seen = {"impression_count": 1}
    items = [{**post, "public_metrics": {**post["public_metrics"], **seen}} for post in posts]
    _, answers = open_page(as_text({"data": items}))
    assert answers[0].post_count == len(posts) > 100
    assert_same(convert_columns(answers), row_wise(items))


def test_answers_left_in_a_journal_become_the_rows_that_the_run_would_have_committed(tmp_path: Path) -> None:
    posts = [make_post(1, text='line\nquote" \U0001f600', entities={"hashtags": [{"tag": "ä"}]}), make_post(2)]
    text = json.dumps({"data": posts, "meta": {"next_token": "t"}}, indent=1).encode()
    page = open_posts(text, PostContext(NOW, "GET /2/users/:id/tweets", handles={"1001": "firm1"}))
    lakes = [Lake(tmp_path / name) for name in ("committed", "recovered")]
    for lake in lakes:
        landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=99, clock=lambda: NOW)
        landing.append(page.tables if page else {}, {"timeline:1001": {"high": "2"}})
        if lake is lakes[0]:
            landing.commit()
            assert landing.row_counts == {"posts": 2, "post_metrics": 2}
    assert recover(lakes[1], JOURNALS, now=NOW) == 1
    for name in ("posts", "post_metrics"):
        assert lakes[0].read(name).equals(lakes[1].read(name))
    assert lakes[1].read("posts")["text"].to_pylist() == [post["text"] for post in posts]
    assert [json.loads(payload) for payload in lakes[1].read("posts")["payload"].to_pylist()] == posts
