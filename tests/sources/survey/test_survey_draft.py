"""Drafts that nobody corrects: the counts are those of the file, or the doubt stands at the top."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import InputFile, Reading
from pipeline.sources.survey.inspection import Inspection, Options, inspect_survey
from tests.sources.survey.test_survey_inspect import read_with_draft


@dataclass
class Figures:
    """One question as it was read: who answered, how often each option was chosen, and the options' places."""

    type: str
    answered: set[str] = field(default_factory=set)
    chosen: Counter[str | None] = field(default_factory=Counter)
    places: dict[str | None, float] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, dict[str | None, int]]:
        """Base and counts by option."""
        return len(self.answered), dict(self.chosen)


def figures(reading: Reading) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for row in reading.tables["survey_responses"]:
        each = found.setdefault(row["question_id"], Figures(row["question_type"]))
        if row["is_selected"] is None:
            continue
        each.answered.add(row["respondent_id"])
        each.chosen[row["option"]] += bool(row["is_selected"])
        if row["value"] is not None:
            each.places[row["option"]] = row["value"]
    return found


def groups(reading: Reading, dimension: str) -> dict[str | None, int]:
    rows = reading.tables["survey_respondents"]
    return dict(Counter(row["segment"] for row in rows if row["segment_dimension"] == dimension and row["segment"]))


def drafted(folder: Path, text: str, options: Options | None = None) -> tuple[Inspection, Reading]:
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8")
    found = inspect_survey(InputFile(path, path.name, "0" * 64), options)
    return found, read_with_draft(path)


def numbered(header: str, rows: list[str], copies: int = 1) -> str:
    """A file with ids from 1 and the rows so many times."""
    lines = [f"{at},{row}" for at, row in enumerate(rows * copies, start=1)]
    return "\n".join([header, *lines]) + "\n"


def doubts(found: Inspection) -> str:
    """All doubts, which stand at the top of the draft as well."""
    assert not found.doubts or found.text.splitlines()[1] == "# Please check:"
    return "\n".join(found.doubts)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        *(("Mentioned", "Not mentioned"), ("Ja", "Nein"), ("Oui", "Non"), ("Sí", "No"), ("quoted", "not quoted")),
        *(
            ("1", "0"),
            ("True", "False"),
            ("Selected", "Not Selected"),
            ("はい", "いいえ"),
            ("да", "нет"),
            ("tak", "nie"),
        ),
    ],
)
def test_a_no_of_any_language_is_a_no_for_the_draft_and_its_reader(tmp_path: Path, yes: str, no: str) -> None:
    rows = [f"{yes},{no}", f"{no},{no}", f"{yes},{yes}", f"{no},{yes}"]
    _, reading = drafted(tmp_path, numbered("id,Source_papers,Source_radio", rows, 3))
    (sources,) = figures(reading).values()
    assert sources.counts == (12, {"papers": 6, "radio": 6})


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("Yes", "No"), ("oui", "non")])
def test_yes_no_columns_without_a_common_name_are_questions_of_their_own(tmp_path: Path, yes: str, no: str) -> None:
    rows = [f"{no},{no}", f"{no},{no}", f"{yes},{no}", f"{no},{yes}"]
    _, reading = drafted(tmp_path, numbered("ID,Do you use X?,Do you have a plan?", rows, 6))
    assert [each.counts for each in figures(reading).values()] == [(24, {no: 18, yes: 6})] * 2


def test_a_lone_column_of_noughts_and_ones_is_a_question_of_yes_and_no(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("ID,Do you use X?", ["0", "0", "1", "0"], 6))
    (only,) = figures(reading).values()
    assert only.counts == (24, {"0": 18, "1": 6})


def test_generic_words_before_a_bar_make_no_question(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("ID,is_b2b,is_active", ["1,0", "1,", "0,", "0,1"], 6))
    assert [len(each.answered) for each in figures(reading).values()] == [24, 12]


def test_a_lone_tick_is_counted_of_everybody_and_asked_about(tmp_path: Path) -> None:
    found, reading = drafted(tmp_path, numbered("ID,Newsletter,Age", ["X,30", ",41", ",52"], 4))
    assert figures(reading)["newsletter"].counts == (12, {"Newsletter": 4})
    assert "'Newsletter' holds 'X' (4) or nothing (8)" in doubts(found)


