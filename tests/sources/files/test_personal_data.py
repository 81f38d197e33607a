"""Patterns of personal data: what is found, what only looks like it, and that no message shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.files.personal_data import (
    EMAIL,
    IP,
    PHONE,
    count_kinds,
    find_kind,
    mask,
    suspicious_name,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ann@example.org", EMAIL),
        ("write to <Ann.Example+list@mail.example.co.uk>, please", EMAIL),
        ("ann＠example.org", EMAIL),
        ("jörg@müller.example", EMAIL),
        ("192.0.2.7", IP),
        ("from 198.51.100.23:8080", IP),
        ("2001:db8::ff00:42:8329", IP),
        ("::ffff:192.0.2.1", IP),
        ("+49 170 1234567", PHONE),
        ("+1 (555) 010-9999", PHONE),
        ("(555) 010-9999", PHONE),
        ("555-010-9999", PHONE),
        ("call 555.010.9999 after 5", PHONE),
        ("5552010999", PHONE),
        ("030 1234567", PHONE),
        ("0171/1234567", PHONE),
        ("01 23 45 67 89", PHONE),
        ("0049 30 1234567", PHONE),
    ],
)
def test_personal_data_is_found(text: str, kind: str) -> None:
    assert find_kind(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Facebook",
        "@handle",
        "501-1,000",
        "1,001+",
        "$100,000 - $149,999",
        "100 000 - 250 000",
        "2017-11-02 14:32:23",
        "2020-02-10 18:00 +0000",
        "5/16/18 7:19",
        "01.02.2017 10:20",
        "02-11-2017 00:10:20",
        "10:20:30",
        "0.019744451",
        "47.115097045898",
        "3.14.15",
        "1510000000",
        "8,058 min",
        "1849990000000000000",
        "Windows 10.0.19045",
        "C::B",
        "Q1::",
        "25-34 years",
        "2018 2019 2020",
    ],
)
def test_ordinary_answers_are_not_personal_data(text: str) -> None:
    assert find_kind(text) is None


def test_cells_are_counted_by_kind() -> None:
    cells = ["ann@example.org", "ann@example.org", "192.0.2.7", "blue", ""]
    assert count_kinds(cells) == {EMAIL: 2, IP: 1}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RecipientEmail", EMAIL),
        ("E-Mail Address", EMAIL),
        ("V6 / IPAddress", IP),
        ("Phone number", PHONE),
        ("LocationLatitude", "location"),
        ("First Name", "name"),
        ("How many e-mails do you send?", None),
        ("Company size", None),
        ("Brand name", None),
        ("Question text", None),
    ],
)
def test_column_names_that_announce_personal_data(name: str, kind: str | None) -> None:
    assert suspicious_name(name) == kind


@given(st.text(max_size=20), st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(org|com)", fullmatch=True), st.text(max_size=20))
def test_an_address_between_blanks_is_found_and_never_shown(before: str, address: str, after: str) -> None:
    text = f"{before} {address} {after}"
    assert find_kind(text) == EMAIL
    assert address not in mask(text)


@pytest.mark.parametrize(
    "hostile", ["a" * 300_000 + "@", "0 " * 100_000, ":" * 300_000, "1." * 150_000, "+1" * 100_000]
)
def test_a_hostile_cell_is_looked_at_in_linear_time(hostile: str) -> None:
    assert find_kind(hostile) in (None, PHONE)
