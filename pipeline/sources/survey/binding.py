"""A mapping put on a file: which column is what, and which columns nobody asked for.

Reads headers only; turning cells into answers belongs to `answer_rows`.
"""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import tidy
from pipeline.sources.files.personal_data import mask
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.survey.mapping import SurveyMapping
from pipeline.sources.survey.mapping_parts import Question, Segment

DROPPED = ("personal", "free_text", "ignore")


@dataclass(frozen=True)
class BoundQuestion:
    """A question of the mapping with its columns; the questions of a grid are bound one by one."""

    question_id: str
    text: str
    rules: Question
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    not_answered: tuple[str, ...] = ()  # what the mapping and the file declare as no answer


@dataclass(frozen=True)
class BoundSegment:
    """A segment dimension of the mapping with its column, or its columns with a label each."""

    dimension: str
    rules: Segment
    columns: tuple[Column, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Binding:
    """Every column of a file with its part in the survey."""

    mapping: SurveyMapping
    mapping_name: str
    single: dict[str, Column]  # respondent_id, started_at, submitted_at, weight, complete: those that are mapped
    segments: tuple[BoundSegment, ...]
    questions: tuple[BoundQuestion, ...]
    dropped: dict[str, tuple[Column, ...]]
    unmapped: tuple[Column, ...]

    def content(self) -> list[Column]:
        """The columns whose cells are stored in one form or another, by name."""
        found = {column.name: column for name, column in self.single.items() if name != "respondent_id"}
        found |= {column.name: column for segment in self.segments for column in segment.columns}
        found |= {column.name: column for question in self.questions for column in question.columns}
        return [found[name] for name in sorted(found)]


def bind(mapping: SurveyMapping, mapping_name: str, layout: Layout) -> Binding:
    """Every column's part in the survey.

    Raises:
        TweetbenchError: a column that the mapping names is missing, or is both used and declared as not to be stored.
    """
    _refuse_missing(mapping, mapping_name, layout)

    def column(name: str) -> Column:
        found = layout.find(name)
        if found is None:
            raise AssertionError("missing columns were refused above")
        return found

    named = {key: getattr(mapping, key) for key in ("respondent_id", "started_at", "submitted_at", "weight")}
    named["complete"] = mapping.complete and mapping.complete.column
    for number, rule in enumerate(mapping.quality.eligible, start=1):
        named[f"eligible_{number}"] = rule.column
    binding = Binding(
        mapping,
        mapping_name,
        {key: column(name) for key, name in named.items() if name},
        tuple(_bound_segment(name, segment, column, mapping_name) for name, segment in mapping.segments.items()),
        tuple(
            bound
            for name, question in mapping.questions.items()
            for bound in _bound(name, question, column, mapping_name, layout)
        ),
        {},
        (),
    )
    used = {each.position: each.name for each in [*binding.content(), *binding.single.values()]}
    dropped = {key: listed_columns(getattr(mapping, key), layout, set(used)) for key in DROPPED}
    for key, columns in dropped.items():
        clash = next((each for each in columns if each in binding.content()), None)
        if clash:
            raise TweetbenchError(
                f"the column {mask(clash.name)!r} is listed under {key} and used by the survey as well",
                where=mapping_name,
                next_step=f"remove it from {key} or from the question or segment that uses it",
            )
    known = set(used) | {each.position for columns in dropped.values() for each in columns}
    unmapped = tuple(each for each in layout.columns if each.position not in known)
    return Binding(
        mapping,
        mapping_name,
        binding.single,
        binding.segments,
        binding.questions,
        dropped,
        _not_empty(unmapped, layout),
    )


def named_columns(mapping: SurveyMapping) -> Iterator[tuple[str, str]]:
    """Every column that a mapping names, with the path of the field that names it."""
    for key in ("respondent_id", "started_at", "submitted_at", "weight"):
        if getattr(mapping, key):
            yield key, getattr(mapping, key)
    if mapping.complete:
        yield "complete.column", mapping.complete.column
    for number, rule in enumerate(mapping.quality.eligible):
        yield f"quality.eligible.{number}.column", rule.column
    for name, segment in mapping.segments.items():
        for column in (segment.column,) if segment.column else tuple(segment.columns or ()):
            yield f"segments.{name}.{'column' if segment.column else 'columns'}", column
    for name, question in mapping.questions.items():
        key = "column" if question.column else "one_of" if question.one_of else "columns"
        for column in (question.column,) if question.column else tuple(getattr(question, key)):
            yield f"questions.{name}.{key}", column
    for key in (*DROPPED, "not_personal"):
        yield from ((key, column) for column in getattr(mapping, key))


def _refuse_missing(mapping: SurveyMapping, mapping_name: str, layout: Layout) -> None:
    missing = [
        (path, name)
        for path, name in named_columns(mapping)
        if layout.find(name) is None and not ("*" in name and path in (*DROPPED, "not_personal"))
    ]
    if not missing:
        return
    path, name = missing[0]
    close = difflib.get_close_matches(tidy(name), [column.name for column in layout.columns], n=1, cutoff=0.4)
    others = ", ".join(repr(other) for _, other in missing[1:6])
    raise TweetbenchError(
        f"{path} names the column {name!r}, which the file does not have",
        where=mapping_name,
        why=f"{len(missing) - 1:,} more columns are missing: {others}" if others else "",
        next_step=(f"the closest column is {mask(close[0])!r}: " if close else "")
        + f"correct {path} in {mapping_name}, then run: tweetbench ingest FILE --check",
    )


def _bound(
    name: str, question: Question, column: Callable[[str], Column], mapping_name: str, layout: Layout
) -> Iterator[BoundQuestion]:
    def missing(columns: Sequence[Column]) -> tuple[str, ...]:
        return (*question.not_answered, *(text for each in columns for text in layout.missing_texts(each)))

    if question.column:
        only = (column(question.column),)
        yield BoundQuestion(name, question.text, question, only, ("",), missing(only))
        return
    key = "one_of" if question.one_of else "columns"
    columns, labels = _labelled(getattr(question, key), column, f"questions.{name}.{key}", mapping_name)
    if question.option_columns:
        yield BoundQuestion(name, question.text, question, columns, labels, missing(columns))
        return
    for number, (each, label) in enumerate(zip(columns, labels, strict=True), start=1):
        text = f"{question.text}: {label}"
        yield BoundQuestion(f"{name}_{number}", text, question, (each,), ("",), missing((each,)))


def _bound_segment(name: str, segment: Segment, column: Callable[[str], Column], mapping_name: str) -> BoundSegment:
    if segment.column:
        return BoundSegment(name, segment, (column(segment.column),), ("",))
    return BoundSegment(
        name, segment, *_labelled(segment.columns or {}, column, f"segments.{name}.columns", mapping_name)
    )


def _labelled(
    named: Mapping[str, str], column: Callable[[str], Column], path: str, mapping_name: str
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of a list and the label of each.

    Raises:
        TweetbenchError: a column or a label occurs twice.
    """
    columns = tuple(column(text) for text in named)
    labels = tuple(given or found.label for given, found in zip(named.values(), columns, strict=True))
    twice = [label for label, times in Counter(labels).items() if times > 1]
    if twice or len(set(columns)) < len(columns):
        raise TweetbenchError(
            f"{path} has " + (f"the label {twice[0]!r} twice" if twice else "a column twice"),
            where=mapping_name,
            why="a respondent would give two answers for one option",
            next_step="write {column: option} with a different option for each column",
        )
    return columns, labels


def listed_columns(names: Sequence[str], layout: Layout, used: set[int]) -> tuple[Column, ...]:
    """The columns of a list; a pattern takes no column that is used elsewhere."""
    found: dict[int, Column] = {}
    for name in names:
        exact = layout.find(name)
        if exact:
            found[exact.position] = exact
            continue
        pattern = re.compile(re.escape(tidy(name)).replace(r"\*", ".*"))
        matching = (each for each in layout.columns if pattern.fullmatch(each.name) and each.position not in used)
        found |= {each.position: each for each in matching}
    return tuple(found[position] for position in sorted(found))


def _not_empty(columns: tuple[Column, ...], layout: Layout) -> tuple[Column, ...]:
    """Without nameless columns that hold nothing: the mark of a trailing comma."""
    return tuple(
        each
        for each in columns
        if any(layout.parts[each.position]) or any(cell.strip() for cell in layout.cells(each, layout.records))
    )
