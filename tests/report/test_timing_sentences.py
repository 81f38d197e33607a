"""What the report says of days and weeks around posts, of unseen causes, and of the features of posts."""

from typing import Any

import pytest

from pipeline.publish.reader import open_published
from pipeline.report.catalogue import GERMAN, speaking
from pipeline.report.run_figures import query_figure
from pipeline.report.sections.factors import FACTORS, draw_factors, name_factor, open_factors, read_factors
from pipeline.report.sections.sensitivity import open_sensitivity, read_sensitivity
from pipeline.report.sections.timing import draw_days, draw_lags, open_days, read_days, read_lags
from pipeline.settings import Settings
from tests.report.world_ahead import days, factors, lags, sensitivity
from tests.report.world_names import HOSTILE, key

GAP = "\u00a0"


def around(handle: str | None = None, **changes: Any) -> list[dict[str, Any]]:
    """The 22 days of all accounts, or of one."""
    return [{**row, "handle": handle, **changes} for row in days() if row["segment"] == "all"]


def test_the_day_of_a_strong_post_is_said_with_limits_and_until_when_more_came() -> None:
    assert open_days(around()) == [
        "On the day of a strong post the watched accounts won 5.7 times the follows of a usual day (3.70 to 7.70); the "
        "first day without a clear difference came 2 days later."
    ]
    assert open_days(around(conf_low=1.1))[0].endswith("; 14 days later more than usual still came.")
    next_day = [{**row, "conf_low": 3.0 if row["day"] == 0 else 0.5} for row in around("acme")]
    assert open_days(next_day)[0].endswith("the first day without a clear difference came 1 day later.")


def test_limits_around_a_usual_day_are_no_finding() -> None:
    assert open_days(around("acme", conf_low=0.95, conf_high=8.4)) == [
        "For acme the day of a strong post shows no clear difference from a usual day: 5.7 times the follows (0.95 to "
        "8.40)."
    ]
    assert open_days(around("acme", follows_relative_to_usual=0.4, conf_low=-0.2, conf_high=0.9)) == [
        "On the day of a strong post acme won fewer follows than on a usual day: 0.4 times as many (−0.20 to 0.90)."
    ]


def test_what_moved_before_the_posts_is_a_warning_and_calm_is_one_sentence() -> None:
    rows = [*around(), *around("acme"), *around("rose", before_relative_to_usual=1.68, before_p_value=0.036)]
    said = read_days([*rows, *around("fell", before_relative_to_usual=0.3, before_p_value=0.0001)])
    assert said[:3] == [
        "Caution: for rose follows rose before the post (1.68 times a usual day, p 0.036), so something else may move "
        "both.",
        f"Caution: for fell follows were low before the post (0.30 times a usual day, p <{GAP}0.001), so something "
        "else may move both.",
        "In the week before the posts follows were as usual for the watched accounts and acme, as far as can be seen "
        "(p 0.716 and more).",
    ]
    assert read_days(around("acme", before_p_value=0.05))[0].startswith("In the week before the posts follows were as")
    assert read_days(around("acme", before_p_value=None, before_relative_to_usual=None))[0] == (
        "The days before the post could not be checked for acme."
    )


def test_many_accounts_are_counted_and_not_listed_in_one_sentence() -> None:
    rows = [row for number in range(9) for row in around(f"account_{number}")]
    assert len(open_days(rows)) == 9
    assert read_days(rows)[0] == (
        "In the week before the posts follows were as usual for account_0, account_1, account_2, account_3 and 5 more, "
        "as far as can be seen (p 0.716 and more)."
    )


def test_a_day_without_limits_is_neither_said_nor_drawn() -> None:
    rows = [{**row, "conf_low": None} if row["day"] == 0 else row for row in around("acme")]
    assert open_days(rows) == []
    (drawing,) = draw_days(rows)
    assert [row["day"] for row in drawing.panels[0].spec["data"]["values"]].count(0) == 0


def test_the_sum_of_the_days_has_limits_and_what_it_rests_on() -> None:
    assert read_days(around())[-1] == (
        "The 15 days from the post brought the watched accounts about 6.4 usual days' worth of follows more (3.80 to "
        "9.00; 27 strong posts, 334 account-days)."
    )
    assert "is unclear for acme (−2.00 to 9.00 usual" in read_days(around("acme", extra_usual_days_low=-2.0))[-1]
    fewer = {"extra_usual_days": -3.0, "extra_usual_days_low": -5.0, "extra_usual_days_high": -1.0}
    assert "about 3.0 usual days' worth of follows fewer (−5.00 to −1.00" in read_days(around("acme", **fewer))[-1]
    bare = dict.fromkeys(("extra_usual_days", "extra_usual_days_low", "extra_usual_days_high"))
    assert read_days(around("acme", **bare))[-1] == "Based on 27 strong posts and 334 days for acme."


