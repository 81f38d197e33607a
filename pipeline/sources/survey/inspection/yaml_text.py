"""Texts of people's files as YAML that every parser reads back as the same text."""

import json
import re
from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()-]*[A-Za-z0-9_.)]|[A-Za-z]")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none"}
# What YAML forbids even in quotes, and line breaks that JSON leaves as they are.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_LONGEST_KEY = 900  # YAML reads `key: value` on one line up to 1,024 characters


def quoted(text: str) -> str:
    """A text for YAML: plain where that is safe, in double quotes elsewhere."""
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED and " #" not in text and ": " not in text
    return text if is_plain else in_quotes(text)


def in_quotes(text: str) -> str:
    """A text in double quotes."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def listed(texts: Iterable[str]) -> str:
    """A list on one line."""
    return "[" + ", ".join(in_quotes(text) for text in texts) + "]"


def pairs(entries: Sequence[tuple[str, str]], indent: str) -> list[str]:
    """Keys with their values, a line each; a long key has a line of its own."""
    lines = []
    for key, value in entries:
        written = quoted(key)
        if len(written) <= _LONGEST_KEY:
            lines.append(f"{indent}{written}: {value}")
        else:
            lines += [f"{indent}? {written}", f"{indent}: {value}"]
    return lines


def comment(text: str) -> str:
    """A text for a comment: on one line, without what ends one."""
    return " ".join(_UNSAFE.sub("?", "".join(c if c.isprintable() else " " for c in text)).split())
