"""The mapping that a person will correct, as YAML with comments. What goes into it was decided elsewhere."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.settings import SURVEY_EXAMPLE
from pipeline.sources.files.cells import fold
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.drafted import Drafted
from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.yaml_text import comment, in_quotes, listed, pairs, quoted

SINGLE_KEYS = ("respondent_id", "started_at", "submitted_at", "weight")
SCHEMA_FILE = "survey-mapping.schema.json"
ID_WORDS = 5
SHOWN_DOUBTS = 30
_STOP = {
    *("the", "a", "an", "of", "is", "are", "your", "you", "do", "does", "did", "have", "has", "in", "on", "for", "to"),
    *("and", "or", "what", "which", "how", "who", "this", "these", "that", "please", "write"),
}


@dataclass(frozen=True)
class Head:
    """What stands above the questions of a draft."""

    survey_id: str
    title: str
    tool: str
    header_rows: int
    skip_rows: int | None
    sheet: str | None
    timezone: str
    date_order: str | None
    notes: Sequence[str]
    doubts: Sequence[str]
    is_complete_when_filled: bool = False


def write_draft(guesses: Sequence[Guess], segments: Sequence[Drafted], questions: Sequence[Drafted], head: Head) -> str:
    """The text of a mapping file."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        *_check(head.doubts),
        f"# Written by `tweetbench survey inspect` from an export of {head.tool}. Every line is a guess from names and",
        "# cells: read it, correct it, then look at what would happen with: tweetbench ingest FILE --check",
        f"# All keys are explained in {SURVEY_EXAMPLE}.",
        *(f"# {comment(note)}" for note in head.notes),
        f"survey_id: {quoted(head.survey_id)}",
        f"title: {quoted(head.title)}",
        f"header_rows: {head.header_rows}",
        *([f"skip_rows: {head.skip_rows}"] if head.skip_rows is not None else []),
        *([f"sheet: {quoted(head.sheet)}"] if head.sheet else []),
        "",
        *_roles(guesses, head),
        *_segments(segments),
        "",
        "questions:",
    ]
    taken: set[str] = set()
    for question in questions:
        lines += _question(question, _question_id(question, taken))
    lines += ["", "# Known and never stored:", *_lists(guesses, segments, questions)]
    return "\n".join(lines) + "\n"


def _check(doubts: Sequence[str]) -> Iterator[str]:
    if not doubts:
        return
    yield "# Please check:"
    for doubt in doubts[:SHOWN_DOUBTS]:
        yield f"#   - {comment(doubt)}"
    if len(doubts) > SHOWN_DOUBTS:
        yield f"#   - and {len(doubts) - SHOWN_DOUBTS:,} more: tweetbench survey inspect FILE --json lists all"
    yield "#"


def _roles(guesses: Sequence[Guess], head: Head) -> Iterator[str]:
    for key in SINGLE_KEYS:
        found = [guess.facts for guess in guesses if guess.part == key]
        if found:
            others = ", ".join(each.column.name for each in found[1:])
            yield f"{key}: {quoted(found[0].column.name)}" + (f"   # or: {comment(others)}" if others else "")
    if any(guess.part in ("started_at", "submitted_at") for guess in guesses):
        yield f"timezone: {head.timezone:<24}# of times that show no offset: please check"
        if head.date_order:
            yield f"date_order: {head.date_order:<22}# of dates such as 5/6/2018: please check"
    complete = next((guess for guess in guesses if guess.part == "complete"), None)
    if complete:
        finished = [text for text in complete.facts.answers if fold(text) in known.FINISHED]
        yield "complete:"
        yield f"  column: {quoted(complete.facts.column.name)}"
        yield f"  values: {listed(finished)}"
    elif head.is_complete_when_filled:
        submitted = next(guess.facts for guess in guesses if guess.part == "submitted_at")
        yield "complete:"
        yield f"  column: {quoted(submitted.column.name)}"
        yield "  filled: true                   # the tool writes this time for finished responses only"
    yield ""
    yield "# Which responses do not count; each rule is counted and shown, and the rows are kept with the reason:"
    yield "# quality:"
    yield "#   field_period: {first_day: 2026-08-03, last_day: 2026-09-04}"
    yield "#   answered_share_from: 0.5"
    yield "#   share_of_median_from: 0.3    # faster than this share of the median time"
    yield ""


