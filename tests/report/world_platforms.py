"""The invented world's own company on three platforms, and what its survey says of them."""

from tests.report.world_names import LAST_DAY, OK, Rows

COMPANY = {"company": "Harbor Ltd", "is_own": True}
NOTE = "Bluesky: likes, reposts, replies and quotes; a week after posting"


def platforms() -> Rows:
    """Bluesky grows faster than X; Mastodon is young."""
    known = {
        "bluesky": {
            "weekly_growth_rate": 0.02,
            "growth_rate_low": 0.015,
            "growth_rate_high": 0.026,
            "engagement_per_1000_followers": 15.5,
            "per_1000_followers_low": 12.0,
            "per_1000_followers_high": 20.0,
            **OK,
        },
        "x": {
            "weekly_growth_rate": 0.002,
            "growth_rate_low": -0.001,
            "growth_rate_high": 0.004,
            "engagement_per_1000_followers": 4.9,
            "per_1000_followers_low": 4.0,
            "per_1000_followers_high": 6.1,
            **OK,
        },
        "mastodon": {
            "weekly_growth_rate": None,
            "growth_rate_low": None,
            "growth_rate_high": None,
            "engagement_per_1000_followers": None,
            "per_1000_followers_low": None,
            "per_1000_followers_high": None,
            "status": "insufficient_data",
            "status_reason": "growth: 5 of 8 weeks; enough about 2026-06-14",
        },
    }
    counts = {"bluesky": 1482, "x": 10405, "mastodon": 487}
    compared = [
        {
            **COMPANY,
            "platform": platform,
            "platform_count": 3,
            "follower_count": counts[platform],
            "follower_change": 40,
            "change_start_date": LAST_DAY,
            "week_count": 12,
            "post_count": 36,
            "posts_per_week": 3.0,
            "engagement_note": NOTE,
            **figures,
        }
        for platform, figures in known.items()
    ]
    pair = {**COMPANY, "platform": "bluesky", "other_platform": "x", "is_distinct": True, "week_count": 12, **OK}
    differences = [
        {
            **pair,
            "measure": "weekly_growth_rate",
            "comparison": "difference",
            "estimate": 0.018,
            "conf_low": 0.012,
            "conf_high": 0.025,
        },
        {
            **pair,
            "measure": "engagement_per_1000_followers",
            "comparison": "ratio",
            "estimate": 3.16,
            "conf_low": 2.4,
            "conf_high": 4.2,
        },
    ]
    migration = [
        {
            **COMPANY,
            "event": "first post on Bluesky",
            "event_start_date": LAST_DAY,
            "platform": "x",
            "growth_rate_before": 0.004,
            "growth_rate_after": 0.001,
            "week_count_before": 8,
            "week_count_after": 8,
            "difference": -0.003,
            "difference_low": -0.005,
            "difference_high": -0.001,
            **OK,
        }
    ]
    answers = [
        {
            "survey_id": "made_up",
            "question_id": "use",
            "question": "Which do you use?",
            "option": option,
            "platform": platform,
            "segment_dimension": "all",
            "base_count": 120,
            "share": share,
            "share_low": 0.3,
            "share_high": 0.5,
            "effectiveness_difference": 0.4 if platform == "x" else None,
            "effectiveness_difference_low": 0.1 if platform == "x" else None,
            "effectiveness_difference_high": 0.7 if platform == "x" else None,
            **OK,
        }
        for option, platform, share in (
            ("Twitter", "x", 0.4),
            ("LinkedIn", "linkedin", 0.4),
            ("Bluesky", "bluesky", None),
        )
    ]
    return {
        "company_platforms": compared,
        "company_platform_differences": differences,
        "company_platform_migration": migration,
        "survey_platforms": answers,
    }
