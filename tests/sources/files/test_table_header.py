"""Where a table begins, how many header rows it has, and which rows below are no responses."""

from pathlib import Path

import pytest
import xlsxwriter

from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.table_header import header_depth
from pipeline.sources.files.tabular import read_sheet
from pipeline.sources.survey.layout import lay_out, marked_rows

TABLE = "ID,Size,Uses X\n1,1-9,Yes\n2,10-49,No\n3,1-9,Yes\n"


def header_of(text: str) -> tuple[int, tuple[str, ...], int]:
    """Line of the header, its names and the number of rows below."""
    sheet = read_sheet(text.encode(), "a.csv")
    return sheet.header_line, sheet.header, len(sheet.records)


@pytest.mark.parametrize(
    "above",
    [
        "My survey 2026\n",
        'My survey 2026,,\n"Exported today, 3 responses",,\n',
        'My survey 2026\n"Exported today, 3 responses"\n',
        "Report,2026-05-01\n",
        "A\nB\nC\nD: x\nE\nF\n",
        "\nTitle\n\n",
        "sep=,\nMy survey\n",
    ],
)
def test_the_header_is_the_first_row_as_wide_as_the_table(above: str) -> None:
    line, header, count = header_of(above + TABLE)
    assert (header, count) == (("ID", "Size", "Uses X"), 3)
    assert line == above.count("\n") + 1


def test_rows_above_the_header_are_named_by_their_lines_and_not_by_their_words() -> None:
    (flag,) = read_sheet(b"Exported by Ann Example\n\n" + TABLE.encode(), "a.csv").flags
    assert flag.problem == "rows_above_header"
    assert flag.detail == "line 1 stands above the header, outside the table"


@pytest.mark.parametrize(
    ("text", "header", "count"),
    [
        (",Colour,Size\n0,red,1-9\n1,blue,10-49\n", ("", "Colour", "Size"), 2),
        (",Colour,Size\nr1,red,1-9\nr2,blue,10-49\n", ("", "Colour", "Size"), 2),
        ("ID,Size,\n1,1-9,yes\n2,1-9,no\n", ("ID", "Size", ""), 2),
        ("Role,Size,\nOwner,1-9,yes\nOwner,1-9,no\nBoss,1-9,no\n", ("Role", "Size", ""), 3),
        ("ID,Size,\n1,1-9,\n2,10-49,\n", ("ID", "Size", ""), 2),
        ("Country,2019,2020\nDE,1,2\n", ("Country", "2019", "2020"), 1),
        ("Report\nCountry,2019,2020\nDE,1,2\nFR,1,2\n", ("Country", "2019", "2020"), 2),
        ("ID,A,B,C,D\n1,x,,,\n2,y,,,\n3,z,,,f\n", ("ID", "A", "B", "C", "D"), 3),
        (",Demographics,,Usage,\nID,Size,Field,X,Y\n1,1-9,Retail,Yes,No\n", ("ID", "Size", "Field", "X", "Y"), 1),
        ("ID;Text\n1;a, b, c\n2;d, e, f\n3;g, h, i\n", ("ID", "Text"), 3),
        ("\ufeff\ufeffID,Size\n1,1-9\n", ("ID", "Size"), 1),
        ("sep=;\nID;Text\n1;a, b\n", ("ID", "Text"), 1),
        ("My survey\nID\tSize\n1\t1-9\n2\t10-49\n", ("ID", "Size"), 2),
    ],
)
def test_a_header_with_blanks_numbers_or_another_delimiter_stays_the_header(
    text: str, header: tuple[str, ...], count: int
) -> None:
    assert header_of(text)[1:] == (header, count)


@pytest.mark.parametrize("text", ["a,b\n1,2,3\n2,3,4\n", "Colour,Size\n1,red,1-9\n2,blue,1-9\n3,red,1-9\n"])
def test_a_header_narrower_than_its_table_leaves_no_row_instead_of_shifted_columns(text: str) -> None:
    sheet = read_sheet(text.encode(), "a.csv")
    assert (sheet.header_line, len(sheet.records)) == (1, 0)
    assert sheet.set_aside[0].detail == "3 cells where the header has 2"


def test_sentences_with_commas_in_one_column_are_no_table_of_two() -> None:
    assert header_of("Colour\nblue, and green\nred, or so\n")[1] == ("Colour",)


def test_a_person_can_say_where_the_table_begins() -> None:
    sheet = read_sheet(b"ID,Size\nReally,The header\n1,1-9\n", "a.csv").skipping(1)
    assert (sheet.header, len(sheet.records), sheet.header_line) == (("Really", "The header"), 1, 2)
    assert [flag.problem for flag in sheet.flags] == ["rows_above_header"]
    assert sheet.skipping(0).header == ("ID", "Size")


