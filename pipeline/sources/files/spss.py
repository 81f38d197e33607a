"""SPSS files (.sav, .zsav) as tables of text cells: value labels for codes, variable labels, declared missing values.

Knows nothing about what the variables mean to a survey.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.files.records import RecordStore
from pipeline.sources.files.sheet import Flag, Sheet
from pipeline.sources.files.tabular import MAX_COLUMNS
from pipeline.sources.files.workbook import as_text

SPSS_STARTS = (b"$FL2", b"$FL3")
MAX_CELLS = 50_000_000
# Files of older versions say nothing, and most of them were written on Windows.
ASSUMED_ENCODING = "WINDOWS-1252"
ASSUMED = Flag(
    "encoding_assumed",
    "the file does not say in which encoding its texts are; they are read as Windows-1252",
    "if letters look wrong, save it again in SPSS or PSPP, which write the encoding into the file",
)
Ranges = Sequence[Mapping[str, Any]]


def read_spss(path: Path, shown_name: str) -> Sheet:
    """One row per case: labelled codes as their labels, other numbers and dates as text, system-missing as empty.

    A value that the file declares as missing keeps its text (label or code) in the cell and is listed in `missing`, so
    that the reason survives; two values of a variable with the same label become `label (code)`.

    Raises:
        TweetbenchError: the file is damaged or larger than is read.
    """
    import pyreadstat  # imports pandas; only who has an SPSS file waits for it

    assumed: tuple[Flag, ...] = ()
    try:
        try:
            cells, facts = _read(pyreadstat, path, shown_name)
        except pyreadstat.ReadstatError as error:
            if "convert string" not in str(error):
                raise
            cells, facts = _read(pyreadstat, path, shown_name, encoding=ASSUMED_ENCODING)
            assumed = (ASSUMED,)
    except TweetbenchError:
        raise
    except Exception as error:  # the library raises its own, undocumented types
        raise TweetbenchError(
            "the SPSS file cannot be read",
            where=shown_name,
            why=f"it is damaged or of an unknown version ({type(error).__name__})",
            next_step="save it again in SPSS or PSPP, or export it as CSV with labels",
        ) from error
    names = list(facts.column_names)
    columns, missing = [], []
    for name in names:
        ranges = getattr(facts, "missing_ranges", {}).get(name, ())
        show = _shown(facts.variable_value_labels.get(name, {}))
        values = [None if _is_nothing(value) else value for value in cells[name]]
        texts = {value: show(value) for value in set(values)}
        columns.append([texts[value] for value in values])
        missing.append(frozenset(text for value, text in texts.items() if text and _is_missing(value, ranges)))
    if not names:
        raise TweetbenchError("the SPSS file has no variables", where=shown_name)
    labels = tuple((facts.column_names_to_labels.get(name) or "").strip() for name in names)
    records = RecordStore(len(names))
    for at, row in enumerate(zip(*columns, strict=True), start=1):
        records.add(at, row)
    return Sheet(
        tuple(name.strip() for name in names),
        records.finish(),
        (),
        str(facts.file_encoding or "utf-8"),
        "",
        form="sav",
        labels=labels,
        missing=tuple(missing),
        orders=tuple(_order(facts, name, lacking) for name, lacking in zip(names, missing, strict=True)),
        flags=(*assumed, *_set_flags(facts)),
    )


def _read(library: Any, path: Path, shown_name: str, **options: str) -> tuple[Mapping[str, Any], Any]:
    """The cells of every variable, and what the file says about them."""
    _, facts = library.read_sav(str(path), metadataonly=True, **options)
    _refuse_oversized(int(facts.number_rows or 0), len(facts.column_names), shown_name)
    read: tuple[Mapping[str, Any], Any] = library.read_sav(
        str(path), user_missing=True, output_format="dict", **options
    )
    return read


def _shown(labels: Mapping[Any, str]) -> Callable[[Any], str]:
    """How a value of a variable is written: its label where it has one that no other value has."""
    tidied = {value: " ".join(str(label).split()) for value, label in labels.items()}
    times = Counter(tidied.values())

    def show(value: Any) -> str:
        label = tidied.get(value)
        if not label:
            return as_text(value)
        return label if times[label] == 1 else f"{label} ({as_text(value)})"

    return show


def _order(facts: Any, name: str, lacking: frozenset[str]) -> tuple[str, ...]:
    """The labels of an ordinal variable from the lowest code to the highest."""
    labels = facts.variable_value_labels.get(name, {})
    if facts.variable_measure.get(name) != "ordinal" or any(isinstance(code, str) for code in labels):
        return ()
    show = _shown(labels)
    return tuple(text for code in sorted(labels) if (text := show(code)) not in lacking)


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or value != value  # a NaN is the one value unlike itself


def _is_missing(value: object, ranges: Ranges) -> bool:
    if value is None or isinstance(value, date | datetime | time):
        return False
    for each in ranges:
        low, high = each["lo"], each["hi"]
        if isinstance(value, str) == isinstance(low, str) and low <= value <= high:
            return True
    return False


def _refuse_oversized(height: int, width: int, shown_name: str) -> None:
    if width > MAX_COLUMNS or height * width > MAX_CELLS:
        raise TweetbenchError(
            f"the file has {height:,} cases of {width:,} variables; at most {MAX_COLUMNS:,} variables and "
            f"{MAX_CELLS:,} cells are read",
            where=shown_name,
            next_step="save the variables that you need as a separate file",
        )


def _set_flags(facts: Any) -> list[Flag]:
    """The multiple-response sets, named so that a person can map each as one question."""
    sets = getattr(facts, "mr_sets", None) or {}
    return [
        Flag(
            "response_set",
            f"the file declares {', '.join(each['variable_list'])} as one question with several answers",
            "map these columns as one question of type multi",
        )
        for each in sets.values()
        if each.get("is_dichotomy")
    ]
