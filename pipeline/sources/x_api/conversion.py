"""Answers that are still text to what the lake takes: in columns, and post by post where an answer is not usual.

Both ways give the same rows, which a test asserts; how each reads a post belongs to `post_columns` and `normalise`.
"""

from collections.abc import Sequence

import msgspec

from pipeline.sources.api.journal import JournalOwner
from pipeline.sources.api.responses import Converted, RawResponse, damaged_issue
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.normalise import PostContext, post_tables
from pipeline.sources.x_api.post_columns import NotUsual, convert_columns
from pipeline.sources.x_api.responses import post_texts, read_object

BLOCK_ANSWERS = 50  # 5,000 posts, 10 MB of text: more at once is no faster and only takes memory


def convert(answers: Sequence[RawResponse]) -> Converted:
    """Rows of posts, post_metrics and issues of many answers; an answer that is not usual harms no other."""
    converted = Converted()
    for start in range(0, len(answers), BLOCK_ANSWERS):
        block = answers[start : start + BLOCK_ANSWERS]
        try:
            _add_block(converted, block)
        except NotUsual:
            for answer in block:
                try:
                    _add_block(converted, [answer])
                except NotUsual:
                    converted.add_rows(convert_rows(answer))
    return converted


def _add_block(converted: Converted, answers: Sequence[RawResponse]) -> None:
    """Add answers in columns.

    Raises:
        NotUsual: nothing was added, because one of them needs the row-wise way.
    """
    posts, metrics = convert_columns(answers)
    for name, table in (("posts", posts), ("post_metrics", metrics)):
        if table.num_rows:
            converted.blocks.setdefault(name, []).append(table)


def convert_rows(answer: RawResponse) -> dict[str, list[Row]]:
    """One answer post by post; an issue in place of its posts where it cannot be read at all."""
    body = read_object(answer.text)
    try:
        texts = [str(text, "utf-8") for text in map(bytes, post_texts(answer.text))]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        texts = []
    if body is None or len(texts) != answer.post_count:
        return {"issues": [damaged_issue(answer, "x")]}
    ids = [item["id"] for item in body["data"]]
    context = PostContext(answer.at, answer.endpoint, handles=answer.handles, texts=dict(zip(ids, texts, strict=True)))
    return post_tables(body, context)


# Journals that lie loose are of the time in which X was the only API.
JOURNALS = JournalOwner("x_api", "x", convert, adopts_loose=True)
