"""The places of answers on scales, inferred from their words: a family of answers has one scale in a whole survey.

What a single column was answered with does not decide: columns of one family are looked at together, and an answer that
nobody gave keeps its place where the family is well known. Nothing here knows about columns' names.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.sources.files.cells import fold
from pipeline.sources.survey.inspection import ladders
from pipeline.sources.survey.inspection.signs import MIDDLE, places_by_signs
from pipeline.sources.survey.inspection.words import NOT_TAKEN, OFF_SCALE, words

SMALLEST, LARGEST = 3, 11
CERTAIN = 100  # with so many, an answer that nobody gave was hardly on offer
TELLING = 12  # with fewer answers, an answer that nobody gave is likely to have been on offer
_NUMBER = re.compile(r"(\d{1,2})(?:\s*[-–—:=.)(]+\s*\D.*|\s+\D.*)?")
_NUMBER_BEHIND = re.compile(r"\D*[^\W\d]\s*[-–—:=(]+\s*(\d{1,2})\)?")


@dataclass(frozen=True)
class Places:
    """A family of answers and the place of each text in it; places of one family can be compared."""

    family: str
    by_text: Mapping[str, float]


@dataclass(frozen=True)
class Scale:
    """Places from least to most with one text each, and what is unsure about them."""

    places: tuple[float, ...]
    texts: Mapping[float, str]
    added: tuple[str, ...] = ()  # places that nobody chose
    doubt: str = ""

    def options(self, own: Mapping[str, float]) -> list[str]:
        """The scale in the spelling of one question: its own text where it has one for a place."""
        spelled = {place: text for text, place in own.items()}
        return [spelled.get(place, self.texts[place]) for place in self.places]


def is_off_scale(text: str) -> bool:
    """True for answers without a degree: don't know, not applicable, `I have not attended`."""
    return fold(text) in OFF_SCALE or NOT_TAKEN.search(fold(text)) is not None


def read_places(texts: Iterable[str]) -> list[Places]:
    """The families that explain all of the texts with a place of its own for each; the most telling first."""
    on_scale = [text for text in texts if not is_off_scale(text)]
    if not 1 <= len(on_scale) <= LARGEST:
        return []
    sides, degrees = _opposites(on_scale), _degrees(on_scale)
    is_one_sided = all(min(each.by_text.values()) > 0 for each in sides)  # `Slightly important` may be a mere degree
    first = (*degrees, *sides) if is_one_sided else (*sides, *degrees)
    readings = (*first, *(_on_ladder(on_scale, each) for each in ladders.LADDERS))
    return [each for each in readings if each and len(set(each.by_text.values())) == len(on_scale)]


def agree(family: str, seen: Sequence[Mapping[str, float]], answers: int) -> Scale:
    """The one scale of a family from the answers of all its columns.

    Args:
        family: as in `Places`.
        seen: per column, its texts with their places.
        answers: how many cells all columns hold together.
    """
    texts: dict[float, str] = {}
    for by_text in seen:
        for text, place in by_text.items():
            texts.setdefault(place, text)
    given = tuple(sorted(texts))
    full, is_sure = _complete(family, given, answers)
    added = tuple(place for place in full if place not in texts)
    names = {place: texts.get(place) or _name(family, place, texts) for place in full}
    doubt = ""
    if added:
        doubt = f"nobody chose {', '.join(repr(names[place]) for place in added)}; the place is kept"
    elif not is_sure:
        doubt = "a scale of this kind often has more answers than were chosen here"
    return Scale(full, names, tuple(names[place] for place in added), doubt)


def find_order(options: Iterable[str]) -> list[str] | None:
    """The options from least to most if their words give every one its own place; else None."""
    texts = [text for text in options if not is_off_scale(text)]
    if not SMALLEST <= len(texts) <= LARGEST:
        return None
    numbers = numbered(texts)
    places = numbers or next((each.by_text for each in read_places(texts)), None) or places_by_signs(texts)
    if not places or len(set(places.values())) != len(texts):
        return None
    if numbers and not (min(numbers.values()) in (0, 1) and max(numbers.values()) <= 10):
        return None
    return sorted(texts, key=lambda text: places[text])


def numbered(texts: Iterable[str]) -> dict[str, float] | None:
    """Whole numbers of at most two digits, alone or next to a label (`5 - very`, `Very - 5`); None for other texts."""
    found = {text: _NUMBER.fullmatch(text) or _NUMBER_BEHIND.fullmatch(text) for text in texts}
    if not found or not all(found.values()) or not any(text.isdigit() for text in found):
        return None
    return {text: float(match[1]) for text, match in found.items() if match}


@cache
def _spellings(ladder: ladders.Ladder) -> Mapping[str, int]:
    return {words(text): at for at, place in enumerate(ladder.places) for text in place.split("|")}


def _on_ladder(texts: Sequence[str], ladder: ladders.Ladder) -> Places | None:
    known = _spellings(ladder)
    found = {text: known.get(words(text)) for text in texts}
    if None in found.values():
        return None
    return Places(ladder.name, {text: float(place) for text, place in found.items() if place is not None})


