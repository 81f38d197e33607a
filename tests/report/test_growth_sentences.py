"""What the report says of growth: by what was measured, without claims that the data cannot carry."""

from datetime import date

import pytest

from pipeline.publish.reader import open_published
from pipeline.report.catalogue import GERMAN, say_reason, speaking
from pipeline.report.findings import find
from pipeline.report.growth_words import describe_measure, name_good_posts, word_check, word_reliability, word_verdict
from pipeline.report.run_figures import query_figure
from pipeline.report.sections import all_figures
from pipeline.report.sections.own_days import OWN_DAYS
from pipeline.report.sections.readiness import READINESS
from pipeline.settings import Settings
from tests.report.world_names import OK

FIGURES = {figure.name: figure for figure in all_figures()}
GAP = "\u00a0"
VERDICT = {
    "verdict": "quality_larger",
    "quality_effect": 0.004,
    "volume_effect": -0.0006,
    "mean_growth_rate": 0.006,
    "quality_bases": "engagement_per_post (40 accounts)",
    "placebo_p_value": 0.2,
}


def words_of(settings: Settings, figure: str) -> tuple[str, ...]:
    with open_published(settings) as connection:
        answer = query_figure(connection, FIGURES[figure])
    assert answer.problem == ""
    return answer.words


@pytest.mark.parametrize(
    ("bases", "named"),
    [
        ("clicks_per_link_post (12 accounts)", "posts whose links drew more clicks than usual"),
        ("engagement_per_impression (12 accounts)", "posts that drew more reactions per view than usual"),
        ("engagement_per_post (1 account)", "posts that drew more reactions than usual"),
        ("engagement_per_post (9 accounts), clicks_per_link_post (3 accounts)", "drew a better response than usual"),
        ("", "posts that did better than usual"),
        (None, "posts that did better than usual"),
    ],
)
def test_good_posts_are_called_by_what_was_measured(bases: str | None, named: str) -> None:
    assert name_good_posts(bases).endswith(named)


def test_without_views_reach_is_never_worded_as_better_content() -> None:
    said = describe_measure("engagement_per_post (40 accounts)")
    assert said == ["More reactions may be better content or more reach; the data cannot separate them"]
    mixed = describe_measure("engagement_per_impression (124 accounts), engagement_per_post (1 account)")
    assert mixed == [
        "Response is measured by reactions per view in 124 accounts and reactions per post in 1 account",
        "More reactions per post may be better content or more reach; the data cannot separate them",
    ]
    assert describe_measure("engagement_per_impression (124 accounts)") == []
    for verdict in ("quality_larger", "volume_larger", "no_difference_shown", "reverse_causality_not_excluded"):
        assert "better post" not in word_verdict({**VERDICT, "verdict": verdict}).lower()


def test_a_verdict_says_points_usual_growth_and_that_it_is_a_pattern() -> None:
    assert word_verdict(VERDICT) == (
        "A good response matters more than more posts. Weeks with or just after posts that drew more reactions than "
        "usual saw 0.40 points more follower growth; weeks with or just after more posts than usual 0.06 points less. "
        f"Usual growth is 0.60{GAP}% a week. This is a pattern, not a cause"
    )


def test_an_open_order_is_no_finding_and_gives_no_effects() -> None:
    row = {**VERDICT, "verdict": "reverse_causality_not_excluded", "placebo_p_value": 0.01}
    said = word_verdict(row)
    assert said.startswith("Our check cannot tell which came first")
    assert said.endswith("That does not mean that posts have no effect")
    assert "points" not in said
    assert "was positive, p 0.010" in word_check(row)


def test_the_check_for_the_reverse_order_is_a_sentence() -> None:
    assert word_check(VERDICT).endswith("(growth first, good posts after) found no clear sign of it")
    # A trace that does not take the verdict is named as one; segments count adjusted.
    assert word_check({**VERDICT, "placebo_p_value": 0.01}).endswith("less than half of the effect in the right order")
    assert word_check({**VERDICT, "placebo_p_value": 0.01, "placebo_p_value_adjusted": 0.3}).endswith(
        "no clear sign of it"
    )
    assert word_check({**VERDICT, "placebo_p_value": None}) == "a check for the reverse order was not possible"