def test_a_workbook_with_titles_has_its_header_below_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        for at, row in enumerate(
            [["My survey"], ["3 responses"], [], *(line.split(",") for line in TABLE.splitlines())]
        ):
            sheet.write_row(at, 0, row)
    read = InputFile(path, "a.xlsx", "0").sheet
    assert (read.header, len(read.records), read.records[0].line) == (("ID", "Size", "Uses X"), 3, 5)
    assert "lines 1 to 2 stand above the header" in read.flags[0].detail


MONKEY = "Respondent ID,Which do you use?,,\n,X,Blog,Mail\n1,X,,\n2,,Blog,\n"


@pytest.mark.parametrize(
    ("text", "rows", "names"),
    [
        (MONKEY, 2, ["Respondent ID", "Which do you use? / X", "Which do you use? / Blog", "Which do you use? / Mail"]),
        ("My form,,,\n" + MONKEY, 2, ["Respondent ID", "Which do you use? / X"]),
        (MONKEY.replace("?,,", "?"), 2, ["Respondent ID", "Which do you use? / X"]),
        (
            "How many employees?,Which do you use?,,\nResponse,X,Blog,None\n1-9,X,,\n10-49,X,Blog,\n1-9,,Blog,\n",
            2,
            ["How many employees?", "Which do you use? / X", "Which do you use? / Blog", "Which do you use? / None"],
        ),
        (
            "Respondent ID,Employees?,Which?,\nRespondent ID,Employees?,X,Blog\n1,1-9,X,\n2,10-49,X,Blog\n",
            2,
            ["Respondent ID", "Employees?", "Which? / X", "Which? / Blog"],
        ),
        ("Which?,,\nX,Blog,None\nX,,\nX,Blog,\n,,None\n", 2, ["Which? / X", "Which? / Blog", "Which? / None"]),
        ("ID,How likely?,,\n,1,2,3\n10,1,,\n11,,,3\n", 2, ["ID", "How likely? / 1", "How likely? / 2"]),
        (
            "ID,Satisfied?,,,\n,X,,Blog,\n,Reach,Cost,Reach,Cost\n1,5,4,3,2\n",
            3,
            ["ID", "Satisfied? / X / Reach", "Satisfied? / X / Cost", "Satisfied? / Blog / Reach"],
        ),
        (
            "ID,Satisfied?,,Role\n,X,Blog,\n,Response,Response,Open-Ended Response\n1,5,4,boss\n",
            3,
            ["ID", "Satisfied? / X", "Satisfied? / Blog", "Role"],
        ),
        ("V1,V2,Q1\nResponseID,ResponseSet,Which?\nR_1,Default,a\n", 2, ["V1 / ResponseID"]),
        ("#,Facebook,Blog\nk1,Facebook,\nk2,,Blog\n", 1, ["#", "Facebook", "Blog"]),
        ("Facebook,Blog\nFacebook,\n,Blog\n", 1, ["Facebook", "Blog"]),
        ("Size,Industry\n1-9,Other (please specify)\n10-49,Retail\n", 1, ["Size", "Industry"]),
    ],
)
def test_header_rows_are_told_by_their_marks_wherever_they_stand(text: str, rows: int, names: list[str]) -> None:
    sheet = read_sheet(text.encode(), "a.csv")
    assert marked_rows(sheet)[0] == rows
    assert [column.name for column in lay_out(sheet, rows).columns][: len(names)] == names


def test_totals_averages_and_header_rows_below_the_header_are_no_responses() -> None:
    text = "ID,Size,Hours\n1,1-9,3\nID,Size,Hours\n2,10-49,4\nTotal,,7\nAverage,,3.5\nDurchschnitt:,,50 %\n"
    layout = lay_out(read_sheet(text.encode(), "a.csv"), 1)
    assert [record.cells[0] for record in layout.records] == ["1", "2"]
    problems = [(row.line, row.problem) for row in layout.set_aside]
    assert problems == [(3, "header_row"), (5, "total_row"), (6, "total_row"), (7, "total_row")]
    people = lay_out(read_sheet(b"Role,Uses X\nTotal,Yes\nMean,No\n", "a.csv"), 1)
    assert len(people.records) == 2


def test_numbers_of_the_rows_before_two_header_rows_are_no_answers() -> None:
    header = [["", "Respondent ID", "Which do you use?", ""], ["", "", "Blog", "Mail"]]
    rows = [["1", "7001", "Blog", ""], ["2", "7002", "", "Mail"], ["3", "7003", "Blog", ""]]
    assert header_depth([*header, *rows]) == 2
    assert header_depth([["", "Respondent ID", "Blog", "Mail"], *rows]) == 1
