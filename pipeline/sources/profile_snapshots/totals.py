"""Lines below or between the accounts that add them up: a total or an average is no account. Pure.

`Total` is a legal handle, so the word alone does not decide: the figure has to be that of the others as well.
"""

import re
import statistics
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_WORDS = frozenset(
    {
        *("total", "totals", "grand total", "sum", "subtotal", "sub total", "all", "overall", "all accounts"),
        *("average", "avg", "mean", "median", "maximum", "minimum", "max", "min"),
        *(
            "gesamt",
            "insgesamt",
            "summe",
            "gesamtsumme",
            "zwischensumme",
            "alle",
            "durchschnitt",
            "mittelwert",
        ),  # German
        *("schnitt", "mittel"),
        *("somme", "total general", "sous total", "ensemble", "moyenne", "mediane"),  # French
        *("suma", "total general", "promedio", "media", "mediana", "todos"),  # Spanish
        *("soma", "total geral", "subtotal", "todas"),  # Portuguese
        *("totale", "somma", "totale generale", "tutti"),  # Italian
        *("totaal", "som", "gemiddelde", "gemiddeld", "mediaan", "eindtotaal"),  # Dutch
        *("razem", "łacznie", "lacznie", "ogołem", "ogolem", "srednia", "suma koncowa"),  # Polish
        *("celkem", "soucet", "prumer", "spolu", "priemer"),  # Czech, Slovak
        *("итого", "всего", "сумма", "среднее", "медиана", "разом", "усього", "середнє"),  # Russian, Ukrainian
        *("toplam", "genel toplam", "ortalama", "ortanca"),  # Turkish
        *("合計", "総計", "小計", "計", "平均", "平均値", "中央値"),  # Japanese
        *("总计", "合计", "小计", "总数", "平均值", "總計", "合計", "中位数"),  # Chinese
        *("합계", "총계", "소계", "평균"),  # Korean
        *("totalt", "summa", "genomsnitt", "medelvarde", "snitt", "gjennomsnitt", "gennemsnit", "i alt"),  # Nordic
        *("sammanlagt", "sum totalt", "yhteensa", "keskiarvo", "mediaani"),
        *("osszesen", "atlag", "osszeg", "medie", "συνολο", "αθροισμα", "μεσος ορος"),  # Hungarian, Romanian, Greek
        *("المجموع", "الإجمالي", "المتوسط", 'סה"כ', "ממוצע", "कुल", "योग", "औसत"),  # Arabic, Hebrew, Hindi
        *("jumlah", "rata rata", "tong", "tong cong", "trung binh", "รวม", "เฉลี่ย"),  # Indonesian, Vietnamese, Thai
        *("σ", "ø", "∑", "x̄"),
    }
)


@lru_cache(maxsize=10_000)
def is_summary_word(cell: str) -> bool:
    """True for a word for a total or an average, with or without what people put around it: `Total (n = 12):`."""
    text = re.sub(r"\(.*?\)|[\d:.=*_-]+", " ", unicodedata.normalize("NFC", cell).casefold())
    plain = "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    words = {" ".join(each.split()) for each in (text, plain, unicodedata.normalize("NFC", plain))}
    return bool(words & _WORDS)


def sums_up(value: int, others: Sequence[int]) -> str | None:
    """`sum`, `mean`, `median`, `largest` or `smallest`, whichever of the others a value is; None if it is none."""
    if not others:
        return None
    # A mean is rounded or cut to a whole number.
    readings = (
        ("sum", sum(others), 0),
        ("mean", statistics.fmean(others), 0.999),
        ("median", statistics.median(others), 0.999),
        ("largest", max(others), 0),
        ("smallest", min(others), 0),
    )
    return next((name for name, figure, slack in readings if abs(value - figure) <= slack), None)
