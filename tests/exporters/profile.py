"""The short profile: a few fixed seeds of each tool, and how many files at least must be read right."""

from collections import Counter
from pathlib import Path

from tests.exporters.cases import run
from tests.exporters.verdict import BAD, RIGHT, Verdict


def check(tool: str, seeds: range, folder: Path, floor: float) -> None:
    """Assert that no figure is wrong in silence and that at least this share of the files is read right."""
    verdicts = [run(tool, seed, folder) for seed in seeds]
    bad = [verdict for verdict in verdicts if verdict.outcome in BAD]
    assert not bad, "\n".join(map(_repeated, bad))
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    others = [_repeated(verdict) for verdict in verdicts if verdict.outcome != RIGHT]
    assert outcomes[RIGHT] >= floor * len(verdicts), "\n".join([f"{tool}: {dict(outcomes)}", *others])


def _repeated(verdict: Verdict) -> str:
    """A verdict with the command that repeats it."""
    return (
        f"{verdict}\n  again: python -m tests.exporters.soak --tool {verdict.tool!r} --seed {verdict.seed} --keep DIR"
    )