def test_an_option_that_nobody_chose_stays_with_its_question(tmp_path: Path) -> None:
    rows = [f"{at},X,," for at in range(1, 6)] + [f"{at},,,Mail" for at in range(6, 11)]
    text = "\n".join(["Respondent ID,Which do you use?,,", ",X,Blog,Mail", *rows]) + "\n"
    _, reading = drafted(tmp_path, text)
    (only,) = figures(reading).values()
    assert only.counts == (10, {"X": 5, "Blog": 0, "Mail": 5})


def test_an_option_of_one_person_stays_with_its_question(tmp_path: Path) -> None:
    rows = ["X,Blog,,", ",Blog,,Fax", *["X,,,"] * 8]
    lines = [f"{at},{row}" for at, row in enumerate(rows, start=1)]
    text = "\n".join(["Respondent ID,Which do you use?,,,", ",X,Blog,Mail,Fax", *lines]) + "\n"
    _, reading = drafted(tmp_path, text)
    (only,) = figures(reading).values()
    assert only.counts == (10, {"X": 9, "Blog": 2, "Mail": 0, "Fax": 1})


@pytest.mark.parametrize("codes", [("0", "1", "2"), ("1", "2", "3"), ("1", "1", "1")])
def test_one_code_beside_blanks_is_a_tick_whatever_the_code(tmp_path: Path, codes: tuple[str, str, str]) -> None:
    first, second, third = codes
    rows = [f"{first},,", f",{second},", f",,{third}"] * 3
    lines = [f"{at},{row}" for at, row in enumerate(rows, start=1)]
    text = "\n".join(["Respondent ID,How do you reach people?,,", ",Mail,Phone,Blog", *lines]) + "\n"
    _, reading = drafted(tmp_path, text)
    (only,) = figures(reading).values()
    assert only.counts == (9, {"Mail": 3, "Phone": 3, "Blog": 3})


def test_two_questions_with_the_same_wording_and_options_stay_two(tmp_path: Path) -> None:
    head = "Respondent ID,Which do you use?,,Which do you use?,\n,X,Blog,X,Blog\n"
    text = head + "".join(f"{at},X,,,{'Blog' if at > 4 else ''}\n" for at in range(1, 11))
    _, reading = drafted(tmp_path, text)
    assert [each.counts[0] for each in figures(reading).values()] == [10, 6]


def test_two_codes_of_a_tool_are_two_questions_even_with_one_wording(tmp_path: Path) -> None:
    names = "ResponseId,Q4_1,Q4_2,Q5_1,Q5_2\nResponse ID"
    wordings = "".join(f",Which do you use? - {option}" for option in ("X", "Blog", "Polls", "Links"))
    ids = ",".join(f'"{{""ImportId"":""{name}""}}"' for name in ("_recordId", "QID4_1", "QID4_2", "QID5_1", "QID5_2"))
    rows = "".join(f"R_{at},X,{'Blog' if at > 7 else ''},{'Polls' if at > 4 else ''},\n" for at in range(1, 11))
    _, reading = drafted(tmp_path, f"{names}{wordings}\n{ids}\n{rows}")
    assert [each.counts for each in figures(reading).values()] == [
        (10, {"X": 10, "Blog": 3}),
        (6, {"Polls": 6, "Links": 0}),
    ]


def test_a_contact_block_is_personal_and_no_question(tmp_path: Path) -> None:
    head = "Respondent ID,Contact details,,Uses X\n,Name,Phone,Response\n"
    text = head + "".join(f"{at},Person {at},030 1234{at:03},{'Yes' if at % 2 else 'No'}\n" for at in range(1, 13))
    _, reading = drafted(tmp_path, text)
    assert list(figures(reading)) == ["uses_x"]
    assert "1234" not in repr(reading.tables)


TOOLS = ['"Ads, Posts"'] * 8 + ["Ads"] * 6 + ['"Posts, Mail"'] * 4
TYPED = ['"Ads, Vine"', '"Posts, a friend"', '"Mail, Threads"', '"Ads, own tool"', '"Mail, fax"']


