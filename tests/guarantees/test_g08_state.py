"""G8: any stored bookmark is one that was written so, or is refused with a message and the next command."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.x_api.bookmarks import Bookmark, Window, id_at, read_bookmark
from tests.conftest import NOW

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3)
)
FIELDS = ("high", "settled_at", "window")
WINDOW_FIELDS = ("since", "opened_at", "is_overlapped", "high", "low", "fetched", "post_count")
GOOD = Bookmark(
    str(id_at(NOW)), NOW.isoformat(), Window(None, NOW.isoformat(), True, str(id_at(NOW)), "5", 3, 10)
).to_state()


def read(state: Any) -> Bookmark | None:
    """The bookmark, or None where it was refused as every refusal must be."""
    try:
        return read_bookmark(state, key="timeline:1", now=NOW)
    except TweetbenchError as error:
        refusal = error
    assert refusal.exit_code is Exit.BAD_DATA
    assert refusal.why
    assert "tweetbench" in str(refusal.next_step)
    return None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(ANYTHING.filter(lambda value: value is not None))
def test_g08_any_json_is_a_bookmark_of_its_own_words_or_refused(state: Any) -> None:
    bookmark = read(state)
    if bookmark is not None:
        assert (state.get("high"), state.get("settled_at")) == (bookmark.high, bookmark.settled_at)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from([*FIELDS, *(f"window.{name}" for name in WINDOW_FIELDS), "window.new", "new"]), ANYTHING)
def test_g08_a_bookmark_with_one_field_changed_is_read_as_it_stands_or_refused(place: str, value: Any) -> None:
    state = json.loads(json.dumps(GOOD))
    *parents, name = place.split(".")
    (state[parents[0]] if parents else state)[name] = value
    bookmark = read(state)
    if bookmark is not None and place == "high":
        assert bookmark.high == value
        assert value is None or str(value).isdecimal()


def test_g08_a_bookmark_comes_back_as_it_was_written() -> None:
    bookmark = read(json.loads(json.dumps(GOOD)))
    assert bookmark is not None
    assert bookmark.to_state() == GOOD


def test_g08_a_bookmark_of_the_future_is_refused_and_one_of_an_older_version_is_read() -> None:
    assert read({"high": str(id_at(NOW + timedelta(days=30)))}) is None
    assert read({"high": "-5"}) is None
    assert read({"high": "7"}) == Bookmark("7")
    assert read({}) == Bookmark()
