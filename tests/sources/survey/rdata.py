"""A data frame of an R workspace (.RData, binary XDR) as columns of texts: only what the tests' real file needs.

Written from the description of the format in the R internals manual; knows lists, factors, numbers and texts.
"""

import lzma
import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISSING_INTEGER = -(2**31)


@dataclass
class Value:
    """One R object with its attributes."""

    content: Any
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stream:
    """The bytes of a workspace and the place up to which they are read."""

    data: bytes
    at: int = 0
    symbols: list[str] = field(default_factory=list)

    def take(self, form: str) -> tuple[Any, ...]:
        """Values of a fixed form at the present place."""
        found = struct.unpack_from(f">{form}", self.data, self.at)
        self.at += struct.calcsize(f">{form}")
        return found

    def integer(self) -> int:
        """One 32-bit number."""
        return int(self.take("i")[0])


def read_frame(path: Path) -> dict[str, list[str]]:
    """The first data frame of a workspace, every cell as text, missing ones empty."""
    stream = Stream(lzma.decompress(path.read_bytes()))
    assert stream.data[:5] == b"RDX2\n" or stream.data[:5] == b"RDX3\n"
    stream.at = 7  # magic and `X\n`
    version = stream.integer()
    stream.take("ii")
    if version == 3:
        length = stream.integer()  # of the name of the encoding
        stream.at += length
    _, value = _pairs(stream, stream.integer())[0]
    names = value.attributes["names"].content
    return {name: _texts(column) for name, column in zip(names, value.content, strict=True)}


def _texts(column: Value) -> list[str]:
    levels = column.attributes.get("levels")
    if levels is not None:
        return ["" if code == MISSING_INTEGER else levels.content[code - 1] for code in column.content]
    return ["" if each is None or each == MISSING_INTEGER or each != each else f"{each:g}" for each in column.content]


def _pairs(stream: Stream, flags: int) -> list[tuple[str, Value]]:
    """A pairlist as names and values."""
    found = []
    while flags & 0xFF == 2:
        if flags & 0x200:
            _item(stream)
        name = _item(stream).content if flags & 0x400 else ""
        found.append((name, _item(stream)))
        flags = stream.integer()
    if flags & 0xFF != 254:  # a pair whose second half is no list: nothing that a data frame needs
        _item(stream, flags)
    return found


def _item(stream: Stream, flags: int | None = None) -> Value:
    flags = stream.integer() if flags is None else flags
    kind = flags & 0xFF
    value = Value(None)
    if kind == 2:
        return Value(_pairs(stream, flags))
    if kind == 1:
        stream.symbols.append(_item(stream).content)
        return Value(stream.symbols[-1])
    if kind == 255:
        return Value(stream.symbols[(flags >> 8 or stream.integer()) - 1])
    if kind == 9:
        length = stream.integer()
        text = None if length == -1 else stream.data[stream.at : stream.at + length].decode("utf-8", "replace")
        stream.at += max(length, 0)
        return Value(text)
    if kind == 238:
        return _compact(stream)
    if kind in (10, 13):
        value.content = list(stream.take(f"{stream.integer()}i"))
    elif kind == 14:
        value.content = [None if math.isnan(each) else each for each in stream.take(f"{stream.integer()}d")]
    elif kind == 16:
        value.content = [_item(stream).content for _ in range(stream.integer())]
    elif kind == 19:
        value.content = [_item(stream) for _ in range(stream.integer())]
    elif kind != 254:
        raise ValueError(f"type {kind} is not read here")
    if flags & 0x200 and kind != 254:
        value.attributes = dict(_pairs(stream, stream.integer()))
    return value


def _compact(stream: Stream) -> Value:
    """A vector that R keeps in another form: a run of whole numbers, or a wrapped vector."""
    form = _item(stream).content[0][1].content
    state, attributes = _item(stream), _item(stream).content or []
    if form == "compact_intseq":
        count, first, step = (int(each) for each in state.content)
        return Value([first + step * at for at in range(count)], dict(attributes))
    inner = state.content[0]
    vector = inner[1] if isinstance(inner, tuple) else inner
    return Value(vector.content, {**vector.attributes, **dict(attributes)})