def test_joined_choices_are_told_by_the_answers_and_typed_pieces_are_other(tmp_path: Path) -> None:
    found, reading = drafted(tmp_path, numbered("ID,Which tools?", TOOLS + TYPED))
    (tools,) = figures(reading).values()
    assert tools.counts == (23, {"Ads": 16, "Posts": 13, "Mail": 6, "(other)": 5})
    assert "5 answers of 23 in 'Which tools?' hold a rare text" in doubts(found)
    assert "Vine" not in found.text


@pytest.mark.parametrize("mark", [",", ", ", ";", "|", " "])
def test_joined_codes_are_choices(tmp_path: Path, mark: str) -> None:
    cells = [f'"{mark.join(each)}"' for each in ("123", "13", "2")]
    _, reading = drafted(tmp_path, numbered("ID,Which tools?", cells, 4))
    (tools,) = figures(reading).values()
    assert tools.counts == (12, {"1": 8, "2": 8, "3": 8})


def test_numbers_with_a_decimal_comma_are_no_joined_codes(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("ID,Hours per week", ['"1,5"', '"2,5"', '"1,25"', "2"], 4))
    (hours,) = figures(reading).values()
    assert (hours.type, hours.counts[0]) == ("number", 16)
    assert {row["value"] for row in reading.tables["survey_responses"]} == {1.5, 2.5, 1.25, 2.0}


def test_an_option_that_holds_the_separator_is_one_option_and_named(tmp_path: Path) -> None:
    cells = ['"LinkedIn, Xing"', '"LinkedIn, Xing, Facebook"', "Facebook", '"Facebook, Blog"', "Blog"]
    found, reading = drafted(tmp_path, numbered("ID,Networks", cells, 4))
    (networks,) = figures(reading).values()
    assert networks.counts == (20, {"LinkedIn, Xing": 8, "Facebook": 12, "Blog": 8})
    assert "'LinkedIn, Xing' in 'Networks': always found whole" in doubts(found)


def test_options_with_commas_survive_where_no_blank_follows_the_separator(tmp_path: Path) -> None:
    cells = ['"Fair, on site,Ads"', '"Ads,Blog"', '"Fair, on site"', '"Blog,Fair, on site"']
    _, reading = drafted(tmp_path, numbered("ID,Channels", cells, 4))
    (channels,) = figures(reading).values()
    assert channels.counts == (16, {"Fair, on site": 12, "Ads": 8, "Blog": 8})


@pytest.mark.parametrize(
    "options",
    [
        ["Employed, full-time", "Employed, part-time", "Not employed, student", "Not employed, looking"],
        ["Yes, a lot", "Yes, a little", "No", "No, never"],
    ],
)
def test_single_choices_with_commas_stay_single(tmp_path: Path, options: list[str]) -> None:
    _, reading = drafted(tmp_path, numbered("ID,Work", [f'"{each}"' for each in options], 10))
    (work,) = figures(reading).values()
    assert (work.type, work.counts) == ("single", (40, dict.fromkeys(options, 10)))


def test_questions_of_one_family_share_a_scale(tmp_path: Path) -> None:
    rows = ["Very dissatisfied,Dissatisfied", "Dissatisfied,Satisfied", "Satisfied,Very satisfied"]
    rows.append("Very satisfied,Satisfied")
    found, reading = drafted(tmp_path, numbered("ID,Satisfied with X?,Satisfied with blogs?", rows))
    assert [each.places["Satisfied"] for each in figures(reading).values()] == [3, 3]
    assert "'Satisfied with blogs?'" in doubts(found)  # a middle may have been on offer


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (["Never", "Sometimes", "Often", "Always"], {"Never": 1, "Sometimes": 3, "Always": 5}),
        (["Dissatisfied", "Neutral", "Satisfied", "Very satisfied"], {"Dissatisfied": 2, "Very satisfied": 5}),
        (["Jamais", "Parfois", "Souvent", "Toujours"], {"Jamais": 1, "Parfois": 3, "Toujours": 5}),
        (["Stimme zu", "Stimme eher nicht zu", "Stimme voll und ganz zu"], {"Stimme eher nicht zu": 2, "Stimme zu": 4}),
        (["Slightly important", "Very important", "Extremely important"], {"Slightly important": 2}),
        (["Poor", "Good", "Excellent"], {"Poor": 1, "Good": 3, "Excellent": 5}),
    ],
)
def test_an_answer_that_nobody_gave_keeps_its_place(tmp_path: Path, given: list[str], place: dict[str, float]) -> None:
    found, reading = drafted(tmp_path, numbered("ID,What do you say?", given, 2))
    (only,) = figures(reading).values()
    assert {text: only.places[text] for text in place} == place
    assert "nobody chose" in doubts(found)


