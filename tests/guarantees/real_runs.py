"""The real job, Dagster and dbt included, on a small world, to be killed at random moments; and what must hold then.

The small flow of `flow` is killed thousands of times with two statements in place of dbt; a run here takes seconds of
the processor, so it is killed hundreds of times. Moments are drawn in processor time: on a busy machine a moment of the
clock falls into the same few steps, or behind the end. Holds no test.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from pydantic import SecretStr

from pipeline.lake import Lake
from pipeline.maintain.verify import verify
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.settings import Settings
from pipeline.warehouse.contents import content_of
from tests.conftest import NOW
from tests.forking import Worker, open_worker
from tests.guarantees.crashing import KILLED, LATER
from tests.guarantees.flow import NOT_COMPARED, TABLES, Order, World, copy_folder, open_world
from tests.orchestration.ui.stand import SURVEY, survey_export
from tests.parsed import share_parsed_project
from tests.sources.x_api.stand import TOKEN

REGISTRY = """platform,handle,account_id,name,industry,company_size,customer_focus,is_own,since,notes
x,firm1,1001,Firm 1,Tools,10-49,b2b,true,,
x,firm2,1002,Firm 2,Tools,10-49,b2c,false,,
"""
STEP_FILE = "step-at-work.txt"
# A reader looks each time after so many seconds that the run has worked.
LOOKS_EVERY = 0.5
WATCHES_EVERY = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
# What is a run's own in a row: its name, and the moment within the hour. Everything else must be the same.
NAMED_AFTER_RUN, READ_AT = "run_id", "last_captured_at"


def real_settings(folder: Path, base_url: str) -> Settings:
    """Settings of a small data folder that reads X from the loopback server; nothing is taken from the machine."""
    return Settings(
        _env_file=None, data_dir=folder, threads=1, settle_seconds=0, max_usd_per_run=1_000.0,
        x_bearer_token=SecretStr(TOKEN), x_api_base_url=base_url,
        hash_key=SecretStr("the same key in every folder, or pseudonyms differ"),
    )  # fmt: skip


def run_real_job(order: Order) -> None:
    """The whole job in this process, with a note of the step at work for whoever kills it.

    Raises:
        TweetbenchError: a step failed or the lease is held.
    """
    from pipeline.orchestration.running import run_job

    os.environ[NOW_VARIABLE] = (NOW + timedelta(hours=order.hours)).isoformat()
    folder = Path(order.folder)
    note = folder.with_name(STEP_FILE)
    run_job(real_settings(folder, order.base_url), only=[], on_progress=lambda now: _write(note, now.step))


def _write(path: Path, text: str) -> None:
    path.write_text(text)


@dataclass(frozen=True)
class RealStage:
    """A data folder after its first real run, a day's news that wait, and what an unharmed second run makes of them.

    `cpu_seconds`: what a run that builds every table works, as the one after a kill does.
    """

    worker: Worker
    world: World
    template: Path
    before: dict[str, Any]
    after: dict[str, Any]
    lake_after: dict[str, set[str]]
    cpu_seconds: float
    _seen: dict[tuple[object, ...], dict[str, Any]] = field(default_factory=dict)

    def order(self, folder: Path) -> Order:
        """The second run of a data folder."""
        return _second(folder, self.world)

    def settings(self, folder: Path) -> Settings:
        """What the runs of a data folder are set to."""
        return real_settings(folder, self.world.tiny.base_url)

    def fresh(self, folder: Path) -> Path:
        """A folder in which the second run is about to start."""
        shutil.rmtree(folder, ignore_errors=True)
        return copy_folder(self.template, folder)

    def look(self, folder: Path) -> dict[str, Any] | None:
        """What a reader is shown at this moment; a file that was already read is opened and not read again."""
        file = folder / "published/current/warehouse.duckdb"
        if not file.exists():
            return None
        with duckdb.connect(str(file), read_only=True) as connection:
            about = file.stat()
            key = (str(file.resolve()), about.st_ino, about.st_size, about.st_mtime_ns)
            if key not in self._seen:
                self._seen[key] = _rows_of_marts(connection)
            return self._seen[key]


def _second(folder: Path, world: World) -> Order:
    return Order(str(folder), world.tiny.base_url, "second", hours=LATER, task="job")


@contextmanager
def open_real_stage(folder: Path) -> Iterator[RealStage]:
    """Everything that real runs are killed on; the two reference runs are made here."""
    template, reference = folder / "template", folder / "reference"
    for name in ("inbox", "surveys"):
        (template / name).mkdir(parents=True)
    share_parsed_project(template)
    (template / "accounts.csv").write_text(REGISTRY)
    (template / "surveys" / "plans.yml").write_text(SURVEY)
    with open_world() as world, open_worker() as worker:
        world.drop(template)
        worked = [_children_seconds(worker)]
        assert worker.run(Order(str(template), world.tiny.base_url, "first", task="job")) == 0
        worked.append(_children_seconds(worker))
        world.grow()
        world.drop(template)
        (template / "inbox" / "plans.csv").write_text(survey_export())
        copy_folder(template, reference)
        assert worker.run(_second(reference, world)) == 0
        worked.append(_children_seconds(worker))
        before, after = shown_to_readers(template), shown_to_readers(reference)
        assert before is not None
        assert after is not None
        assert after["posts"] != before["posts"]
        longest = max(worked[1] - worked[0], worked[2] - worked[1])
        yield RealStage(worker, world, template, before, after, readings(reference), longest)


def shown_to_readers(folder: Path) -> dict[str, Any] | None:
    """Rows and an order-free hash by published mart, without the stamp and the names of runs; None without a version.

    Opening it must not fail: whatever is current is whole.
    """
    file = folder / "published/current/warehouse.duckdb"
    if not file.exists():
        return None
    with duckdb.connect(str(file), read_only=True) as connection:
        return _rows_of_marts(connection)


def _rows_of_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    connection.execute("set timezone = 'UTC'")
    columns: dict[str, set[str]] = {}
    for mart, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and table_name <> 'published'"
    ).fetchall():
        columns.setdefault(mart, set()).add(column)
    relations = {mart: f'(select {_compared(names)} from marts."{mart}")' for mart, names in sorted(columns.items())}  # noqa: S608
    return {mart: content_of(connection, relation) for mart, relation in relations.items()}


def _compared(columns: set[str]) -> str:
    # When a platform was read is the reading's own, as its run is: the hour stays.
    hour = f"replace (date_trunc('hour', {READ_AT}) as {READ_AT})" if READ_AT in columns else ""
    return f"* exclude ({NAMED_AFTER_RUN}) {hour}" if NAMED_AFTER_RUN in columns else f"* {hour}"


def readings(folder: Path) -> dict[str, set[str]]:
    """What the lake knows by table, but for who read it and at which second.

    A run that follows one killed after its reading reads again: the same once more, some seconds later.
    """
    lake, left_out = Lake(folder / "lake"), {*NOT_COMPARED, "captured_at"}
    return {
        table: {
            repr({name: value for name, value in row.items() if name not in left_out})
            for row in lake.read(table).to_pylist()
        }
        for table in TABLES
    }


def kill_and_judge(stage: RealStage, folder: Path, moments: Sequence[float]) -> Iterator[tuple[str, list[str]]]:
    """Kill the second run of a fresh folder at a moment, and again each run that follows; then let one end.

    A reader looks at the published file all the while; in the end everything has to be as in the reference. A row of
    kills ends early with a run that has published: the ones after it would find nothing to do.

    Args:
        stage: where it happens.
        folder: the data folder.
        moments: after which parts of a whole run's work each run is killed, from 0 to 1.

    Yields:
        The step at which each run died and what that broke; with the last one also what the final run left wrong.
    """
    stage.fresh(folder)
    for number, moment in enumerate(moments, start=1):
        outcome, wrong = _kill(stage, folder, moment * stage.cpu_seconds)
        if number == len(moments) or stage.look(folder) == stage.after:
            yield outcome, [*wrong, *_judge_the_end(stage, folder)]
            return
        yield outcome, wrong


def _kill(stage: RealStage, folder: Path, after_cpu_seconds: float) -> tuple[str, list[str]]:
    note, wrong = folder.with_name(STEP_FILE), list[str]()
    note.unlink(missing_ok=True)
    group, looks_at = stage.worker.start(stage.order(folder)), 0.0
    try:
        while (worked := _own_seconds(group)) is not None and worked < after_cpu_seconds:
            if worked >= looks_at:
                wrong += _reader_problems(stage, folder, "during the run")
                looks_at = worked + LOOKS_EVERY
            time.sleep(WATCHES_EVERY)
    finally:
        with suppress(ProcessLookupError):  # it may have ended
            os.killpg(group, signal.SIGKILL)
    code = stage.worker.exit_code()
    step = (note.read_text() if note.exists() else "") or "the start"
    wrong += _reader_problems(stage, folder, "after the kill")
    return f"killed in {step}" if code == KILLED else f"ended with {code}", wrong


def _own_seconds(pid: int) -> float | None:
    """Processor time of a process and of its children that have ended; None once it is gone."""
    times = _times(pid)
    return sum(times) if times else None


def _children_seconds(worker: Worker) -> float:
    """Processor time of the runs that a worker has seen end."""
    return sum(_times(worker.process.pid)[2:])


def _times(pid: int) -> list[float]:
    """Seconds of user and system time, first of the process, then of its children; nothing for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [int(value) / TICKS for value in fields[11:15]]


def _judge_the_end(stage: RealStage, folder: Path) -> Iterator[str]:
    """What differs from the reference once a run has come to its end."""
    if (code := stage.worker.run(stage.order(folder))) != 0:
        yield f"G2: the next run ended with {code}"
    shown, lake = shown_to_readers(folder) or {}, readings(folder)
    yield from (
        f"G2: {mart} differs" for mart in stage.after.keys() | shown.keys() if shown.get(mart) != stage.after.get(mart)
    )
    yield from (f"G2: rows of {table} differ" for table, rows in lake.items() if rows != stage.lake_after[table])
    found = verify(stage.settings(folder), now=NOW + timedelta(hours=LATER)).damage
    yield from (f"G7: {finding.where}: {finding.what}" for finding in found)


def _reader_problems(stage: RealStage, folder: Path, when: str) -> list[str]:
    is_whole = stage.look(folder) in (stage.before, stage.after)
    return [] if is_whole else [f"G1, G12: {when} readers saw neither the version before nor the one after"]