def test_a_segment_without_figures_says_why_once_and_is_not_drawn() -> None:
    nothing = dict.fromkeys(("follows_relative_to_usual", "conf_low", "conf_high", "before_relative_to_usual",
                             "before_p_value"))  # fmt: skip
    lacking = around("acme", **nothing, status="not_testable",
                     status_reason="the model did not settle within 100 steps")  # fmt: skip
    assert open_days(lacking) == []
    assert draw_days(lacking) == []
    assert read_days(lacking) == ["Insufficient data for acme: the model did not settle within 100 steps."]
    with speaking(GERMAN):
        assert read_days(lacking) == ["Zu wenig Daten für acme: das Modell kam in 100 Schritten zu keinem Ergebnis."]


def test_the_picture_of_days_is_one_panel_a_segment_on_one_scale_with_the_days_before_shaded() -> None:
    (drawing,) = draw_days([*around(), *around("acme", follows_relative_to_usual=2.0, conf_high=500.0)])
    assert [(panel.title, panel.about) for panel in drawing.panels] == [("All accounts", ""), ("acme", "acme")]
    scales = [panel.spec["layer"][4]["encoding"]["y"]["scale"]["domain"] for panel in drawing.panels]
    assert scales[0] == scales[1]
    assert scales[0][1] == pytest.approx(1.6 * 5.7)
    spec = drawing.panels[0].spec
    assert spec["datasets"][spec["layer"][0]["data"]["name"]][0]["to"] == -0.5


def test_lags_are_summed_for_a_typical_dose_and_growth_before_is_a_warning() -> None:
    assert read_lags(lags()) == [
        "Weeks with more strong posts than usual saw 0.27 points more growth in all, over that week and the four after "
        "it (0.18 to 0.36).",
        "Weeks with more posts than usual saw no clearly different growth, over that week and the four after it: 0.04 "
        "points (−0.02 to 0.11).",
        "Caution: growth differed already in the two weeks before more strong posts (p 0.029), so something else may "
        "move both.",
        "In the two weeks before more posts growth was as usual, as far as can be seen.",
        "Based on 31 accounts and 1,234 account-weeks.",
    ]
    less = [{**row, "summed_change": -0.004, "summed_low": -0.006, "summed_high": -0.002} for row in lags()]
    assert (
        "saw 0.24 points less growth in all, over that week and the four after it (−0.36 to −0.12)"
        in (read_lags(less)[0])
    )
    (drawing,) = draw_lags(lags())
    assert [panel.title for panel in drawing.panels] == ["Strong posts", "Number of posts"]


def test_what_would_explain_an_effect_away_is_one_sentence_a_driver() -> None:
    assert open_sensitivity(sensitivity()) == [
        f"To explain the link with the response to posts away, something unseen would have to explain 15.1{GAP}% of "
        f"what is left of both the response to posts and growth; 13.1{GAP}% would make it uncertain.",
        "The link with the number of posts is uncertain as it is: its limits hold no effect, so nothing unseen is "
        "needed.",
    ]
    assert read_sensitivity(sensitivity()) == [
        f"The strongest thing measured next to the response to posts, number of posts, explains 0.3{GAP}% of it and "
        f"1.4{GAP}% of growth. A cause as strong would leave 0.34 of the 0.35 points."
    ]


def test_without_a_robustness_value_nothing_is_claimed() -> None:
    rows = [{**row, "robustness_value": None, "status": "not_testable", "status_reason": "the effect has no error"}
            for row in sensitivity() if row["benchmark"] is None]  # fmt: skip
    assert open_sensitivity(rows) == []
    assert read_sensitivity(rows) == [
        "Insufficient data for Response to posts and Number of posts: the effect has no error."
    ]


def compared(**changes: Any) -> list[dict[str, Any]]:
    """Features of the posts of one account and of one platform, as the figure reads them."""
    return [
        {
            **row, "reason_count": 2, "handle": "acme" if row["segment_dimension"] == "account" else None,
            "platform": row["segment"] if row["segment_dimension"] == "platform" else None,
            **changes,
        }
        for row in factors()
        if row["status"] == "ok"
    ]  # fmt: skip


