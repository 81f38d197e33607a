"""An export that nobody here has seen, as a draft of its mapping: `tweetbench survey inspect FILE`.

The parts: `header` (tool, header rows), `facts`, `columns` and `paradata` (what a column is), `stems` and `grouping`
(which belong together), `joined` and `copies`, `scales` with its table `ladders` and `scale_sharing`, `questions`,
`draft`, `doubts`, and the vocabulary in `words` and `segments`. Reads a sheet of text cells and stores nothing; a
person has the last word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.cells import counted, fold
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.workbook import sheet_names
from pipeline.sources.survey.inspection.checks import (
    column_doubts,
    header_doubts,
    layout_doubts,
    refuse_unlike_table,
    sheet_doubts,
)
from pipeline.sources.survey.inspection.column_kinds import Guess, guess_part
from pipeline.sources.survey.inspection.copies import without_copies
from pipeline.sources.survey.inspection.doubts import Doubt, ordered
from pipeline.sources.survey.inspection.draft import Head, columns_in, write_draft
from pipeline.sources.survey.inspection.drafted import Drafted
from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.grouping import find_blocks
from pipeline.sources.survey.inspection.header import gather, guess_header
from pipeline.sources.survey.inspection.paradata import set_paradata_aside
from pipeline.sources.survey.inspection.questions import draft_question, draft_segment
from pipeline.sources.survey.inspection.scale_sharing import Shared
from pipeline.sources.survey.inspection.times import check_times, guess_date_order, guess_zone
from pipeline.sources.survey.inspection.words import SUBMITTED_WHEN_FINISHED, words
from pipeline.sources.survey.layout import Layout, lay_out, placed
from pipeline.sources.survey.summary import refuse_summary

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
    refuse_unlike_table(layout, file.shown_name)
    guesses = _only_once([guess_part(each) for each in gather(sheet, layout, header)])
    guesses, paradata_doubts = set_paradata_aside(guesses)
    segments, questions, guesses, copy_doubts = _draft(guesses)
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
    listed = ordered(
        [
            *sheet_doubts(file, sheets),
            *(header_doubts(sheet) if options.skip_rows is None else []),
            *layout_doubts(layout, guesses),
            *zone_doubts,
            *time_doubts,
            *order_doubts,
            *column_doubts(guesses),
            *paradata_doubts,
            *copy_doubts,
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
        doubts=listed,
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
        doubts=tuple(listed),
        text=write_draft(guesses, segments, questions, head),
        segments=tuple(each.dimension for each in segments),
    )


def _draft(guesses: list[Guess]) -> tuple[list[Drafted], list[Drafted], list[Guess], list[Doubt]]:
    """Segments and questions; a survey of segments only asks the first of them as a question too."""
    common: Counter[str] = Counter()
    for guess in guesses:
        common.update({fold(text) for text, times in guess.facts.counts.items() if times > 2})
    common = Counter({text: times for text, times in common.items() if times > 1})
    guesses, doubts = without_copies(guesses, find_blocks(guesses))
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
    return segments, questions, guesses, doubts


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
        key=lambda guess: (words(guess.facts.column.name) in {"id", "column 1"}, guess.facts.column.position),
        default=None,
    )
    return [
        replace(guess, part="ignore", detail="another id")
        if guess.part == "respondent_id" and guess is not best
        else guess
        for guess in kept
    ]


def _refuse_without_questions(file: InputFile, guesses: Sequence[Guess]) -> None:
    parts = Counter(guess.part for guess in guesses)
    shown = ", ".join(f"{number} {part.replace('_', ' ')}" for part, number in parts.most_common())
    raise TweetbenchError(
        "nothing in this file looks like a question",
        where=file.shown_name,
        why=f"its columns were taken for: {shown}",
        next_step="if the header is elsewhere, say so with --header-rows N, --skip-rows N or --sheet NAME",
    )


def _sheets_with_rows(file: InputFile) -> list[str]:
    return list(sheet_names(file.path, file.shown_name)) if file.is_workbook else []


def _tells_finished(facts: Facts) -> bool:
    """True for a time of submission that a tool writes for finished responses only."""
    names = {words(part) for part in (facts.column.name, *facts.column.name.partition(". "))}
    return bool(names & SUBMITTED_WHEN_FINISHED) and any(facts.cells) and not all(facts.cells)


def _notes(layout: Layout, guesses: list[Guess]) -> list[str]:
    notes = [f"{counted(len(layout.records), 'response')}, {counted(len(layout.columns), 'column')}."]
    personal = [guess for guess in guesses if guess.part == "personal"]
    if personal:
        notes.append(f"{counted(len(personal), 'column')} with personal data: never stored.")
    return notes
