"""Rows of retention, reading load, contacts and a survey."""

from tests.report.world_names import HOSTILE, OK, Rows, interval, key


def people() -> Rows:
    curves = [
        {
            "segment_dimension": dimension,
            "segment": segment,
            "day": day,
            "at_risk_count": 30 - day,
            "quit_count": 2,
            "survival_share": 1 - day / 40,
            "conf_low": 0.9 - day / 40,
            "conf_high": min(1.0, 1.05 - day / 40),
            "account_count": 30,
            **OK,
        }
        for dimension, segment in (("all", "all"), ("customer_focus", "b2b"))
        for day in (2, 5, 12)
    ]
    measures = [
        {
            "measure": "quit_by_day_7",
            "origin": "measured",
            "segment_dimension": "all",
            "segment": "all",
            "silence_days": 30,
            "account_count": 30,
            "never_posted_count": 4,
            "share": 0.125,
            "share_low": 0.05,
            "share_high": 0.29,
            "claim": None,
            "source": "this warehouse",
            "base": "accounts that posted at least once, watched since their first week",
            **OK,
        },
        {
            "measure": "quit_by_day_7",
            "origin": "published",
            "segment_dimension": "all",
            "segment": "all",
            "silence_days": None,
            "account_count": None,
            "share": 0.6,
            "share_low": None,
            "share_high": None,
            "claim": "60 per cent quit",
            "source": "a web log",
            "base": "not stated",
            "status": "not_testable",
            "status_reason": "published",
        },
    ]
    load = [
        {
            "account_key": key(number),
            "minutes_per_day": 3.0 * number,
            "minutes_per_day_low": 1.5 * number,
            "minutes_per_day_high": 6.0 * number,
            "is_beyond_reading": number > 20,
        }
        for number in range(40)
    ]
    contacts = [
        {
            "list_id": "crm",
            "segment": segment,
            "contact_count": 100,
            "matched_count": 40,
            "follower_count": 10,
            "activation_share": 0.25,
            "share_low": 0.14,
            "share_high": 0.4,
            "known_follower_share": 0.1,
            **OK,
        }
        for segment in ("all", "vip")
    ]
    return {
        "account_retention": curves,
        "account_retention_measures": measures,
        "attention_load": load,
        "contact_activation": contacts,
    }


def survey() -> Rows:
    answers = [
        {
            "survey_id": "s1",
            "question_id": "q1",
            "question": f"Which do you use? {HOSTILE}",
            "option": option,
            "segment_dimension": dimension,
            "segment": segment,
            "respondent_count": 40,
            "base_count": 80,
            "share": None if hidden else share,
            "share_low": None if hidden else share - 0.1,
            "share_high": None if hidden else share + 0.1,
            "is_suppressed": hidden,
            "is_unreliable": None if hidden else False,
            "is_significant": segment == "b2b",
            "p_value_adjusted": 0.01,
        }
        for dimension, segment, shift in (
            ("all", "all", 0.0),
            ("customer_focus", "b2b", 0.2),
            ("customer_focus", "b2c", -0.1),
        )
        for option, share, hidden in (
            ("Blogs", 0.5 + shift, False),
            (HOSTILE, 0.3, False),
            ("Pigeons", 0.2, segment == "b2c"),
        )
    ]
    tests = [
        {
            "survey_id": "s1",
            "question_id": "q1",
            "segment_dimension": "customer_focus",
            "option": None,
            "test": "rao_scott_f",
            "statistic": 6.1,
            "df_num": 1.0,
            "df_den": 78.0,
            "p_value": 0.01,
            "p_value_adjusted": 0.02,
            "cramers_v": 0.3,
            "base_count": 160,
            **OK,
        }
    ]
    works = [
        {
            "survey_id": "s1",
            "segment_dimension": "all",
            "option": "Blogs",
            "user_count": 40,
            "other_count": 40,
            "user_mean": 3.4,
            "other_mean": 3.0,
            **interval("difference", 0.4, 0.1, 0.7),
            "p_value_adjusted": 0.03,
            **OK,
        }
    ]
    pairs = [
        {
            "survey_id": "s1",
            "segment_dimension": "all",
            "item": "Blogs",
            "base_count": 80,
            "important_share": 0.7,
            "effective_share": 0.4,
            **interval("difference", -0.3, -0.4, -0.2),
            "p_value_adjusted": 0.01,
            **OK,
        }
    ]
    published = [
        {
            "survey_id": "s1",
            "question_id": "q1",
            "option": "Blogs",
            "segment": "b2b",
            "base_count": 80,
            "share": 0.7,
            "share_low": 0.6,
            "share_high": 0.8,
            "published_share": 0.75,
            "difference": -0.05,
            "published_source": "a study",
            "published_base": "B2B companies",
            "published_as_of": "2009-05",
            **OK,
        }
    ]
    return {
        "survey_segments": answers,
        "survey_tests": tests,
        "survey_what_works": works,
        "survey_importance_effectiveness": pairs,
        "survey_benchmarks": published,
    }
