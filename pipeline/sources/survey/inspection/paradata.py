"""Columns that a tool writes about a response: taken out by what stands around them, where names alone do not tell.

`Country` and `City` are questions in one survey and looked up from the IP address in another: beside an IP address or
coordinates, among other columns of the tool, they are no answers. Either way the draft says what was decided.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.sources.survey.cells import counted, fold
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.columns import A_TIME, META_DETAIL, Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.words import META, words
from pipeline.sources.survey.yes_no import NO

OF_THE_RESPONSE = {"respondent_id", "started_at", "submitted_at", "complete"}
_PLACES = {
    *("country", "country code", "country name", "city", "region", "state", "state region", "state province"),
    *("province", "location", "time zone", "timezone", "land", "stadt", "ort", "bundesland", "pays", "ville", "país"),
    *("ciudad", "paese", "città", "cidade", "estado", "postal", "postal code", "zip", "zip code", "plz"),
}
_COORDINATES = {"latitude", "longitude", "lat", "lng", "lon", "location latitude", "location longitude"}
_ANCHORS = _COORDINATES | {"ip", "ip address", "ipaddress", "ip adresse", "submission ip", "user ip", "user agent"}


@dataclass(frozen=True)
class _Tool:
    """A tool with names that only it gives its columns, and others that are its own beside those."""

    name: str
    marks: frozenset[str]
    others: re.Pattern[str]
    fewest: int
    respondent_id: str = ""


_TOOLS = (
    _Tool(
        "SoSci Survey",
        frozenset(
            {*("case", "serial", "ref", "questnnr", "mode", "started", "mailsent", "lastdata", "finished", "q_viewer")}
            | {*("lastpage", "maxpage", "missing", "missrel", "time_rsi", "deg_time", "time_sum", "deg_miss")}
        ),
        re.compile(r"time\d{3}|time_[a-z]\w*|status|deg_\w+"),
        5,
    ),
    _Tool(
        "KoboToolbox",
        frozenset(
            {*("_id", "_uuid", "_submission_time", "_validation_status", "_index", "_status", "_submitted_by")}
            | {*("__version__", "_tags", "_notes")}
        ),
        re.compile(r"deviceid|username|phonenumber|simserial|simid|subscriberid|audit|today|_\w+|(meta|formhub)/\w+"),
        3,
    ),
    _Tool(
        "ODK",
        frozenset(
            {*("submissiondate", "key", "submitterid", "submittername", "attachmentspresent", "attachmentsexpected")}
            | {*("reviewstate", "formversion", "deviceid", "edits", "meta-instanceid")}
        ),
        re.compile(r"status|username|phonenumber|audit|today|meta-\w+|parent_key|instanceid"),
        4,
        "key",
    ),
)


def set_paradata_aside(guesses: Sequence[Guess]) -> tuple[list[Guess], list[Doubt]]:
    """The guesses with what a tool wrote taken out of the questions, and what is unsure about that."""
    found = _of_tools(guesses)
    doubts = []
    for run in _runs(found):
        taken, kept = _places_in(found, run)
        if taken:
            doubts.append(
                Doubt(
                    at.WRONG_COUNT,
                    f"{_listed(found, taken)} stand among the columns of the tool, beside the IP address or "
                    "coordinates: taken as looked up by it and left out; if people answered them, list them",
                )
            )
        if kept:
            doubts.append(
                Doubt(
                    at.WRONG_COUNT,
                    f"{_listed(found, kept)} may be answers or looked up from the IP address beside: taken as answers; "
                    "if they are not, list them under ignore",
                )
            )
        for place in taken:
            found[place] = replace(found[place], part="ignore", detail="looked up by the tool", doubt="")
    return found, doubts


def without_copies(guesses: Sequence[Guess], blocks: Iterable[Block]) -> tuple[list[Guess], list[Doubt]]:
    """The guesses without columns that hold the choices of other columns once more, in one cell.

    Kobo, ODK and Tally write `Channels` with all choices before a column for each of them.
    """
    found, doubts = list(guesses), []
    for block in blocks:
        if block.kind != "ticks" or not block.stem:
            continue
        inside = {each.facts.column.position for each in block.members}
        for number, guess in enumerate(found):
            is_copy = words(guess.facts.column.name) == words(block.stem) and guess.part not in ("ignore", "empty")
            if not is_copy or guess.facts.column.position in inside:
                continue
            rows = [
                any(map(_is_chosen, row)) for row in zip(*(each.facts.cells for each in block.members), strict=True)
            ]
            filled = [bool(cell) for cell in guess.facts.cells]
            different = sum(one != other for one, other in zip(rows, filled, strict=True))
            shown = f"{guess.facts.column.name!r} holds the choices of its {len(inside)} columns in one cell"
            if different * 20 > len(rows):
                doubts.append(
                    Doubt(at.WRONG_COUNT, f"{shown}, by its name, and differs in {different:,} rows: keep one")
                )
                continue
            answers = zip(*(each.facts.cells for each in block.members), strict=True)
            none = sum(not is_filled and any(map(_is_no, row)) for is_filled, row in zip(filled, answers, strict=True))
            if none:
                why = f"{shown}, and is blank in {counted(none, 'row')}, which count as answered with nothing chosen"
                doubts.append(Doubt(at.WRONG_BASE, f"{why}: if they were not asked, list the joined column instead"))
            found[number] = replace(guess, part="ignore", detail="the choices of other columns in one cell", doubt="")
    return found, doubts


def _is_chosen(cell: str) -> bool:
    return bool(cell) and not _is_no(cell)


def _is_no(cell: str) -> bool:
    return bool(cell) and fold(cell) in NO


def _of_tools(guesses: Sequence[Guess]) -> list[Guess]:
    found = list(guesses)
    raw = [guess.facts.column.name.split(" / ")[0].strip().casefold() for guess in guesses]
    for tool in _TOOLS:
        if len(tool.marks & set(raw)) < tool.fewest:
            continue
        has_id = any(guess.part == "respondent_id" for guess in guesses)
        for number, (name, guess) in enumerate(zip(raw, guesses, strict=True)):
            if guess.part in {*OF_THE_RESPONSE, "personal", "empty"}:
                continue
            if name == tool.respondent_id and not has_id and len(set(guess.facts.cells)) == len(guess.facts.cells):
                found[number] = replace(guess, part="respondent_id", detail="", doubt="")
            elif name in tool.marks or tool.others.fullmatch(name):
                found[number] = replace(guess, part="ignore", detail=META_DETAIL, doubt="")
    return found


def _runs(guesses: Sequence[Guess]) -> Iterator[list[int]]:
    """Neighbours that are all about the response, with an IP address or coordinates among them."""
    run: list[int] = []
    for number, guess in enumerate([*guesses, None]):
        if guess is not None and _is_about_response(guess):
            run.append(number)
            continue
        if any(set(guesses[place].facts.names) & _ANCHORS for place in run):
            yield run
        run = []


def _is_about_response(guess: Guess) -> bool:
    names = set(guess.facts.names)
    is_meta = guess.part == "ignore" and guess.detail in (META_DETAIL, A_TIME)
    return is_meta or guess.part in OF_THE_RESPONSE | {"empty"} or bool(names & (_PLACES | _ANCHORS | META))


def _places_in(guesses: Sequence[Guess], run: Sequence[int]) -> tuple[list[int], list[int]]:
    """Places that were looked up, and those that may be: a single one at the edge may be the first or last question."""
    told = [place for place in run if set(guesses[place].facts.names) & (_PLACES | _COORDINATES)]
    asked = [place for place in told if guesses[place].part not in ("personal", "ignore", "empty")]
    if len(told) > 1 or run[0] < min(told, default=0) <= max(told, default=0) < run[-1]:
        return asked, []
    return [], asked


def _listed(guesses: Sequence[Guess], places: Sequence[int]) -> str:
    return named([guesses[place].facts.column.name for place in places])
