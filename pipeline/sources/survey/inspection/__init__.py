"""An export that nobody here has seen, as a draft of its mapping: `tweetbench survey inspect FILE`.

The parts: `header` (tool, header rows), `facts` and `columns` (what a column is), `stems` and `grouping` (which belong
together), `joined`, `scales` with its table `ladders` and `scale_sharing`, `questions`, `draft`, `doubts`, and the
vocabulary in `words` and `segments`. Reads a sheet of text cells and stores nothing; a person has the last word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.personal_data import find_kind
from pipeline.sources.protocol import InputFile
from pipeline.sources.survey.cells import counted, fold
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.columns import Guess, guess_part
from pipeline.sources.survey.inspection.doubts import Doubt, named, ordered
from pipeline.sources.survey.inspection.draft import Head, columns_in, write_draft
from pipeline.sources.survey.inspection.facts import Facts, shown_name
from pipeline.sources.survey.inspection.grouping import find_blocks
from pipeline.sources.survey.inspection.header import gather, guess_header
from pipeline.sources.survey.inspection.questions import Drafted, draft_question, draft_segment
from pipeline.sources.survey.inspection.scale_sharing import Shared
from pipeline.sources.survey.inspection.times import check_times, guess_date_order, guess_zone
from pipeline.sources.survey.inspection.words import SUBMITTED_WHEN_FINISHED, words
from pipeline.sources.survey.layout import Layout, lay_out, placed
from pipeline.sources.survey.summary import refuse_summary
from pipeline.sources.workbook import sheet_names

ONLY_ONCE = ("complete",)


@dataclass(frozen=True)
class Options:
    """What the person who calls knows better than the guess."""

    survey_id: str | None = None
    header_rows: int | None = None
    skip_rows: int | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Inspection:
    """What an export seems to hold, and the text of a mapping for it."""

    survey_id: str
    tool: str
    header_rows: int
    respondent_count: int
    columns: tuple[tuple[str, str, str], ...]  # name, part, detail
    questions: tuple[tuple[str, int], ...]  # type, number of columns
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    text: str
    segments: tuple[str, ...] = ()

    def found(self) -> dict[str, Any]:
        """The facts for people and for --json."""
        return {
            "survey_id": self.survey_id,
            "tool": self.tool,
            "header_rows": self.header_rows,
            "respondents": self.respondent_count,
            "questions": dict(Counter(kind for kind, _ in self.questions)),
            "segments": list(self.segments),
            "weight": next((name for name, part, _ in self.columns if part == "weight"), None),
            "personal": [name for name, part, _ in self.columns if part == "personal"],
            "free_text": [name for name, part, _ in self.columns if part in ("free_text", "typed")],
            "ignored": [name for name, part, _ in self.columns if part == "ignore"],
            "notes": list(self.notes),
            "doubts": list(self.doubts),
        }


def inspect_survey(file: InputFile, options: Options | None = None) -> Inspection:
    """A draft mapping of an export, with what was guessed and what is doubtful.

    Raises:
        TweetbenchError: the file is no table, has no answers, or nothing in it looks like a question.
    """
    options = options or Options()
    sheet = placed(file.sheet, options.skip_rows)
    refuse_summary(sheet, file.shown_name)
    header = guess_header(sheet)
    if options.header_rows:
        header = replace(header, header_rows=options.header_rows)
    layout = lay_out(sheet, header.header_rows)
    if not layout.records:
        raise TweetbenchError(
            "the survey has no answers", where=file.shown_name, next_step="export it again with its responses"
        )
    _refuse_answers_as_header(layout, file)
    if len(layout.set_aside) > len(layout.records):
        raise TweetbenchError(
            f"{len(layout.set_aside):,} of {len(layout.set_aside) + len(layout.records):,} rows do not fit the header",
            where=file.shown_name,
            why=layout.set_aside[0].detail,
            next_step="say where the header stands with --skip-rows N and --header-rows N, or export the file again",
        )
    guesses = _only_once([guess_part(each) for each in gather(sheet, layout, header)])
    segments, questions, guesses = _draft(guesses)
    if not questions:
        _refuse_without_questions(file, guesses)
    zone, zone_doubts = guess_zone(layout, columns_in(guesses, "started_at") + columns_in(guesses, "submitted_at"))
    guesses, time_doubts = check_times(guesses)
    times = columns_in(guesses, "started_at") + columns_in(guesses, "submitted_at")
    date_order, order_doubts = guess_date_order(times, header.tool)
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file.shown_name)
    name = options.survey_id or re.sub(r"[^a-z0-9_-]+", "_", stem.casefold()).strip("_-") or "survey"
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise TweetbenchError(
            f"{name!r} cannot be the id of a survey",
            why="an id has lower-case letters, digits, _ and - only",
            next_step="choose another name with --id NAME",
            exit_code=Exit.USAGE,
        )
    notes = tuple(_notes(layout, guesses))
    sheets = _sheets_with_rows(file)
    told = ordered(
        [
            *_sheet_doubts(file, sheets),
            *_layout_doubts(layout, guesses),
            *zone_doubts,
            *time_doubts,
            *order_doubts,
            *_column_doubts(guesses),
        ]
        + [doubt for each in (*segments, *questions) for doubt in each.doubts]
    )
    head = Head(
        survey_id=name,
        title=" ".join(stem.replace("_", " ").split()) or name,
        tool=header.tool,
        header_rows=header.header_rows,
        skip_rows=options.skip_rows,
        sheet=options.sheet or (file.sheet_name if len(sheets) > 1 else None),
        timezone=zone,
        date_order=date_order,
        notes=notes,
        doubts=told,
        is_complete_when_filled=any(map(_tells_finished, columns_in(guesses, "submitted_at")[:1])),
    )
    return Inspection(
        survey_id=name,
        tool=header.tool,
        header_rows=header.header_rows,
        respondent_count=len(layout.records),
        columns=tuple((each.facts.column.name, each.part, each.detail) for each in guesses),
        questions=tuple((each.type, len(each.columns)) for each in questions),
        notes=notes,
        doubts=tuple(told),
        text=write_draft(guesses, segments, questions, head),
        segments=tuple(each.dimension for each in segments),
    )


def _draft(guesses: list[Guess]) -> tuple[list[Drafted], list[Drafted], list[Guess]]:
    """Segments and questions; a survey of segments only asks the first of them as a question too."""
    common: Counter[str] = Counter()
    for guess in guesses:
        common.update({fold(text) for text, times in guess.facts.counts.items() if times > 2})
    common = Counter({text: times for text, times in common.items() if times > 1})
    blocks = find_blocks(guesses)
    shared = Shared(blocks)
    drafted = [each for block in blocks for each in draft_question(block, shared, common)]
    segments = [draft_segment(guess, common) for guess in guesses if guess.part == "segment"]
    segments += [each for each in drafted if each.type == "segment"]
    questions = [each for each in drafted if each.type != "segment"]
    if segments and not questions:
        first = segments[0]
        text = first.text or first.columns[0][0].column.name
        options = tuple(text for text, _ in first.labels) or tuple(first.columns[0][0].answers)
        key = "column" if first.key == "column" else "one_of"
        questions = [
            replace(first, type="single", text=text, key=key, labels=(), doubts=())
            if key == "one_of"
            else replace(first, type="single", text=text, options=options, labels=(), doubts=())
        ]
    return segments, questions, guesses


def _only_once(guesses: list[Guess]) -> list[Guess]:
    """A part that a survey has once goes to its first column; a later one is answered like any question."""
    seen: set[str] = set()
    kept = []
    for guess in guesses:
        if guess.part in ONLY_ONCE and guess.part in seen:
            kept.append(replace(guess, part="ignore", detail=f"another {guess.part}"))
            continue
        seen.add(guess.part)
        kept.append(guess)
    ids = [guess for guess in kept if guess.part == "respondent_id"]
    best = min(
        ids,
        key=lambda guess: (words(guess.facts.column.name) in {"id"}, guess.facts.column.position),
        default=None,
    )
    return [
        replace(guess, part="ignore", detail="another id")
        if guess.part == "respondent_id" and guess is not best
        else guess
        for guess in kept
    ]


def _refuse_answers_as_header(layout: Layout, file: InputFile) -> None:
    """Stop where what should be names of columns are somebody's answers."""
    held = [
        kind
        for column in layout.columns
        if len(column.name) < 60 or "@" in column.name
        for kind in [find_kind(column.name)]
        if kind
    ]
    if held:
        raise TweetbenchError(
            "the header row holds somebody's answers and not names of columns",
            where=file.shown_name,
            why=f"one of its cells is or holds: {held[0]}",
            next_step="say where the header stands with --skip-rows N and --header-rows N, or export the file again",
        )


