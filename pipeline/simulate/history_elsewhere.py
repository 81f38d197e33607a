"""The past of the demo's accounts on other platforms as rows of the lake, in the platform's form."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from pipeline.simulate.elsewhere import Elsewhere
from pipeline.simulate.history import Row, history_rows, metric_rows, post_rows
from pipeline.simulate.posts import KINDS, REPOST
from pipeline.simulate.texts import hashtags_of, plain_text_of
from pipeline.simulate.world_calendar import to_instant

ACCOUNT_COLUMNS = (
    "captured_at",
    "account_id",
    "handle",
    "status",
    "status_detail",
    "name",
    "created_at",
    "description",
    "follower_count",
    "following_count",
    "post_count",
)
REACTIONS = {
    "bluesky": ("like_count", "repost_count", "reply_count", "quote_count", "bookmark_count"),
    "mastodon": ("like_count", "repost_count", "reply_count", "quote_count"),
}
# Of an account that is not there, as the platform words it.
STATUSES = {
    "suspended": ("suspended", "AccountTakedown: Account has been suspended"),
    "not_found": ("deactivated", "AccountDeactivated: Account is deactivated"),
}


def landed_before(site: Elsewhere, first_day: date, last_day: date) -> dict[str, list[Row]]:
    """Rows by lake table that daily runs of the days would have landed, of the posts made on them."""
    start = datetime.combine(first_day, time(), UTC)
    posts = [row for row in _post_rows(site, first_day, last_day) if row["created_at"] >= start]
    known = {row["post_id"] for row in posts}
    return {
        "accounts": list(_account_rows(site, first_day, last_day)),
        "posts": posts,
        "post_metrics": [row for row in _metric_rows(site, first_day, last_day) if row["post_id"] in known],
    }


def bookmarks(rows: dict[str, list[Row]], settled_at: datetime) -> dict[str, Any]:
    """The state that these runs would have left: how far each feed was read, and the accounts' handles."""
    newest: dict[str, datetime] = {}
    for post in rows["posts"]:
        newest[post["account_id"]] = max(newest.get(post["account_id"], post["created_at"]), post["created_at"])
    feeds = {
        f"timeline:{account}": {"high": moment.isoformat(), "settled_at": settled_at.isoformat()}
        for account, moment in newest.items()
    }
    seen = {row["account_id"]: row["handle"] for row in rows["accounts"] if row["status"] == "active"}
    return feeds | {f"account:{account}": {"handle": handle, "is_counted": True} for account, handle in seen.items()}


def _account_rows(site: Elsewhere, first_day: date, last_day: date) -> Iterator[Row]:
    counted = [kind for kind in range(len(KINDS)) if site.platform != "bluesky" or kind != REPOST]
    for row in history_rows(site.world, first_day, last_day, counted_kinds=counted):
        if _is_read(site, row):
            kept: Row = {name: row[name] for name in ACCOUNT_COLUMNS if name in row}
            status, detail = STATUSES.get(row["status"], (row["status"], None))
            yield {**kept, "platform": site.platform, "status": status, "status_detail": detail}


def _post_rows(site: Elsewhere, first_day: date, last_day: date) -> Iterator[Row]:
    world, rows = site.world, _rows_by_id(site)
    for row in filter(lambda row: _is_read(site, row), post_rows(world, first_day, last_day)):
        number = rows[row["post_id"]]
        root = int(world.posts.root[number])
        post = {
            **_identity(site, row, number),
            "created_at": to_instant(int(world.posts.created_ms[root])),
            "availability": row["availability"],
        }
        if row["availability"] == "removed":
            yield post
            continue
        kind, source = KINDS[int(world.posts.kind[number])], row["referenced_post_id"]
        said = int(world.posts.referenced[root]) if kind == KINDS[REPOST] else number
        plain = plain_text_of(world, said)
        # Mastodon hides parts of a link from the eye, and the text holds all of it.
        is_whole = site.platform == "mastodon" and plain.shown_link
        text = plain.text.replace(plain.shown_link or "", plain.link or "") if is_whole else plain.text
        is_threaded = site.platform == "bluesky" and kind != KINDS[REPOST]
        yield post | {
            "indexed_at": post["created_at"] if is_threaded else None,
            "text": text,
            "lang": row["lang"],
            "post_kind": kind,
            "conversation_id": site.post_ids[rows[row["conversation_id"]]] if is_threaded else None,
            "in_reply_to_account_id": row["in_reply_to_account_id"],
            "referenced_post_id": site.post_ids[rows[source]] if source else None,
            "link_urls": [plain.link] if plain.link else [],
            "hashtags": [tag for _, _, tag in hashtags_of(plain.text)],
            "mentioned_handles": [],
            "media_types": [],
        }


def _metric_rows(site: Elsewhere, first_day: date, last_day: date) -> Iterator[Row]:
    rows = _rows_by_id(site)
    for row in metric_rows(site.world, first_day, last_day):
        if row["metric_scope"] == "public" and _is_read(site, row):
            identity = _identity(site, row, rows[row["post_id"]])
            yield {**identity, "metric_scope": "public", **{name: row[name] for name in REACTIONS[site.platform]}}


def _identity(site: Elsewhere, row: Row, number: int) -> Row:
    kept = {name: row[name] for name in ("captured_at", "account_id", "handle")}
    return {**kept, "platform": site.platform, "post_id": site.post_ids[number]}


def _rows_by_id(site: Elsewhere) -> dict[str, int]:
    return {str(post_id): row for row, post_id in enumerate(site.world.posts.post_id.tolist())}


def _is_read(site: Elsewhere, row: Row) -> bool:
    account = site.world.find_account(row["account_id"])
    return account is not None and not site.is_hidden(account)
