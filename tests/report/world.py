"""A small made-up world for the report: forty accounts with every style, and a row or a few for each mart. Its figures
are chosen, not drawn, so that a test can look for them.
"""

from datetime import UTC, datetime, timedelta

from tests.report.world_ahead import ahead
from tests.report.world_growth import growth, own
from tests.report.world_names import FORMULA, LAST_DAY, OK, RATIOS, STYLES, Rows, handle, key
from tests.report.world_people import people, survey
from tests.report.world_platforms import platforms
from tests.report.world_playbook import playbook


def world() -> Rows:
    """Rows of every mart that the report reads."""
    return {
        **accounts(),
        **growth(),
        **own(),
        **people(),
        **survey(),
        **platforms(),
        **operations(),
        **ahead(),
        "playbook": playbook(),
    }


def accounts() -> Rows:
    listed, styles = [], []
    for number in range(40):
        style = STYLES[number % 4]
        following = 50 * 1.25**number
        counts = {"follower_count": int(following * RATIOS[style]), "following_count": int(following)}
        listed.append(
            {
                "account_key": key(number),
                "handle": handle(number),
                "account_label": handle(number),
                "is_own": number == 0,
                **counts,
            }
        )
        ratio = {"followers_per_following": RATIOS[style], "ratio_style": style, "is_follow_limited": number == 6}
        styles.append({"account_key": key(number), "as_of_date": LAST_DAY, "size_tier": "mid", **counts, **ratio})
    summary = [
        {
            "segment_dimension": dimension,
            "segment": segment,
            "ratio_style": style,
            "account_count": 10,
            "base_count": 39,
            "account_share": 0.256,
            "share_low": 0.146,
            "share_high": 0.411,
            "follow_limited_count": 1,
            "median_weekly_growth_rate": 0.004,
            "growth_rate_low": -0.001,
            "growth_rate_high": 0.006,
            "growth_account_count": 10,
            "median_engagement_per_1000_followers": 12.5,
            "engagement_low": 9.0,
            "engagement_high": 15.0,
            "engagement_account_count": 10,
            **OK,
        }
        for dimension, segment in (("all", "all"), ("company_size", "1-9"), ("company_size", "10-49"), ("age", "newer"))
        for style in STYLES
    ]
    bins = [
        {
            "segment_dimension": "all",
            "segment": "all",
            "bin_kind": "histogram",
            "bin": str(low),
            "bin_low": low,
            "bin_high": 2 * low,
            "account_count": 10,
            "base_count": 39,
            "account_share": 0.25,
            "share_low": 0.1,
            "share_high": 0.4,
        }
        for low in (0.5, 1.0, 2.0, 8.0)
    ]
    tests = [
        {
            "segment_dimension": "all",
            "segment": "all",
            "test": "antimode",
            "account_count": 39,
            "p_value": 0.2,
            "is_multimodal": False,
            "gap_class": "cannot_tell_yet",
            "relative_gap_density": 0.67,
            "relative_gap_density_low": 0.31,
            "relative_gap_density_high": 1.4,
            "accounts_needed": 130,
            **OK,
        }
    ]
    churn = [
        {
            "account_key": key(number),
            "churn_class": {3: "pattern", 5: "possible"}.get(number, "none"),
            "is_spam_and_cull": number == 3,
            "episode_count": 4,
            "followed_count": 900,
            "culled_following_count": 800,
            "window_start_date": LAST_DAY - timedelta(days=59),
            "window_end_date": LAST_DAY,
            **OK,
        }
        for number in range(40)
    ]
    days = [
        {
            "account_key": key(3),
            "date": LAST_DAY - timedelta(days=59 - day),
            "following_count": 900 + 40 * (day % 15),
            "follower_count": 1000,
            "is_captured": day % 20 != 0,
        }
        for day in range(60)
    ]
    return {
        "accounts": listed,
        "ratio_styles": styles,
        "ratio_style_summary": summary,
        "ratio_distribution_bins": bins,
        "ratio_distribution_tests": tests,
        "follow_churn": churn,
        "account_days": days,
    }


def operations() -> Rows:
    first, last = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    coverage = [
        {
            "source": "x_api",
            "account_key": key(number),
            "first_captured_at": first,
            "last_captured_at": last,
            "captured_day_count": 80,
            "missing_day_count": number % 2,
            "captured_post_share": 0.9,
            "gap_note": "2026-10-01" if number % 2 else None,
        }
        for number in range(40)
    ]
    issues = [
        {
            "run_id": "run-1",
            "source": "inbox",
            "subject": FORMULA,
            "problem": "bad_time",
            "detail": "no time",
            "next_step": "correct the file",
            "line_count": 1,
            "captured_at": last,
        }
    ]
    totals = [
        {
            "account_key": key(0),
            "metric": metric,
            "first_date": first.date(),
            "last_date": last.date(),
            "post_count": 40,
            "day_total": day_total,
            "post_total": post_total,
            "difference": post_total - day_total,
            "difference_share": (post_total - day_total) / day_total,
            "reason": reason,
        }
        for metric, day_total, post_total, reason in (
            ("impression_count", 10_400, 10_000, "within_tolerance"),
            ("like_count", 300, 350, "unexplained"),
        )
    ]
    return {"coverage": coverage, "issues": issues, "reconciliation_exports": totals}
