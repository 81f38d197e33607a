"""Many seeds of every exporter: `python -m tests.exporters.soak --seconds 60 --from 1000 --failures failed.json`.

Prints what became of the files by tool and by hazard. One seed again, with its file kept and what was said of it:
`python -m tests.exporters.soak --tool SurveyMonkey --seed 17 --keep folder`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from tests.exporters.accounts import cases as accounts
from tests.exporters.cases import SURVEYS, TOOLS, TURNS, run
from tests.exporters.surveys import cases as surveys
from tests.exporters.verdict import BAD, Verdict, table

FIRST_SOAK_SEED = 100_000  # behind those of the tests


def soak(tools: Sequence[str], folder: Path, *, start: int, seconds: float, rounds: int = 0) -> Iterator[Verdict]:
    """One file of each tool, then the next seed, until the time is up or so many rounds are done."""
    end, seed = time.monotonic() + seconds, start
    while time.monotonic() < end and not (rounds and seed >= start + rounds):
        for tool in tools:
            yield run(tool, seed, folder)
        seed += 1


def rounds(folder: Path, done: int) -> Iterator[tuple[str, list[str]]]:
    """Files without end for `make soak`: how each ended, and what was wrong. `done`: rounds that were done before."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(done):
        verdict = run(TOOLS[number % len(TOOLS)], FIRST_SOAK_SEED + number // len(TOOLS), folder)
        yield f"{verdict.tool}: {verdict.outcome}", [str(verdict)] if verdict.outcome in BAD else []


def main() -> int:
    """Run and print; the exit code is 1 if any figure was wrong in silence."""
    parser = argparse.ArgumentParser(prog="python -m tests.exporters.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="longest time")
    parser.add_argument("--rounds", type=int, default=0, help="seeds of each tool; 0: as many as there is time for")
    parser.add_argument("--from", dest="start", type=int, default=0, help="first seed")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="these tools only")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--keep", type=Path, help="folder in which the file of --seed is left")
    parser.add_argument("--failures", type=Path, help="file for what was wrong, refused or doubted, as JSON")
    parser.add_argument("--show", type=int, default=3, help="examples of each tool and bad outcome")
    given = parser.parse_args()
    tools = given.tool or TOOLS
    with tempfile.TemporaryDirectory(prefix="exporters-") as scratch:
        folder = Path(scratch)
        if given.seed is not None:
            verdicts = [run(tool, given.seed, folder) for tool in tools]
            given.show = 1
        else:
            verdicts = list(soak(tools, folder, start=given.start, seconds=given.seconds, rounds=given.rounds))
    if given.keep and given.seed is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
        for tool in (each for each in tools if each not in TURNS):
            (surveys if tool in SURVEYS else accounts).make(tool, given.seed, given.keep)
    sys.stdout.write(table(verdicts) + "\n\n")
    for verdict in _examples(verdicts, given.show, is_single=given.seed is not None):
        sys.stdout.write(f"{verdict}\n")
    if given.failures:
        failed = [vars(verdict) for verdict in verdicts if verdict.outcome != "right"]
        given.failures.write_text(json.dumps(failed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if any(verdict.outcome in BAD for verdict in verdicts) else 0


def _examples(verdicts: Sequence[Verdict], most: int, *, is_single: bool) -> Iterator[Verdict]:
    shown: dict[tuple[str, str], int] = {}
    for verdict in verdicts:
        key = verdict.tool, verdict.outcome
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= most and (is_single or verdict.outcome in (*BAD, "refused")):
            yield verdict


if __name__ == "__main__":
    sys.exit(main())
