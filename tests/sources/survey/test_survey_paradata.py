"""Columns that a tool writes about a response are no questions, and its paths and joined copies no others."""

from pathlib import Path

import pytest

from tests.sources.survey.test_survey_draft import Figures, doubts, drafted, figures, groups

PLACES = ("Berlin", "Vienna", "Munich")
FORM = "Company size,How often do you post?"


def form(at: int) -> str:
    return f"{('1-10', '11-50', '51-200')[at % 3]},{('Never', 'Rarely', 'Sometimes', 'Often', 'Always')[at % 5]}"


def table(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def only(found: dict[str, Figures], *types: str) -> list[Figures]:
    assert [each.type for each in found.values()] == list(types), list(found)
    return list(found.values())


def test_places_looked_up_from_the_ip_address_are_no_questions_and_the_draft_says_so(tmp_path: Path) -> None:
    header = (
        "Response ID,Date Submitted,Status,User Agent,IP Address,Longitude,Latitude,Country,City,State/Region,Postal,"
    )
    rows = [
        f"{at},2026-10-{1 + at % 28:02d} 09:00:00,Complete,Mozilla,192.0.2.{at},13.{at}1,52.{at}1,Germany,"
        f"{PLACES[at % 3]},BE,1011{at % 7},{form(at)}"
        for at in range(1, 31)
    ]
    found, reading = drafted(tmp_path, table(header + FORM, rows))
    only(figures(reading), "scale")
    assert groups(reading, "region") == {}
    assert groups(reading, "company_size") == {"1-10": 10, "11-50": 10, "51-200": 10}
    assert "'Country', 'City', 'State/Region' stand among the columns of the tool" in doubts(found)


def test_places_that_people_answered_stay_questions(tmp_path: Path) -> None:
    rows = [
        f"10/{1 + at % 28}/2026 09:00:00,{('Germany', 'Austria')[at % 5 == 0]},{PLACES[at % 3]},{form(at)}"
        for at in range(30)
    ]
    found, reading = drafted(tmp_path, table(f"Timestamp,Country,City,{FORM}", rows))
    city, _ = only(figures(reading), "single", "scale")
    assert city.counts == (30, dict.fromkeys(PLACES, 10))
    assert groups(reading, "region") == {"Germany": 24, "Austria": 6}
    assert "looked up" not in doubts(found)


def test_one_place_beside_an_ip_address_is_an_answer_and_a_doubt(tmp_path: Path) -> None:
    rows = [
        f"2026-10-{1 + at % 28:02d} 09:00:00,{form(at)},{PLACES[at % 3]},192.0.2.{at},{500 + at}" for at in range(30)
    ]
    found, reading = drafted(tmp_path, table(f"Submission Date,{FORM},City,Submission IP,Submission ID", rows))
    _, city = only(figures(reading), "scale", "single")
    assert city.counts == (30, dict.fromkeys(PLACES, 10))
    assert "'City' may be answers or looked up from the IP address: taken as answers" in doubts(found)


SOSCI = (
    "CASE,SERIAL,REF,QUESTNNR,MODE,STARTED,A101,A102_01,A102_02,TIME001,TIME002,TIME_SUM,MAILSENT,LASTDATA,STATUS,"
    "FINISHED,Q_VIEWER,LASTPAGE,MAXPAGE,MISSING,MISSREL,TIME_RSI,DEG_TIME"
)
WORDINGS = (
    "Interview-Nummer,Seriennummer,Referenz,Fragebogen,Modus,Beginn,Branche,Kanäle: Twitter,Kanäle: LinkedIn,Seite 1,"
    "Seite 2,Verweildauer gesamt,Versand,Zuletzt,Status,Abgeschlossen,Nur angesehen,Zuletzt bearbeitet,Letzte Seite,"
    "Anteil fehlender Antworten,gewichtet,Tempo,Maluspunkte"
)


@pytest.mark.parametrize("header", [SOSCI, f"{SOSCI}\n{WORDINGS}"])
def test_the_paradata_of_sosci_survey_are_no_questions(tmp_path: Path, header: str) -> None:
    rows = [
        f"{at},,,base,interview,2026-10-{1 + at % 28:02d} 09:00:00,{('Handel', 'Software')[at % 2]},"
        f"{('ausgewählt', 'nicht gewählt')[at % 2]},{('nicht gewählt', 'ausgewählt')[at % 3 == 0]},{at % 9},{at % 7},"
        f"{at},,2026-10-{1 + at % 28:02d} 09:09:00,,1,0,2,2,{at % 5},{at % 3},1.{at % 9},{at % 4}"
        for at in range(1, 31)
    ]
    _, reading = drafted(tmp_path, table(header, rows))
    found = figures(reading)
    channels = next(each for each in found.values() if each.type == "multi")
    named = ("Twitter", "LinkedIn") if "Kanäle" in header else ("01", "02")
    assert channels.counts == (30, {named[0]: 15, named[1]: 10})
    others = [each.counts for each in found.values() if each.type != "multi"]
    assert others == [] if groups(reading, "industry") else others == [(30, {"Handel": 15, "Software": 15})]


@pytest.mark.parametrize(
    ("stem", "joined", "mark"),
    [
        ("Company/channels", "Company/channels", "/"),
        ("Company details/Which channels do you use?", "Company details/Which channels do you use?", "/"),
        ("company-channels", "company-channels", "/"),
        ("Which channels do you use?", "Which channels do you use?", " ("),
    ],
)
def test_columns_of_options_are_one_question_and_their_joined_copy_none(
    tmp_path: Path, stem: str, joined: str, mark: str
) -> None:
    end = ")" if mark == " (" else ""
    options = ("twitter", "linked_in", "blog")
    chosen = [[(at + 1) % 2, at % 3 == 0, at % 5 == 0] for at in range(60)]
    rows = [
        f"{at},{' '.join(option for option, is_on in zip(options, marks, strict=True) if is_on)},"
        f"{','.join(str(int(is_on)) for is_on in marks)},{form(at)}"
        for at, marks in enumerate(chosen)
    ]
    header = f"_id,{joined},{','.join(stem + mark + option + end for option in options)},{FORM}"
    found, reading = drafted(tmp_path, table(header, rows))
    channels, _ = only(figures(reading), "multi", "scale")
    assert channels.counts == (60, {"twitter": 30, "linked_in": 20, "blog": 12})
    blank = sum(not any(marks) for marks in chosen)
    assert f"holds the choices of its 3 columns in one cell, and is blank in {blank} rows" in doubts(found)


def test_a_column_called_like_its_options_that_says_something_else_is_asked_about(tmp_path: Path) -> None:
    rows = [f"{at},{('', 'a lot')[at % 2]},{at % 2},{(at + 1) % 2},{form(at)}" for at in range(40)]
    found, _ = drafted(tmp_path, table(f"_id,channels,channels/twitter,channels/blog,{FORM}", rows))
    assert "'channels' holds the choices of its 2 columns in one cell, by its name, and differs in 20 rows" in doubts(
        found
    )


def test_options_behind_the_dots_that_r_writes_bear_their_names(tmp_path: Path) -> None:
    stem = "Q5.Which.channels.do.you.use"
    rows = [f"{at},{('Twitter', 'NA')[at % 2]},{('NA', 'Blog')[at % 3 == 0]},{form(at)}" for at in range(60)]
    _, reading = drafted(tmp_path, table(f"id,{stem}...Twitter,{stem}...Blog,{FORM}", rows))
    channels, _ = only(figures(reading), "multi", "scale")
    assert channels.counts == (40, {"Twitter": 30, "Blog": 20})


def test_rows_that_were_not_asked_are_not_counted_as_nothing_chosen(tmp_path: Path) -> None:
    rows = []
    for at in range(60):
        marks = (at % 2, at % 3 == 0) if at % 4 else None
        joined = " ".join(name for name, is_on in zip(("web", "blog"), marks or (), strict=False) if is_on)
        rows.append(
            f"{at},{joined},{'' if marks is None else f'{marks[0]},{int(marks[1])}'}{',' * (marks is None)},{form(at)}"
        )
    found, reading = drafted(tmp_path, table(f"_id,q/channels,q/channels/web,q/channels/blog,{FORM}", rows))
    channels, _ = only(figures(reading), "multi", "scale")
    assert channels.counts == (45, {"web": 30, "blog": 15})
    assert "and is blank in 10 rows, which count as answered" in doubts(found)


def test_yes_no_questions_of_a_group_have_bases_of_their_own(tmp_path: Path) -> None:
    rows = [f"{at},{('yes', 'no')[at % 2]},{('yes', 'no', '')[at % 3]},{form(at)}" for at in range(60)]
    _, reading = drafted(tmp_path, table(f"_id,team/has_shop,team/sells_abroad,{FORM}", rows))
    shop, abroad, _ = only(figures(reading), "single", "single", "scale")
    assert (shop.counts, abroad.counts) == ((60, {"yes": 30, "no": 30}), (40, {"yes": 20, "no": 20}))
