"""How the reading of one generated file ended, and the record of many."""

import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import TweetbenchError

RIGHT, REFUSED, DOUBTED, WRONG, CRASH = "right", "refused", "doubted", "WRONG", "crash"
ORDER = (RIGHT, DOUBTED, REFUSED, WRONG, CRASH)
BAD = (WRONG, CRASH)
OUR_FAULT = "the file could not be read"  # how a fault of ours reaches a person


@dataclass(frozen=True)
class Verdict:
    """One file: the tool and seed that repeat it, the hazards in it, how its reading ended and why."""

    tool: str
    seed: int
    hazards: tuple[str, ...]
    outcome: str
    why: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for people, with what repeats it."""
        causes = "; ".join(self.why[:4])
        return f"{self.outcome} {self.tool} --seed {self.seed} [{', '.join(self.hazards)}]: {causes}"


def from_error(error: Exception) -> tuple[str, str]:
    """Outcome and words of an error: a refusal with a message, or a crash with its place."""
    if isinstance(error, TweetbenchError) and error.what != OUR_FAULT:
        return REFUSED, str(error)
    cause = error.__cause__ or error
    frames = traceback.extract_tb(cause.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return CRASH, f"{type(cause).__name__}: {cause}{place}"


def table(verdicts: Iterable[Verdict]) -> str:
    """Outcomes by tool, then by hazard, as text."""
    verdicts = list(verdicts)
    lines = [f"{'tool':32} {'files':>6} " + " ".join(f"{name:>8}" for name in ORDER)]
    by_tool = {tool: [each for each in verdicts if each.tool == tool] for tool in sorted({v.tool for v in verdicts})}
    lines += [_line(tool, found) for tool, found in by_tool.items()]
    lines.append(_line("all", verdicts))
    hazards = sorted({hazard for each in verdicts for hazard in each.hazards})
    lines += ["", f"{'hazard':32} {'files':>6} " + " ".join(f"{name:>8}" for name in ORDER)]
    lines += [_line(hazard, [each for each in verdicts if hazard in each.hazards]) for hazard in hazards]
    return "\n".join(lines)


def _line(name: str, found: list[Verdict]) -> str:
    count = Counter(each.outcome for each in found)
    shares = " ".join(f"{count[outcome] / max(len(found), 1):8.1%}" for outcome in ORDER)
    return f"{name[:32]:32} {len(found):6} {shares}"
