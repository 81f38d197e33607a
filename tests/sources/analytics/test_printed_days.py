"""Days as X prints them in other languages than English."""

from datetime import date

import pytest

from pipeline.sources.analytics.printed_days import parse_printed_day

FIRST_OF_JUNE = (
    *("Mon, Jun 1, 2026", "Mo., 1. Juni 2026", "lun. 1 juin 2026", "lun, 1 jun 2026", "seg., 1 de jun. de 2026"),
    *("ma 1 jun. 2026", "lun 1 giu 2026", "pon., 1 cze 2026", "1 Haz 2026 Pzt", "пн, 1 июн. 2026 г.", "1 يونيو 2026"),
    *("2026年6月1日(月)", "2026년 6월 1일 (월)"),
)


@pytest.mark.parametrize("cell", FIRST_OF_JUNE)
def test_a_day_is_read_in_the_words_of_its_language(cell: str) -> None:
    assert parse_printed_day(cell) == date(2026, 6, 1)


def test_a_weekday_that_is_called_like_a_month_is_no_month() -> None:
    assert parse_printed_day("mar. 30 juin 2026") == date(2026, 6, 30)


@pytest.mark.parametrize("cell", ["1/6/2026", "32. Juni 2026", "1. Juni 2026 12:30", "1 foo 2026", "Tue, Jun 1, 2026"])
def test_what_is_no_day_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_printed_day(cell)
