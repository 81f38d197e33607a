"""The lake tables: every column, its type and what it means, written once.

What dbt says of sources and staging models is generated from these schemas (`python -m tools.dbt_sources`), the raw
tables in DuckDB are created from them, the lake refuses rows that do not fit them, and they say what an erasure
removes. Nothing about reading or writing belongs here.
"""

import pyarrow as pa

from pipeline.schemas.columns import (
    ACCOUNT,
    COUNT,
    DAY,
    FLAG,
    METRICS,
    MOMENT,
    NUMBER,
    PAYLOAD,
    PERIOD,
    PROVENANCE,
    TEXT,
    TEXTS,
)
from pipeline.schemas.columns import column as _column
from pipeline.schemas.columns import content as _content
from pipeline.schemas.columns import label as _label

_TABLES: dict[str, tuple[str, list[pa.Field]]] = {
    "account_registry": (
        "The accounts to watch, as accounts.csv listed them when it was read",
        [
            *(_label(field.name, TEXT, field.metadata[b"description"].decode()) for field in ACCOUNT),
            _label("name", TEXT, "Name of the business"),
            _label("industry", TEXT, "Industry, in the words of the registry"),
            _label("company_size", TEXT, "Company size band, in the words of the registry"),
            _label("customer_focus", TEXT, "b2b, b2c or both"),
            _column("is_own", FLAG, "True for the accounts that the user runs"),
            _column("since_date", DAY, "Date from which the account is watched"),
            _label("notes", TEXT, "Free notes of the user"),
        ],
    ),
    "accounts": (
        "Account snapshots: one row per account and capture",
        [
            *ACCOUNT,
            _content("name", TEXT, "Display name"),
            _column("created_at", MOMENT, "UTC creation time of the account"),
            _content("description", TEXT, "Profile text"),
            _content("location", TEXT, "Location as written in the profile"),
            _content("url", TEXT, "Link in the profile"),
            _column("is_verified", FLAG, "Verified badge shown"),
            _label("verified_type", TEXT, "Kind of verification: blue, business, government, none"),
            _column("is_protected", FLAG, "Posts visible to approved followers only"),
            _column("follower_count", COUNT, "Accounts that follow this account"),
            _column("following_count", COUNT, "Accounts that this account follows"),
            _column("post_count", COUNT, "Posts ever made, reposts included, as the platform counts them"),
            _column("listed_count", COUNT, "Lists that include the account"),
            _column("liked_count", COUNT, "Likes that the account has given"),
            _column("media_count", COUNT, "Posts with media, as the platform counts them"),
            _label("status", TEXT, "active, protected, suspended, not_found, deactivated, withheld, moved or unknown"),
            _content("status_detail", TEXT, "Status as the platform words it"),
            _label("withheld_countries", TEXTS, "Countries in which the account is withheld"),
        ],
    ),
    "handle_changes": (
        "Changes of handle: the old one, the new one and the time",
        [
            *ACCOUNT,
            _content("previous_handle", TEXT, "Handle before the change"),
            _column("changed_at", MOMENT, "UTC time of the change"),
        ],
    ),
    "posts": (
        "Posts as read: one row per post and capture, without metrics",
        [
            *ACCOUNT,
            _label("post_id", TEXT, "Id of the post; text, because it exceeds 2^53", required=True),
            _column("created_at", MOMENT, "UTC creation time of the post, to the millisecond where the id carries it"),
            _column("created_date", DAY, "Day of creation as the source prints it, in the exporter's time zone"),
            _column("indexed_at", MOMENT, "UTC time at which the platform first had the post; an import is older"),
            _column("utc_offset_minutes", COUNT, "Exporter's offset from UTC, inferred from ids and printed days"),
            _content("text", TEXT, "Full text"),
            _content("lang", TEXT, "Language code given by the platform"),
            _label("post_kind", TEXT, "original, reply, self_reply, quote, repost or unknown"),
            _label("conversation_id", TEXT, "Id of the post that started the conversation"),
            _label("in_reply_to_account_id", TEXT, "Id of the account replied to"),
            _label("referenced_post_id", TEXT, "Id of the post reposted, quoted or replied to"),
            _label("edit_root_id", TEXT, "Id of the first version of an edited post"),
            _label("edit_history_ids", TEXTS, "Ids of all versions, oldest first"),
            _content("link_urls", TEXTS, "Links in the post, expanded where the platform gives that"),
            _content("hashtags", TEXTS, "Hashtags without #"),
            _content("mentioned_handles", TEXTS, "Handles mentioned"),
            _label(
                "media_types",
                TEXTS,
                "Kinds of attached media, one for each; several pictures of a Bluesky post are one",
            ),
            _label("availability", TEXT, "available, removed, withheld or unknown"),
            _label("withheld_countries", TEXTS, "Countries in which the post is withheld"),
        ],
    ),
    "post_metrics": (
        "Observations of post metrics: append-only, one row per post and capture",
        [
            *ACCOUNT,
            _label("post_id", TEXT, "Id of the post; text, because it exceeds 2^53", required=True),
            _label("metric_scope", TEXT, "public, non_public, organic, promoted or export"),
            *METRICS,
            *PERIOD,
        ],
    ),
    "post_daily": (
        "Post metrics by reporting period, as analytics exports state them",
        [
            *ACCOUNT,
            _label("post_id", TEXT, "Id of the post; text, because it exceeds 2^53", required=True),
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
            _column(
                "net_follow_count", COUNT, "Followers gained minus lost on a day; below 0 where more left than came"
            ),
            _column("post_count", COUNT, "Posts published on the day"),
            _column("video_view_count", COUNT, "Video views"),
            _column("promoted_impression_count", COUNT, "Views that were paid for; impression_count is without them"),
            *PERIOD,
        ],
    ),
    "link_clicks": (
        "Clicks on tracked links by time bucket, as a link shortener or a report counts them",
        [
            _label("link_id", TEXT, "The tracked link as host/path?query, such as bit.ly/3xYz", required=True),
            _label("post_id", TEXT, "Post that carries the link, where known"),
            _column("bucket_start_at", MOMENT, "UTC start of the bucket"),
            _label("bucket_unit", TEXT, "minute, hour, day, week or month"),
            _content("referrer", TEXT, "Referring domain, e.g. t.co"),
            _content("long_url", TEXT, "Target of the link"),
            _column("click_count", COUNT, "Clicks in the bucket"),
        ],
    ),
    "survey_respondents": (
        "Survey respondents: one row per respondent and segment dimension; identities are pseudonyms",
        [
            _label("survey_id", TEXT, "Id of the survey, from its mapping", required=True),
            _label("respondent_id", TEXT, "Keyed hash of the respondent's id", required=True),
            _label("segment_dimension", TEXT, "company_size, industry, customer_focus or another; null: none given"),
            _label("segment", TEXT, "The respondent's segment, as the mapping labels it; null: not answered"),
            _column("weight", NUMBER, "Survey weight; null: the survey has none"),
            _column("started_at", MOMENT, "UTC time at which the respondent began"),
            _column("submitted_at", MOMENT, "UTC time at which the respondent finished"),
            _column("is_complete", FLAG, "The survey tool marked the response as finished"),
            _label(
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
            _label("survey_id", TEXT, "Id of the survey, from its mapping", required=True),
            _label("respondent_id", TEXT, "Keyed hash of the respondent's id", required=True),
            _label("question_id", TEXT, "Id of the question, from the mapping", required=True),
            _label("question", TEXT, "Wording of the question"),
            _label("question_type", TEXT, "single, multi, scale or number"),
            _label("option", TEXT, "Answer option; null for a number"),
            _column(
                "is_selected", FLAG, "True: chosen, or a number given; false: seen and not chosen; null: not answered"
            ),
            _column("value", NUMBER, "Numeric answer or scale position, where there is one"),
            _label(
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
            _label("list_id", TEXT, "Id of the list, from its mapping", required=True),
            _label("contact_id", TEXT, "Keyed hash that tells the contacts of the list apart", required=True),
            _label("segment", TEXT, "Segment of the contact, as the mapping labels it; null: none given"),
            _column("since_date", DAY, "Day since which the contact is known"),
            _column("has_consent", FLAG, "The contact agreed to be matched to an account; null: the list does not say"),
            _label("email_hash", TEXT, "Keyed hash of the e-mail address; null: none given"),
            _label(
                "handle_hash", TEXT, "Keyed hash of the handle that the contact gave; null: none given, or no consent"
            ),
        ],
    ),
    "followers": (
        "Followers of an own account on the day of the list; identities are keyed hashes",
        [
            *ACCOUNT,
            _label("follower_hash", TEXT, "Keyed hash of the follower's handle", required=True),
        ],
    ),
    "experiment_events": (
        "Planned experiments: one row each time one is registered, noted on or stopped; rows are never changed",
        [
            *ACCOUNT,
            _label("experiment_id", TEXT, "Name of the experiment", required=True),
            _label("event", TEXT, "planned, noted or stopped", required=True),
            _label("factor", TEXT, "What is varied: posts (originals a week), links or other"),
            _label("arm_a", TEXT, "The usual arm: a number of originals a week, without_link, or words of the user"),
            _label("arm_b", TEXT, "The arm that is compared with it"),
            _label("outcome", TEXT, "Daily count that is compared: new_follows, net_follows or follower_change"),
            _column("start_date", DAY, "Monday of the first week"),
            _label("week_arms", TEXTS, "Arm of each week in order, a or b, as the seed drew them"),
            _column(
                "washout_day_count", COUNT, "First days of each week that do not count: last week's posts still work"
            ),
            _column("wanted_effect", NUMBER, "Smallest share by which follows may differ and still be noticed"),
            _label("seed", TEXT, "From which the arms were drawn"),
            _label("note", TEXT, "Why it was changed or stopped, or what happened, in the words of the user"),
            _column("noted_date", DAY, "Day that the note is about"),
        ],
    ),
    "issues": (
        "Everything that was read and could not be used, with the reason and the next step",
        [
            _label("subject", TEXT, "What the issue is about: a file and line, an account, a post", required=True),
            _label("problem", TEXT, "Short name of the problem, lower snake case", required=True),
            _content("detail", TEXT, "What exactly was found"),
            _label("next_step", TEXT, "What a person can do about it"),
        ],
    ),
}


def _schema(name: str) -> pa.Schema:
    description, columns = _TABLES[name]
    # The original record repeats what the columns hold.
    payload = (_content if any(is_content(field) for field in columns) else _label)(*PAYLOAD)
    return pa.schema([*columns, *PROVENANCE, payload], metadata={"description": description})


def is_content(field: pa.Field) -> bool | None:
    """Whether an erasure removes the column's values; None: the column does not say, as only one without text may."""
    said = (field.metadata or {}).get(b"is_content")
    return None if said is None else bool(said == b"true")


TABLES: dict[str, pa.Schema] = {name: _schema(name) for name in _TABLES}


def table_description(name: str) -> str:
    """What one lake table holds, for people."""
    return str(TABLES[name].metadata[b"description"].decode())


def column_description(field: pa.Field) -> str:
    """What one column means, for people."""
    return str(field.metadata[b"description"].decode())


def content_columns(name: str) -> tuple[str, ...]:
    """Columns of a lake table that an erasure empties, in their order."""
    return tuple(field.name for field in TABLES[name] if is_content(field))
