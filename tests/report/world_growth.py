"""Rows of growth, of the own account and of posting."""

from datetime import UTC, datetime, timedelta

from tests.report.world_names import FORMULA, HOSTILE, LAST_DAY, OK, Rows, interval, key


def counts_of_weeks() -> dict[str, int]:
    return {"account_count": 31, "observation_count": 1234}


def growth() -> Rows:
    counts = {"account_count": 31, "week_count": 40, "observation_count": 1234}
    effects = {
        **interval("quality_effect", 0.004, 0.003, 0.005),
        **interval("volume_effect", 0.001, -0.0005, 0.0025),
        **interval("difference", 0.003, 0.001, 0.005),
    }
    verdicts = [
        {
            "segment_dimension": dimension,
            "segment": segment,
            "verdict": "quality_larger",
            "placebo_p_value": 0.4,
            "reliability": reliability,
            "quality_bases": "engagement_per_impression (30 accounts), clicks_per_link_post (1 account)",
            "summary_text": "Quality is linked to more growth than volume does.",
            **effects,
            **counts,
            **OK,
        }
        for dimension, segment, reliability in (
            ("all", "all", 0.67),
            ("customer_focus", "b2b", 0.22),
            ("customer_focus", "b2c", 0.3),
        )
    ]
    few = {"status": "insufficient_data", "status_reason": "3 accounts with complete weeks; at least 10 are needed"}
    verdicts.append({"segment_dimension": "industry", "segment": "travel", "verdict": "insufficient_data", **few})
    terms = [
        {
            "specification": specification,
            "segment_dimension": "all",
            "segment": "all",
            "term": term,
            "standardised_estimate": 0.003,
            "standardised_low": 0.001,
            "standardised_high": 0.005,
            "p_value": 0.001,
            "explained_share": 0.6,
            "explained_share_low": 0.4,
            "explained_share_high": 0.8,
            "within_r2": 0.12,
            "method": "crv3",
            **counts,
            **OK,
        }
        for specification in ("same_and_previous_week", "same_week")
        for term in ("quality", "volume")
    ]
    compared = [
        {
            **terms[0],
            "segment_dimension": "customer_focus",
            "segment": segment,
            "term": term,
            "estimate": 0.01,
            "difference_from_rest": difference,
            "difference_p_value": p_value / 4,
            "difference_p_value_adjusted": p_value,
        }
        for segment, term, difference, p_value in (
            ("b2b", "quality", 0.004, 0.002),
            ("b2b", "volume", 0.001, 0.6),
            ("b2c", "quality", -0.004, 0.2),
            ("b2c", "volume", -0.001, 0.6),
        )
    ]
    doses = [
        {
            "segment_dimension": "all",
            "segment": "all",
            "driver": driver,
            "bin": name,
            "bin_number": number,
            "mean_growth_rate": 0.001 * number,
            "conf_low": 0.001 * number - 0.001,
            "conf_high": 0.001 * number + 0.001,
            "observation_count": 100,
            "account_count": 31,
            "turning_point": 9.5 if driver == "volume" else None,
            "turning_point_low": 8.0,
            "turning_point_high": 11.0,
            **OK,
        }
        for driver, names in (("volume", ("0", "1-3", "4-7")), ("quality", ("lowest_fifth", "highest_fifth")))
        for number, name in enumerate(names)
    ]
    good_weeks = [
        {
            "segment_dimension": dimension,
            "segment": segment,
            "driver": driver,
            "mean_growth_rate": 0.006,
            "usual_post_count": 3 if driver == "volume" else None,
            "good_post_count": 7 if driver == "volume" else None,
            "good_per_usual": 1.4 if driver == "quality" else None,
            **interval("growth_change", 0.002, 0.001, 0.003),
            **interval("expected_growth_rate", 0.007, 0.006, 0.008),
            "summary_text": "Not a forecast.",
            **counts_of_weeks(),
            **OK,
        }
        for dimension, segment in (("all", "all"), ("customer_focus", "b2b"))
        for driver in ("quality", "volume")
    ]
    return {
        "growth_what_if": good_weeks,
        "answer_readiness": readiness(),
        "growth_verdict": verdicts,
        "growth_attribution": [{**dict.fromkeys(compared[0]), **row} for row in (*terms, *compared)],
        "growth_dose_response": doses,
    }


