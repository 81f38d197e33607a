"""Rows that the entries of an answer come to in the lake."""

from pipeline.sources.api.feeds.items import Page, tables_of
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.responses import ANSWERS, RawResponse
from pipeline.sources.lake_source import Row


def rows_of(platform: FeedPlatform, page: Page) -> tuple[list[Row], list[Row]]:
    """Rows of posts and of post_metrics."""
    converted = platform.convert([RawResponse(**row) for row in tables_of(page.items)[ANSWERS]])
    assert converted.rows == {}
    posts, metrics = (
        [row for block in converted.blocks.get(name, ()) for row in block.to_pylist()]
        for name in ("posts", "post_metrics")
    )
    return posts, metrics
