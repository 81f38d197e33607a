"""The words of the report, by key and language. Every sentence, label and title is in `language/<language>.toml`, none
in the code. What a sentence needs (figures, names) is passed by name; what to say is decided by the callers.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

ENGLISH, GERMAN = "en", "de"
LANGUAGES = (ENGLISH, GERMAN)
# One form for one, the other for any other number.
Text = str | tuple[str, str]

# English separators to those of the other languages.
_TURNED = str.maketrans(",.", ".,")

# How reasons of marts end that name another mart.
FOR_ANALYSTS = "; answer_readiness says what is missing and when"

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside the block everything is said in this language."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """The language that is spoken now."""
    return _spoken.get()


def say(key: str, number: float | None = None, /, **values: object) -> str:
    """The text of a key with its values; `number` chooses between the form for one and that for several.

    Raises:
        KeyError: the catalogue has no such text, or the text needs a value that is not given.
    """
    text = texts(language())[key]
    if isinstance(text, tuple):
        text = text[0 if number == 1 else 1]
    return text.format_map(values) if "{" in text else text


def say_if_known(key: str) -> str | None:
    """The text of a key that only some things have."""
    text = texts(language()).get(key)
    return text if isinstance(text, str) else None


def say_reason(reason: str) -> str:
    """A reason of a mart in the language, without what it says to analysts alone; one that the catalogue does not know
    is said in general, never in another language.
    """
    reason = reason.removesuffix(FOR_ANALYSTS)
    # What the report itself gives as a reason is said already.
    if language() == ENGLISH or not reason or reason in texts(language()).values():
        return reason
    return _translate(reason) or say("gap.other_reason")


def _translate(reason: str) -> str | None:
    """The reason in the language; of several that are joined, each. None where the catalogue does not know it."""
    for key, pattern in _reasons().items():
        if found := pattern.fullmatch(reason):
            values = {name: _worded(name, text) for name, text in found.groupdict().items()}
            if None not in values.values():
                return say(key, **values)
    for joint in re.finditer("[;.] ", reason):
        parts = [_translate(part) for part in (reason[: joint.start()], reason[joint.end() :])]
        if None not in parts:
            return joint[0].join(map(str, parts))
    return None


@cache
def _reasons() -> dict[str, re.Pattern[str]]:
    return {
        key: re.compile(re.sub(r"\\\{(\w+)\\\}", _as_group, re.escape(str(text))))
        for key, text in texts(ENGLISH).items()
        if key.startswith("reason.")
    }


def _as_group(found: re.Match[str]) -> str:
    """A value is a number, a count with its noun or a name; only a reason has parts of its own."""
    pattern = ".+?" if found[1] == "reason" else "[^;: ]+(?: [^;: ]+){0,3}?"
    return f"(?P<{found[1]}>{pattern})"


def _worded(name: str, text: str) -> str | None:
    """A count with its noun, as in 4 weeks, with the noun of the language; a day as the language writes it; a reason
    inside a reason likewise, None where that is not known.
    """
    if name == "reason":
        return _translate(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text).strftime(say("write.day"))
    count, _, word = text.partition(" ")
    for key, forms in texts(ENGLISH).items():
        if key.startswith("noun.") and word in forms:
            return f"{count} {say(key, 1 if count == '1' else 2)}"
    return None if word and count.isdigit() else text


def localise(number: str) -> str:
    """A number that is written in English with the separators of the language."""
    return number if language() == ENGLISH else number.translate(_TURNED)


@cache
def texts(language: str) -> Mapping[str, Text]:
    """The catalogue of a language, keys joined by dots, in the order of the file."""
    source = files("pipeline.report").joinpath("language", f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Text]]:
    for name, entry in table.items():
        if isinstance(entry, dict):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield prefix + name, tuple(entry) if isinstance(entry, list) else entry
