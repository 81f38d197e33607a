"""What the schemas of the lake tables are made of: types, one column, and the columns that several tables share."""

import pyarrow as pa

TEXT, COUNT, FLAG, DAY, NUMBER = pa.string(), pa.int64(), pa.bool_(), pa.date32(), pa.float64()
MOMENT = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(TEXT)


def column(name: str, kind: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    """One column with what it means; a required one may not be null. For text say `content` or `label` instead."""
    return pa.field(name, kind, nullable=not required, metadata={"description": description})


def content(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """A text column that holds what people wrote or are called: erased when the platform takes it back."""
    return column(name, kind, description).with_metadata({"description": description, "is_content": "true"})


def label(name: str, kind: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    """A text column that an erasure keeps: ids, closed vocabularies, our own words, keyed hashes."""
    field = column(name, kind, description, required=required)
    return field.with_metadata({"description": description, "is_content": "false"})


PAYLOAD = "payload", TEXT, "The original record as JSON text, so that a forgotten field is a SQL change"
PROVENANCE = [
    label(
        "platform",
        TEXT,
        "x, bluesky, mastodon, linkedin; of no platform: survey, bitly, links",
        required=True,
    ),
    label("source", TEXT, "Source that delivered the record, such as x_api", required=True),
    column(
        "captured_at",
        MOMENT,
        "UTC time at which the source showed these values; for an export, the end of its last day",
        required=True,
    ),
    label("run_id", TEXT, "Run that wrote the record", required=True),
]
ACCOUNT = [
    label("account_id", TEXT, "Stable id of the account on its platform; null where the source knows the handle only"),
    content("handle", TEXT, "Handle of the account as the source spells it, without @"),
]
PERIOD = [
    column("period_start_date", DAY, "First day that the export covers, in the exporter's time zone"),
    column("period_end_date", DAY, "Last day that the export covers, in the exporter's time zone"),
]
METRICS = [
    column("impression_count", COUNT, "Times shown"),
    column("like_count", COUNT, "Likes (favourites)"),
    column("repost_count", COUNT, "Reposts, without quotes"),
    column("reply_count", COUNT, "Replies"),
    column("quote_count", COUNT, "Quotes"),
    column("bookmark_count", COUNT, "Bookmarks"),
    column("share_count", COUNT, "Shares, as the platform counts them"),
    column("engagement_count", COUNT, "All interactions as the platform itself counts them"),
    column("link_click_count", COUNT, "Clicks on links in the post"),
    column("profile_click_count", COUNT, "Clicks on, or visits to, the profile"),
    column("detail_expand_count", COUNT, "Times opened for detail"),
    column("hashtag_click_count", COUNT, "Clicks on hashtags"),
    column("permalink_click_count", COUNT, "Clicks on the permanent link"),
    column("media_view_count", COUNT, "Views of attached media"),
    column(
        "new_follow_count",
        COUNT,
        "New follows: all those of a day (X Analytics' account overview), or those made from a post",
    ),
]
