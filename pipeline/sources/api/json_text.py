"""The JSON of an answer as typed values, though a value in it is none that Parquet or a count can hold. Pure."""

import json
import re
from collections.abc import Sequence
from math import isfinite
from typing import TypeVar

import msgspec

LONGEST_NUMBER = 40  # digits of a number that is kept; Python refuses those beyond 4,300

HTML_ESCAPES = ((rb"\u003c", b"<"), (rb"\u003e", b">"), (rb"\u0026", b"&"))

_ESCAPE = re.compile(rb"\\u00")  # found in half the time that `in` takes, as is the next
_NUL = re.compile(rb"\\u0000")

SAMPLE = 5  # texts that show how a server writes

Kind = TypeVar("Kind")


def read_json(text: bytes, kind: type[Kind]) -> Kind:
    """An answer as a value of a kind.

    Raises:
        msgspec.MsgspecError, ValueError, RecursionError: it is no JSON, or other JSON.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:
        return msgspec.json.decode(repaired(text), type=kind)


def repaired(text: bytes) -> bytes:
    """The same JSON with a mark for each character that is none, and null for each number that is none.

    One such value is met in a page of a hundred posts: a lone surrogate, a byte that is no UTF-8, 1e999, NaN, a byte
    order mark before everything.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    value = json.loads(
        text.decode("utf-8-sig", "replace"), parse_constant=lambda _name: None, parse_float=_finite, parse_int=_whole
    )
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def has_nul(text: bytes) -> bool:
    """True where a text in it may hold a NUL, which neither Parquet's readers nor SQL accept."""
    return _NUL.search(text) is not None


def unescaped(texts: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
    """The same JSON with <, > and & as themselves, which Rails writes as escapes: all of them, or none of an answer."""
    if not any(_ESCAPE.search(text) for text in texts[:SAMPLE]):
        return texts
    return [msgspec.Raw(_unescaped(bytes(text))) for text in texts]


def _unescaped(text: bytes) -> bytes:
    if b"\\\\" in text:  # an escaped backslash may stand before the letter u
        try:
            return msgspec.json.encode(msgspec.json.decode(text))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return text
    for escape, character in HTML_ESCAPES:
        text = text.replace(escape, character)
    return text


def _finite(digits: str) -> float | None:
    return number if isfinite(number := float(digits)) else None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) < LONGEST_NUMBER else None
