"""Single cells to typed values."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.files import cell_values as values

COUNTS = st.integers(0, values.BIGINT_MAX)
ID_DIGITS = st.integers(1, values.BIGINT_MAX).filter(lambda number: number % 10**7)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("0", 0),
        (" 42 ", 42),
        ("1203.0", 1203),
        ("1,203", 1203),
        ("1,203.0", 1203),
        ("1,203,400", 1_203_400),
        ("1 203", 1203),
        ("1\u202f203", 1203),
        ("1'203", 1203),
        ("1203,0", 1203),
        ("+5", 5),
        ("9223372036854775807", 2**63 - 1),
        ("", None),
        ("-", None),
        ("–", None),
        ("N/A", None),
    ],
)
def test_a_count_is_read_in_every_spelling(cell: str, count: int | None) -> None:
    assert values.parse_count(cell) == count


@pytest.mark.parametrize(("cell", "count"), [("1.203", 1203), ("1.203,0", 1203), ("1203,0", 1203), ("1203.0", 1203)])
def test_a_decimal_comma_turns_the_marks_round(cell: str, count: int) -> None:
    assert values.parse_count(cell, decimal_comma=True) == count


@pytest.mark.parametrize(
    "cell", ["1.5", "0.0186", "12,34", "1,203 456", "1.2K", "1e5", "3 likes", "9223372036854775808"]
)
def test_what_is_no_whole_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"whole number|too large"):
        values.parse_count(cell)


def test_a_negative_count_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="'-3' is negative"):
        values.parse_count("-3")


@given(COUNTS)
def test_a_written_count_is_read_back(count: int) -> None:
    german = f"{count:,}".replace(",", ".")
    for cell in (str(count), f"{count}.0", f"{count:,}", f"{count:,}".replace(",", "\u00a0")):
        assert values.parse_count(cell) == count
    for cell in (str(count), f"{count},0", german, f"{german},00"):
        assert values.parse_count(cell, decimal_comma=True) == count


@given(st.text(max_size=30))
def test_any_text_is_a_count_or_a_value_error(text: str) -> None:
    for decimal_comma in (False, True):
        try:
            count = values.parse_count(text, decimal_comma=decimal_comma)
        except ValueError:
            continue
        assert count is None or 0 <= count <= values.BIGINT_MAX


@given(ID_DIGITS)
def test_an_id_keeps_every_digit(number: int) -> None:
    for cell in (str(number), f" {number} ", f"'{number}", f'="{number}"'):
        assert values.parse_id(cell) == str(number)


def test_ids_beyond_double_precision_stay_exact() -> None:
    assert values.parse_id(str(2**53 + 1)) == "9007199254740993"
    assert values.parse_id(str(2**63 - 1)) == "9223372036854775807"


@pytest.mark.parametrize("cell", ["1.88648E+18", "1,88648E+18", "2E+18", "1849990000000000000"])
def test_an_id_that_a_spreadsheet_has_rounded_is_named_as_such(cell: str) -> None:
    with pytest.raises(ValueError, match="spreadsheet program has rounded"):
        values.parse_id(cell)


@pytest.mark.parametrize("cell", ["123456789.0", "1.23456789E+08", "1,23456789E+8", "1.234567890E+8"])
def test_an_id_as_a_number_that_lost_nothing_is_read(cell: str) -> None:
    assert values.parse_id(cell) == "123456789"


@pytest.mark.parametrize("cell", ["1234567890123456.0", "123456789.5", "1.2345678E+08", "1.23456789012345678E+17"])
def test_an_id_as_a_number_that_may_have_lost_digits_is_not(cell: str) -> None:
    with pytest.raises(ValueError, match="id"):
        values.parse_id(cell)


@pytest.mark.parametrize("cell", ["", "undefined", "12a", "-5", "1886483849795768598.0", "１２３", "1" * 21])
def test_what_is_no_id_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not an id"):
        values.parse_id(cell)


@given(st.dates(date(2006, 3, 21), date(2099, 12, 31)))
def test_a_printed_day_is_read_back(day: date) -> None:
    spellings = ("%a %b %d %Y", "%a, %b %d, %Y", "%Y-%m-%d", "%Y/%m/%d")
    printed = [day.strftime(form) for form in spellings]
    unpadded = f"{day:%a}, {day:%b} {day.day}, {day.year}"
    for cell in [*printed, unpadded]:
        assert values.parse_day(cell) == day
        assert not values.is_rewritten_date(cell) or cell == printed[3]


@pytest.mark.parametrize(
    "cell", ["4/1/2026", "04.01.2026", "1/4/26", "4-Jan-26", "10/02/2020 18:00", "2/10/20 6:00 PM"]
)
def test_a_date_that_a_spreadsheet_has_rewritten_is_known_and_never_guessed(cell: str) -> None:
    assert values.is_rewritten_date(cell)
    with pytest.raises(ValueError, match=r"day/month or month/day"):
        values.parse_day(cell)


@pytest.mark.parametrize("cell", ["2026-02-30", "Mon Feb 30 2026", "Mon, Jan 4, 2026", "yesterday", "", "20260104"])
def test_an_impossible_day_is_refused_and_not_blamed_on_a_spreadsheet(cell: str) -> None:
    assert not values.is_rewritten_date(cell)
    with pytest.raises(ValueError, match="is not a date"):
        values.parse_day(cell)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2020-02-10 18:00 +0000", datetime(2020, 2, 10, 18, tzinfo=UTC)),
        ("2020-02-10T18:00:01.5Z", datetime(2020, 2, 10, 18, 0, 1, 500_000, UTC)),
        ("2020-02-10 18:00 -0500", datetime(2020, 2, 10, 23, tzinfo=UTC)),
        ("Wed Oct 10 20:19:24 +0000 2018", datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)),
        ("2020-02-10", datetime(2020, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc(cell: str, moment: datetime) -> None:
    assert values.parse_time(cell) == moment


@given(st.integers(0, 4 * 10**15), st.integers(-720, 840))
def test_a_time_with_offset_is_read_back(microseconds: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
    shown = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert values.parse_time(shown.isoformat()) == moment


@pytest.mark.parametrize("cell", ["@some_brand", "some_brand", "https://x.com/some_brand/", "twitter.com/some_brand"])
def test_a_handle_is_read_from_name_and_link(cell: str) -> None:
    assert values.parse_handle(cell) == "some_brand"


@pytest.mark.parametrize("cell", ["", "sixteen_letters_", "brаnd", "two words", "https://netflix.com/brand"])
def test_what_is_no_handle_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a handle"):
        values.parse_handle(cell)


@pytest.mark.parametrize(
    ("link", "parts"),
    [
        ("https://x.com/brand/status/12", ("brand", "12")),
        ("https://mobile.twitter.com/Brand/statuses/12?s=20", ("Brand", "12")),
        ("x.com/brand/status/undefined", ("brand", "undefined")),
        ("https://x.com/i/web/status/12", (values.NO_ACCOUNT, "12")),
        ("https://netflix.com/brand/status/12", None),
        ("", None),
    ],
)
def test_a_link_to_a_post_gives_handle_and_id(link: str, parts: tuple[str, str] | None) -> None:
    assert values.parse_status_link(link) == parts


def test_entities_are_decoded_once_and_only_where_they_are_complete() -> None:
    assert values.decode_entities("R&amp;D &gt; 1 &#39;x&#39; ?a=1&copy=2 &amp;lt;") == "R&D > 1 'x' ?a=1&copy=2 &lt;"


def test_links_hashtags_and_handles_are_found_in_a_text() -> None:
    text = "New: https://t.co/aB1 (see https://example.org/p?q=1). #Sale #2024 #café @brand, mail a@b.co https://t…"
    assert values.find_links(text) == ["https://t.co/aB1", "https://example.org/p?q=1"]
    assert values.find_hashtags(text) == ["Sale", "café"]
    assert values.find_handles(text) == ["brand"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello", "original"),
        (".@friend hello", "original"),
        ("@ five", "original"),
        ("@friend hello", "reply"),
        ("@Brand more", "self_reply"),
        ("@brandnew more", "reply"),
        ("RT @friend: hello", "repost"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_kind_of_a_post_is_told_from_its_text(text: str | None, kind: str) -> None:
    assert values.post_kind(text, "brand") == kind
