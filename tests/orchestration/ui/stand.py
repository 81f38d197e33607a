"""A small synthetic data folder and the real `tweetbench ui` on it, as a person would start it."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forking import clean_environment
from tests.parsed import share_parsed_project

ACCOUNTS, DAYS = 40, 30
SURVEY = """
survey_id: plans
title: Plans for the year
respondent_id: Response ID
segments:
  company_size: Company size
questions:
  uses_x: {text: "Do you use X?", type: single, column: "Do you use X?", options: ["Yes", "No"]}
"""


def make_folder(folder: Path) -> None:
    """A registry, follower histories of invented accounts in the inbox, and the mapping of a survey to come."""
    share_parsed_project(folder)
    for name in ("inbox", "surveys"):
        (folder / name).mkdir(parents=True)
    names = [f"shop{number:02d}" for number in range(ACCOUNTS)]
    registry = [f"x,{name},{100 + number},{name},Tools,10-49,b2b,false,," for number, name in enumerate(names)]
    header = "platform,handle,account_id,name,industry,company_size,customer_focus,is_own,since,notes"
    (folder / "accounts.csv").write_text("\n".join([header, *registry]) + "\n")
    rows = ["platform,account_id,handle,captured_at,follower_count,following_count"]
    for number, name in enumerate(names):
        following = 200 + 37 * number
        for day in range(1, DAYS + 1):
            followers = following * (1 + number % 7) + day * (number % 5)
            rows.append(f"x,{100 + number},{name},2026-01-{day:02d}T06:00:00Z,{followers},{following}")
    (folder / "inbox" / "profiles.csv").write_text("\n".join(rows) + "\n")
    (folder / "surveys" / "plans.yml").write_text(SURVEY)


def survey_export() -> str:
    """A survey tool's export of eighty answers."""
    rows = [f"r{number},{'1-9' if number % 2 else '10-49'},{'Yes' if number % 3 else 'No'}" for number in range(80)]
    return "\n".join(["Response ID,Company size,Do you use X?", *rows]) + "\n"


@dataclass(frozen=True)
class Ui:
    """A running UI."""

    address: str
    data_dir: Path
    process: subprocess.Popen[str]
    seconds_to_ready: float

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def ask(self, query: str, **variables: Any) -> Any:
        """What the UI's own GraphQL answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/graphql", body, headers)  # noqa: S310 (loopback)
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def runs(self) -> list[dict[str, Any]]:
        """Every run, newest first."""
        found = self.ask("{runsOrError{... on Runs{results{runId status tags{key value}}}}}")
        results: list[dict[str, Any]] = found["runsOrError"]["results"]
        return results

    def wait_for_run(self, run_id: str, *, seconds: float = 180) -> str:
        """The status in which a run ends."""
        for _ in range(int(seconds / 0.5)):
            status = next(run["status"] for run in self.runs() if run["runId"] == run_id)
            if status in {"SUCCESS", "FAILURE", "CANCELED"}:
                return str(status)
            time.sleep(0.5)
        return f"still {status} after {seconds} s"

    def launch(self) -> str:
        """Start the whole job and return the run's id."""
        job = {"repositoryLocationName": "tweetbench", "repositoryName": "__repository__", "jobName": "refresh"}
        asked = "mutation($p: ExecutionParams!){launchRun(executionParams: $p){... on LaunchRunSuccess{run{runId}}}}"
        return str(self.ask(asked, p={"selector": job, "runConfigData": {}})["launchRun"]["run"]["runId"])

    def wait_for_work(self, run_id: str) -> int:
        """The process that works on a run, once it has begun."""
        for _ in range(600):
            (run,) = [run for run in self.runs() if run["runId"] == run_id]
            marks = [tag["value"] for tag in run["tags"] if tag["key"] == "tweetbench/worker"]
            if run["status"] == "STARTED" and marks:
                return int(marks[0].split(" ")[1])
            time.sleep(0.2)
        raise AssertionError(f"the run did not begin: {run}")

    def wait_for_tag(self, run_id: str, key: str) -> list[dict[str, str]]:
        """A run's tags, once this one is among them."""
        for _ in range(300):
            (tags,) = [run["tags"] for run in self.runs() if run["runId"] == run_id]
            if key in {tag["key"] for tag in tags}:
                return list(tags)
            time.sleep(0.2)
        raise AssertionError(f"{key} does not come: {tags}")

    def failures(self, run_id: str) -> str:
        """What failed in a run, in the words of its log."""
        events = (
            "... on ExecutionStepFailureEvent{stepKey error{message cause{message}}} ... on RunFailureEvent{message}"
        )
        query = f"query($id: ID!){{logsForRun(runId: $id){{... on EventConnection{{events{{{events}}}}}}}}}"
        return json.dumps([event for event in self.ask(query, id=run_id)["logsForRun"]["events"] if event])


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment without settings of the machine that runs the tests."""
    own = {"TWEETBENCH_DATA_DIR": str(data_dir), "TWEETBENCH_SETTLE_SECONDS": "0"}
    return {**clean_environment(), **own, **more}


def start(data_dir: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """`tweetbench ui` in a process of its own; its output comes line by line."""
    return start_command(data_dir, "ui", "--port", "0", *arguments, **more)


def start_command(data_dir: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A command that serves until it is ended, in a process of its own; its output comes line by line."""
    command = [str(Path(sys.executable).with_name("tweetbench")), *arguments]
    return subprocess.Popen(
        command,
        cwd=data_dir.parent,
        env=environment(data_dir, PYTHONUNBUFFERED="1", **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def opened(data_dir: Path, *arguments: str, **more: str) -> Iterator[Ui]:
    """A UI that is ready to be used, and ended as Ctrl-C ends it."""
    started = time.monotonic()
    process = start(data_dir, *arguments, **more)
    try:
        said = []
        for line in process.stdout or []:
            said.append(line)
            if found := re.match(r"(http://\S+:\d+)   \(Ctrl-C", line):
                break
        else:
            raise AssertionError("the UI did not start:\n" + "".join(said))
        yield Ui(found[1], data_dir, process, time.monotonic() - started)
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            if process.stdout:
                process.stdout.close()
