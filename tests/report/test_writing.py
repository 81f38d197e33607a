"""Numbers as people read them, and cells that no spreadsheet program runs."""

import csv
import io
import json

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.marts import FORMULA_PATTERN
from pipeline.report.cells import TRIGGERS, csv_text, neutral_cell
from pipeline.report.definitions import label
from pipeline.report.environment import script_json
from pipeline.report.writing import write, write_list, write_number_of, write_range

GAP = "\u00a0"


def test_words_of_the_vocabulary_have_labels_and_handles_stay_as_they_are() -> None:
    assert label("mass_communication") == "Broadcast"
    assert label("company_size x customer_focus") == "company size x customer focus"
    handles = ("demo_harbor_000", "acme_inc@mastodon.social", "Acme_Inc", "acme_inc.bsky.social (Bluesky)")
    assert tuple(map(label, handles)) == handles


def test_numbers_have_separators_units_and_a_real_minus() -> None:
    assert write(1234567, "count") == "1,234,567"
    assert write(0.4161, "share") == f"41.6{GAP}%"
    assert write(-0.00312, "growth") == f"−0.31{GAP}%"
    assert write(-0.00001, "share") == f"0.0{GAP}%"
    assert write(0.0004, "p_value") == f"<{GAP}0.001"
    assert write(None, "count") == write(float("nan"), "share") == "–"
    assert write(0, "count") == "0"
    assert write_range(0.1, 0.25) == f"10.0 to 25.0{GAP}%"
    assert write_range(-0.012, 0.25, "points") == f"−1.2 to 25.0{GAP}points"
    assert write_range(None, 0.25) == "–"
    assert write_list(["a", "b", "c"]) == "a, b and c"
    assert (write_number_of(1, "day"), write_number_of(2, "day")) == ("1 day", "2 days")


@given(st.text(max_size=40))
def test_a_cell_never_starts_like_a_formula_and_csv_gives_it_back(text: str) -> None:
    assert not str(neutral_cell(text)).startswith(TRIGGERS)
    (_, row) = csv.reader(io.StringIO(csv_text(["a", "b"], [{"a": text, "b": -1.5}]), newline=""))
    assert row == [neutral_cell(text), "-1.5"]


@pytest.mark.parametrize("text", ["\n=1+1", "＝1+1", "\u200b=1+1", "\ufeff@x", " \u00a0-2+3", "﹢1", "\u2060\u00ad＠x"])
def test_wide_and_hidden_forms_of_a_formula_are_neutral_too(text: str) -> None:
    assert neutral_cell(text) == "'" + text
    (made,) = duckdb.sql(f"select regexp_matches($text, '{FORMULA_PATTERN}')", params={"text": text}).fetchall()
    assert made == (True,)
    assert neutral_cell("a = b") == "a = b"


@given(st.text(max_size=60))
def test_data_in_a_script_element_stay_data(text: str) -> None:
    made = str(script_json({text: text}))
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {text: text}
