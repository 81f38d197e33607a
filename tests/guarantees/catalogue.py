"""The page of guarantees, made from guarantees.yml, incidents.yml and the tests that exist. Holds no test.

A test shows a guarantee if its name carries the id (test_g07_...) or if guarantees.yml names it. The page is written by
`python -m tests.guarantees.catalogue`; with --check nothing is written and the exit code says whether all is well.
"""

import ast
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.settings import PROJECT_DIR

SOURCE, INCIDENTS = (Path(__file__).with_name(name) for name in ("guarantees.yml", "incidents.yml"))
PAGE = PROJECT_DIR / "docs" / "guarantees.md"
NUMBERS, INCIDENT_NUMBERS = range(1, 43), range(1, 35)
SHOWN_TESTS = 6
_IDS = re.compile(r"(?<=_)g(\d\d)(?=_)")
INTRODUCTION = """# What tweetbench guarantees

Made by `python -m tests.guarantees.catalogue` from the tests that exist; a test fails where this page is stale, where a
guarantee has no test, or where a test that it names is gone. Each line leads to the tests that show it.

What no test shows: a power cut (only killed processes), a disk that lies about fsync, a machine whose memory errs, and
more than one person's machine writing to one data folder over a network file system.

What is not promised: on this machine's own address the UI asks for no password, so other users of the machine can use
it. Where two schedulers ask in the same instant, both may start a run; the lease lets one of them work (G11).
"""
INCIDENTS_TITLE = """## What went wrong elsewhere

Failures that users of comparable tools have reported in public, and the tests that show what happens here instead.
"""


@dataclass(frozen=True)
class Incident:
    """What went wrong elsewhere, and the tests, or the reason why there is none."""

    id: str
    what: str
    not_shown: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Guarantee:
    """One promise, its limits, and the tests that show it as `path::name`."""

    number: int
    promise: str
    limits: str
    not_shown: str
    tests: tuple[str, ...]


def all_tests() -> dict[str, int]:
    """Every test of the suite as `path::name`, with the line on which it begins."""
    found: dict[str, int] = {}
    for path in sorted((PROJECT_DIR / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found[f"{path.relative_to(PROJECT_DIR).as_posix()}::{node.name}"] = node.lineno
    return found


def numbers_in(test: str) -> set[int]:
    """Guarantees whose ids a test's name carries."""
    return {int(number) for number in _IDS.findall(test.rpartition("::")[2].lower())}


def read_blocks(suite: Mapping[str, int]) -> list[tuple[str, list[Guarantee]]]:
    """The guarantees by block, each with its tests: those named in the file and those named after it."""
    data: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return [(block["title"], [_guarantee(entry, suite) for entry in block["guarantees"]]) for block in data["blocks"]]


def read_incidents() -> list[Incident]:
    """The incidents in the order of the file."""
    data: dict[str, Any] = yaml.safe_load(INCIDENTS.read_text(encoding="utf-8"))
    return [
        Incident(entry["id"], entry["what"], entry.get("not_shown", ""), tuple(entry.get("tests", ())))
        for entry in data["incidents"]
    ]


def _guarantee(entry: Mapping[str, Any], suite: Mapping[str, int]) -> Guarantee:
    number = int(entry["id"].removeprefix("G"))
    carrying = [test for test in suite if number in numbers_in(test)]
    named = [test for test in entry.get("tests", []) if test not in carrying]
    limits, not_shown = entry.get("limits", ""), entry.get("not_shown", "")
    return Guarantee(number, entry["promise"], limits, not_shown, (*carrying, *named))


def problems() -> list[str]:
    """What is wrong with the list: promises without tests, tests that do not exist, numbers that are missing."""
    suite = all_tests()
    all_of_them = [each for _, guarantees in read_blocks(suite) for each in guarantees]
    wrong = [] if [each.number for each in all_of_them] == list(NUMBERS) else ["the ids are not G1 to G42 in order"]
    for each in all_of_them:
        if bool(each.tests) == bool(each.not_shown):
            wrong.append(f"G{each.number} needs tests or, without any, the reason in not_shown")
        wrong += [f"G{each.number} names {test}, which is not there" for test in each.tests if test not in suite]
    incidents = read_incidents()
    if [each.id for each in incidents] != [f"I{number}" for number in INCIDENT_NUMBERS]:
        wrong.append("the incidents are not I1 to I34 in order")
    wrong += [
        f"{each.id} needs tests or, without any, the reason in not_shown"
        for each in incidents
        if bool(each.tests) == bool(each.not_shown)
    ]
    wrong += [
        f"{each.id} names {test}, which is not there" for each in incidents for test in each.tests if test not in suite
    ]
    unknown = {number for test in suite for number in numbers_in(test)} - set(NUMBERS)
    return [*wrong, *(f"a test is named after G{number}, which does not exist" for number in sorted(unknown))]


def render() -> str:
    """The page as Markdown."""
    suite = all_tests()
    parts = [INTRODUCTION]
    for title, guarantees in read_blocks(suite):
        rows = "\n".join(_row(each) for each in guarantees)
        parts.append(f"## {title}\n\n| | promise | limits | shown by |\n|---|---|---|---|\n{rows}\n")
    rows = "\n".join(f"| {each.id} | {each.what} | {_shown(each.tests, each.not_shown)} |" for each in read_incidents())
    parts.append(f"{INCIDENTS_TITLE}\n| | elsewhere | here |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _row(each: Guarantee) -> str:
    return f"| G{each.number} | {each.promise} | {each.limits} | {_shown(each.tests, each.not_shown)} |"


def _shown(tests: tuple[str, ...], reason: str) -> str:
    # Without line numbers: they would make the page stale with every edit of a test.
    shown = [f"[{_words(test)}](../{test.partition('::')[0]})" for test in tests[:SHOWN_TESTS]]
    if len(tests) > SHOWN_TESTS:
        folders = sorted({f"`{test.partition('::')[0]}`" for test in tests[SHOWN_TESTS:]})
        shown.append(f"and {len(tests) - SHOWN_TESTS} more in {', '.join(folders)}")
    return "<br>".join(shown) or f"not shown by a test: {reason}"


def _words(test: str) -> str:
    name = test.rpartition("::")[2].removeprefix("test_")
    return re.sub(r"^(g\d\d_)+", "", name).replace("_", " ")


def main() -> int:
    """Write the page, or with --check say whether it is current; the exit code."""
    wrong = problems()
    text = render()
    if "--check" in sys.argv[1:]:
        if not (PAGE.exists() and PAGE.read_text(encoding="utf-8") == text):
            wrong.append("docs/guarantees.md is stale: run python -m tests.guarantees.catalogue")
    elif not wrong:
        PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
