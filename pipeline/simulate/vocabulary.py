"""The two vocabularies of the API: `tweet` names inside, `post` names where a request is spelled with them."""

from typing import Any

Json = dict[str, Any]

# Tweet name -> post name; the spelling of the request decides the spelling of the whole answer.
RENAMED = {
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "pinned_tweet_id": "pinned_post_id",
    "most_recent_tweet_id": "most_recent_post_id",
    "tweets": "posts",
}
_CANONICAL = {post: tweet for tweet, post in RENAMED.items()}
POST_FIELDS = (
    "article",
    "attachments",
    "author_id",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_tweet_ids",
    "entities",
    "geo",
    "id",
    "in_reply_to_user_id",
    "lang",
    "media_metadata",
    "non_public_metrics",
    "note_tweet",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "referenced_tweets",
    "reply_settings",
    "scopes",
    "source",
    "text",
    "withheld",
)
USER_FIELDS = (
    "affiliation",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_followers_count",
    "verified_type",
    "withheld",
)


def canonical_field(name: str) -> str:
    """Tweet name of a field in either spelling."""
    return _CANONICAL.get(name, name)


def spell(body: Any, dialect: str) -> Any:
    """The body with the key names of one dialect, `tweet` or `post`."""
    names = RENAMED if dialect == "post" else _CANONICAL
    if isinstance(body, dict):
        return {names.get(key, key): spell(value, dialect) for key, value in body.items()}
    return [spell(item, dialect) for item in body] if isinstance(body, list) else body