def readiness() -> list[dict[str, object]]:
    """Answered for all accounts and one segment; the own account and a segment wait."""
    known = {
        "as_of_date": LAST_DAY,
        "needed_account_count": 3,
        "needed_week_count": 15,
        "effect_basis": "present_error",
    }
    swing = {"effect_unit": "weekly log growth for a typical swing of quality"}
    answered = {**known, **swing, "account_count": 31, "usable_week_count": 40, "smallest_effect_visible": 0.0015, **OK}
    waiting = {
        "status": "insufficient_data",
        "effect_basis": None,
        "effect_unit": None,
        "smallest_effect_visible": None,
    }
    first = LAST_DAY + timedelta(weeks=6)
    rows = [
        {**answered, "question": "quality_against_volume", "segment_dimension": "all", "segment": "all"},
        {
            **answered,
            **waiting,
            "question": "quality_against_volume",
            "segment_dimension": "industry",
            "segment": "travel",
            "account_count": 3,
            "usable_week_count": 9,
            "expected_answer_date": first,
            "status_reason": f"3 accounts, 9 of about 15 weeks; first answer about {first}",
        },
        {
            **answered,
            **waiting,
            "question": "own_account",
            "segment_dimension": "account",
            "segment": key(0),
            "account_count": 1,
            "usable_week_count": 4,
            "expected_answer_date": None,
            "status_reason": "28 days with follows, posts and a response; a model of days needs 56",
        },
    ]
    return [{"expected_answer_date": None, **row} for row in rows]


def own() -> Rows:
    measures = [
        {
            "account_key": key(0),
            "metric": metric,
            "value": value,
            "peer_median": value / 2,
            "conf_low": value / 3,
            "conf_high": value,
            "percentile": place,
            "peer_count": 20,
            "peer_group": "x / mid",
            "is_own": True,
            **OK,
        }
        for metric, value, place in (("weekly_growth_rate", 0.004, 90.0), ("reply_share", 0.2, 50.0))
    ]
    parts = [
        {
            "account_key": key(0),
            "growth_rate_total": 0.31,
            "quality_part": None,
            "quality_part_reason": "quality cannot be compared, no other account of the platform has click counts",
            "volume_part": 0.0851,
            "following_part": -0.01,
            "unexplained_part": 0.06,
            "week_count": 40,
            **OK,
        }
    ]
    around = {"post_count": 30, "account_count": 12, "relative_engagement": 1.2, "conf_low": 0.9, "conf_high": 1.5}
    whole = {"segment_dimension": "all", "segment": "all", "is_distinct_from_usual": False, **around, **OK}
    times = [{**whole, "time_basis": "weekday", "weekday": day} for day in range(1, 8)]
    times += [
        {**whole, "time_basis": "hour", "weekday": None, "hour_from": hour, "hour_to": hour + 8} for hour in (0, 8)
    ]
    tags = [
        {**whole, "hashtag": "launch", "other_post_count": 60},
        {**whole, "hashtag": HOSTILE, "other_post_count": 9},
    ]
    posts = [{"post_key": "x:1", "account_key": key(0), "text": FORMULA}]
    top = [
        {
            "account_key": key(0),
            "rank": 1,
            "post_key": "x:1",
            "created_at": datetime(2026, 11, 1, tzinfo=UTC),
            "reaction_count": 50,
            "impression_count": 900,
            "relative_engagement": 2.0,
            "is_distinct_from_usual": True,
            **OK,
        }
    ]
    follows = [
        {
            "account_key": key(0),
            "specification": specification,
            "term": term,
            "response_basis": "clicks_by_day",
            **interval(
                "change_if_doubled", *((0.47, 0.33, 0.62) if specification == "same_day" else (-0.12, -0.3, 0.1))
            ),
            "p_value": 0.01,
            "day_count": 90,
            "new_follow_count": 800,
            **OK,
        }
        for specification in ("day_before", "same_day")
        for term in ("response", "volume")
    ]
    return {
        "benchmark": measures,
        "own_account_growth": follows,
        "growth_by_account": parts,
        "post_timing": [{**row, "hour_from": row.get("hour_from"), "hour_to": row.get("hour_to")} for row in times],
        "hashtag_performance": tags,
        "posts": posts,
        "top_posts": top,
    }
