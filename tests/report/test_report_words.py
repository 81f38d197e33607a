"""What the page says, in both languages: short sentences, no word of the other language, nothing of data that are not
there.
"""

import html
import re
from pathlib import Path

import pytest

from pipeline.publish.reader import open_published
from pipeline.report.brief import build_brief
from pipeline.report.catalogue import ENGLISH, GERMAN, LANGUAGES, say_reason, speaking, texts
from pipeline.report.definitions import glossary
from pipeline.report.findings import find
from pipeline.report.playbook import cards_of
from pipeline.report.sections import SECTIONS
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.report.rendered import answers_of, page_of, visible
from tests.report.stand import publish_rows, settings_for
from tests.report.world_names import LAST_DAY, OK, Rows
from tests.report.world_people import survey

LONGEST = 40
GAP = "\u00a0"


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", html.unescape(text))


def words(sentence: str) -> int:
    return len([word for word in re.split(r"[\s\u00a0]+", sentence) if re.search(r"\w", word)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_more_than_forty_words(filled: Settings, language: str) -> None:
    with speaking(language), open_published(filled) as connection:
        said = [text for finding in find(connection) for text in (finding.summary_text, finding.uncertainty)]
        said += [text for pair in glossary(section.name for section in SECTIONS) for text in pair]
        for section, answers in answers_of(filled, language):
            said += [section.lead]
            for answer in answers:
                said += [*answer.words, answer.figure.note, answer.figure.if_empty]
                if answer.figure.name == "playbook":
                    said += [text for card in cards_of(answer.rows) for text in (card.says, card.sure, card.next_step)]
    # The words of a question of a survey are not ours.
    own = [re.sub(r"[“„].*?[”“]", "", text) for text in said]
    assert [sentence for text in own for sentence in sentences(text) if words(sentence) > LONGEST] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_finding_of_the_brief_is_read_in_one_breath(filled: Settings, tmp_path: Path, language: str) -> None:
    settings = filled.model_copy(update={"language": language})
    version = settings.published_dir / "current" / "warehouse.duckdb"
    page = build_brief(version, tmp_path, settings=settings).read_text(encoding="utf-8")
    items = [re.sub(r"<.*?>", "", item) for item in re.findall(r"<(?:li|p|td)\b.*?>(.*?)</(?:li|p|td)>", page)]
    assert [sentence for item in items for sentence in sentences(item) if words(sentence) > LONGEST] == []
    finding = next(re.sub(r"<.*?>", "", item) for item in re.findall(r"<li>(.*?)</li>", page))
    topic, text, sure = sentences(finding)
    assert topic == ("Growth." if language == ENGLISH else "Wachstum.")
    assert words(text) <= LONGEST
    assert ("95 %" if language == ENGLISH else "95-%-Grenzen") in sure
    assert words(finding) <= 60


def test_every_section_opens_with_one_sentence() -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert [section.lead for section in SECTIONS if len(sentences(section.lead)) > 1] == []


def test_a_german_page_has_german_words_numbers_and_dates(filled: Settings) -> None:
    page = html.unescape(page_of(filled, GERMAN))
    assert '<html lang="de">' in page
    assert "Was ein Publikum gewinnt" in page
    assert "22.11.2026" in page
    assert f"96,0{GAP}%" in page
    assert "1.234 Kontowochen" in page
    english = {
        text
        for key, text in texts(ENGLISH).items()
        if isinstance(text, str) and "{" not in text and len(text.split()) > 3 and texts(GERMAN)[key] != text
    }
    # Reasons and units are data, which the marts state in English.
    assert sorted(text for text in english if text in visible(page)) == []


def test_each_card_of_the_playbook_says_what_how_sure_against_whom_and_what_next(filled: Settings) -> None:
    (rows,) = (answers[0].rows for section, answers in answers_of(filled) if section.name == "playbook")
    cards = {card.rule: card for card in cards_of(rows)}
    assert list(cards) == ["keep_going", "mass_communication", "use_contact_list", "quality_over_quantity"]
    going = cards["keep_going"]
    assert going.says == f"You posted something of your own in 96.0{GAP}% of the last weeks with data."
    assert going.sure == f"95 % limits 80.0 to 99.0{GAP}%; 26 weeks."
    assert going.peers == f"Peers: 88.0{GAP}% (median of 31)."
    assert going.change == f"The line is 75.0{GAP}% of the weeks, with both limits on one side of it."
    assert (going.reading, going.reading_text) == ("in_line", "In line")
    assert cards["mass_communication"].reading_text == "Not in line"
    contacts = cards["use_contact_list"]
    assert contacts.says == "Insufficient data: no contact list was read."
    assert contacts.next_step == "Bring your contact list: tweetbench ingest FILE --as contacts."
    quality = cards["quality_over_quantity"]
    assert quality.says.startswith("Not settled: so far 0.20 points more growth"), "an open answer is no finding"
    assert "95 % limits in points −0.10 to 0.50; 31" in quality.sure
    assert "31 accounts, 1,234 account-weeks" in quality.sure


def test_a_reason_of_the_marts_is_said_in_the_language_where_it_is_known() -> None:
    with speaking(GERMAN):
        assert say_reason("4 weeks of posts; 8 are needed") == "bisher an Beiträgen 4 Wochen; 8 sind nötig"
        assert say_reason("1 week of posts; 8 are needed") == "bisher an Beiträgen 1 Woche; 8 sind nötig"
        assert say_reason("something else") == "die Zahlen reichen dafür nicht"
        assert say_reason("") == ""
        both = "growth: 3 of 8 weeks; enough about 2026-12-06; reactions: no follower count near the days of the posts"
        assert say_reason(both) == (
            "Wachstum: 3 von 8 Wochen; genug etwa am 06.12.2026; Reaktionen: keine Zahl der Follower nahe den Tagen "
            "der Beiträge"
        )
        asleep = "followers did not change at all in the last 26 weeks: nothing says what would move them"
        assert say_reason(asleep).startswith("die Follower haben sich in den letzten 26 Wochen nicht verändert")
        assert say_reason("6 accounts, 1 of about 16 weeks; first answer about 2026-10-09") == (
            "6 Konten, 1 von etwa 16 Wochen; erste Antwort etwa am 09.10.2026"
        )
    assert say_reason("no contact list was read") == "no contact list was read"


def accounts_of(platform: str, *, is_own: bool = True) -> Rows:
    """One account of a platform that was read for some days; few marts have anything to say of it."""
    key = f"{platform}:1"
    few = {"status": "insufficient_data", "status_reason": "1 account; at least 3 are needed"}
    return {
        "accounts": [{"account_key": key, "platform": platform, "handle": "we", "account_label": "we",
                      "is_own": is_own, "follower_count": 120}],
        "account_days": [{"account_key": key, "date": LAST_DAY, "follower_count": 120, "is_captured": True}],
        "growth_verdict": [{"segment_dimension": "all", "segment": "all", "verdict": "insufficient_data",
                            "account_count": 1, **few}],
        "answer_readiness": [{"question": question, "segment_dimension": "all", "segment": "all", "account_count": 1,
                              **few} for question in ("quality_against_volume", "ratio_styles", "spam_and_cull")],
    }  # fmt: skip


def exports_of_x() -> Rows:
    growth = {"account_key": "x:1", "specification": "same_day", "response_basis": "clicks_by_day", "day_count": 90,
              "follow_basis": "new_follows", "new_follow_count": 300}  # fmt: skip
    changes = {"change_if_doubled": 0.4, "change_if_doubled_low": 0.2, "change_if_doubled_high": 0.6}
    return {**accounts_of("x"), "own_account_growth": [{**growth, "term": "response", **changes, **OK}]}


# What a reader of one kind of data must not meet outside the folded list of questions.
OTHER_DATA = {
    "survey": (survey, "follow[es]|retention|contact list|posts? a week|timeline|hashtag"),
    "linkedin": (lambda: accounts_of("linkedin"), "[Ss]urvey|contact list|[Ff]ollow limit|Two styles|[Ww]aves|Bluesky"),
    "bluesky": (lambda: accounts_of("bluesky"), "[Ss]urvey|contact list|[Ff]ollow limit|LinkedIn|X Analytics"),
    "x exports": (exports_of_x, "[Ss]urvey|contact list|LinkedIn|Bluesky|Mastodon"),
}


@pytest.mark.parametrize("kind", OTHER_DATA)
def test_who_has_one_kind_of_data_reads_of_no_other_and_sees_no_empty_frame(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows, forbidden = OTHER_DATA[kind]
    settings = settings_for(tmp_path_factory.mktemp("kind") / "data")
    publish_rows(settings, rows(), now=NOW)
    text = visible(page_of(settings))
    body = re.sub(r"<[^>]+>", " ", text)
    assert re.findall(rf".{{0,60}}(?:{forbidden}).{{0,40}}", body) == []
    for article in re.findall(r"<article.*?</article>", text, flags=re.DOTALL):
        assert re.search(r'class="(?:words|empty)|data-chart', article), article[:200]
    for section in re.findall(r"<section[^>]*>.*?</section>", text, flags=re.DOTALL):
        assert re.search(r"<article|<dl|<li|unanswered", section), section[:200]