def test_what_has_no_degree_has_no_place(tmp_path: Path) -> None:
    rows = ["Not at all", "I have not attended", "I have not attended", "Somewhat not", "Neutral", "Somewhat", "Very"]
    found, reading = drafted(tmp_path, numbered("ID,Was our talk useful?", [*rows, "Very"]))
    (talk,) = figures(reading).values()
    assert (len(talk.answered), talk.places["Not at all"], talk.places["Very"]) == (6, 1, 5)
    assert "'I have not attended' (2 answers)" in doubts(found)


def test_two_scales_of_one_family_are_not_mixed(tmp_path: Path) -> None:
    plain = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    milder = ["Strongly disagree", "Somewhat disagree", "Neutral", "Somewhat agree", "Strongly agree"]
    rows = [f"{one},{other}" for one, other in zip(plain, milder, strict=True)]
    _, reading = drafted(tmp_path, numbered("ID,It is useful,It is dear", rows, 3))
    first, second = figures(reading).values()
    assert [first.places[text] for text in plain] == [second.places[text] for text in milder] == [1, 2, 3, 4, 5]


def test_a_nought_to_ten_scale_keeps_its_numbers(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("ID,How likely are you to recommend us?", ["0", "7", "9", "10"], 5))
    (only,) = figures(reading).values()
    assert (only.type, only.places) == ("scale", {"0": 0, "7": 7, "9": 9, "10": 10})


@pytest.mark.parametrize("name", ["Q7", "howmuch_cat", "Group"])
def test_numbers_without_a_sign_are_codes_and_asked_about(tmp_path: Path, name: str) -> None:
    found, reading = drafted(tmp_path, numbered(f"ID,{name},Uses X", ["1,Yes", "2,No", "3,Yes", "6,No"], 5))
    only = next(iter(figures(reading).values()))
    assert (only.type, only.counts) == ("single", (20, {"1": 5, "2": 5, "3": 5, "6": 5}))
    assert f"'{name}' holds numbers from 1 to 6 that may be codes, a scale or an amount" in doubts(found)


def test_dates_as_serial_numbers_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [f"{43_000 + at}.25,{'Yes' if at % 2 else 'No'}" for at in range(12)]
    found, reading = drafted(tmp_path, numbered("ID,Start Date,Uses X", rows))
    assert list(figures(reading)) == ["uses_x"]
    assert "'Start Date' holds dates as serial numbers" in doubts(found)


def test_what_people_typed_beside_a_question_is_free_text(tmp_path: Path) -> None:
    header = "ID,Uses X,What is your role?,What is your role? (other)"
    found, reading = drafted(tmp_path, numbered(header, ["Yes,Manager,", "No,Other,Only me", "Yes,Owner,"], 4))
    assert groups(reading, "job_role") == {"Manager": 4, "Other": 4, "Owner": 4}
    assert "free_text" in {part for _, part, _ in found.columns} | {"free_text"}
    assert "Only me" not in found.text + repr(reading.tables)


def test_rare_texts_of_a_long_column_are_other_in_options_and_segments(tmp_path: Path) -> None:
    rows = ["Manager,Blue", "Owner,Red", "Staff,Blue"] * 12 + ["Chief cook and bottle washer,A kind of green"]
    found, reading = drafted(tmp_path, numbered("ID,Job title,Which colour?", rows))
    assert groups(reading, "job_role") == {"Manager": 12, "Owner": 12, "Staff": 12, "(other)": 1}
    assert figures(reading)["colour"].counts == (37, {"Blue": 24, "Red": 12, "(other)": 1})
    assert "bottle washer" not in found.text + repr(reading.tables)
    assert "1 text of 'Job title' of at most 2 respondents each (1 answer of 37)" in doubts(found)


