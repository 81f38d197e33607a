"""What people do to a survey's export before they hand it on: weights next to it, numbers before it, a workbook."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.world import World

ROW_NUMBERS, WEIGHT = "row numbers", "weight column"


def handle(export: Export, world: World, rng: Random) -> Export:
    """The export as it lies on the desk, its truth with it."""
    if export.form == "sav":
        return export
    if rng.random() < 0.2:
        export = _weigh(export, world, rng)
    if rng.random() < 0.07:
        numbers: list[object] = [*[""] * export.header_rows, *map(str, range(1, len(world.persons) + 1))]
        rows = [[number, *row] for number, row in zip(numbers, export.rows, strict=True)]
        export = _add(export, ROW_NUMBERS, rows, (Column("leave", ""), *export.columns))
    if rng.random() < 0.1:
        export = _add(export, "line break in a wording", _break(export, rng), export.columns)
    if export.form == "csv" and rng.random() < 0.1:
        export = replace(export, form="xlsx", hazards=(*export.hazards, "saved as workbook"))
    return export


def _weigh(export: Export, world: World, rng: Random) -> Export:
    """A last column of weights in the numbers of one locale; three decimals may be taken for thousands."""
    mark, decimals = rng.choice([".", ","]), rng.choice([2, 3, 3, 6])
    weights = [round(person.weight, decimals) for person in world.persons]
    name = rng.choice(["weight", "Weight", "Gewicht", "wgt"])
    heads = [name, name if export.header_rows == 3 else "", f'{{"ImportId":"{name}"}}'][: export.header_rows]
    cells: list[object] = [*heads, *(f"{weight:.{decimals}f}".replace(".", mark) for weight in weights)]
    rows = [[*row, cell] for row, cell in zip(export.rows, cells, strict=True)]
    column = Column("weight", name, values=tuple(sorted(weights)))
    return _add(export, f"{WEIGHT} {mark}", rows, (*export.columns, column))


def _break(export: Export, rng: Random) -> list[list[object]]:
    """One wording with a line break in it, as it is where the form had one."""
    rows = [list(row) for row in export.rows]
    places = [
        (row, at)
        for row in range(export.header_rows)
        for at, cell in enumerate(rows[row])
        if export.columns[at].question is not None and str(cell).count(" ") > 2 and not str(cell).startswith("{")
    ]
    if places:
        row, at = rng.choice(places)
        rows[row][at] = str(rows[row][at]).replace(" ", "\n", 1)
    return rows


def _add(export: Export, hazard: str, rows: Sequence[Sequence[object]], columns: tuple[Column, ...]) -> Export:
    return replace(export, rows=[list(row) for row in rows], columns=columns, hazards=(*export.hazards, hazard))