def test_only_features_beyond_chance_are_named_with_limits_and_all_together_are_weighed() -> None:
    rows = [row if row["factor_group"] != "word" else {**row, "factor": "“launch”"} for row in compared()]
    assert open_factors(rows) == [
        "acme: 1 of 2 features stands out beyond chance.",
        "Nothing stands out beyond chance for all accounts on X (1 feature compared).",
    ]
    assert read_factors(rows) == [
        "acme: posts with the word “launch” drew 1.12 times the response of otherwise equal posts (1.05 to 1.37; 230 "
        "posts).",
        f"All that was compared explains only part of how posts of an account and week differ: 4.6{GAP}% for acme. The "
        "rest is content, luck, and what cannot be seen.",
        "All that was compared explains next to nothing of how posts differ for all accounts on X.",
    ]
    (drawing,) = draw_factors(rows)
    assert [panel.title for panel in drawing.panels] == ["acme"]
    assert [dot["label"] for dot in drawing.panels[0].spec["data"]["values"]] == ["With the word “launch”"]


def test_where_nothing_stands_out_nothing_is_ranked_or_drawn() -> None:
    rows = compared(is_distinct_from_usual=False)
    assert open_factors(rows) == [
        "Nothing stands out beyond chance for acme and all accounts on X (1 to 2 features compared)."
    ]
    assert draw_factors(rows) == []
    assert not any("times the response" in text for text in read_factors(rows))
    with speaking(GERMAN):
        assert open_factors(rows) == [
            "Nichts hebt sich vom Zufall ab für acme und alle Konten auf X (1 bis 2 Merkmale verglichen)."
        ]


def test_an_account_with_too_few_posts_says_so_and_reasons_of_single_features_are_not_passed_on() -> None:
    row = {**compared()[0], "status": "insufficient_data", "is_distinct_from_usual": None}
    few = {**row, "reason_count": 1,
           "status_reason": "4 posts whose response is known; the posts of one account need 100"}  # fmt: skip
    assert read_factors([few]) == [
        "Insufficient data for acme: 4 posts whose response is known; the posts of one account need 100."
    ]
    rare = {**row, "reason_count": 7, "status_reason": "0 posts with it and 237 without are too few"}
    assert read_factors([rare]) == [
        "Insufficient data for acme: no feature is in enough posts and missing from enough others."
    ]


def test_a_good_first_hour_is_a_sign_and_its_absence_has_a_date() -> None:
    (word, *_) = compared()
    early = {**word, "factor_group": "early", "factor": "first_hour"}
    strong = {**early, "response_ratio": 1.8, "conf_low": 1.4, "conf_high": 2.3, "explained_share": None}
    assert read_factors([word, strong])[1] == (
        "acme: posts that started well drew 1.80 times as many reactions after the first hour as others (1.40 to 2.30; "
        "230 posts): a sign of what will come, not a way to bring it about."
    )
    # What the others explain together is never that of the first hour, and an account may have nothing else.
    assert any(f"4.6{GAP}% for acme" in text for text in read_factors([word, strong]))
    assert len(read_factors([strong])) == 1
    (reason,) = [row["status_reason"] for row in factors() if row["factor"] == "first_hour"]
    lacking = {**early, "status": "insufficient_data", "status_reason": reason}
    assert read_factors([word, lacking])[-1] == f"What the first hour tells cannot be said yet for acme: {reason}."
    with speaking(GERMAN):
        assert read_factors([word, lacking])[-1] == (
            "Was die erste Stunde verrät, lässt sich noch nicht sagen für acme: 12 Beiträge etwa eine Stunde nach dem "
            "Posten gelesen, 6 davon mit ungewöhnlich gutem Anfang; ein Vergleich braucht 20 von jeder Art; erste "
            "Antwort etwa am 07.02.2027."
        )


@pytest.mark.parametrize(
    ("factor", "name"),
    [("short", "under 80 characters"), ("0_to_6_utc", "from 0 to 6 h UTC"), ("media", "with a picture or video")],
)
def test_features_read_as_words_after_posts(factor: str, name: str) -> None:
    assert name_factor({"factor_group": "form", "factor": factor}) == name


def test_the_table_of_features_has_what_was_compared_and_no_order_of_luck(filled: Settings) -> None:
    with open_published(filled) as connection:
        answer = query_figure(connection, FACTORS)
    assert [(row["handle"], row["factor"]) for row in answer.rows] == [
        ("account_0", "question"),
        ("account_0", f"“{HOSTILE}”"),
        ("account_0", "first_hour"),
        (None, "link"),
    ]
    assert key(0) not in {row["handle"] for row in answer.rows}
