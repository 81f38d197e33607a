"""Rows of issues as a few groups, and how commands show them."""

import pytest

from pipeline.cli.set_aside import MOST_SHOWN, listing_query, say_set_aside
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import Request
from pipeline.sources.issue_summary import IssueGroup, join_summaries, summarise_issues
from tests.conftest import NOW


def issue(problem: str, number: int) -> dict[str, str]:
    return {
        "problem": problem,
        "subject": f"a.csv, line {number}",
        "detail": f"cell {number}",
        "next_step": "correct it",
    }


def test_issues_are_counted_by_problem_the_most_frequent_first_with_the_first_as_example() -> None:
    rows = [issue("rare", 1), *(issue("frequent", number) for number in range(2, 5)), issue("rare", 5)]
    assert summarise_issues(rows) == (
        IssueGroup("frequent", 3, "a.csv, line 2", "cell 2", "correct it"),
        IssueGroup("rare", 2, "a.csv, line 1", "cell 1", "correct it"),
    )
    assert summarise_issues([]) == ()
    (bare,) = summarise_issues([{"problem": "bare", "subject": None, "detail": None}])
    assert (bare.subject, bare.detail, bare.next_step) == ("", "", "")


def test_lines_that_share_a_cause_are_counted_one_by_one_and_a_column_of_that_name_is_none() -> None:
    issues = IssueList("a.csv", Request(NOW))
    for line in (2, 3, 4):
        issues.add(f"line {line}", "bad_day", "31 is no month", "correct it", {"day": "31"}, column="day")
    for number in ("40", "many"):
        issues.add("", "no_level", "no count", "nothing to do", {"line_count": number, "lines": "9"})
    counts = {group.problem: group.count for group in summarise_issues(issues.rows)}
    assert counts == {"bad_day": 3, "no_level": 2}


def test_summaries_of_several_files_join_to_the_summary_of_all_their_rows() -> None:
    first, second = [issue("a", 1), issue("b", 2)], [issue("b", 3), issue("c", 4), issue("b", 5)]
    joined = join_summaries((*summarise_issues(first), *summarise_issues(second)))
    assert joined == summarise_issues([*first, *second])


def test_more_reasons_than_are_shown_end_with_their_count_and_the_query(capsys: pytest.CaptureFixture[str]) -> None:
    groups = summarise_issues(issue(f"problem_{number:02d}", number) for number in range(MOST_SHOWN + 3))
    say_set_aside(groups, query=listing_query("tweetbench", "run-1"))
    out = capsys.readouterr().out
    assert out.splitlines()[0] == f"  set aside: {MOST_SHOWN + 3} items that could not be used as given"
    assert f"problem_{MOST_SHOWN - 1:02d}" in out
    assert f"problem_{MOST_SHOWN:02d}" not in out
    assert "    and 3 more for 3 other reasons\n" in out
    assert "    to list all: tweetbench sql \"from issues where run_id = 'run-1' order by problem, subject\"" in out
    say_set_aside(groups)
    shown_whole = capsys.readouterr().out
    assert all(group.problem in shown_whole for group in groups), "without a query there is nowhere else to look"


def test_one_reason_is_named_in_the_singular_and_no_cell_can_move_the_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_set_aside([IssueGroup("odd", 1, "a.csv, line 2", "it holds \x1b[2J\x9b and [bold]", "correct it")])
    out = capsys.readouterr().out
    assert "set aside: 1 item that" in out
    assert "such as" not in out
    assert "it holds \\x1b[2J\\x9b and [bold]" in out
    say_set_aside([])
    assert capsys.readouterr().out == ""
