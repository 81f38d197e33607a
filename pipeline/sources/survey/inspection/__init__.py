"""An export that nobody here has seen, as a draft of its mapping: `tweetbench survey inspect FILE`.

The parts: `header` (tool, header rows), `columns` (what a column is), `scales`, `joined`, `grouping`, `draft`, and the
vocabulary in `words`. Reads a sheet of text cells and stores nothing; a person has the last word.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.protocol import InputFile
from pipeline.sources.survey.cells import counted, tidy
from pipeline.sources.survey.inspection.columns import Guess, gather, guess_part
from pipeline.sources.survey.inspection.draft import write_draft
from pipeline.sources.survey.inspection.grouping import group_questions
from pipeline.sources.survey.inspection.header import guess_header
from pipeline.sources.survey.inspection.words import words
from pipeline.sources.survey.layout import Layout, lay_out
from pipeline.sources.tabular import Sheet

ONLY_ONCE = ("complete",)


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
    text: str

    def found(self) -> dict[str, Any]:
        """The facts for people and for --json."""
        return {
            "survey_id": self.survey_id,
            "tool": self.tool,
            "header_rows": self.header_rows,
            "respondents": self.respondent_count,
            "questions": dict(Counter(kind for kind, _ in self.questions)),
            "segments": [detail for _, part, detail in self.columns if part == "segment"],
            "weight": next((name for name, part, _ in self.columns if part == "weight"), None),
            "personal": [name for name, part, _ in self.columns if part == "personal"],
            "free_text": [name for name, part, _ in self.columns if part == "free_text"],
            "ignored": [name for name, part, _ in self.columns if part == "ignore"],
            "notes": list(self.notes),
        }


def inspect_survey(file: InputFile, survey_id: str | None = None) -> Inspection:
    """A draft mapping of an export, with what was guessed.

    Raises:
        TweetbenchError: the file is no table, or has no answers.
    """
    sheet = file.sheet
    tool, header_rows = guess_header(sheet)
    layout = lay_out(sheet, header_rows)
    if not layout.records:
        raise TweetbenchError(
            "the survey has no answers", where=file.shown_name, next_step="export it again with its responses"
        )
    facts = gather(layout, *_header_texts(sheet, layout, header_rows), sheet.orders)
    guesses = _only_once([guess_part(each) for each in facts])
    groups = group_questions(guesses)
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file.shown_name)
    name = survey_id or re.sub(r"[^a-z0-9_-]+", "_", stem.casefold()).strip("_-") or "survey"
    notes = tuple(_notes(layout, guesses))
    text = write_draft(
        guesses,
        groups,
        survey_id=name,
        title=" ".join(stem.replace("_", " ").split()) or name,
        tool=tool,
        header_rows=header_rows,
        notes=notes,
    )
    return Inspection(
        survey_id=name,
        tool=tool,
        header_rows=header_rows,
        respondent_count=len(layout.records),
        columns=tuple((each.facts.column.name, each.part, each.detail) for each in guesses),
        questions=tuple((group.type, len(group.members)) for group in groups),
        notes=notes,
        text=text,
    )


def _header_texts(sheet: Sheet, layout: Layout, header_rows: int) -> tuple[list[str], list[str]]:
    """Per column, the wording of its question and Qualtrics' import id, where the header rows hold them."""
    below = sheet.in_order()[: header_rows - 1]
    width = len(layout.columns)
    rows = [[tidy(cell) for cell in row.cells[:width]] + [""] * (width - len(row.cells)) for row in below]
    questions, import_ids = [""] * width, [""] * width
    if header_rows == 3:
        questions = rows[0]
        import_ids = [_import_id(cell) for cell in rows[1]]
    elif header_rows == 2:
        carried = ""
        for at, name in enumerate(sheet.header):
            carried = tidy(name) or carried
            is_code = re.fullmatch(r"[A-Z]\d+", carried) is not None
            below_name = rows[0][at] if rows else ""
            questions[at] = below_name if is_code else carried if name or below_name else ""
    elif sheet.labels:
        questions = [tidy(label) for label in sheet.labels]
    return questions, import_ids


def _import_id(cell: str) -> str:
    match = re.search(r'"ImportId"\s*:\s*"([^"]*)"', cell)
    return match[1] if match else ""


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


def _notes(layout: Layout, guesses: list[Guess]) -> list[str]:
    notes = [f"{counted(len(layout.records), 'response')}, {counted(len(layout.columns), 'column')}."]
    if layout.set_aside:
        notes.append(
            f"{counted(len(layout.set_aside), 'row')} with too few or too many cells will be left out and listed."
        )
    if not any(guess.part == "respondent_id" for guess in guesses):
        notes.append("No column tells respondents apart: equal rows are numbered.")
    personal = [guess for guess in guesses if guess.part == "personal"]
    if personal:
        notes.append(f"{counted(len(personal), 'column')} with personal data: never stored.")
    return notes