def test_one_choice_over_several_columns_is_one_choice(tmp_path: Path) -> None:
    text = "ID,Size,,\n,1-9,10-49,50+\n1,1-9,,\n2,,,50+\n"
    _, reading = drafted(tmp_path, text)
    assert groups(reading, "company_size") == {"1-9": 1, "50+": 1}


def test_a_rating_over_several_columns_is_a_scale(tmp_path: Path) -> None:
    head = "ID,How often do you post?,,,,\n,Never,Rarely,Sometimes,Often,Always\n"
    text = head + "".join(f"{at},,Rarely,,,\n" if at % 2 else f"{at},,,,,Always\n" for at in range(1, 13))
    _, reading = drafted(tmp_path, text)
    (only,) = figures(reading).values()
    assert (only.type, only.places) == ("scale", {"Rarely": 2, "Always": 5})


@pytest.mark.parametrize("name", ["Allowing employees to post", "How many employees in your programme know it?"])
def test_employees_in_a_wording_make_no_company_size(tmp_path: Path, name: str) -> None:
    _, reading = drafted(tmp_path, numbered(f"ID,{name}", ["Agree", "Disagree", "Strongly agree", "Neutral"], 4))
    assert groups(reading, "company_size") == {}


@pytest.mark.parametrize("damaged", ["Jun-25", "01-May", "41310", "2026-09-01"])
def test_sizes_that_became_dates_are_pointed_out(tmp_path: Path, damaged: str) -> None:
    found, _ = drafted(tmp_path, numbered("ID,Company size,Uses X", ["1-9,Yes", f"{damaged},No", "10-49,Yes"], 4))
    assert f"4 cells of 'Company size' look like a date ('{damaged}')" in doubts(found)


def test_a_zone_in_the_header_is_the_zone_of_the_times(tmp_path: Path) -> None:
    found, reading = drafted(tmp_path, numbered("Response ID,Start Date (MST),Uses X", ["2026-01-02 02:00:00,Yes"], 4))
    assert "timezone: Etc/GMT+7" in found.text
    assert {str(row["started_at"]) for row in reading.tables["survey_respondents"]} == {"2026-01-02 09:00:00+00:00"}
    unclear, _ = drafted(tmp_path, numbered("Response ID,Start Date (CST),Uses X", ["2026-01-02 02:00:00,Yes"], 4))
    assert "states the zone CST, which stands for several" in doubts(unclear)


def test_the_order_of_the_rows_tells_day_from_month(tmp_path: Path) -> None:
    days = ["03/08/2026", "04/08/2026", "05/08/2026", "06/08/2026", "01/09/2026", "02/09/2026"]
    found, reading = drafted(tmp_path, numbered("Response ID,End Date,Uses X", [f"{each},Yes" for each in days]))
    assert "date_order: day_first" in found.text
    assert (str(reading.period_start), str(reading.period_end)) == ("2026-08-03", "2026-09-02")
    assert "read as day_first, which alone gives the rows an order in time" in doubts(found)


def test_limesurveys_time_of_submission_tells_who_finished(tmp_path: Path) -> None:
    rows = ["2026-01-02 10:00:00,3,en,A", ",2,en,B", "2026-01-03 10:00:00,3,en,A", "2026-01-04 10:00:00,3,en,B"]
    _, reading = drafted(tmp_path, numbered("id,submitdate,lastpage,startlanguage,q1", rows))
    assert [row["is_complete"] for row in reading.tables["survey_respondents"]] == [True, False, True, True]


def test_equal_times_of_everybody_are_said(tmp_path: Path) -> None:
    rows = ["1980-01-01 00:00:00,A", "1980-01-01 00:00:00,B"]
    found, reading = drafted(tmp_path, numbered("id,submitdate,q1", rows, 4))
    assert "all 8 times in 'submitdate' are equal" in doubts(found)
    assert reading.period_start is None


def test_tags_and_placeholders_stay_out_of_wordings(tmp_path: Path) -> None:
    header = 'ID,"<strong>How</strong> often? {INSERTANS:1}","{sum(R2_1.NAOK, R2_2.NAOK)}"'
    found, reading = drafted(tmp_path, numbered(header, ["Never,3", "Often,4", "Always,5"], 4))
    assert {row["question"] for row in reading.tables["survey_responses"]} == {"How often?"}
    assert found.questions == (("scale", 1),)


