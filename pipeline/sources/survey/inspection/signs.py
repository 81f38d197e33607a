"""Signs of more and less in the words of answers that are on no known scale."""

import re
from collections.abc import Sequence

from pipeline.sources.survey.inspection.words import words

MIDDLE = re.compile(
    r"neither|neutral|undecided|uncertain|unsure|no change|unchanged|(about )?the same|stay(ed)? the same|same"
    r"|no difference|mixed|indifferent|no opinion either way|neither \w+ n?or \w+( neutral)?"
    r"|weder noch|weder \w+ noch \w+|teils teils"
    r"|unentschieden|gleich|unverändert|neutre|ni \w+ ni \w+|indiférent|neutro|ni \w+ ni \w+|igual|indiferente|neutraal"
    r"|noch \w+ noch \w+|né \w+ né \w+|neutralt|varken eller|hverken eller|нейтрально|okay|ok|average|about average"
)
_NEGATIVE = re.compile(
    r"\bdis\w+|\bun(?!certain|decided|sure|til|der)\w+|\bin(?:effective|adequate|sufficient|significant)|\bnot\b|\bpoor|"
    r"\bbad(?:ly)?\b|\bworse|\bdecreas|\bdeclin|\bnegativ|\bineff|\bless\b|\bdifficult|\bhard\b|\black",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\bstrong|\bvery\b|\bextremely\b|\bcompletely\b|\btotally\b|\bmuch\b|\bgreatly\b", re.IGNORECASE)
_SLIGHT = re.compile(r"\bsomewhat\b|\bslight|\ba little\b|\bmoderately\b|\bfairly\b|\brather\b|\bmildly\b", re.I)
_POSITIVE = re.compile(
    r"\bagree|\beffective|\bimportant|\bsatisf|\blikely|\bfavou?rabl|\bgood\b|\bexcellent|\bbetter|\bincreas|\bpositiv|"
    r"\buseful|\bhelpful|\bsuccessful|\beasy|\bconfident|\bfamiliar|\bmore\b|\bsupport|\btrust|\bvaluable|\bconcerned",
    re.IGNORECASE,
)
MOST_WORDS = 6  # longer answers are statements, whose words are no degrees


def places_by_signs(texts: Sequence[str]) -> dict[str, float] | None:
    """Places from signs of more and less in the words, for answers that are on no known scale."""
    places: dict[str, float] = {}
    for text in texts:
        plain = words(text)
        if len(plain.split()) > MOST_WORDS:
            return None
        if MIDDLE.fullmatch(plain) or plain.startswith("neither "):
            places[text] = 0.0
        elif re.search(r"\bnot (\w+ )?at all\b", plain):
            places[text] = -3.0
        elif re.search(r"\bnot (very|too|so|that|particularly)\b", plain):
            places[text] = -1.0
        elif any(pattern.search(plain) for pattern in (_NEGATIVE, _POSITIVE, _SLIGHT, _STRONG)):
            size = 2.0 if _STRONG.search(plain) else 1.0 if _SLIGHT.search(plain) else 1.5
            places[text] = -size if _NEGATIVE.search(plain) else size
        else:
            return None
    has_both = min(places.values()) < 0 < max(places.values())
    return places if has_both or all(place >= 0 for place in places.values()) else None
