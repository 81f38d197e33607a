"""Where a table begins and how many header rows it has, inferred from its first rows.

The header is the first row as wide as the table; what stands above it is a title, a note, a day. Rows are lists of text
cells of any form of file. What a second header row means to a survey belongs to `survey.layout`.
"""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.sources.files.numbers import is_number

MOST_ABOVE = 40
LOOKED_AT = 200
ENOUGH_ROWS, ENOUGH_TEXTS = 5, 3
Cells = Sequence[str]
_DATE_OR_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T,].*)?|\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?")
# What survey tools write under the name of a question, folded; an answer never reads so.
ANSWER_MARKS = frozenset(
    {
        *("response", "open-ended response", "antwort", "offene antwort", "réponse", "réponse ouverte"),
        *("réponse libre", "respuesta", "respuesta abierta", "resposta", "resposta aberta", "risposta"),
        *("risposta aperta", "antwoord", "open antwoord", "svar", "ответ", "回答", "응답"),
    }
)

TOTALS = frozenset(
    {
        *("total", "totals", "grand total", "sum", "average", "mean", "median", "count", "subtotal"),
        *("gesamt", "gesamtsumme", "summe", "insgesamt", "durchschnitt", "mittelwert", "anzahl"),
        *("totaux", "somme", "moyenne", "suma", "promedio", "media", "totale", "somma", "totaal", "gemiddelde"),
        *(
            "średnia",
            "razem",
            "итого",
            "всего",
            "среднее",
            "toplam",
            "ortalama",
            "合計",
            "平均",
            "总计",
            "平均值",
            "합계",
        ),
    }
)


def header_position(rows: Sequence[Cells]) -> int:
    """Which row is the header: 0, unless the first rows are narrower than the table and a header follows them."""
    shown = [_trimmed(row) for row in rows[:LOOKED_AT]]
    width = _table_width(shown)
    full = 0
    while full < min(len(shown) - 1, MOST_ABOVE) and _is_like_title(shown[full], width):
        full += 1
    if not full or _is_prose(rows[:LOOKED_AT]) or 2 * sum(len(row) > 1 for row in shown[full:]) < len(shown) - full:
        return 0
    for start in range(max(0, full - 2), full):
        if start + header_depth(shown[start:]) > full:
            return start
    above = shown[full - 1]
    is_narrow_header = (width <= 2 or sum(map(bool, above)) > 1) and not any(map(_is_value, above))
    return full - 1 if is_narrow_header and not _is_like_header(shown[full], shown[full + 1 :]) else full


def header_depth(rows: Sequence[Cells]) -> int:
    """How many header rows a table has, 1 to 3, by the marks of the rows below the first."""
    shown = [_trimmed(row) for row in rows[:LOOKED_AT]]
    depth, upper = 1, shown[0] if shown else []
    while depth < min(3, len(shown)) and _continues(upper, shown[depth], shown[depth + 1 :]):
        width = max(len(upper), len(shown[depth]))
        pairs = zip(_padded(upper, width), _padded(shown[depth], width), strict=True)
        upper = [low or high for high, low in pairs]
        depth += 1
    return depth


def is_response(upper: Cells, lower: Cells, below: Sequence[Cells]) -> bool:
    """True for a row under a header that is a respondent's: values or recurring texts under columns with names."""
    width = max(len(upper), len(lower))
    cells, names = _padded(_trimmed(lower), width), _padded(_trimmed(upper), width)
    rows = [_trimmed(row) for row in below]
    alone = [at for at in range(width) if names[at] and (at + 1 == width or names[at + 1]) and cells[at]]
    if any(_is_value(cells[at]) for at in alone):
        return True
    recurring = sum(_recurs(cells[at], at, rows) and not _is_only(cells[at], at, rows) for at in alone)
    return bool(alone) and 2 * recurring > len(alone)


def is_total_row(row: Cells) -> bool:
    """True for a row that sums a table up: a word such as `Total` or `Average` and nothing but numbers."""
    at = next((at for at, cell in enumerate(row) if cell.strip()), None)
    if at is None or row[at].strip().casefold().rstrip(":") not in TOTALS:
        return False
    rest = [cell.strip() for cell in row[at + 1 :] if cell.strip()]
    return all(is_number(cell.rstrip("% ")) for cell in rest)


