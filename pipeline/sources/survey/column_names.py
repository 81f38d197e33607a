"""One name per column from the texts of one, two or three header rows. Which rows these are is decided in `layout`."""

from collections import Counter
from collections.abc import Sequence

from pipeline.sources.files.table_header import ANSWER_MARKS


def fitted(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *([""] * (width - len(cells)))]


def join_rows(rows: list[list[str]]) -> tuple[list[str], list[str]]:
    """Names and labels from several rows: `question / option`, each text carried over the blanks to its right."""
    names, labels = [], []
    carried = [""] * len(rows)
    for cells in zip(*rows, strict=True):
        for level, text in enumerate(cells):
            # A new text ends those below it; without one the text to the left counts where something stands below.
            is_new = bool(text)
            carried[level] = (
                text if is_new or level == len(rows) - 1 else carried[level] if any(cells[level + 1 :]) else ""
            )
            if is_new:
                carried[level + 1 :] = [""] * (len(rows) - level - 1)
        parts = [text for text in carried if text and text.casefold() not in ANSWER_MARKS]
        parts = list(dict.fromkeys(parts)) or [text for text in carried if text]
        names.append(" / ".join(parts))
        labels.append(parts[-1] if parts else "")
    return names, labels


def last_parts(rows: list[list[str]]) -> list[str]:
    """Labels from one row, or from Qualtrics' second: `Which do you use? - Selected Choice - Facebook`."""
    return [text.rsplit(" - ", 1)[-1] for text in rows[1]] if len(rows) > 1 else [*rows[0]]


def make_unique(names: list[str]) -> list[str]:
    taken: set[str] = set()
    last: Counter[str] = Counter()  # so that thousands of equal names cost no quadratic time
    unique = []
    for position, name in enumerate(names, start=1):
        base = name or f"column {position}"
        candidate, times = base, max(last[base], 1)
        while candidate in taken:
            times += 1
            candidate = f"{base} ({times})"
        taken.add(candidate)
        last[base] = times
        unique.append(candidate)
    return unique
