"""Issues of one file: those of lines that share a cause are one, and every line is still counted."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import Request
from pipeline.sources.issue_summary import line_count

REQUEST = Request(now=datetime(2026, 11, 22, tzinfo=UTC))


def test_1890_equal_lines_are_one_issue_with_their_count() -> None:
    issues = IssueList("a.csv", REQUEST)
    for line in range(2, 1892):
        issues.add(f"line {line}", "unknown_platform", "'fb' is not a known platform", "correct it", {"line": line})
    (row,) = issues.rows
    assert row["subject"] == "a.csv, lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1,880 more"
    assert row["detail"] == "1,890 lines: 'fb' is not a known platform"
    assert line_count(row) == 1_890
    payload = json.loads(row["payload"])
    assert (payload["lines"][-1], payload["originals"][0]) == (1_001, {"line": 2})


def test_a_single_line_and_the_whole_file_are_said_as_they_are() -> None:
    issues = IssueList("a.csv", REQUEST)
    issues.add("line 7", "not_a_count", "'x'", "correct it", {"a": "x"})
    issues.add("", "not_a_count", "all of it", "correct it")
    issues.add("member b", "not_a_count", "other", "correct it")
    issues.add("member c", "not_a_count", "other", "correct it")
    assert [(row["subject"], row["detail"]) for row in issues.rows] == [
        ("a.csv, line 7", "'x'"),
        ("a.csv", "all of it"),
        ("a.csv, member b", "other"),
        ("a.csv, member c", "other"),
    ]
    assert [json.loads(row["payload"]) for row in issues.rows if row["payload"]] == [{"a": "x"}]


def test_other_columns_and_other_remedies_are_other_causes() -> None:
    issues = IssueList("a.csv", REQUEST)
    for line, column, remedy in [(2, "a", "x"), (3, "b", "x"), (4, "a", "x"), (5, "a", "y")]:
        issues.add(f"line {line}", "not_a_count", f"cell {line}", remedy, column=column)
    assert [(row["subject"], row["detail"]) for row in issues.rows] == [
        ("a.csv, lines 2, 4", "2 lines: line 2: cell 2; line 4: cell 4"),
        ("a.csv, line 3", "cell 3"),
        ("a.csv, line 5", "cell 5"),
    ]


def test_the_most_frequent_cause_is_the_reason_why_nothing_can_be_used() -> None:
    issues = IssueList("a.csv", REQUEST)
    issues.add("line 2", "ragged_row", "3 cells", "look there")
    issues.add("line 3", "not_a_count", "'x'", "correct it")
    issues.add("line 4", "not_a_count", "'y'", "correct it")
    error = issues.nothing_usable("no line can be used")
    assert (error.where, error.next_step) == ("a.csv, lines 3, 4", "correct it")


@given(st.lists(st.tuples(st.sampled_from(["p", "q"]), st.sampled_from(["", "a", "b"]), st.booleans()), max_size=30))
def test_every_line_is_in_one_issue(added: list[tuple[str, str, bool]]) -> None:
    issues = IssueList("a.csv", REQUEST)
    for line, (problem, column, is_line) in enumerate(added):
        issues.add(f"line {line}" if is_line else f"member {line}", problem, f"{line}", "next", column=column)
    assert sum(line_count(row) for row in issues.rows) == len(added)
