"""Reading single members of a ZIP that a person dropped, without trusting it: nothing is extracted to disk.

Knows nothing about what the members mean. A hostile archive is refused as a whole, a damaged member by itself.
"""

import codecs
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.sources.files.safe_zip import MEBIBYTE, Limits

_CHUNK = MEBIBYTE
# Beyond these no archive is honest; they bound the work on one that is not.
_LONGEST_HEAD = 64 * 1024
_LONGEST_OBJECT = 16 * MEBIBYTE
_BLANKS = re.compile(r"[\s\ufeff]*")
# Halves of surrogate pairs, and NUL: neither CSV nor PostgreSQL can hold it.
_UNSTORABLE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_DECODER = json.JSONDecoder()
_OPENED = re.compile(r"[\[{]")


def read_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Iterator[str]:
    """One member as pieces of text; its checksum is verified with the last piece.

    Raises:
        ValueError: the member is damaged, longer than it says, or packed in a way that cannot be read.
    """
    decoder, read_bytes = codecs.getincrementaldecoder("utf-8")(errors="replace"), 0
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                read_bytes += len(chunk)
                if read_bytes > min(info.file_size, limits.member_bytes):
                    raise ValueError("it is longer than the archive says")
                yield decoder.decode(chunk).replace("\x00", "")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"it is damaged: {error}") from error
    except (NotImplementedError, RuntimeError) as error:
        raise ValueError(f"it is packed in a way that cannot be read: {error}") from error
    yield decoder.decode(b"", final=True)


def iterate_assigned(chunks: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Objects of the list in `name = [...]`, one at a time; a single object instead of a list counts as one.

    Every chunk is taken before the end, so that a checksum behind the last object is verified.

    Raises:
        ValueError: what follows the first `=` is no list of JSON objects. The message gives the place and never the
            text, which may be private.
    """
    window = _Window(iter(chunks))
    window.skip_assignment()
    if window.peek() == "{":
        yield window.take_object()
        return window.expect_end()
    window.expect("[")
    while window.peek() != "]":
        yield window.take_object()
        if window.peek() != "]":
            window.expect(",")
    window.expect("]")
    return window.expect_end()


@dataclass
class _Window:
    """The part of a text that is in memory, with the place up to which it is used."""

    chunks: Iterator[str]
    text: str = ""
    place: int = 0
    passed: int = 0  # characters before the window

    def extend(self) -> bool:
        """Drop what is used and add the next chunk; False at the end."""
        chunk = next(self.chunks, None)
        if chunk is None:
            return False
        self.passed += self.place
        self.text, self.place = self.text[self.place :] + chunk, 0
        return True

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self.text, self.place)
            self.place = blanks.end() if blanks else self.place
            if self.place < len(self.text):
                return self.text[self.place]
            if not self.extend():
                return ""

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise ValueError(f"{mark} is missing at character {self.passed + self.place:,}: it is not JSON")
        self.place += 1

    def expect_end(self) -> None:
        if self.peek() == ";":
            self.place += 1
        if self.peek():
            raise ValueError(f"there is more text after the list, at character {self.passed + self.place:,}")

    def skip_assignment(self) -> None:
        """Go behind the first `=`; one that follows a bracket belongs to a text and is no assignment."""
        while not (opened := _OPENED.search(self.text)):
            if len(self.text) > _LONGEST_HEAD or not self.extend():
                raise ValueError("there is no list in it")
        self.place = self.text.find("=", 0, opened.start()) + 1

    def take_object(self) -> dict[str, Any]:
        """The object that starts here, with halves of surrogate pairs replaced and NUL characters left out."""
        if self.peek() != "{":
            raise ValueError(f"there is something other than an object at character {self.passed + self.place:,}")
        while True:
            try:
                value: dict[str, Any]
                value, end = _DECODER.raw_decode(self.text, self.place)
                if _UNSTORABLE.search(self.text, self.place, end):
                    value = _storable(value)
            except RecursionError:
                raise ValueError(f"it is nested too deeply at character {self.passed + self.place:,}") from None
            except ValueError as error:
                # An object that the window cuts off looks like a broken one. The cause is left out: it holds the text.
                if len(self.text) - self.place < _LONGEST_OBJECT and self.extend():
                    continue
                reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
                raise ValueError(f"it is not JSON at character {self.passed + self.place:,}: {reason}") from None
            self.place = end
            return value


def _storable(value: Any) -> Any:
    """The same object without lone surrogates, which neither UTF-8 nor Parquet can hold, and without NUL."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    return value
