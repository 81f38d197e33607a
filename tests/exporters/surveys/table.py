"""Columns side by side: the cells of a table with the truth of each, as every tool's exporter builds them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from tests.exporters.surveys.expected import Cells, Column
from tests.exporters.surveys.world import Question, World, as_set


@dataclass
class Builder:
    """Gathers the columns of one export, in the order of the file."""

    world: World
    _columns: list[tuple[Column, tuple[str, ...], Cells]] = field(default_factory=list)

    def add(self, column: Column, *parts: object) -> None:
        """A column with its texts in the header rows and the cell of each person, in that order."""
        *heads, cells = parts
        assert callable(cells)
        self._columns.append((column, tuple(str(head) for head in heads), cells))

    def time(
        self,
        kind: str,
        name: str,
        heads: tuple[str, ...],
        render: Callable[[datetime], object],
        *,
        zone: tzinfo = UTC,
        step: int = 1,
        is_printed: bool = False,
        tells_offset: bool = False,
    ) -> None:
        """A column of times as the tool prints them in a zone, to so many seconds.

        `is_printed`: nothing in the file names the zone, so that the printed time is all that can be known.
        """
        moments = [_cut_to(getattr(person, kind), step) for person in self.world.persons]
        local = [moment.astimezone(zone) for moment in moments]
        times, also = moments, []
        if is_printed:
            times = [each.replace(tzinfo=UTC) for each in local]
        elif not tells_offset:
            also = [each.replace(fold=fold).astimezone(UTC) for each in local for fold in (0, 1)]
        self.add(Column(kind, name, times=tuple(times), also=tuple(also)), *heads, lambda at: render(local[at]))

    def columns(self) -> tuple[Column, ...]:
        """The truth of each column."""
        return tuple(column for column, _, _ in self._columns)

    def rows(self, header_rows: int) -> list[list[object]]:
        """Header rows, then one row for each person."""
        header: list[list[object]] = [[heads[row] for _, heads, _ in self._columns] for row in range(header_rows)]
        body = [[cells(at) for _, _, cells in self._columns] for at in range(len(self.world.persons))]
        return [*header, *body]

    def chosen(self, question: Question, texts: tuple[str, ...], *, other: str = "", blank: str = "") -> Cells:
        """The option of each person; `other` where the person typed one, `blank` where there is no answer."""

        def cell(at: int) -> str:
            answer = question.answers[at]
            if isinstance(answer, int):
                return texts[answer]
            return other if question.typed[at] is not None else blank

        return cell

    def ticked(self, question: Question, option: int, text: str, *, no: str = "", blank: str = "") -> Cells:
        """A tick, a no where the person saw the question and did not choose the option, else a blank."""

        def cell(at: int) -> str:
            if option in as_set(question.answers[at]):
                return text
            return no if question.answers[at] is not None else blank

        return cell

    def number(self, question: Question, mark: str = ".") -> Cells:
        """The number that each person gave."""
        return lambda at: written(question.answers[at], question.decimals, mark)

    def text(self, question: Question) -> Cells:
        """What each person wrote in answer to an open question."""
        return lambda at: str(question.answers[at] or "")

    def typed(self, question: Question) -> Cells:
        """What each person wrote next to the options."""
        return lambda at: question.typed[at] or ""


def written(value: object, decimals: int, mark: str = ".") -> str:
    """A number as a form stores it: as many decimals as were typed."""
    if not isinstance(value, int | float):
        return ""
    text = f"{value:.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", mark)


def strftime(form: str) -> Callable[[datetime], object]:
    """Printing by a pattern of the standard library."""
    return lambda moment: moment.strftime(form)


def us_time(moment: datetime) -> str:
    """`4/5/2026 21:03:09`, as American programs print it."""
    return f"{moment.month}/{moment.day}/{moment.year} {moment:%H:%M:%S}"


def _cut_to(moment: datetime, step: int) -> datetime:
    return moment - timedelta(seconds=moment.second % step)