def _continues(upper: Cells, lower: Cells, below: Sequence[Cells]) -> bool:
    """True for a row of header texts: words of a tool, names that come again, or texts under the blanks above."""
    width = max(len(upper), len(lower))
    upper, lower = _padded(upper, width), _padded(lower, width)
    alone = [at for at in range(width) if upper[at] and (at + 1 == width or upper[at + 1])]
    if any(_is_value(lower[at]) for at in alone):
        return False  # a respondent's id, time, address or number
    if any(cell.casefold() in ANSWER_MARKS and not _recurs(cell, at, below) for at, cell in enumerate(lower)):
        return True
    if are_wordings(upper, lower, below):
        return True
    blanks = [at for at, name in enumerate(upper) if not name]
    if not any(lower[at] for at in blanks):
        return _is_between(upper, lower, below)
    pairs = enumerate(zip(upper, lower, strict=True))
    if any(name and name.casefold() == cell.casefold() and not _recurs(cell, at, below) for at, (name, cell) in pairs):
        return True
    held = {at: [row[at] for row in below if at < len(row) and row[at]] for at in blanks}
    # Row numbers of a program bear no name in any header row.
    in_use = [at for at in blanks if held[at] and (at > 0 or lower[at] or not all(map(is_number, held[at])))]
    third = _padded(below[0], width) if below else [""] * width
    may_go_on = not any(third[at] for at in alone)  # a third header row can fill the blanks that the second leaves
    is_full = all(lower[at] or (may_go_on and third[at]) for at in in_use)
    return (is_full and bool(alone) and not any(lower[at] for at in alone)) or _are_ticked_below(lower, below)


def _is_between(upper: Cells, lower: Cells, below: Sequence[Cells]) -> bool:
    """True for a row of wordings between numbers of questions and options: the row below it is a header row too."""
    if len(below) < 2 or not any(lower):
        return False
    third, persons = _padded(below[0], len(lower)), below[1:]
    is_open = any(
        name
        and not lower[at]
        and not third[at]
        and 2 * sum(at < len(row) and bool(row[at]) for row in persons) > len(persons)
        for at, name in enumerate(upper)
    )
    if not is_open or any(cell and _recurs(cell, at, below) for at, cell in enumerate(lower)):
        return False
    return _continues([low or high for high, low in zip(upper, lower, strict=True)], third, persons)


def are_wordings(upper: Cells, lower: Cells, below: Sequence[Cells]) -> bool:
    """True for different texts above nothing but values: what the codes of a first row without blanks stand for."""
    if not all(upper) or any(text.casefold() in ANSWER_MARKS for text in lower):
        return False
    of_values, texts = 0, []
    for at, text in enumerate(lower):
        cells = [row[at] for row in below if at < len(row) and row[at]]
        if len(cells) >= ENOUGH_ROWS and all(map(_is_value, cells)):
            of_values += 1
            texts += [text.casefold()] if text else []
    return len(texts) >= ENOUGH_TEXTS and len(set(texts)) == len(texts) and 5 * len(texts) >= 4 * of_values


def _is_prose(rows: Sequence[Cells]) -> bool:
    """True where most cells begin with a blank: sentences that a delimiter cut, in a table of one column."""
    later = [cell for row in rows for cell in row[1:] if cell.strip()]
    return 2 * sum(cell[0] == " " for cell in later) > len(later)


def _are_ticked_below(names: Cells, below: Sequence[Cells]) -> bool:
    """True where nothing but its own name stands under each name, as ticks that repeat their option do."""
    ticked = 0
    for at, name in enumerate(names):
        cells = {row[at].casefold() for row in below if at < len(row)} - {""}
        if cells - {name.casefold()}:
            return False
        ticked += bool(cells)
    return ticked > 1


def _table_width(rows: Sequence[Cells]) -> int:
    """Cells of most rows without trailing blanks, lines of a single cell left out; of equal numbers the larger."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=1)


def _is_like_title(row: Cells, width: int) -> bool:
    """Narrower than the table and of few cells: a title, or words and a value such as `Exported on` and a day."""
    filled = [cell for cell in row if cell]
    is_pair = len(filled) == 2 and _is_value(filled[1]) and not _is_value(filled[0])
    return len(row) < width and (len(filled) <= max(1, width // 2) or is_pair)


def _is_like_header(names: Cells, below: Sequence[Cells]) -> bool:
    """Names and no values: no numbers, times or addresses, and not the texts of the rows below."""
    filled = [(at, cell) for at, cell in enumerate(names) if cell]
    recurring = sum(_recurs(cell, at, below) and not _is_only(cell, at, below) for at, cell in filled)
    return not any(_is_value(cell) for _, cell in filled) and 4 * recurring <= len(filled)


def _recurs(text: str, at: int, below: Sequence[Cells]) -> bool:
    return any(at < len(row) and row[at].casefold() == text.casefold() for row in below)


def _is_only(text: str, at: int, below: Sequence[Cells]) -> bool:
    return {row[at].casefold() for row in below if at < len(row)} <= {"", text.casefold()}


def _is_value(cell: str) -> bool:
    return bool(cell) and (is_number(cell) or "@" in cell or _DATE_OR_TIME.fullmatch(cell) is not None)


def _trimmed(row: Cells) -> list[str]:
    cells = [" ".join(cell.replace("\x00", "").split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _padded(row: Cells, width: int) -> list[str]:
    return [*row, *([""] * (width - len(row)))]
