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
from pipeline.sources.files.opening import printable, read_plain_file
from pipeline.sources.files.protocol import BrokenMapping, FileMapping

LARGEST_BYTES = 2_000_000  # a mapping that a person wrote has some kilobytes; aliases can make a small one huge
_MOST_NODES = 200_000
_MOST_PATH_CHARACTERS = 20_000_000  # of all dotted paths together: a long key over many entries repeats in each
_LONGEST_NUMBER = 100  # characters; YAML reads 1:2:3:... as one number to the base of 60, of any length
_ENDLESS = "it has more entries than a mapping can need; do not use anchors and aliases"
# Texts that may be names of columns: in quotes, behind a colon, or an entry of a list.
_NAMES = re.compile(r"""["']([^"'\n]+)["']|[:\-,\[]\s+([^"'\s{}\[\],][^"'{}\[\],\n]*)""")


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, where the plain loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"{key!r} is written twice", problem_mark=node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_mappings(settings: Settings) -> tuple[tuple[FileMapping, ...], tuple[BrokenMapping, ...]]:
    """The mappings of the folders surveys/ and mappings/, and those that cannot be read."""
    read, broken = [], []
    for folder in (settings.surveys_dir, settings.mappings_dir):
        for path in mapping_files(folder):
            shown, text = f"{folder.name}/{printable(path.name)}", ""
            try:
                data = read_plain_file(path, shown, most_bytes=LARGEST_BYTES)
                text = data.decode("utf-8", errors="replace")
                read.append(_parse(data, path.stem, shown))
            except TweetbenchError as error:
                names = _NAMES.findall(text)
                columns = frozenset(" ".join((quoted or bare).split()).casefold() for quoted, bare in names)
                broken.append(BrokenMapping(error.where or shown, f"{error.what}: {error.why}".rstrip(": "), columns))
    return tuple(read), tuple(broken)


def mapping_files(folder: Path) -> list[Path]:
    """What a person means as mappings, by name; hidden files are an editor's or a system's own."""
    try:
        found = [path for path in folder.iterdir() if path.suffix in (".yml", ".yaml")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _parse(data: bytes, mapping_id: str, shown: str) -> FileMapping:
    try:
        return parse_mapping_text(data.decode("utf-8"), mapping_id, shown)
    except UnicodeDecodeError as error:
        raise _invalid(shown, str(error)) from error


def parse_mapping_text(text: str, mapping_id: str, shown: str) -> FileMapping:
    """One mapping from its text, unchecked but for being YAML with named fields.

    Raises:
        TweetbenchError: it is not; the message names the line.
    """
    if len(text) > LARGEST_BYTES:
        raise TweetbenchError("a mapping is far too large", where=shown, why=f"{len(text):,} characters")
    try:
        loader = _UniqueKeys(text)
        node = loader.get_single_node()
        lines: dict[str, int] = {}
        if node is not None:
            _refuse_endless(node)
            lines = dict(_lines(node))
        fields = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _invalid(f"{shown}, line {mark.line + 1}" if mark else shown, str(error)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _invalid(shown, str(error)) from error
    except (TypeError, LookupError, AttributeError, ArithmeticError) as error:
        # How the parser fails on a tag that does not fit what follows it, such as !!int "".
        raise _invalid(shown, "a value does not have the type that its tag asks for") from error
    if not isinstance(fields, dict):
        raise TweetbenchError("a mapping must hold named fields", where=shown)
    return FileMapping(mapping_id, fields, shown, lines)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _refuse_endless(root: yaml.Node) -> None:
    """Bound what aliases unfold to, with one visit of each node; an alias of what it is in would never end.

    Raises:
        yaml.MarkedYAMLError: it holds itself, has too many entries, or a number is too long.
    """
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            open_nodes.discard(id(node))
            sizes[id(node)] = size = 1 + sum(sizes[id(child)] for child in _children(node))
            if size > _MOST_NODES:
                raise yaml.MarkedYAMLError(problem=_ENDLESS, problem_mark=node.start_mark)
        elif id(node) in open_nodes:
            raise yaml.MarkedYAMLError(problem="an alias is inside what it repeats", problem_mark=node.start_mark)
        elif id(node) not in sizes:
            _refuse_long_number(node)
            open_nodes.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in _children(node)]


def _refuse_long_number(node: yaml.Node) -> None:
    is_text = node.tag in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:binary")
    if isinstance(node, yaml.ScalarNode) and not is_text and len(node.value) > _LONGEST_NUMBER:
        problem = "a number with so many digits is not plausible; put it in quotes if it is text"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _lines(root: yaml.Node) -> Iterator[tuple[str, int]]:
    """The line of every key by its dotted path, entries of lists by their number from 0."""
    stack = [(root, "")]
    characters = 0
    while stack:
        each, at = stack.pop()
        inner: list[tuple[str, int, yaml.Node]] = []
        if isinstance(each, yaml.MappingNode):
            inner = [(str(key.value), key.start_mark.line, value) for key, value in each.value if _is_plain(key)]
        elif isinstance(each, yaml.SequenceNode):
            inner = [(str(number), value.start_mark.line, value) for number, value in enumerate(each.value)]
        for name, line, value in inner:
            path = f"{at}.{name}" if at else name
            characters += len(path)
            if characters > _MOST_PATH_CHARACTERS:
                raise yaml.MarkedYAMLError(problem=_ENDLESS, problem_mark=value.start_mark)
            yield path, line + 1
            stack.append((value, path))


def _is_plain(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode)


def _invalid(shown: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "a mapping is not valid YAML",
        where=shown,
        why=" ".join(why.split())[:300],
        next_step="correct the line named here, then repeat",
    )
