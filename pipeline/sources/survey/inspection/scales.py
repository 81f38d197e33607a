"""The order of answers: agreement, frequency, amount and their like, told from the words of the options.

An order is only given where every option has its own place; numbers stay numbers.
"""

import re
from collections.abc import Iterable, Sequence

from pipeline.sources.survey.inspection.words import OFF_SCALE

_NEGATIVE = re.compile(
    r"\bdis\w+|\bun(?!certain|decided|sure|til|der)\w+|\bin(?:effective|adequate|sufficient|significant)|\bnot\b|\bpoor|"
    r"\bbad(?:ly)?\b|\bworse|\bdecreas|\bdeclin|\bnegativ|\bineff|\bless\b|\bdifficult|\bhard\b|\black",
    re.IGNORECASE,
)
_MIDDLE = re.compile(
    r"\bneither\b|\bneutral\b|\buncertain\b|\bundecided\b|\bunsure\b|\babout the same\b|\bno change\b"
    r"|\bstayed the same\b|\bmixed\b|\baverage\b|\bfair\b|\bsame\b",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\bstrong|\bvery\b|\bextremely\b|\bcompletely\b|\btotally\b|\bmuch\b|\bgreatly\b", re.IGNORECASE)
_SLIGHT = re.compile(
    r"\bsomewhat\b|\bslight|\ba little\b|\bmoderately\b|\bfairly\b|\brather\b|\bmildly\b", re.IGNORECASE
)
_POSITIVE = re.compile(
    r"\bagree|\beffective|\bimportant|\bsatisf|\blikely|\bfavou?rabl|\bgood\b|\bexcellent|\bbetter|\bincreas|\bpositiv|"
    r"\buseful|\bhelpful|\bsuccessful|\beasy|\bconfident|\bfamiliar|\bmore\b|\bsupport|\btrust|\bvaluable|\bconcerned",
    re.IGNORECASE,
)
_FREQUENCY: tuple[tuple[str, float], ...] = (
    (r"^never,? (and )?not\b", -1.0),
    (r"^never\b", 0.0),
    (r"\bless (than|often)\b", 1.0),
    (r"^(rarely|seldom|hardly ever|almost never)\b", 2.0),
    (r"^(occasionally|once in a while)\b", 2.5),
    (r"^sometimes\b", 3.0),
    (r"\b(yearly|annually|once a year|every year)\b", 3.1),
    (r"\bquarter(ly)?\b|\bevery few months\b", 3.2),
    (r"\bbi-?monthly\b", 3.25),
    (r"^(monthly|once a month|every month|about once a month)\b", 3.3),
    (r"\b(several|multiple|few) times (a|per) month\b", 3.4),
    (r"\bbi-?weekly\b|\bfortnight", 3.5),
    (r"^(weekly|once a week|every week|about once a week)\b", 3.6),
    (r"\b(several|multiple|few) times (a|per) week\b", 3.7),
    (r"^(daily|once a day|every day)\b", 3.8),
    (r"\b(several|multiple|few|many) times (a|per) day\b|^hourly\b", 3.9),
    (r"^(often|frequently|usually|most of the time)\b", 4.0),
    (r"^(very often|almost always)\b", 4.5),
    (r"^(always|all the time)\b", 5.0),
)
_AMOUNT: tuple[tuple[str, float], ...] = (
    (r"^(nothing( at all)?|none( at all)?|not at all)$", 0.0),
    (r"^(only |just )?(a )?little( bit)?$|^slightly$|^not (very )?much$|^low$|^small$|^beginner$", 1.0),
    (r"^some(what)?$|^a (moderate|fair) amount$|^moderately$|^medium$|^intermediate$|^moderate$", 2.0),
    (r"^a lot$|^very much$|^quite a (bit|lot)$|^high$|^large$|^advanced$|^very$", 3.0),
    (r"^a great deal$|^extremely$|^completely$|^very high$|^expert$", 4.0),
)
SMALLEST, LARGEST = 3, 11


def find_order(options: Iterable[str]) -> list[str] | None:
    """The options from least to most if their words give every one its own place; else None."""
    texts = [text for text in options if text.casefold() not in OFF_SCALE]
    if not SMALLEST <= len(texts) <= LARGEST:
        return None
    for places in (_numbers(texts), _listed(texts, _FREQUENCY), _listed(texts, _AMOUNT), _two_sided(texts)):
        if places and len(set(places)) == len(texts):
            return [text for _, text in sorted(zip(places, texts, strict=True))]
    return None


def _numbers(texts: Sequence[str]) -> list[float] | None:
    """Whole numbers of a short run: 1 to 5, 0 to 10. A label behind the number (`5 - very`) may stand there."""
    found = [re.fullmatch(r"(\d{1,2})(?:\s*[-–:=.)]\s*\D.*)?", text) for text in texts]
    if not all(found):
        return None
    values = sorted(int(match[1]) for match in found if match)
    is_short = values[0] in (0, 1) and values[-1] <= 10
    return [float(match[1]) for match in found if match] if is_short else None


def _listed(texts: Sequence[str], known: Sequence[tuple[str, float]]) -> list[float] | None:
    places = []
    for text in texts:
        place = next((place for form, place in known if re.search(form, text.casefold())), None)
        if place is None:
            return None
        places.append(place)
    return places


def _two_sided(texts: Sequence[str]) -> list[float] | None:
    places = []
    for text in texts:
        lower = text.casefold()
        if _MIDDLE.search(lower):
            places.append(0.0)
        elif re.search(r"\bnot (at all|important at all)\b", lower):
            places.append(-3.0)
        elif re.search(r"\bnot (very|too|so|that|particularly)\b", lower):
            places.append(-1.0)
        elif _NEGATIVE.search(lower) or _POSITIVE.search(lower) or _SLIGHT.search(lower) or _STRONG.search(lower):
            size = 2.0 if _STRONG.search(lower) else 1.0 if _SLIGHT.search(lower) else 1.5
            places.append(-size if _NEGATIVE.search(lower) else size)
        else:
            return None
    has_both = min(places) < 0 < max(places)
    return places if has_both or len(texts) == sum(place >= 0 for place in places) else None
