"""LimeSurvey's exports: headings by code, by text or both; answers as codes or in full; `[SQ001]` for the options.

An option that was shown and not ticked is `N` (old versions) or blank as a code and `No` in full; one that was not
shown is blank or, in full, `N/A`, and so is a question of yes or no without an answer.
What people type next to the options is a column of its own, `[other]`. Numbers of old versions come with ten decimals.
"""

from random import Random

from tests.exporters.surveys import expected
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.table import Builder, strftime, written
from tests.exporters.surveys.world import Question, World

TOOL = "LimeSurvey"
STAMP = strftime("%Y-%m-%d %H:%M:%S")
YES_NO = (("Yes", "No", "Other"), ("Ja", "Nein", "Sonstiges"), ("Oui", "Non", "Autre"))


def export(world: World, rng: Random) -> Export:
    """The table with one of the tool's headings and kinds of answers."""
    heading = rng.choice(["code", "full", "both"])
    is_coded = rng.random() < 0.5
    writer = _Writer(Builder(world), heading, is_coded, rng.random() < 0.5, rng.choice(YES_NO))
    build = writer.build
    submitted = {at: person.is_complete for at, person in enumerate(world.persons)}
    writer.meta("id", "id", "Response ID", lambda at: str(world.persons[at].number + 3))
    moments = tuple(person.submitted.replace(microsecond=0) for person in world.persons if person.is_complete)
    cells = lambda at: STAMP(world.persons[at].submitted) if submitted[at] else ""  # noqa: E731
    writer.meta("submitted", "submitdate", "Date submitted", cells, moments)
    writer.meta("leave", "lastpage", "Last page", lambda _: "3")
    writer.meta("leave", "startlanguage", "Start language", lambda _: "en")
    writer.meta("leave", "seed", "Seed", lambda at: str(99_991 * (world.persons[at].number + 16)))
    if rng.random() < 0.6:
        started = tuple(person.started for person in world.persons)
        writer.meta("started", "startdate", "Date started", lambda at: STAMP(world.persons[at].started), started)
        last = tuple(person.submitted for person in world.persons)
        writer.meta("leave", "datestamp", "Date last action", lambda at: STAMP(world.persons[at].submitted), last)
        writer.meta("personal", "ipaddr", "IP address", lambda at: f"203.0.113.{world.persons[at].number}")
    number, items, grid = 0, 0, ""
    for at, question in enumerate(world.questions):
        if question.grid and question.grid == grid:
            items += 1
        else:
            number, items, grid = number + 1, 1, question.grid
        writer.question(at, question, f"G01Q{number:02}", items)
    hazards = (f"heading {heading}", "answer codes" if is_coded else "answers in full")
    return Export(TOOL, build.rows(1), build.columns(), len(world.persons), world.typed_texts, hazards)


class _Writer:
    """Adds columns in one of the tool's styles."""

    def __init__(self, build: Builder, heading: str, is_coded: bool, is_old: bool, words: tuple[str, str, str]) -> None:
        self.build, self._heading, self._is_coded = build, heading, is_coded
        self._yes, self._no, self._other = ("Y", "N" if is_old else "", "-oth-") if is_coded else words
        self._is_old, self._blank = is_old, "" if is_coded else "N/A"
        self._no_of_question = "N" if is_coded else words[1]
        self._other_name = words[2]

    def meta(self, kind: str, code: str, name: str, cells: expected.Cells, times: tuple = ()) -> None:
        text = {"code": code, "full": name, "both": f"{code}. {name}"}[self._heading]
        self.build.add(Column(kind, text, times=times), text, cells)

    def _name(self, code: str, wording: str, sub_code: str = "", sub_text: str = "") -> str:
        codes = f"{code}[{sub_code}]" if sub_code else code
        words = f"{wording} [{sub_text}]" if sub_text else wording
        return {"code": codes, "full": words, "both": f"{codes}. {words}"}[self._heading]

    def question(self, at: int, question: Question, code: str, item: int) -> None:
        build, wording = self.build, question.wording
        if question.kind == "multi":
            for option, text in enumerate(question.options):
                name = self._name(code, wording, f"SQ{option + 1:03}", text)
                build.add(
                    expected.tick(at, name, question, option, self._yes, base=self._base(question)),
                    name,
                    build.ticked(question, option, self._yes, no=self._no, blank=self._blank),
                )
        elif question.kind == "number":
            name = self._name(code, wording)
            build.add(expected.numbers(at, name, question), name, self._number(question))
        elif question.kind == "text":
            name = self._name(code, wording)
            build.add(expected.typed(name, at), name, build.text(question))
        else:
            name = (
                self._name(code, question.grid, f"SQ{item:03}", wording) if question.grid else self._name(code, wording)
            )
            texts = self._texts(question)
            is_scale = question.kind == "scale"
            column = expected.choice(at, name, question, texts, other=self._other, is_scale=is_scale)
            blank = self._blank if question.kind == "yes_no" else ""
            build.add(column, name, build.chosen(question, texts, other=self._other, blank=blank))
        if question.has_other:
            name = self._name(code, wording, "other", self._other_name)
            column = expected.typed(name, at)
            if question.kind == "multi":
                column = expected.other(name, at, question, base=self._base(question))
            build.add(column, name, build.typed(question))

    def _base(self, question: Question) -> int:
        """A no is an answer; where the tool leaves blanks, only a tick is."""
        return question.seen_count if self._no else question.base

    def _texts(self, question: Question) -> tuple[str, ...]:
        if question.kind == "yes_no":
            return (self._yes, self._no_of_question)
        return tuple(f"AO{n:02}" for n in range(1, len(question.options) + 1)) if self._is_coded else question.options

    def _number(self, question: Question) -> expected.Cells:
        def cell(at: int) -> str:
            value = question.answers[at]
            if not (self._is_coded and self._is_old) or not isinstance(value, float | int):
                return written(value, question.decimals)
            return f"{value:.10f}"

        return cell
