"""Whatever is in a table, its draft is a mapping that its reader accepts: hostile headers, empty columns."""

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.mappings import parse_mapping_text
from pipeline.sources import survey
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.survey.inspection import inspect_survey
from pipeline.sources.survey.mapping import parse_mapping

Result = TypeVar("Result")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = st.sampled_from(
    [
        *("None", "none", "null", "Null", "~", "yes", "No", "on", "y", "true", "1", "1.0", "1e5", "0x1f", "2026-01-01"),
        *(
            "- a",
            "a: b",
            "a #b",
            "{x}",
            "[x]",
            "*x",
            "&x",
            "!x",
            "|",
            ">",
            "%x",
            "@x",
            "`x`",
            "'",
            '"',
            "\\",
            "?",
            "? x",
        ),
        *("…", "\x85", "\x9d quoted \x9d", "\x7f", "\u2028", "\ufeff", "a\x00b", "\t", "tab\there", "two\nlines"),
        *(
            "Which? [A]",
            "Which? [B]",
            "Q1_1",
            "Q1_2",
            "Q1 - A",
            "Q1 - B",
            "q (2)",
            "q",
            "Other",
            "Other (please specify)",
        ),
        *("column 1", "column 2", "id", "Timestamp", "weight", "Status", "Email", "Phone", "x" * 1_500, "Ünïcödé 日本"),
        *(
            "Never",
            "never",
            "Always",
            "Very satisfied",
            "A;B",
            "B;C",
            "A, B",
            "1,2",
            "1,2,3",
            "0,5",
            "12.000",
            "*",
            "a*",
        ),
    ]
)
TEXT = st.one_of(HOSTILE, st.text(max_size=12), st.sampled_from(["", "A", "B", "Yes", "No", "3", "4"]))
TABLES = st.integers(1, 7).flatmap(
    lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=9)
)


def as_csv(rows: list[list[str]], copies: int) -> bytes:
    """The rows as a file, the answers several times so that texts recur."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    clean = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in rows]
    writer.writerows([clean[0], *clean[1:] * copies])
    return stream.getvalue().encode()


def attempt(call: Callable[[], Result]) -> Result | TweetbenchError:
    """What a call gives, or its refusal."""
    try:
        return call()
    except TweetbenchError as refusal:
        return refusal


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLES, copies=st.sampled_from([1, 3, 12]))
def test_every_draft_is_yaml_a_mapping_and_readable(tmp_path: Path, rows: list[list[str]], copies: int) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(as_csv(rows, copies))
    file = InputFile(path, path.name, "0" * 64)
    found = attempt(lambda: inspect_survey(file))
    if isinstance(found, TweetbenchError):
        assert found.next_step, found.what
        return
    fields = parse_mapping_text(found.text, found.survey_id, "surveys/draft.yml")
    parse_mapping(fields)
    pseudonym = lambda text: hashlib.sha256(text.encode()).hexdigest()[:32]  # noqa: E731
    reading = attempt(lambda: survey.read(file, Request(NOW, mappings=(fields,), pseudonym=pseudonym)))
    if isinstance(reading, TweetbenchError):
        # What a file holds may be refused; what the draft says of it may not.
        assert reading.exit_code != Exit.CONFIGURATION, reading.what
        assert not any(words in reading.what for words in ("names the column", "twice", "free text"))
        return
    assert reading.tables["survey_respondents"]


def test_a_header_of_over_a_thousand_characters_is_a_key_that_yaml_reads(tmp_path: Path) -> None:
    name = "Which of these do you use? " + "Please think of every day of the last year. " * 30
    rows = [["id", f"{name} [A]", f"{name} [B]"], ["1", "Yes", "No"], ["2", "No", "Yes"], ["3", "Yes", "Yes"]]
    (tmp_path / "long.csv").write_bytes(as_csv(rows, 1))
    found = inspect_survey(InputFile(tmp_path / "long.csv", "long.csv", "0" * 64))
    mapping = parse_mapping(parse_mapping_text(found.text, found.survey_id, "surveys/draft.yml"))
    assert [list((question.columns or {}).values()) for question in mapping.questions.values()] == [["A", "B"]]