def test_answered_counts_everybody_with_an_answer_to_any_option(tmp_path: Path) -> None:
    found, _ = drafted(tmp_path, numbered("id,Source [papers],Source [radio]", ["Y,", ",Y", "Y,Y", ","], 3))
    assert "source:   # 9 answered" in found.text
    assert found.text.count('"Y"') == 0


def test_a_table_without_a_question_is_refused_with_what_its_columns_are(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="nothing in this file looks like a question") as refused:
        drafted(tmp_path, "Respondent ID,Email\n1,a@b.example\n2,c@d.example\n")
    assert "1 respondent id" in refused.value.why


def test_a_header_of_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="the header row contains somebody's answers"):
        drafted(tmp_path, "1,a@b.example,Yes\n2,c@d.example,No\n3,e@f.example,No\n")


def test_rare_words_and_control_characters_do_not_break_the_draft(tmp_path: Path) -> None:
    rows = ["Yes,Never,None", "No,never,none", "Yes,NEVER,null"]
    _, reading = drafted(tmp_path, numbered("ID,Do you use “X”\x9d?,How often?,null", rows, 4))
    assert [each.counts for each in figures(reading).values()] == [
        (12, {"Yes": 8, "No": 4}),
        (12, {"Never": 12}),
        (8, {"None": 8}),
    ]


@pytest.mark.parametrize(
    "names",
    [
        *(("channels/x", "channels/blog"), ("x:Which channels?", "blog:Which channels?"), ("c_x", "c_blog")),
        *(
            ("Channels >> x", "Channels >> blog"),
            ("Channels (x)", "Channels (blog)"),
            ("Channels: x", "Channels: blog"),
        ),
        *(("G01Q04[SQ001]. Channels [x]", "G01Q04[SQ002]. Channels [blog]"), ("Channels – x", "Channels – blog")),
    ],
)
def test_the_marks_of_many_tools_tell_a_question_from_its_options(tmp_path: Path, names: tuple[str, str]) -> None:
    _, reading = drafted(tmp_path, numbered(f"id,{','.join(names)}", ["1,0", "1,1", "0,1", "1,0"], 3))
    (channels,) = figures(reading).values()
    assert (channels.type, channels.counts) == ("multi", (12, {"x": 9, "blog": 6}))


def test_choices_on_lines_of_their_own_are_several_choices(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("id,Which channels?", ['"X\nBlog"', "X", "Blog"], 4))
    (channels,) = figures(reading).values()
    assert channels.counts == (12, {"X": 8, "Blog": 8})


def test_choices_that_blanks_may_join_are_asked_about(tmp_path: Path) -> None:
    found, _ = drafted(tmp_path, numbered("id,channels", ["facebook", "facebook blog", "blog"], 4))
    assert "some cells of 'channels' may hold several choices with a blank between them" in doubts(found)


def test_a_dash_is_no_answer(tmp_path: Path) -> None:
    _, reading = drafted(tmp_path, numbered("id,Newsletter opened,Ads clicked", ["yes,no", "-,yes", "no,–"], 5))
    assert [each.counts[0] for each in figures(reading).values()] == [10, 10]


def test_a_grid_with_a_column_for_each_answer_is_one_choice_for_each_item(tmp_path: Path) -> None:
    head = "Respondent ID,Rate us,,,,\n,Speed - Good,Speed - Bad,Price - Good,Price - Bad,Price - Neither\n"
    rows = (f"{at},{'Good,' if at % 2 else ',Bad'},{'Good,,' if at % 3 else ',,'}\n" for at in range(1, 25))
    _, reading = drafted(tmp_path, head + "".join(rows))
    assert [each.counts[0] for each in figures(reading).values()] == [24, 16]


def test_a_wording_that_the_header_writes_again_begins_another_question(tmp_path: Path) -> None:
    head = "Respondent ID,Which do you use?,,Which do you use?,\n,X,Blog,Mail,Fax\n"
    text = head + "".join(f"{at},X,,,{'Fax' if at > 4 else ''}\n" for at in range(1, 11))
    _, reading = drafted(tmp_path, text)
    assert [each.counts[0] for each in figures(reading).values()] == [10, 6]
