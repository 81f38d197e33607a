"""Which column of an analytics export holds what: by its name, and by its place where no name speaks against it.

The fields, words and orders of the exports are in `exports`. What the cells say belongs to `cells` and `counts`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.exports import KEYS, Export
from pipeline.sources.analytics.header import NamedColumns, fold
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.records import column_of
from pipeline.sources.files.tabular import Record, Sheet

# Words that look alike in many languages, and the one column whose name holds them.
TELLING_WORDS = {
    "hashtag_click_count": ("hashtag", "хештег", "хэштег", "ハッシュタグ", "해시태그"),
    "video_view_count": ("video", "vídeo", "vidéo", "видео", "動画", "비디오"),
}
ENGLISH_EXPORT = "set X to English, export it again and ingest that file unopened: tweetbench ingest FILE"


@dataclass(frozen=True)
class Layout:
    """Where a sheet keeps what: positions by field (post_id, text, ...) and by lake column (those end in _count)."""

    dialect: str
    columns: Mapping[str, int]
    notes: tuple[str, ...] = ()
    placed: frozenset[str] = frozenset()  # fields that no name tells, only their place

    def cell(self, record: Record, field: str) -> str:
        """The cell of a field as it stands; empty where the sheet has no such column."""
        position = self.columns.get(field)
        return "" if position is None else record.cells[position]

    def column(self, sheet: Sheet, field: str) -> list[str]:
        """All cells of a field; none where the sheet has no such column."""
        position = self.columns.get(field)
        return [] if position is None else column_of(sheet.records, position)


def find_layout(file: InputFile, export: Export, *, dialect: Callable[[str], str]) -> Layout:
    """Where the columns are. Names decide; the place decides for columns without a known name.

    Args:
        dialect: what to call the file, from the language of its names; `localised` where it is not known.

    Raises:
        TweetbenchError: a known name stands where another column belongs, and the other names do not tell enough.
    """
    sheet = file.sheet
    named = export.names(sheet)
    order = export.orders.get(len(sheet.header))
    placed = {position: field for position, field in enumerate(order or ()) if field}
    unnamed = placed.keys() - named.fields.keys()
    clash = _find_clash(named.fields, placed)
    if clash is None and order:
        fields = {**placed, **named.fields}
        if _is_contradicted(sheet, {position: field for position, field in placed.items() if position in unnamed}):
            fields = dict(named.fields)  # where one name without a meaning was moved, others may have been as well
    elif named.is_decisive:
        fields = dict(named.fields)
    else:
        raise _misplaced(file, clash, named, placed)
    by_place = frozenset(field for position, field in fields.items() if position not in named.fields)
    columns = {field: position for position, field in fields.items() if field not in export.left_out}
    notes = _notes(sheet, export, named, fields, by_place, is_in_order=clash is None and order is not None)
    return Layout(dialect(named.language if named.is_decisive else "localised"), columns, notes, by_place)


def _find_clash(named: Mapping[int, str], placed: Mapping[int, str]) -> tuple[int, int] | None:
    """The first column whose name belongs to another place, and that place; None where names and places agree."""
    places = {field: position for position, field in placed.items()}
    for position, field in named.items():
        expected = places.get(field)
        if expected is not None and expected != position:
            return position, expected
        if expected is None and position in placed:
            return position, position
    return None


def _is_contradicted(sheet: Sheet, by_place: Mapping[int, str]) -> bool:
    """True where a name that is not known holds a word that belongs to another column than its place."""
    for position, field in by_place.items():
        name = fold(sheet.header[position])
        if any(field != owner and any(word in name for word in words) for owner, words in TELLING_WORDS.items()):
            return True
    return False


def _misplaced(
    file: InputFile, clash: tuple[int, int] | None, named: NamedColumns, placed: Mapping[int, str]
) -> TweetbenchError:
    header = file.sheet.header
    if clash is None:
        why = f"it has {len(header)} columns, of which only {len(named.fields)} have a name that is known"
    else:
        found, expected = clash
        why = (
            f"column {found + 1} is called {header[found]!r}, which X writes as column {expected + 1}; there stands "
            f"{header[expected]!r}; the columns were moved, and too few of their names are known to follow them"
            if found != expected
            else f"column {found + 1} is called {header[found]!r}, where X writes {_plain(placed[found])}"
        )
    return TweetbenchError(
        "the columns of this export cannot be distinguished",
        where=file.shown_name,
        why=why,
        next_step=ENGLISH_EXPORT,
    )


def _notes(
    sheet: Sheet,
    export: Export,
    named: NamedColumns,
    fields: Mapping[int, str],
    by_place: Collection[str],
    *,
    is_in_order: bool,
) -> tuple[str, ...]:
    used = [field for field in export.fields if field in KEYS or field.endswith("_count")]
    used = [field for field in used if field not in export.left_out]
    notes = []
    if by_place and not named.is_decisive:
        notes.append("the column names are in no language that is known: columns were taken by their position")
    elif shown := [_plain(field) for field in used if field in by_place]:
        notes.append(f"taken by their position, their {named.language} names not being known: {', '.join(shown)}")
    unknown = [
        name or f"column {position + 1}"
        for position, name in enumerate(sheet.header)
        if position not in fields and position not in named.derived
    ]
    if unknown and not by_place:
        notes.append(f"columns kept in the payload only: {', '.join(unknown)}")
    if missing := [field for field in used if field not in fields.values()]:
        reason = "whose place is not certain" if is_in_order and by_place else "not in this file"
        notes.append(f"columns {reason}, left empty: {', '.join(missing)}")
    return tuple(notes)


def _plain(field: str) -> str:
    return field.removesuffix("_count").replace("_", " ")
