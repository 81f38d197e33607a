"""Answers of feeds that are still text to tables of posts and metrics, all in columns.

A source brings the struct of an entry and what its fields mean, as columns. The struct is strict: what it refuses is
fitted value by value, so that one way reads all answers. Nothing here raises because of an answer.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.schemas.columns import MOMENT, TEXT
from pipeline.sources.api.columns import table_of
from pipeline.sources.api.feeds.fitting import fitted
from pipeline.sources.api.json_text import has_nul, repaired
from pipeline.sources.api.responses import Converted, RawResponse, damaged_issue

Entry = TypeVar("Entry")
BLOCK_ANSWERS = 50


@dataclass(frozen=True)
class Block(Generic[Entry]):
    """Entries of many answers, each with its answer, and the texts of all: one list in JSON for each answer."""

    entries: list[Entry] = field(default_factory=list)
    answers: list[RawResponse] = field(default_factory=list)
    lists: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class PostColumns:
    """Columns of posts and of their counts, each a value an entry; `own`: the posts that have metrics.

    Both tables share what `posts` says of account, handle and id; `payload` is in `posts` alone.
    """

    posts: Mapping[str, Any]
    counts: Mapping[str, pa.Array]
    own: Sequence[bool]


def converter(
    platform: str, kind: type[Entry], columns_of: Callable[[Block[Entry]], PostColumns]
) -> Callable[[Sequence[RawResponse]], Converted]:
    """What makes rows of a platform's answers."""
    decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]

    def convert(answers: Sequence[RawResponse]) -> Converted:
        converted = Converted()
        for start in range(0, len(answers), BLOCK_ANSWERS):
            block = Block[Entry]()
            with _without_cycle_search():
                for answer in answers[start : start + BLOCK_ANSWERS]:
                    if not _add(block, answer, decoder, kind):
                        converted.add_rows({"issues": [damaged_issue(answer, platform)]})
                if block.entries:
                    for name, table in _tables(platform, block, columns_of(block)):
                        converted.blocks.setdefault(name, []).append(table)
        return converted

    return convert


@contextmanager
def _without_cycle_search() -> Iterator[None]:
    """Thousands of entries without a cycle among them would be searched for cycles over and over: a third of the time.

    Bounded by a block, and no entry outlives it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _add(
    block: Block[Entry], answer: RawResponse, decoder: msgspec.json.Decoder[list[Entry]], kind: type[Entry]
) -> bool:
    """Add the entries of an answer; False where it cannot be read back."""
    try:
        try:
            if has_nul(answer.text):
                raise ValueError("a text has to be cleaned")
            answer.text.decode()
            entries, text = decoder.decode(answer.text), answer.text
        except (msgspec.MsgspecError, ValueError, RecursionError):
            entries, text = _fit(answer.text, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    if len(entries) != answer.post_count:
        return False
    block.entries.extend(entries)
    block.lists.append(text)
    block.answers.extend([answer] * len(entries))
    return True


def _fit(text: bytes, kind: type[Entry]) -> tuple[list[Entry], bytes]:
    """Entries of an answer that the strict struct refuses, and its text, which is repaired where a value is none.

    Raises:
        MsgspecError, ValueError, RecursionError: it is no list in JSON.
    """
    try:
        values = msgspec.json.decode(text, type=list[Any])
        text.decode()
    except (msgspec.MsgspecError, ValueError):
        text = repaired(text)
        values = msgspec.json.decode(text, type=list[Any])
    return [fitted(value, kind) for value in values], text


def _tables(platform: str, block: Block[Any], columns: PostColumns) -> Iterator[tuple[str, pa.Table]]:
    size, own = len(block.entries), pa.array(columns.own, pa.bool_())
    posts = {
        **columns.posts,
        "captured_at": _moments(block.answers),
        "availability": pa.repeat("available", size),
    }
    yield "posts", table_of("posts", posts, size, platform=platform)
    shared = {name: posts[name] for name in ("captured_at", "account_id", "handle", "post_id")}
    metrics = {
        **shared,
        "metric_scope": pa.repeat("public", size),
        **columns.counts,
        "payload": _as_json(columns.counts),
    }
    table = table_of("post_metrics", metrics, size, platform=platform).filter(own)
    if table.num_rows:
        yield "post_metrics", table


def _moments(answers: Sequence[RawResponse]) -> pa.Array:
    """When each entry was read; those of an answer share their time."""
    known = {moment: number for number, moment in enumerate({answer.at for answer in answers})}
    return pa.array(list(known), MOMENT).take(pa.array([known[answer.at] for answer in answers]))


def _as_json(counts: Mapping[str, pa.Array]) -> pa.Array:
    """The counts of each post as one JSON object."""
    parts: list[Any] = []
    for name, values in counts.items():
        parts += [f'{"," if parts else "{"}"{name}":', pc.coalesce(values.cast(TEXT), "null")]
    return pc.binary_join_element_wise(*parts, "}", "")
