"""Columns that a tool writes about a response: taken out by what stands around them, where names alone do not tell.

`Country` and `City` are questions in one survey and looked up from the IP address in another: next to an IP address or
coordinates, among other columns of the tool, they are no answers. Either way the draft says what was decided.
Points, feedback and seconds of a question are no questions either.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.sources.files.personal_data import IP
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.column_kinds import A_TIME, META_DETAIL, Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.words import META

OF_THE_RESPONSE = {"respondent_id", "started_at", "submitted_at", "complete"}
_PLACES = {
    *("country", "country code", "country name", "city", "region", "state", "state region", "state province"),
    *("province", "location", "time zone", "timezone", "land", "stadt", "ort", "bundesland", "pays", "ville", "país"),
    *("ciudad", "paese", "città", "cidade", "estado", "postal", "postal code", "zip", "zip code", "plz"),
}
_COORDINATES = {"latitude", "longitude", "lat", "lng", "lon", "location latitude", "location longitude"}
_ANCHORS = _COORDINATES | {"ip", "ip address", "ipaddress", "ip adresse", "submission ip", "user ip", "user agent"}
# What quizzes and timings write next to a question: `Points - Q`, `Q [Score]`, `Q01Time`.
_OF_QUESTION = re.compile(
    r"^(?:points|feedback|punkte|puntos|punti|pontos|punten) - (.+)$|^(.+) \[(?:score|feedback)\]$|"
    r"^([A-Za-z]+\d+)Time$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Tool:
    """A tool with names that only it gives its columns, and others that are its own besides those."""

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
    found = _of_tools(_of_questions(guesses))
    doubts = []
    for run in _runs(found):
        taken, kept = _places_in(found, run)
        if taken:
            doubts.append(
                Doubt(
                    at.WRONG_COUNT,
                    f"{_listed(found, taken)} are among the columns of the tool, next to the IP address or "
                    "coordinates: taken as derived from it and left out; if people answered them, list them",
                )
            )
        if kept:
            doubts.append(
                Doubt(
                    at.WRONG_COUNT,
                    f"{_listed(found, kept)} may be answers or derived from the adjacent IP address: taken as answers; "
                    "if they are not, list them under ignore",
                )
            )
        for place in taken:
            found[place] = replace(found[place], part="ignore", detail="looked up by the tool", doubt="")
    return found, doubts


def _of_questions(guesses: Sequence[Guess]) -> list[Guess]:
    """The guesses without points, feedback and seconds of a question that is in the same file."""
    names = [guess.facts.column.name for guess in guesses]
    questions = {*names, *(name.partition("[")[0] for name in names)}
    matches = [_OF_QUESTION.match(name) for name in names]
    return [
        replace(guess, part="ignore", detail="points or seconds of a question", doubt="")
        if match and next(filter(None, match.groups())) in questions
        else guess
        for guess, match in zip(guesses, matches, strict=True)
    ]


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
        if any(_is_anchor(guesses[place]) for place in run):
            yield run
        run = []


def _is_anchor(guess: Guess) -> bool:
    """An IP address, coordinates or a browser: by the name, or by cells that hold such."""
    return bool(set(guess.facts.names) & _ANCHORS) or (guess.part == "personal" and guess.detail in (IP, "location"))


def _is_about_response(guess: Guess) -> bool:
    names = set(guess.facts.names)
    is_meta = guess.part == "ignore" and guess.detail in (META_DETAIL, A_TIME)
    return is_meta or guess.part in OF_THE_RESPONSE | {"empty"} or _is_anchor(guess) or bool(names & (_PLACES | META))


def _places_in(guesses: Sequence[Guess], run: Sequence[int]) -> tuple[list[int], list[int]]:
    """Places that were looked up, and those that may be: a single one at the edge may be the first or last question."""
    looked_up = [place for place in run if set(guesses[place].facts.names) & (_PLACES | _COORDINATES)]
    asked = [place for place in looked_up if guesses[place].part not in ("personal", "ignore", "empty")]
    if len(looked_up) > 1 or run[0] < min(looked_up, default=0) <= max(looked_up, default=0) < run[-1]:
        return asked, []
    return [], asked


def _listed(guesses: Sequence[Guess], places: Sequence[int]) -> str:
    return named([guesses[place].facts.column.name for place in places])
