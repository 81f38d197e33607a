"""The YAML mappings of a data folder, with the line of each key. What they say belongs to the sources they are for.

One that cannot be read stops nothing: it is handed on with its problem, and only files that may need it are refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import TweetbenchError
from pipeline.settings import Settings
from pipeline.sources.opening import printable
from pipeline.sources.protocol import BrokenMapping, FileMapping

LARGEST_BYTES = 2_000_000  # a mapping that a person wrote has some kilobytes; aliases can make a small one huge
_MOST_NODES = 200_000
# Texts that may be names of columns: in quotes, behind a colon, or an entry of a list.
_NAMES = re.compile(r"""["']([^"'\n]+)["']|[:\-,\[]\s+([^"'\s{}\[\],][^"'{}\[\],\n]*)""")


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, where the plain loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise yaml.MarkedYAMLError(problem=f"{twice!r} is written twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def read_mappings(settings: Settings) -> tuple[tuple[FileMapping, ...], tuple[BrokenMapping, ...]]:
    """The mappings of the folders surveys/ and mappings/, and those that cannot be read."""
    read, broken = [], []
    for folder in (settings.surveys_dir, settings.mappings_dir):
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            shown = f"{folder.name}/{printable(path.name)}"
            try:
                read.append(_read_mapping(path, shown))
            except TweetbenchError as error:
                names = _NAMES.findall(path.read_text(encoding="utf-8", errors="replace")[:LARGEST_BYTES])
                columns = frozenset(" ".join((quoted or bare).split()).casefold() for quoted, bare in names)
                broken.append(BrokenMapping(error.where or shown, f"{error.what}: {error.why}".rstrip(": "), columns))
    return tuple(read), tuple(broken)


def _read_mapping(path: Path, shown: str) -> FileMapping:
    try:
        return parse_mapping_text(path.read_text(encoding="utf-8"), path.stem, shown)
    except UnicodeDecodeError as error:
        raise _invalid(shown, str(error)) from error
    except OSError as error:
        raise TweetbenchError("a mapping cannot be opened", where=shown, why=error.strerror or str(error)) from error


def parse_mapping_text(text: str, mapping_id: str, shown: str) -> FileMapping:
    """One mapping from its text, unchecked but for being YAML with named fields.

    Raises:
        TweetbenchError: it is not; the message names the line.
    """
    if len(text) > LARGEST_BYTES:
        raise TweetbenchError("a mapping is far too large", where=shown, why=f"{len(text):,} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, ""))
        fields = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise _invalid(f"{shown}, line {mark.line + 1}" if mark else shown, str(error)) from error
    if not isinstance(fields, dict):
        raise TweetbenchError("a mapping must hold named fields", where=shown)
    return FileMapping(mapping_id, fields, shown, lines)


def _lines(node: yaml.Node | None, path: str) -> Iterator[tuple[str, int]]:
    """The line of every key by its dotted path, entries of lists by their number from 0."""
    stack = [(node, path)]
    seen = 0
    while stack:
        each, at = stack.pop()
        seen += 1
        if seen > _MOST_NODES:
            raise ValueError("it has more entries than a mapping can need; do not use anchors and aliases")
        if isinstance(each, yaml.MappingNode):
            for key, value in each.value:
                inner = f"{at}.{key.value}" if at else str(key.value)
                yield inner, key.start_mark.line + 1
                stack.append((value, inner))
        elif isinstance(each, yaml.SequenceNode):
            for number, value in enumerate(each.value):
                yield f"{at}.{number}", value.start_mark.line + 1
                stack.append((value, f"{at}.{number}"))


def _invalid(shown: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "a mapping is not valid YAML",
        where=shown,
        why=" ".join(why.split())[:300],
        next_step="correct the line that is named, then repeat",
    )
