"""Reads data frames from an R workspace file (binary, big-endian), as far as the tests need it.

Source: R Internals, section 1.8 "Serialization Formats".
"""

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import Any

OPENERS = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
NA_INTEGER = -(2**31)


def read_frame(path: Path, name: str) -> dict[str, list[Any]]:
    """Columns of one data frame; factors become their labels, missing values None."""
    content = path.read_bytes()
    content = OPENERS.get(content[:2], bytes)(content)
    start = content.index(b"X\n") + 2
    reader = _Reader(content, start)
    version = reader.integer()
    reader.position += 8
    if version == 3:
        length = reader.integer()
        reader.position += length
    objects = dict(reader.pairs())
    frame = objects[name]
    return {
        column: _column(values)
        for column, values in zip(frame["attributes"]["names"]["values"], frame["values"], strict=True)
    }


def _column(item: dict[str, Any]) -> list[Any]:
    levels = item["attributes"].get("levels")
    if levels is None:
        return list(item["values"])
    return [None if code is None else levels["values"][code - 1] for code in item["values"]]


class _Reader:
    def __init__(self, content: bytes, position: int) -> None:
        self.content, self.position = content, position
        self.symbols: list[str] = []

    def integer(self) -> int:
        self.position += 4
        return int(struct.unpack_from(">i", self.content, self.position - 4)[0])

    def pairs(self) -> list[tuple[str, Any]]:
        """A pairlist as names and items, up to its end."""
        found = []
        while (flags := self.integer()) & 255 != 254:
            if flags & 255 != 2:  # a dotted pair ends with an item instead of a list
                self.position -= 4
                return [*found, ("", self.item())]
            if flags & 512:
                self.item()
            tag = self.item() if flags & 1024 else {"values": ""}
            found.append((tag["values"], self.item()))
        return found

    def item(self) -> dict[str, Any]:
        flags = self.integer()
        kind, values = flags & 255, None
        if kind == 1:
            self.symbols.append(self.item()["values"])
            return {"values": self.symbols[-1], "attributes": {}}
        if kind == 255:
            return {"values": self.symbols[(flags >> 8 or self.integer()) - 1], "attributes": {}}
        if kind == 254:
            return {"values": None, "attributes": {}}
        if kind == 238:  # a vector in another representation: only wrapped vectors occur here
            _, state, attributes = self.item(), self.item(), self.item()
            (_, wrapped), *_ = state["values"]
            return {"values": wrapped["values"], "attributes": dict(attributes["values"] or [])}
        if kind == 2:
            self.position -= 4
            return {"values": self.pairs(), "attributes": {}}
        length = self.integer()
        if kind == 9:
            values = None if length < 0 else self.content[self.position : self.position + length].decode("latin-1")
            self.position += max(length, 0)
        elif kind in (10, 13):
            numbers = struct.unpack_from(f">{length}i", self.content, self.position)
            values, self.position = [None if v == NA_INTEGER else v for v in numbers], self.position + 4 * length
        elif kind == 14:
            numbers = struct.unpack_from(f">{length}d", self.content, self.position)
            values, self.position = [None if v != v else v for v in numbers], self.position + 8 * length
        elif kind == 16:
            values = [self.item()["values"] for _ in range(length)]
        elif kind == 19:
            values = [self.item() for _ in range(length)]
        else:
            raise ValueError(f"type {kind} is not needed by the tests")
        return {"values": values, "attributes": dict(self.pairs()) if flags & 512 else {}}
