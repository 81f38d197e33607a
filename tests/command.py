"""Runs the real `tweetbench` command in a process of its own, as a person would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.parsed import share_parsed_project

# Commands that parse the dbt project in a new data folder.
PARSING = {"run", "ui", "rebuild"}


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Tweetbench:
    """The command on one data folder, with no setting taken from the machine that runs the tests."""

    data_dir: Path

    def __call__(self, *arguments: str | Path, **environment: str) -> Said:
        if not PARSING.isdisjoint(map(str, arguments)):
            share_parsed_project(self.data_dir)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWEETBENCH_", "DAGSTER_"))}
        done = subprocess.run(
            [Path(sys.executable).with_name("tweetbench"), *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=self.data_dir.parent,
            env={**kept, "TWEETBENCH_DATA_DIR": str(self.data_dir), "NO_COLOR": "1", **environment},
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a question to the published warehouse."""
        said = self("sql", query, "--json")
        assert said.code == 0, said.err
        rows: list[dict[str, Any]] = said.json()
        return rows