def _refuse_without_questions(file: InputFile, guesses: Sequence[Guess]) -> None:
    parts = Counter(guess.part for guess in guesses)
    shown = ", ".join(f"{number} {part.replace('_', ' ')}" for part, number in parts.most_common())
    raise TweetbenchError(
        "nothing in this file looks like a question",
        where=file.shown_name,
        why=f"its columns were taken for: {shown}",
        next_step="if the header stands elsewhere, say so with --header-rows N, --skip-rows N or --sheet NAME",
    )


def _sheets_with_rows(file: InputFile) -> list[str]:
    return list(sheet_names(file.path, file.shown_name)) if file.is_workbook else []


def _sheet_doubts(file: InputFile, sheets: Sequence[str]) -> list[Doubt]:
    if len(sheets) < 2:
        return []
    others = ", ".join(repr(name) for name in sheets if name != file.sheet_name)
    why = f"the workbook has {len(sheets)} sheets; this is a draft of {file.sheet_name!r}, others are {others}"
    return [Doubt(at.WRONG_COUNT, why)]


def _tells_finished(facts: Facts) -> bool:
    """True for a time of submission that a tool writes for finished responses only."""
    names = {words(part) for part in (facts.column.name, *facts.column.name.partition(". "))}
    return bool(names & SUBMITTED_WHEN_FINISHED) and any(facts.cells) and not all(facts.cells)


