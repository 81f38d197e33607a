"""Compares what was read of a survey with what is true of it, column by column."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.exporters.surveys.expected import OTHER, Column, Export
from tests.exporters.surveys.reading import Figure, Survey
from tests.exporters.verdict import DOUBTED, RIGHT, WRONG

SEGMENT_WORDS = {"businesses": "b2b", "consumers": "b2c"}


def judge(export: Export, survey: Survey) -> tuple[str, tuple[str, ...]]:
    """The outcome, and each difference with its column; those that a doubt names begin with `~`."""
    words = _fold(survey.words)
    columns_of: dict[str, list[str]] = {}
    for position, figures in survey.figures.items():
        for figure in figures:
            columns_of.setdefault(figure.question_id, []).append(export.columns[position].name)
    wrong, doubted = [], []
    for position, problem in _differences(export, survey):
        name = export.columns[position].name if position is not None else ""
        ids = [figure.question_id for figure in survey.figures.get(position, ())] if position is not None else []
        # A doubt names a column by any of its headers, and a question by its first and last columns.
        heads = [str(row[position]) for row in export.rows[: export.header_rows]] if position is not None else []
        names = [name, *heads, *ids, *(each for question_id in ids for each in columns_of[question_id])]
        known = "(named)" in problem or any(_is_named(each, words) for each in names)
        (doubted if known else wrong).append(f"{'~ ' * known}{name}: {problem}")
    outcome = WRONG if wrong else DOUBTED if doubted else RIGHT
    return outcome, (*wrong, *doubted)


def _differences(export: Export, survey: Survey) -> Iterator[tuple[int | None, str]]:
    """Position of a column, None for the file, and what is different."""
    if survey.respondent_count != export.respondent_count:
        yield None, f"{survey.respondent_count} respondents, right {export.respondent_count}"
    for position, column in enumerate(export.columns):
        for problem in _of_column(survey, position, column, survey.figures.get(position, [])):
            yield position, problem
    for text in sorted(export.typed_texts):
        if text in survey.stored:
            yield None, f"typed text is stored: {text!r}"
            break


def _is_named(name: str, words: str) -> bool:
    """True if a doubt names the column, by its first words where it is long."""
    start = _fold(name)[:40]
    return (
        len(start) > 1
        and re.search(rf"(?<!\w){re.escape(start)}(?!\w)" if len(start) < 40 else re.escape(start), words) is not None
    )


def _of_column(survey: Survey, position: int, column: Column, figures: list[Figure]) -> Iterator[str]:
    kind = column.kind
    if kind in ("started", "submitted"):
        yield from _times(column, survey)
    elif kind == "weight":
        if survey.weights and not _close(survey.weights, column.values):
            yield f"weights {survey.weights[:3]}..., right {column.values[:3]}..."
        elif not survey.weights and position not in survey.dropped and not figures:
            yield "the weight is not read and not named"
    elif kind == "number" and figures:
        yield from (problem for figure in figures if (problem := _number(column, figure)))
    elif kind == "choice" and figures:
        yield from (problem for figure in figures if (problem := _choice(column, figure)))
    elif kind in ("tick", "other") and figures:
        yield from (problem for figure in figures if (problem := _tick(column, figure)))
    elif kind == "joined" and figures:
        yield from (problem for figure in figures if (problem := _joined(column, figure)))
    elif kind == "personal" and figures:
        yield f"personal column is read as {figures[0].kind}"
    if kind in ("number", "choice", "tick", "joined") and not figures and _holds_anything(column):
        yield f"not read (named) as {survey.dropped[position]}" if position in survey.dropped else "not read"


def _holds_anything(column: Column) -> bool:
    return bool(column.values or column.base)


def _times(column: Column, survey: Survey) -> Iterator[str]:
    read = survey.times[column.kind]
    right = tuple(sorted(column.times))
    if not read:
        yield "no time is read (named)"  # the reading says that answers are stamped with the time of reading
    elif len(read) != len(right):
        yield f"{len(read)} times, right {len(right)}"
    elif any(abs((one - other).total_seconds()) > 59 for one, other in zip(read, right, strict=True)):
        allowed = {*column.times, *column.also}
        strange = [each for each in read if not any(abs((each - one).total_seconds()) < 60 for one in allowed)]
        if strange:
            yield f"time {strange[0]}, right {right[read.index(strange[0])]}"


def _number(column: Column, figure: Figure) -> str | None:
    values = figure.values
    if figure.kind == "choice":
        values = tuple(sorted(_numbers(figure)))
    return None if _close(values, column.values) else f"values {values[:4]}..., right {column.values[:4]}..."


def _numbers(figure: Figure) -> list[float]:
    """The numbers that options stand for."""
    try:
        return [float(text.replace(",", ".")) for text, count in figure.counts.items() for _ in range(count)]
    except ValueError:
        return []


def _close(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return len(one) == len(other) and all(abs(a - b) < 1e-6 * max(1, abs(b)) for a, b in zip(one, other, strict=True))


def _choice(column: Column, figure: Figure) -> str | None:
    right = {_label(text): count for text, count in column.counts.items() if count}
    if figure.kind == "number":
        if not column.order and not _are_numbers(column):
            return "codes of choices are read as numbers"
        return None if _close(figure.values, tuple(sorted(_expand(column)))) else f"values {figure.values[:4]}"
    if figure.kind == "tick":
        return _yes(column, figure)
    read = {_label(text): count for text, count in figure.counts.items() if count}
    if figure.base != column.base or read != right:
        return f"{_shown(read)} of {figure.base}, right {_shown(right)} of {column.base}"
    return _order(column, figure)


def _label(text: str) -> str:
    plain = _fold(text)
    return SEGMENT_WORDS.get(plain, plain)


def _are_numbers(column: Column) -> bool:
    return {_fold(text) for text in column.counts} <= {"1", "0", OTHER}


def _expand(column: Column) -> Iterator[float]:
    for text, count in column.counts.items():
        try:
            yield from [float(text)] * count
        except ValueError:
            return


def _yes(column: Column, figure: Figure) -> str | None:
    """A question of yes or no as a tick: the first text is the yes."""
    first = next(iter(column.counts))
    (chosen,) = figure.counts.values()
    if len(column.counts) == 2 and (chosen, figure.base) == (column.counts[first], column.base):
        return None
    return f"as a tick {chosen} of {figure.base}, right {dict(column.counts)} of {column.base}"


def _order(column: Column, figure: Figure) -> str | None:
    """Positions must rise in the question's order; where every answer was given, they are its places."""
    if not column.order or not figure.positions:
        return None if not figure.positions else f"positions without an order: {dict(figure.positions)}"
    places = {_fold(text): place for text, place in figure.positions.items()}
    ordered = [places[_fold(text)] for text in column.order if _fold(text) in places]
    if ordered != sorted(ordered) or len(set(ordered)) != len(ordered):
        return f"scale in the order {dict(figure.positions)}, right {column.order}"
    if len(ordered) == len(column.order) and ordered != list(range(1, len(ordered) + 1)):
        return f"positions {ordered} of {column.order}"
    return None


def _tick(column: Column, figure: Figure) -> str | None:
    if figure.kind == "tick":
        (chosen,), base = figure.counts.values(), figure.base
    elif figure.kind == "choice":
        chosen = {_fold(text): count for text, count in figure.counts.items()}.get(_fold(column.text), 0)
        base = figure.base
    else:
        return f"a tick is read as {figure.kind}"
    if (chosen, base) == (column.chosen, column.base):
        return None
    return f"{chosen} of {base}, right {column.chosen} of {column.base}"


def _joined(column: Column, figure: Figure) -> str | None:
    right = {_fold(text): count for text, count in column.counts.items() if count}
    read = {_fold(text): count for text, count in figure.counts.items() if count}
    if figure.base == column.base and read == right:
        return None
    differing = {text: (read.get(text), right.get(text)) for text in read | right if read.get(text) != right.get(text)}
    shown = dict(list(differing.items())[:4])
    return f"as {figure.kind} {shown} (read, right) of {figure.base}, right {column.base}"


def _shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{text[:24]} {count}" for text, count in Counter(counts).most_common(6))


def _fold(text: str) -> str:
    return " ".join(str(text).casefold().replace("\u2019", "'").split())
