"""Every tool that files are made for, and one file of any of them from a seed."""

from pathlib import Path

from tests.exporters.accounts import cases as accounts
from tests.exporters.surveys import cases as surveys
from tests.exporters.surveys import turns
from tests.exporters.verdict import Verdict

SURVEYS = tuple(surveys.TOOLS)
ACCOUNTS = tuple(accounts.TOOLS)
TURNS = (turns.TOOL,)
TOOLS = (*SURVEYS, *TURNS, *ACCOUNTS)


def run(tool: str, seed: int, folder: Path) -> Verdict:
    """Draw, write, read and judge one file."""
    maker = surveys if tool in SURVEYS else turns if tool in TURNS else accounts
    return maker.run(tool, seed, folder)
