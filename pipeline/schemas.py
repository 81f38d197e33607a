"""The lake tables: every column, its type and what it means, written once.

The dbt sources file is generated from these schemas (`python -m pipeline.dbt_sources`), the raw tables in DuckDB
are created from them, and the lake refuses rows that do not fit them. Nothing about reading or writing belongs here.
"""

import pyarrow as pa

from pipeline.schema_columns import (
    ACCOUNT,
    COUNT,
    DAY,
    FLAG,
    METRICS,
    MOMENT,
    NUMBER,
    PERIOD,
    PROVENANCE,
    TEXT,
    TEXTS,
)
from pipeline.schema_columns import column as _column

_TABLES: dict[str, tuple[str, list[pa.Field]]] = {
    "account_registry": (
        "The accounts to watch, as accounts.csv stood when it was read",
        [
            *ACCOUNT,
            _column("name", TEXT, "Name of the business"),
            _column("industry", TEXT, "Industry, in the words of the registry"),
            _column("company_size", TEXT, "Company size band, in the words of the registry"),
            _column("customer_focus", TEXT, "b2b, b2c or both"),
            _column("is_own", FLAG, "True for the accounts that the user runs"),
            _column("since_date", DAY, "Date from which the account is watched"),
            _column("notes", TEXT, "Free notes of the user"),
        ],
    ),
    "accounts": (
        "Account snapshots: one row per account and capture",
        [
            *ACCOUNT,
            _column("name", TEXT, "Display name"),
            _column("created_at", MOMENT, "UTC creation time of the account"),
            _column("description", TEXT, "Profile text"),
            _column("location", TEXT, "Location as written in the profile"),
            _column("url", TEXT, "Link in the profile"),
            _column("is_verified", FLAG, "Verified badge shown"),
            _column("verified_type", TEXT, "Kind of verification: blue, business, government, none"),
            _column("is_protected", FLAG, "Posts visible to approved followers only"),
            _column("follower_count", COUNT, "Accounts that follow this account"),
            _column("following_count", COUNT, "Accounts that this account follows"),
            _column("post_count", COUNT, "Posts ever made, reposts included, as the platform counts them"),
            _column("listed_count", COUNT, "Lists that include the account"),
            _column("liked_count", COUNT, "Likes that the account has given"),
            _column("media_count", COUNT, "Posts with media, as the platform counts them"),
            _column("status", TEXT, "active, protected, suspended, not_found, deactivated, withheld, moved or unknown"),
            _column("status_detail", TEXT, "The platform's words for the status"),
            _column("withheld_countries", TEXTS, "Countries in which the account is withheld"),
        ],
    ),
    "handle_changes": (
        "Handles that an account gave up and took, with the time of the change",
        [
            *ACCOUNT,
            _column("previous_handle", TEXT, "Handle before the change"),
            _column("changed_at", MOMENT, "UTC time of the change"),
        ],
    ),
    "posts": (
        "Posts as read: one row per post and capture, without metrics",
        [
            *ACCOUNT,
            _column("post_id", TEXT, "Id of the post; text, because it exceeds 2^53", required=True),
            _column("created_at", MOMENT, "UTC creation time; from the id to the millisecond where the id carries it"),
            _column("created_date", DAY, "Day of creation as the source prints it, in the exporter's time zone"),
            _column("utc_offset_minutes", COUNT, "Exporter's offset from UTC, inferred from ids and printed days"),
            _column("text", TEXT, "Full text"),
            _column("lang", TEXT, "Language code given by the platform"),
            _column("post_kind", TEXT, "original, reply, self_reply, quote, repost or unknown"),
            _column("conversation_id", TEXT, "Id of the post that started the conversation"),
            _column("in_reply_to_account_id", TEXT, "Id of the account replied to"),
            _column("referenced_post_id", TEXT, "Id of the post reposted, quoted or replied to"),
            _column("edit_root_id", TEXT, "Id of the first version of an edited post"),
            _column("edit_history_ids", TEXTS, "Ids of all versions, oldest first"),
            _column("link_urls", TEXTS, "Links in the post, expanded where the platform gives that"),
            _column("hashtags", TEXTS, "Hashtags without #"),
            _column("mentioned_handles", TEXTS, "Handles mentioned"),
            _column("media_types", TEXTS, "Kinds of attached media"),
            _column("availability", TEXT, "available, removed, withheld or unknown"),
            _column("withheld_countries", TEXTS, "Countries in which the post is withheld"),
        ],
    ),
    "post_metrics": (
        "Observations of post metrics: append-only, one row per post and capture",
        [
            *ACCOUNT,
            _column("post_id", TEXT, "Id of the post", required=True),
            _column("metric_scope", TEXT, "public, non_public, organic, promoted or export"),
            *METRICS,
            *PERIOD,
        ],
    ),
    "post_daily": (
        "Post metrics by reporting period, as analytics exports state them",
        [
            *ACCOUNT,
            _column("post_id", TEXT, "Id of the post", required=True),
            _column("date", DAY, "Day of creation as the export prints it, in the exporter's time zone"),
            _column("utc_offset_minutes", COUNT, "Exporter's offset from UTC, inferred from ids and printed days"),
            *METRICS,
            *PERIOD,
        ],
    ),
    "account_daily": (
        "Account activity by day, as analytics exports state it",
        [
            *ACCOUNT,
            _column("date", DAY, "Day, in the exporter's time zone", required=True),
            *METRICS,
            _column("unfollow_count", COUNT, "Followers lost"),
            _column("post_count", COUNT, "Posts published on the day"),
            _column("video_view_count", COUNT, "Video views"),
            *PERIOD,
        ],
    ),
    "link_clicks": (
        "Clicks on tracked links by time bucket",
        [
            _column("link_id", TEXT, "Id of the short link", required=True),
            _column("post_id", TEXT, "Post that carries the link, where known"),
            _column("bucket_start_at", MOMENT, "UTC start of the bucket"),
            _column("bucket_unit", TEXT, "minute, hour, day, week or month"),
            _column("referrer", TEXT, "Referring domain, e.g. t.co"),
            _column("long_url", TEXT, "Target of the link"),
            _column("click_count", COUNT, "Clicks in the bucket"),
        ],
    ),
    "survey_respondents": (
        "Survey respondents: one row per respondent and segment dimension; identities are pseudonyms",
        [
            _column("survey_id", TEXT, "Id of the survey, from its mapping", required=True),
            _column("respondent_id", TEXT, "Keyed hash of the respondent's id", required=True),
            _column("segment_dimension", TEXT, "company_size, industry, customer_focus or another; null: none given"),
            _column("segment", TEXT, "The respondent's segment, as the mapping labels it; null: not answered"),
            _column("weight", NUMBER, "Survey weight; null: the survey has none"),
            _column("started_at", MOMENT, "UTC time at which the respondent began"),
            _column("submitted_at", MOMENT, "UTC time at which the respondent finished"),
            _column("is_complete", FLAG, "The survey tool marked the response as finished"),
            _column(
                "exclusion_reason",
                TEXT,
                "Rule of the mapping by which the response does not count: not_eligible, outside_field_period, "
                "incomplete, too_few_answers, too_fast or equal_answers; null: it counts",
            ),
        ],
    ),
    "survey_responses": (
        "Survey answers, long: one row per respondent, question and option",
        [
            _column("survey_id", TEXT, "Id of the survey, from its mapping", required=True),
            _column("respondent_id", TEXT, "Keyed hash of the respondent's id", required=True),
            _column("question_id", TEXT, "Id of the question, from the mapping", required=True),
            _column("question", TEXT, "Wording of the question"),
            _column("question_type", TEXT, "single, multi, scale or number"),
            _column("option", TEXT, "Answer option; null for a number"),
            _column(
                "is_selected", FLAG, "True: chosen, or a number given; false: seen and not chosen; null: not answered"
            ),
            _column("value", NUMBER, "Numeric answer or scale position, where there is one"),
            _column(
                "missing_reason",
                TEXT,
                "Why there is no answer, in the words that the mapping or the file declares as such, e.g. Refused; "
                "null: answered, or nothing was said",
            ),
        ],
    ),
    "contacts": (
        "Contacts of a customer or newsletter list; identities are keyed hashes",
        [
            _column("list_id", TEXT, "Id of the list, from its mapping", required=True),
            _column("contact_id", TEXT, "Keyed hash that tells the contacts of the list apart", required=True),
            _column("segment", TEXT, "Segment of the contact, as the mapping labels it; null: none given"),
            _column("since_date", DAY, "Day since which the contact is known"),
            _column("has_consent", FLAG, "The contact agreed to be matched to an account; null: the list does not say"),
            _column("email_hash", TEXT, "Keyed hash of the e-mail address; null: none given"),
            _column(
                "handle_hash", TEXT, "Keyed hash of the handle that the contact gave; null: none given, or no consent"
            ),
        ],
    ),
    "followers": (
        "Followers of an own account on the day of the list; identities are keyed hashes",
        [
            *ACCOUNT,
            _column("follower_hash", TEXT, "Keyed hash of the follower's handle", required=True),
        ],
    ),
    "issues": (
        "Everything that was read and could not be used, with the reason and the next step",
        [
            _column("subject", TEXT, "What the issue is about: a file and line, an account, a post", required=True),
            _column("problem", TEXT, "Short name of the problem, lower snake case", required=True),
            _column("detail", TEXT, "What exactly was found"),
            _column("next_step", TEXT, "What a person can do about it"),
        ],
    ),
}


def _schema(name: str) -> pa.Schema:
    description, columns = _TABLES[name]
    return pa.schema([*columns, *PROVENANCE], metadata={"description": description})


TABLES: dict[str, pa.Schema] = {name: _schema(name) for name in _TABLES}


def table_description(name: str) -> str:
    """What one lake table holds, for people."""
    return str(TABLES[name].metadata[b"description"].decode())


def column_description(field: pa.Field) -> str:
    """What one column means, for people."""
    return str(field.metadata[b"description"].decode())
