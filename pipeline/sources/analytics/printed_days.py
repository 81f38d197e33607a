"""Days in the words of many languages: `Mo., 1. Juni 2026`, `seg., 1 de jun. de 2026`, `2026年6月1日(月)`.

The number of the day, the month and the year stand side by side; a weekday may stand before or behind them.
"""

import re
from datetime import date

from pipeline.sources.files.cell_values import parse_day

# How the names of each month begin: English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Turkish,
# Russian, Arabic, Nordic and Indonesian. No beginning stands for two months.
_MONTHS = (
    "jan jän ene gen sty oca янв يناير",
    "feb fév fev lut şub фев فبراير",
    "mar mär maa mrt мар مارس",
    "apr avr abr kwi nis апр أبريل ابريل",
    "may mai maj mei mag мая май مايو",
    "jun juin giu cze haz июн يونيو",
    "jul juil lug lip tem июл يوليو",
    "aug aoû aou ago agu ağu sie авг أغسطس اغسطس",
    "sep set wrz eyl сен سبتمبر",
    "oct okt out ott paź eki окт أكتوبر اكتوبر",
    "nov lis kas ноя نوفمبر",
    "dec déc dez dic des gru ara дек ديسمبر",
)
_STARTS = {start: number for number, starts in enumerate(_MONTHS, start=1) for start in starts.split()}
_DAY_MONTH_YEAR = re.compile(r"(?<!\d)(\d{1,2})\.?,? (?:de )?([^\W\d_]{3,})\.?,? (?:de )?(\d{4})(?!\d)")
_YEAR_MONTH_DAY = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]")


def parse_printed_day(cell: str) -> date:
    """A day as X prints it, in English or in the words of another language.

    Raises:
        ValueError: any other form, or no day of the calendar.
    """
    try:
        return parse_day(cell)
    except ValueError:
        text = " ".join(cell.casefold().split())
        if found := _YEAR_MONTH_DAY.search(text):
            year, month, day = map(int, found.groups())
        elif (found := _DAY_MONTH_YEAR.search(text)) and (named := _month(found[2])):
            day, month, year = int(found[1]), named, int(found[3])
        else:
            raise
        if any(map(str.isdigit, text.replace(found[0], "", 1))):
            raise
        return date(year, month, day)


def _month(name: str) -> int | None:
    return next((number for start, number in _STARTS.items() if name.startswith(start)), None)