def test_a_reliability_below_three_tenths_is_stated_with_the_figure() -> None:
    assert word_reliability({"reliability": 0.15}) == (
        "Weekly response is mostly noise here (reliability 0.15 of 1): a real effect of good posts may not show"
    )
    # An effect that shows is not said to be hidden.
    seen = {"reliability": 0.15, "quality_effect_low": 0.002, "quality_effect_high": 0.004}
    assert word_reliability(seen).endswith("(reliability 0.15 of 1); the figures account for this")
    assert word_reliability({**seen, "quality_effect_low": -0.001}).endswith("may not show")
    assert [word_reliability({"reliability": value}) for value in (0.3, 0.67, None)] == ["", "", ""]
    assert word_reliability({}) == ""


def test_segments_are_compared_by_a_test_and_a_silent_one_is_not_called_different(filled: Settings) -> None:
    assert words_of(filled, "growth_segments") == (
        "B2B (customer focus): response to posts is linked to more growth than in the other segments, p 0.002 "
        "after adjustment for all comparisons.",
        "1 other segment shows no clear difference from the rest. That does not make them equal: small segments are "
        "often inconclusive.",
    )


def test_when_will_i_know_names_the_shortage_and_the_date(filled: Settings) -> None:
    said = words_of(filled, "answer_readiness")
    assert said[0] == (
        "Better posts or more posts: answered; effects smaller than about 0.15 points of weekly growth for a "
        "typical swing would not show."
    )
    assert said[1].endswith("account_0: 28 days with follows, posts and a response; a model of days needs 56.")
    assert said[2] == "No answer yet for 1 segment (travel); the first is expected about 2027-01-01."
    effects = words_of(filled, "growth_effects")
    # The growth figure names the same shortage as the readiness of the segment, not its own.
    assert effects[-1].endswith("travel: 3 accounts, 9 of about 15 weeks; first answer about 2027-01-01.")
    assert effects[-2] == "In 1 segment weekly response is mostly noise, most of all in B2B (reliability 0.22 of 1)."


def test_three_accounts_and_two_weeks_read_a_plain_sentence() -> None:
    row = {
        "question": "quality_against_volume",
        "segment_dimension": "all",
        "segment": "all",
        "name": "all",
        "status": "insufficient_data",
        "status_reason": "3 accounts, 2 of about 15 weeks; first answer about 2027-02-20",
        "smallest_effect_visible": None,
        "expected_answer_date": date(2027, 2, 20),
    }
    assert READINESS.read([row]) == [
        "Better posts or more posts: 3 accounts, 2 of about 15 weeks; first answer about 2027-02-20."
    ]
    guessed = {**row, "smallest_effect_visible": 0.0063, "effect_basis": "spread_so_far"}
    guessed["effect_unit"] = "weekly log growth for a typical swing of quality"
    assert READINESS.read([guessed])[0].endswith(
        "about 2027-02-20; it will show effects from about 0.63 points of weekly growth for a typical swing."
    )


def test_a_good_week_is_in_whole_posts_and_never_a_doubling(filled: Settings) -> None:
    figure = FIGURES["growth_what_if"]
    words = " ".join((figure.title, figure.note, *map(figure.label, figure.columns)))
    assert "doubl" not in words.lower()
    assert "twice" not in words.lower()
    with open_published(filled) as connection:
        rows = query_figure(connection, figure).rows
    volume = [row for row in rows if row["driver"] == "volume"]
    assert {(row["usual_post_count"], row["good_post_count"]) for row in volume} == {(3, 7)}


def test_an_own_account_leads_with_the_same_day_and_the_day_before_is_carry_over(filled: Settings) -> None:
    said = words_of(filled, "own_account_growth")
    assert said[0] == (
        f"account_0: days with twice the clicks have 47.0{GAP}% more new follows on the same day (33.0 to 62.0{GAP}%); "
        "no clear link on the next day (over 90 days)."
    )
    assert said[1].startswith("account_0: days with twice the posts have")


def own_day(specification: str, low: float, high: float, term: str = "response") -> dict[str, object]:
    middle = (low + high) / 2
    limits = {"change_if_doubled": middle, "change_if_doubled_low": low, "change_if_doubled_high": high}
    about = {"handle": "we", "response_basis": "engagements_by_day", "day_count": 60, "status": "ok"}
    return {**about, "specification": specification, "term": term, **limits}


