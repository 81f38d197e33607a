"""Answers that hold posts, kept as the API's own text from the request to the lake's commit.

A usual answer is looked into only as far as the run needs it at once: ids, owners, errors, the next page. Everything
else is read when many answers are converted together (`conversion`); an odd answer becomes rows here and now.
"""

import json
from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from pipeline.sources.api.json_values import Record, id_of
from pipeline.sources.api.responses import ANSWERS, RawResponse
from pipeline.sources.x_api.normalise import PageRows, PostContext, next_token, normalise_posts
from pipeline.sources.x_api.problems import issue_rows, read_problems

NUL = b"\\u0000"  # which neither Parquet's readers nor SQL accept in a text


class _Head(msgspec.Struct):
    """A post as far as every run needs it. A field that only the row-wise way reads must not be there."""

    id: str
    author_id: str
    withheld: UnsetType = UNSET
    non_public_metrics: UnsetType = UNSET
    organic_metrics: UnsetType = UNSET
    promoted_metrics: UnsetType = UNSET
    edit_history_post_ids: UnsetType = UNSET
    note_post: UnsetType = UNSET
    referenced_posts: UnsetType = UNSET


class _Envelope(msgspec.Struct):
    data: list[_Head]
    includes: UnsetType = UNSET
    errors: msgspec.Raw = msgspec.Raw(b"[]")
    meta: msgspec.Raw = msgspec.Raw(b"{}")


class _Texts(msgspec.Struct):
    data: list[msgspec.Raw]


_ENVELOPE, _TEXTS = msgspec.json.Decoder(_Envelope), msgspec.json.Decoder(_Texts)


def read_object(text: bytes) -> Record | None:
    """The JSON object of an answer, or None where there is none."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def open_posts(text: bytes, context: PostContext) -> PageRows | None:
    """What the run needs of an answer at once; its posts as `ANSWERS`, or as rows where it is odd. None: no answer."""
    envelope = _open_usual(text)
    if envelope is None:
        body = read_object(text)
        return None if body is None else normalise_posts(body, context)
    body = {"errors": json.loads(bytes(envelope.errors)), "meta": json.loads(bytes(envelope.meta))}
    problems = read_problems(body, asks_for_accounts=False)
    tables = {
        "posts": [],
        "post_metrics": [],
        "issues": issue_rows(problems, endpoint=context.endpoint, at=context.at),
    }
    ids = tuple(head.id for head in envelope.data)
    if ids:
        handles = {head.author_id: context.handles.get(head.author_id) for head in envelope.data}
        answer = RawResponse(text.replace(b"\n", b" "), context.at, context.endpoint, handles, len(ids))
        tables[ANSWERS] = [vars(answer)]
    return PageRows(tables, ids, next_token(body), tuple(problems))


def _open_usual(text: bytes) -> _Envelope | None:
    """The envelope of an answer whose posts can be converted in columns, or None."""
    if NUL in text:
        return None
    try:
        text.decode()
        envelope = _ENVELOPE.decode(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    ids = {head.id for head in envelope.data}
    is_usual = len(ids) == len(envelope.data) and all(map(id_of, ids))
    return envelope if is_usual and all(id_of(head.author_id) for head in envelope.data) else None


def post_texts(text: bytes) -> Sequence[msgspec.Raw]:
    """The posts of a usual answer as the API wrote them.

    Raises:
        MsgspecError: the text holds no list of posts.
    """
    return _TEXTS.decode(text).data
