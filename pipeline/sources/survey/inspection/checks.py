"""What is unsure about a whole export or single columns, besides the questions; and tables that cannot be drafted."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import counted
from pipeline.sources.files.numbers import is_number
from pipeline.sources.files.personal_data import find_kind, suspicious_name
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.sheet import Sheet
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.column_kinds import A_TIME, Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.draft import columns_in
from pipeline.sources.survey.inspection.facts import shown_name
from pipeline.sources.survey.layout import Layout


def refuse_unlike_table(layout: Layout, file_name: str) -> None:
    """Stop where the header holds somebody's answers, or most rows have another width.

    Raises:
        TweetbenchError: says which, and how to say where the header stands.
    """
    held = [
        kind
        for column in layout.columns
        if len(column.name) < 60 or "@" in column.name
        for kind in [find_kind(column.name)]
        if kind
    ]
    if held:
        raise TweetbenchError(
            "the header row contains somebody's answers, not column names",
            where=file_name,
            why=f"one of its cells is or contains: {held[0]}",
            next_step="say where the header is with --skip-rows N and --header-rows N, or export the file again",
        )
    if len(layout.set_aside) > len(layout.records):
        raise TweetbenchError(
            f"{len(layout.set_aside):,} of {len(layout.set_aside) + len(layout.records):,} rows do not fit the header",
            where=file_name,
            why=layout.set_aside[0].detail,
            next_step="say where the header is with --skip-rows N and --header-rows N, or export the file again",
        )


def header_doubts(sheet: Sheet) -> list[Doubt]:
    """Texts above the header that may be questions over several columns; `skip_rows` takes them in."""
    texts = [cell for cell in sheet.above[-1].cells if cell.strip()] if sheet.above else []
    if len(texts) < 2 or any(map(is_number, texts)):
        return []
    line = sheet.above[-1].line
    why = f"line {line} above the header holds {len(texts)} texts: if they are questions over several columns"
    return [Doubt(at.WRONG_COUNT, f"{why}, draft again with --skip-rows {line - 1} --header-rows 2 --force")]


def sheet_doubts(file: InputFile, sheets: Sequence[str]) -> list[Doubt]:
    if len(sheets) < 2:
        return []
    others = ", ".join(repr(name) for name in sheets if name != file.sheet_name)
    why = f"the workbook has {len(sheets)} sheets; this is a draft of {file.sheet_name!r}, others are {others}"
    return [Doubt(at.WRONG_COUNT, why)]


def layout_doubts(layout: Layout, guesses: Sequence[Guess]) -> list[Doubt]:
    found = []
    broken = [row for row in layout.set_aside if row.problem == "ragged_row"]
    if broken:
        rows = counted(len(broken), "row")
        found.append(Doubt(at.WRONG_COUNT, f"{rows} with too few or too many cells will be left out and listed"))
    names = [column.name for column in layout.columns]
    if sum(name.replace(".", "").isdigit() for name in names) > len(names) / 2:
        found.append(Doubt(at.WRONG_COUNT, "most columns have numbers for names: the header may be elsewhere"))
    ids = [guess.facts.column.name for guess in guesses if guess.detail in ("another id", "an id?", "an id")]
    kept = columns_in(guesses, "respondent_id")
    if ids and kept:
        found.append(
            Doubt(at.OTHER, f"respondents are distinguished by {kept[0].column.name!r}; {named(ids)} may do so too")
        )
    if not kept:
        found.append(Doubt(at.OTHER, "no column distinguishes respondents: equal rows are numbered"))
    elif blank := sum(not cell for cell in kept[0].cells):
        found.append(Doubt(at.WRONG_COUNT, f"{counted(blank, 'row')} without an id in {kept[0].column.name!r}"))
    return found


def column_doubts(guesses: Sequence[Guess]) -> list[Doubt]:
    found = []
    for guess in guesses:
        if guess.doubt and guess.part in ("ignore", "weight", "free_text", "respondent_id"):
            weight = at.WRONG_COUNT if guess.part in ("weight", "respondent_id") else at.LEFT_OUT
            found.append(Doubt(weight, guess.doubt))
    for part in ("weight", "submitted_at", "started_at"):
        names = [facts.column.name for facts in columns_in(guesses, part)]
        if len(names) > 1:
            found.append(Doubt(at.WRONG_COUNT, f"{part} is {names[0]!r}; {named(names[1:])} may be meant instead"))
    late = [guess.facts.column.name for guess in guesses if guess.detail == A_TIME]
    if late and not columns_in(guesses, "submitted_at"):
        why = f"{named(late)}: times, left out; if they say when people answered, write submitted_at"
        found.append(Doubt(at.LEFT_OUT, why))
    if _are_contacts(guesses):
        why = "it has e-mail addresses and names and no time of an answer: it may be a list of contacts"
        found.append(Doubt(at.WRONG_COUNT, f"{why}; data/README.md shows a mapping for one"))
    by_name = [
        guess.facts.column.name
        for guess in guesses
        if guess.part == "personal" and "by" in guess.detail.split() and guess.facts.counts
    ]
    if by_name:
        found.append(Doubt(at.LEFT_OUT, f"{named(by_name)}: taken as personal by the name alone and not stored"))
    return found + _typed_beside(guesses)


def _are_contacts(guesses: Sequence[Guess]) -> bool:
    """A person in every row and no time of an answer."""
    named_so = [
        suspicious_name(guess.facts.column.name) for guess in guesses if guess.part == "personal" and guess.facts.counts
    ]
    has_times = any(guess.part in ("started_at", "submitted_at", "complete", "scale", "joined") for guess in guesses)
    return len(named_so) >= 3 and any("mail" in (kind or "") for kind in named_so) and not has_times


def _typed_beside(guesses: Sequence[Guess]) -> list[Doubt]:
    """One choice with a column for typed answers next to it, where the choice is blank for those who typed."""
    found = []
    for first, second in pairwise(guesses):
        if second.part != "typed" or first.part not in ("single", "segment", "scale", "yes_no"):
            continue
        only = sum(
            bool(typed) and not chosen for chosen, typed in zip(first.facts.cells, second.facts.cells, strict=True)
        )
        if only:
            who = f"{counted(only, 'respondent')} typed into {shown_name(second.facts)}"
            why = f"{who} and left {shown_name(first.facts)} blank: they count as not answered"
            found.append(Doubt(at.WRONG_BASE, why))
    return found