def test_what_is_not_clear_on_a_day_is_said_to_be_unseen_and_a_positive_check_is_named() -> None:
    assert OWN_DAYS.read([own_day("same_day", -0.1, 0.3), own_day("day_before", 0.1, 0.3)]) == [
        "we: no clear link between engagements and new follows on the same day; on the next day "
        f"20.0{GAP}% more (10.0 to 30.0{GAP}%) (over 60 days)."
    ]
    assert OWN_DAYS.read([own_day("same_day", -0.1, 0.3), own_day("day_before", -0.2, 0.3)]) == [
        "we: no clear link between engagements and new follows, on the same day or the next (over 60 days)."
    ]
    fewer = OWN_DAYS.read([own_day("same_day", -0.3, -0.1)])
    assert fewer == [
        f"we: days with twice the engagements have 20.0{GAP}% fewer new follows on the same day (−30.0 to −10.0{GAP}%) "
        "(over 60 days)."
    ]
    check = OWN_DAYS.read([own_day("same_day", 0.1, 0.3), own_day("next_day_placebo", 0.1, 0.3, "response_next_day")])
    assert check[-1].startswith("we: the check is positive")
    held = OWN_DAYS.read([{**own_day("same_day", 0.1, 0.3), "is_promotion_held": True}])
    assert held[-1] == (
        "we: days with more paid impressions are compared with their like, so advertising is not in these figures."
    )


def test_the_parts_of_an_own_account_are_a_sentence_and_quality_without_comparison_is_not_nought(
    filled: Settings,
) -> None:
    (said,) = words_of(filled, "own_growth_parts")
    assert said == (
        f"account_0 grew by 36{GAP}% in 40 weeks. Posting more than others is linked to about 9 points of that; "
        "quality cannot be compared, no other account of the platform has click counts."
    )


def test_without_an_answer_the_headline_says_what_is_missing(sparse: Settings) -> None:
    with open_published(sparse) as connection:
        (growth,) = (finding for finding in find(connection) if finding.topic == "Growth")
    assert growth.summary_text == "It is too early to say whether better posts or more posts win followers"
    assert growth.uncertainty == "1 account with complete weeks; at least 10 are needed"
    assert growth.figure == "answer_readiness"


def test_daily_figures_and_posts_of_an_export_are_compared_and_what_nothing_explains_is_named(filled: Settings) -> None:
    (said,) = words_of(filled, "export_totals")
    assert said.endswith(": 10,400 impressions by day, 10,000 by post; unexplained: like count.")


def test_a_good_week_is_said_from_its_figures_in_either_language() -> None:
    row = {"segment_dimension": "all", "segment": "all", "driver": "quality", "good_per_usual": 1.34,
           "mean_growth_rate": 0.0058, "growth_change": 0.0041, "growth_change_low": 0.0033,
           "growth_change_high": 0.0049, "usual_post_count": None, "good_post_count": None, **OK}  # fmt: skip
    fewer = {**row, "driver": "volume", "usual_post_count": 2, "good_post_count": 5, "growth_change": -0.0041,
             "growth_change_low": -0.0049, "growth_change_high": -0.0033}  # fmt: skip
    read = FIGURES["growth_what_if"].read
    assert read([row, fewer]) == [
        "Weeks whose posts drew 1.3 times the usual response saw 0.41 points more growth (0.33 to 0.49); usual growth "
        f"is 0.58{GAP}% a week.",
        "Weeks of 5 own posts instead of 2 saw 0.41 points less growth (−0.49 to −0.33); usual growth is "
        f"0.58{GAP}% a week.",
    ]
    with speaking(GERMAN):
        assert read([fewer])[0].startswith("Wochen mit 5 statt 2 eigenen Beiträgen hatten 0,41 Punkte weniger")
    assert read([{**row, "growth_change": None}]) == []


@pytest.mark.parametrize("name", ["own_among_peers", "posting_times", "hashtags", "style_shares_by_segment"])
def test_without_a_single_figure_no_figure_says_that_nothing_differs(name: str) -> None:
    lacking = {"status": "insufficient_data", "status_reason": "4 posts; 10 are needed", "percentile": None,
               "value": None, "is_distinct_from_usual": None}  # fmt: skip
    names = dict.fromkeys(("handle", "segment", "segment_name", "metric", "hashtag"), "acme")
    said = FIGURES[name].read([{**names, **lacking}])
    assert said == ["Insufficient data for acme: 4 posts; 10 are needed."]


def test_what_a_reason_says_to_analysts_alone_is_left_out() -> None:
    assert say_reason("2 accounts are too few; answer_readiness says what is missing and when") == (
        "2 accounts are too few"
    )
