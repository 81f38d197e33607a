"""Columns that others of the same file explain: places that a tool found by the address, choices that it repeats."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.sources.personal_data import IP
from pipeline.sources.survey.cells import fold
from pipeline.sources.survey.inspection.columns import Guess
from pipeline.sources.survey.inspection.facts import shown_name
from pipeline.sources.survey.inspection.words import words
from pipeline.sources.survey.yes_no import NO

# What quizzes and timings write beside a question: `Points - Q`, `Q [Score]`, `Q01Time`.
_OF_QUESTION = re.compile(
    r"^(?:points|feedback|punkte|puntos|punti|pontos|punten) - (.+)$|^(.+) \[(?:score|feedback)\]$|"
    r"^([A-Za-z]+\d+)Time$",
    re.IGNORECASE,
)
PLACES = {"city", "country", "state", "region", "state region", "province", "postal", "postal code", "zip"}
_OPENINGS = ("/", " (", " [", "___", ".")  # between a question and its option


def explain_beside(guesses: Sequence[Guess]) -> list[Guess]:
    """The columns; those that repeat others, or say where the tool believes a respondent to be, are left out."""
    by_name = {guess.facts.column.name: guess for guess in guesses}
    ticks: dict[str, list[tuple[str, Guess]]] = {}
    for name, guess in by_name.items():
        for opening in _OPENINGS if guess.part in ("tick", "yes_no") else ():
            question, _, option = name.rpartition(opening)
            if question in by_name:
                ticks.setdefault(question, []).append((option.rstrip(")]"), guess))
    located = _beside_location(guesses)
    questions = by_name.keys() | {name.partition("[")[0] for name in by_name}
    kept = []
    for guess in guesses:
        name = guess.facts.column.name
        if guess.facts.column.position in located:
            why = f"{shown_name(guess.facts)} stands beside the respondent's address: left out; if you asked, list it"
            kept.append(replace(guess, part="ignore", detail="found by the tool from the address", doubt=why))
        elif (of := _OF_QUESTION.match(name)) and next(filter(None, of.groups())) in questions:
            kept.append(replace(guess, part="ignore", detail="points or seconds of a question", doubt=""))
        elif len(ticks.get(name, ())) > 1 and _joins(guess, ticks[name]):
            kept.append(replace(guess, part="ignore", detail="its choices stand in columns of their own", doubt=""))
        else:
            kept.append(guess)
    return kept


def _beside_location(guesses: Sequence[Guess]) -> set[int]:
    """Positions of places that follow one another beside a column of addresses or coordinates."""
    found: set[int] = set()
    for run in (guesses, guesses[::-1]):
        is_near = False
        for guess in run:
            is_place = bool(set(guess.facts.names) & PLACES) and guess.part not in ("respondent_id", "personal")
            if is_place and is_near:
                found.add(guess.facts.column.position)
            is_near = (guess.part == "personal" and guess.detail in (IP, "location")) or (
                is_near and (is_place or words(guess.facts.column.name) in PLACES)
            )
    return found


def _joins(guess: Guess, ticks: Sequence[tuple[str, Guess]]) -> bool:
    """True if each cell names the options that are ticked in its row."""
    return all(
        fold(option) in fold(cell)
        for option, tick in ticks
        for cell, ticked in zip(guess.facts.cells, tick.facts.cells, strict=True)
        if ticked and fold(ticked) not in NO
    )