def _segments(segments: Sequence[Drafted]) -> Iterator[str]:
    if not segments:
        yield "# segments:                      # the groups to compare: company_size, industry, customer_focus ..."
        return
    yield "segments:                        # the groups to compare"
    taken: set[str] = set()
    for each in segments:
        yield f"  {_free(each.dimension, taken)}:{_counted(each)}"
        yield from _columns(each)
        if each.labels:
            yield "    labels:"
            yield from pairs([(text, quoted(label)) for text, label in each.labels], "      ")
        yield from _texts(each)


def _question(question: Drafted, question_id: str) -> Iterator[str]:
    yield f"  {quoted(question_id)}:{_counted(question)}"
    yield f"    text: {quoted(question.text)}"
    yield f"    type: {question.type}"
    yield from _columns(question)
    if question.separator:
        yield f"    separator: {in_quotes(question.separator)}"
    if question.options:
        yield f"    options: {listed(question.options)}"
    if question.scale:
        remark = f"   # {question.scale_note}"
        if [place for _, place in question.scale] == [float(number) for number in range(1, len(question.scale) + 1)]:
            yield f"    scale: {listed(text for text, _ in question.scale)}{remark}"
        else:
            yield f"    scale:{remark}"
            yield from pairs([(text, f"{place:g}") for text, place in question.scale], "      ")
    yield from _texts(question)
    if question.blank_is_no:
        yield "    none_ticked: not_selected"


def _columns(drafted: Drafted) -> Iterator[str]:
    if drafted.key == "column":
        yield f"    column: {quoted(drafted.columns[0][0].column.name)}"
        return
    yield f"    {drafted.key}:"
    yield from pairs([(facts.column.name, quoted(label)) for facts, label in drafted.columns], "      ")


def _texts(drafted: Drafted) -> Iterator[str]:
    if drafted.selected:
        yield f"    selected: {listed(drafted.selected)}"
    if drafted.not_answered:
        yield f"    not_answered: {listed(drafted.not_answered)}"


def _lists(guesses: Sequence[Guess], segments: Sequence[Drafted], questions: Sequence[Drafted]) -> Iterator[str]:
    used = {facts.column.position for each in (*segments, *questions) for facts, _ in each.columns}
    roles = {}
    for guess in guesses:
        if guess.part in (*SINGLE_KEYS, "complete") and guess.part not in roles:
            roles[guess.part] = guess.facts.column.position
    left = [each for each in guesses if each.facts.column.position not in used | set(roles.values())]
    for key in ("free_text", "personal", "ignore"):
        found = [(guess, why) for guess in left for where, why in [_place(guess)] if where == key]
        if found:
            yield f"{key}:"
        for guess, why in found:
            yield f"  - {quoted(guess.facts.column.name)}" + (f"   # {comment(why)}" if why else "")


def _place(guess: Guess) -> tuple[str, str]:
    """Under which list a column stands that nothing uses, and why."""
    if guess.part == "empty":
        is_nameless = guess.facts.column.name == f"column {guess.facts.column.position + 1}"
        return ("", "") if is_nameless else (guess.detail or "ignore", "holds nothing")
    if guess.part in ("free_text", "typed"):
        return "free_text", ""
    if guess.part in ("personal", "ignore"):
        return guess.part, guess.detail
    return "ignore", f"another {guess.part}" if guess.part in SINGLE_KEYS else "not used"


def _counted(drafted: Drafted) -> str:
    return f"   # {drafted.answered:,} answered"


def _question_id(question: Drafted, taken: set[str]) -> str:
    first = question.columns[0][0]
    source = question.stem or first.column.name
    count = len(question.columns) if question.key == "columns" and question.type != "multi" else 0
    if re.fullmatch(r"[A-Za-z]{1,12}_?\d{1,5}[a-z]?", source):
        return _free(source, taken, count)
    if match := re.match(r"^(Q\d+)( / |[.:] )", source):
        return _free(match[1], taken, count)
    telling = [word for word in known.words(question.text).split() if word not in _STOP and word.isascii()]
    return _free("_".join(telling[:ID_WORDS])[:60] or f"column_{first.column.position + 1}", taken, count)


def _free(name: str, taken: set[str], count: int = 0) -> str:
    """A name that is not taken, nor any of the names of the questions of a grid."""
    candidate, number = name, 1
    while {candidate, *_numbered(candidate, count)} & taken:
        number += 1
        candidate = f"{name}_b{number}"
    taken |= {candidate, *_numbered(candidate, count)}
    return candidate


def _numbered(name: str, count: int) -> Iterator[str]:
    return (f"{name}_{number}" for number in range(1, count + 1))


def columns_in(guesses: Sequence[Guess], part: str) -> list[Facts]:
    """The columns that are taken for a part."""
    return [guess.facts for guess in guesses if guess.part == part]
