"""Exports of other platforms and programs, known by names of columns only to be refused by their name. Pure.

Two names that such an export has and no table of X decide. No figure of them is read.
"""

from collections.abc import Iterable

FEWEST_NAMES = 2
_NAMES = {
    "Facebook": {
        *("page likes", "new likes", "unlikes", "page followers", "lifetime total likes", "page reach", "page views"),
        *("daily new likes", "daily unlikes", "daily page engaged users", "page name", "page id", "reactions"),
        *("facebook reach", "facebook page reach", "lifetime post total reach", "lifetime total reach"),
        *("reactions, comments and shares", "seconds viewed", "total clicks", "other clicks", "photo views"),
    },
    "Instagram": {
        *("account username", "instagram reach", "instagram profile visits", "saves", "post type", "publish time"),
        *("new instagram followers", "account name", "duration (sec)", "sticker taps", "profile taps"),
    },
    "LinkedIn": {
        *("sponsored followers", "organic followers", "auto-invited followers", "total followers"),
        *("impressions (organic)", "impressions (sponsored)", "impressions (total)", "clicks (organic)"),
        *("unique impressions (organic)", "reactions (organic)", "engagement rate (organic)"),
        *("first name", "last name", "company", "position", "connected on"),
    },
    "YouTube": {
        *("watch time (hours)", "subscribers", "subscribers gained", "subscribers lost", "video title", "views"),
        *("video publish time", "average view duration", "impressions click-through rate (%)", "content"),
        *("estimated revenue (usd)", "your estimated revenue (usd)"),
    },
    "TikTok": {
        *("difference in followers from previous day", "video views", "profile views", "unique viewers", "new viewers"),
        "followers",
        *("returning viewers", "difference in viewers from previous day"),
    },
    "Google Analytics": {
        *("sessions", "pageviews", "page views", "users", "new users", "bounce rate", "avg. session duration"),
        *("pages / session", "active users", "total users", "engaged sessions", "engagement rate", "event count"),
        *("views per session", "session source / medium", "default channel grouping", "% new sessions"),
    },
    "Google Search Console": {"clicks", "impressions", "ctr", "position", "top queries", "top pages"},
    "Mastodon": {"account address", "show boosts", "notify on new posts", "show replies", "hide notifications"},
    "X Ads": {"campaign name", "campaign", "spend", "ad group name", "funding source", "billed engagements"},
    "Mailchimp": {"emails sent", "opens", "open rate", "click rate", "unsubscribes", "bounces", "unique opens"},
}
# Words that tables of X have as well: they never decide by themselves.
_SHARED = {
    *("impressions", "video views", "clicks", "views", "engagement rate", "followers", "users", "content", "campaign"),
    *("first name", "last name", "company", "position", "account name", "page name", "page id", "profile views"),
}


def other_export(header: Iterable[str]) -> str | None:
    """The platform or program whose export the names of a table show; None where they show none, or X."""
    names = {" ".join(name.split()).casefold() for name in header} - {""}
    found = {whose: names & known for whose, known in _NAMES.items()}
    sure = {whose: held for whose, held in found.items() if len(held) >= FEWEST_NAMES and held - _SHARED}
    return max(sure, key=lambda whose: len(sure[whose])) if sure else None
