"""SPSS files: codes with value labels or without, options as dichotomies, answers that are declared as missing."""

from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

import pandas
import pyreadstat

from tests.exporters.surveys.expected import Column, Export, choice, numbers, tick, typed
from tests.exporters.surveys.world import Question, World, as_set

TOOL = "SPSS"
REFUSED = 99.0
TICKS = ((1.0, "Yes", 0.0, "No"), (1.0, "Quoted", 0.0, "Not quoted"), (1.0, "Ja", 0.0, "Nein"), (1.0, "Yes", 2.0, "No"))


def export(world: World, rng: Random) -> Export:
    """The columns of a file with what SPSS knows about each."""
    writer = _Writer(world, rng, has_labels=rng.random() < 0.75, has_missing=rng.random() < 0.5)
    writer.add(
        "respid", "Respondent", [float(1_000 + 3 * person.number) for person in world.persons], Column("id", "respid")
    )
    for name, kind in (("starttime", "started"), ("endtime", "submitted")) if rng.random() < 0.7 else ():
        times = tuple(getattr(person, kind) for person in world.persons)
        writer.add(
            name, name, [each.astimezone(UTC).replace(tzinfo=None) for each in times], Column(kind, name, times=times)
        )
    if rng.random() < 0.5:
        weights = [person.weight for person in world.persons]
        writer.add("weight", "Weight", weights, Column("weight", "weight", values=tuple(sorted(weights))))
    number, items, grid = 0, 0, ""
    for at, question in enumerate(world.questions):
        if question.grid and question.grid == grid:
            items += 1
        else:
            number, items, grid = number + 1, 1, question.grid
        writer.question(at, question, f"q{number}" + (f"_{items}" if grid else ""))
    hazards = ["value labels" if writer.has_labels else "no labels", *(["user-missing"] if writer.is_refused else [])]
    extras = {"data": writer.data, "keywords": writer.keywords()}
    columns = tuple(writer.columns)
    return Export(TOOL, [], columns, len(world.persons), world.typed_texts, tuple(hazards), form="sav", extras=extras)


def write(export_: Export, path: Path) -> Path:
    """The file of an export."""
    data: dict[str, list[Any]] = export_.extras["data"]  # type: ignore[assignment]
    keywords: dict[str, Any] = export_.extras["keywords"]  # type: ignore[assignment]
    pyreadstat.write_sav(pandas.DataFrame(data), str(path), **keywords)
    return path


class _Writer:
    """Gathers variables with their labels, missing values and measures."""

    def __init__(self, world: World, rng: Random, *, has_labels: bool, has_missing: bool) -> None:
        self._world, self._rng = world, rng
        self.has_labels, self._has_missing, self.is_refused = has_labels, has_missing, False
        self.data: dict[str, list[Any]] = {}
        self.columns: list[Column] = []
        self._labels: dict[str, str] = {}
        self._value_labels: dict[str, dict[float, str]] = {}
        self._missing: dict[str, list[float]] = {}
        self._measures: dict[str, str] = {}
        self._tick = rng.choice(TICKS)

    def keywords(self) -> dict[str, Any]:
        """What the writing library asks for besides the data."""
        return {
            "column_labels": self._labels,
            "variable_value_labels": self._value_labels,
            "missing_ranges": self._missing,
            "variable_measure": self._measures,
        }

    def add(self, name: str, label: str, cells: list[Any], column: Column) -> None:
        self.data[name], self._labels[name] = cells, label
        self.columns.append(column)

    def question(self, at: int, question: Question, name: str) -> None:
        label = f"{question.grid}: {question.wording}" if question.grid else question.wording
        if question.kind == "multi":
            self._dichotomies(at, question, name)
        elif question.kind == "number":
            self.add(name, label, list(question.answers), numbers(at, name, question))
        elif question.kind == "text":
            self.add(name, label, [answer or "" for answer in question.answers], typed(name, at))
        else:
            self._codes(at, question, name, label)
        if question.has_other:
            cells = [text or "" for text in question.typed]
            self.add(f"{name}_other", f"{question.wording}: other, please specify", cells, typed(f"{name}_other", at))

    def _codes(self, at: int, question: Question, name: str, label: str) -> None:
        """One choice as a code; a refusal may be a declared missing value, which is no answer."""
        is_yes_no = question.kind == "yes_no"
        options = (self._tick[1], self._tick[3]) if is_yes_no else question.options
        codes = (self._tick[0], self._tick[2]) if is_yes_no else tuple(float(n) for n in range(1, len(options) + 1))
        other = float(len(options) + 1)
        cells: list[float | None] = []
        for answer, text in zip(question.answers, question.typed, strict=True):
            cells.append(codes[answer] if isinstance(answer, int) else other if text is not None else None)
        labels = {**dict(zip(codes, options, strict=True)), **({other: "Other"} if question.has_other else {})}
        if self._has_missing and None in cells:
            cells = [REFUSED if cell is None and self._rng.random() < 0.6 else cell for cell in cells]
            self._missing[name], self.is_refused = [REFUSED], True
            labels[REFUSED] = "Refused"
        if self.has_labels:
            self._value_labels[name] = labels
        texts = options if self.has_labels else tuple(f"{code:g}" for code in codes)
        is_scale = question.kind == "scale"
        self._measures[name] = "ordinal" if is_scale else "nominal"
        column = choice(
            at, name, question, texts, other="Other" if self.has_labels else f"{other:g}", is_scale=is_scale
        )
        self.add(name, label, cells, column)

    def _dichotomies(self, at: int, question: Question, name: str) -> None:
        yes, yes_text, no, no_text = self._tick
        for option, text in enumerate(question.options):
            cells = [None if a is None else yes if option in as_set(a) else no for a in question.answers]
            column_name = f"{name}_{option + 1}"
            if self.has_labels:
                self._value_labels[column_name] = {yes: yes_text, no: no_text}
            self._measures[column_name] = "nominal"
            shown = yes_text if self.has_labels else f"{yes:g}"
            base = sum(answer is not None for answer in question.answers)
            column = tick(at, column_name, question, option, shown, base=base)
            self.add(column_name, f"{question.wording}: {text}", cells, column)