@cache
def _degree_words() -> tuple[tuple[str, int], ...]:
    pairs = [(words(text), at) for at, place in enumerate(ladders.DEGREES) for text in place.split("|")]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _degrees(texts: Sequence[str]) -> list[Places]:
    """Degrees of one and the same thing, which may be left unsaid."""
    split = [_degree(words(text)) for text in texts]
    if None in split:
        return []
    things = {thing for each in split if each for thing in [each[1]] if thing}
    if len(things) > 1 or (not things and len(texts) < 2):
        return []
    thing = next(iter(things), "")
    return [Places(f"degree {thing}".strip(), {text: each[0] for text, each in zip(texts, split, strict=True) if each})]


def _degree(plain: str) -> tuple[float, str] | None:
    for degree, place in _degree_words():
        if plain == degree:
            return float(place), ""
        if plain.startswith(f"{degree} "):
            rest = plain.removeprefix(degree).strip()
            thing = rest.removesuffix(" at all").strip() if place == 0 else rest
            return (float(place), thing) if len(thing.split()) <= 2 else None
    return None


def _opposites(texts: Sequence[str]) -> list[Places]:
    """Both sides of a middle, by each pair of opposite words that explains all texts."""
    found = []
    plain = {text: words(text) for text in texts}
    for negative, positive in ladders.OPPOSITES:
        places = {text: _side(each, negative, positive) for text, each in plain.items()}
        if None not in places.values() and any(places.values()):
            found.append(Places(f"{negative}/{positive}", {text: at for text, at in places.items() if at is not None}))
    return found


def _side(plain: str, negative: str, positive: str) -> float | None:
    if MIDDLE.fullmatch(plain) or (plain.startswith(("neither ", "weder ", "ni ")) and positive in plain.split()):
        return 0.0
    parts = plain.split()
    sign = -1.0 if negative in parts else 1.0 if positive in parts else 0.0
    if not sign:
        return None
    rest = " ".join(word for word in parts if word not in (negative, positive))
    if not rest:
        return sign * 2.0
    strength = ladders.STRENGTHS.get(rest)
    return None if strength is None else sign * strength


def _complete(family: str, given: tuple[float, ...], answers: int) -> tuple[tuple[float, ...], bool]:
    """All places of the scale, and whether the answers leave little doubt about them."""
    if "/" in family:
        return _both_sides(given, answers)
    fitting = [form for form in usual_forms(family) if set(given) <= set(form)]
    if not fitting:
        return given, answers >= CERTAIN
    if given == fitting[0]:
        return given, True
    if given in fitting and (answers >= TELLING or _is_start(given, fitting[0])):
        return given, answers >= CERTAIN
    return fitting[0], False


def usual_forms(family: str) -> list[tuple[float, ...]]:
    """The selections of places that questionnaires use, the most usual first."""
    ladder = next((each.forms for each in ladders.LADDERS if each.name == family), ())
    forms: tuple[tuple[int, ...], ...] = ladders.DEGREE_FORMS if family.startswith("degree") else ladder
    return [tuple(float(place) for place in form) for form in forms]


def _is_start(given: tuple[float, ...], form: tuple[float, ...]) -> bool:
    """Answers that lack the highest places only: those that are there keep their places."""
    return form[: len(given)] == given


def _both_sides(given: tuple[float, ...], answers: int) -> tuple[tuple[float, ...], bool]:
    low = sorted(-place for place in given if place < 0)
    high = sorted(place for place in given if place > 0)
    has_middle = 0.0 in given
    if len(low) == len(high) >= 2 or (len(low) == len(high) == 1 and has_middle and low == high == [2.0]):
        return given, (has_middle and len(low) == 2) or answers >= CERTAIN
    strengths = sorted({*low, *high})
    if strengths and min(strengths) > 2:
        strengths = [2.0, *strengths]
    is_one_sided = not low or not high
    middle = [0.0] if has_middle or is_one_sided or answers < TELLING else []
    full = (*(-place for place in reversed(strengths)), *middle, *strengths)
    return full, full == given


def _name(family: str, place: float, texts: Mapping[float, str]) -> str:
    """A text for a place that nobody chose, made after the answers that are there."""
    if "/" in family:
        negative, positive = family.split("/")
        if place == 0:
            return "Neutral"
        mirrored = texts.get(-place)
        if mirrored:
            this, other = (negative, positive) if place < 0 else (positive, negative)
            made = re.sub(rf"\b{re.escape(other)}\b", this, mirrored, flags=re.IGNORECASE)
            return made[:1].upper() + made[1:] if mirrored[:1].isupper() else made
        return (negative if place < 0 else positive).capitalize()
    if family.startswith("degree"):
        thing = family.removeprefix("degree").strip()
        return f"{ladders.DEGREES[int(place)].split('|')[0]} {thing}".strip().capitalize()
    ladder = next(each for each in ladders.LADDERS if each.name == family)
    return ladder.places[int(place)].split("|")[0].capitalize()