def _layout_doubts(layout: Layout, guesses: Sequence[Guess]) -> list[Doubt]:
    found = []
    if layout.set_aside:
        rows = counted(len(layout.set_aside), "row")
        found.append(Doubt(at.WRONG_COUNT, f"{rows} with too few or too many cells will be left out and listed"))
    names = [column.name for column in layout.columns]
    if sum(name.replace(".", "").isdigit() for name in names) > len(names) / 2:
        found.append(Doubt(at.WRONG_COUNT, "most columns are called by numbers: the header may stand elsewhere"))
    ids = [guess.facts.column.name for guess in guesses if guess.detail in ("another id", "an id?", "an id")]
    kept = columns_in(guesses, "respondent_id")
    if ids and kept:
        found.append(
            Doubt(at.OTHER, f"respondents are told apart by {kept[0].column.name!r}; {named(ids)} may do so too")
        )
    if not kept:
        found.append(Doubt(at.OTHER, "no column tells respondents apart: equal rows are numbered"))
    elif blank := sum(not cell for cell in kept[0].cells):
        found.append(Doubt(at.WRONG_COUNT, f"{counted(blank, 'row')} without an id in {kept[0].column.name!r}"))
    return found


def _column_doubts(guesses: Sequence[Guess]) -> list[Doubt]:
    found = []
    for guess in guesses:
        if guess.doubt and guess.part in ("ignore", "weight", "free_text"):
            weight = at.WRONG_COUNT if guess.part == "weight" else at.LEFT_OUT
            found.append(Doubt(weight, guess.doubt))
    for part in ("weight", "submitted_at", "started_at"):
        names = [facts.column.name for facts in columns_in(guesses, part)]
        if len(names) > 1:
            found.append(Doubt(at.WRONG_COUNT, f"{part} is {names[0]!r}; {named(names[1:])} may be meant instead"))
    by_name = [
        guess.facts.column.name
        for guess in guesses
        if guess.part == "personal" and "by" in guess.detail.split() and guess.facts.counts
    ]
    if by_name:
        found.append(Doubt(at.LEFT_OUT, f"{named(by_name)}: taken as personal by the name alone and not stored"))
    return found + _typed_beside(guesses)


def _typed_beside(guesses: Sequence[Guess]) -> list[Doubt]:
    """One choice with a column for typed answers beside it, where the choice is blank for those who typed."""
    found = []
    for first, second in pairwise(guesses):
        if second.part != "typed" or first.part not in ("single", "segment", "scale", "yes_no"):
            continue
        only = sum(
            bool(typed) and not chosen for chosen, typed in zip(first.facts.cells, second.facts.cells, strict=True)
        )
        if only:
            told = f"{counted(only, 'respondent')} typed into {shown_name(second.facts)} and left {shown_name(first.facts)}"
            found.append(Doubt(at.WRONG_BASE, f"{told} blank: they count as not answered"))
    return found


def _notes(layout: Layout, guesses: list[Guess]) -> list[str]:
    notes = [f"{counted(len(layout.records), 'response')}, {counted(len(layout.columns), 'column')}."]
    personal = [guess for guess in guesses if guess.part == "personal"]
    if personal:
        notes.append(f"{counted(len(personal), 'column')} with personal data: never stored.")
    return notes
