"""Finding any of many texts in any amount of bytes, in one pass. What the texts are belongs to `lake_erasure`."""

import html
import json
import mmap
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Shorter ones are in many other texts as well.
SHORTEST = 12
# Bytes of a spelling that are looked up at every place; every spelling has at least SHORTEST.
_ANCHOR = 8
# Places of a spelling among which the rarest bytes are its anchor: texts of one account often begin alike.
_CHOICES = 8
_TABLE_BITS = 22
# Odd and without pattern, so that starts spread over the table.
_MIX = np.uint64(0x9E3779B97F4A7C15)
# Places looked at together: eight bytes each, so 32 MB.
_STRIDE = 1 << 22


def spellings(needle: str) -> list[str]:
    """The ways in which a text may be in a file: as it is, inside JSON, in HTML or XML, and by its longer lines."""
    parts = [needle, *(line for line in needle.splitlines() if len(line) >= SHORTEST)]
    spelled = [
        (
            part,
            json.dumps(part, ensure_ascii=False)[1:-1],
            json.dumps(part)[1:-1],
            html.escape(part, quote=False),
            html.escape(part),
        )
        for part in parts
    ]
    return list(dict.fromkeys(spelling for each in spelled for spelling in each))


@dataclass(frozen=True)
class _Spelling:
    """One way to write a text; `anchor` is the place of the bytes that are looked up."""

    data: bytes
    text: str
    anchor: int


class Needles:
    """A set of texts to look for, every spelling of each, in UTF-8, in UTF-16 and in Windows' code page 1252."""

    def __init__(self, texts: Iterable[str]) -> None:
        pairs = [(data, text) for text in texts for data in _encoded(text)]
        counts = Counter(data[at : at + _ANCHOR] for data, _ in pairs for at in _choices(data))
        self._by_anchor: dict[bytes, list[_Spelling]] = {}
        for data, text in pairs:
            at = min(_choices(data), key=lambda place: counts[data[place : place + _ANCHOR]])
            self._by_anchor.setdefault(data[at : at + _ANCHOR], []).append(_Spelling(data, text, at))
        anchors = np.frombuffer(b"".join(self._by_anchor), dtype="<u8")
        self._is_anchor = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
        self._is_anchor[_places_in_table(anchors)] = True

    def __bool__(self) -> bool:
        return bool(self._by_anchor)

    def found_in(self, data: bytes | mmap.mmap) -> set[str]:
        """Those that are in the bytes."""
        return set(self._hits(data))

    def is_in(self, data: bytes | mmap.mmap) -> bool:
        """True if any of them is in the bytes."""
        return next(self._hits(data), None) is not None

    def _hits(self, data: bytes | mmap.mmap) -> Iterator[str]:
        if not self:
            return
        for first in range(0, max(len(data) - _ANCHOR + 1, 0), _STRIDE):
            for at in self._candidates(data[first : first + _STRIDE + _ANCHOR - 1]):
                place = first + int(at)
                for spelling in self._by_anchor.get(data[place : place + _ANCHOR], ()):
                    start = place - spelling.anchor
                    if start >= 0 and data[start : start + len(spelling.data)] == spelling.data:
                        yield spelling.text

    def _candidates(self, data: bytes) -> NDArray[np.int64]:
        """Places whose next eight bytes may be an anchor, in order."""
        found = []
        for shift in range(_ANCHOR):
            words = np.frombuffer(data, dtype="<u8", offset=shift, count=max(len(data) - shift, 0) // _ANCHOR)
            found.append(np.flatnonzero(self._is_anchor[_places_in_table(words)]) * _ANCHOR + shift)
        return np.sort(np.concatenate(found))


def _encoded(text: str) -> Iterator[bytes]:
    for spelling in spellings(text):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            data = spelling.encode(encoding, "surrogatepass")
            if len(data) >= _ANCHOR:
                yield data
        if not spelling.isascii():
            with suppress(UnicodeEncodeError):  # a text that the old exports could not hold either
                yield spelling.encode("cp1252")


def _choices(data: bytes) -> list[int]:
    last = len(data) - _ANCHOR
    return sorted({last * number // (_CHOICES - 1) for number in range(_CHOICES)})


def _places_in_table(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * _MIX) >> np.uint64(64 - _TABLE_BITS)
