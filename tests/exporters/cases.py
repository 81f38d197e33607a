"""Every tool that files are made for, and one file of any of them from a seed."""

from pathlib import Path

from tests.exporters.accounts import cases as accounts
from tests.exporters.surveys import cases as surveys
from tests.exporters.verdict import Verdict

SURVEYS = tuple(surveys.TOOLS)
ACCOUNTS = tuple(accounts.TOOLS)
TOOLS = (*SURVEYS, *ACCOUNTS)


def run(tool: str, seed: int, folder: Path) -> Verdict:
    """Draw, write, read and judge one file."""
    return (surveys if tool in SURVEYS else accounts).run(tool, seed, folder)
