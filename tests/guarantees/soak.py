"""The long version of the crash, damage and export tests: `make soak`. Holds no test.

Every section ends when its target is reached or its time is up; what it did and found is recorded in
benchmarks/results/soak.json, also when it is interrupted. With --more a section resumes where its record ends: idle
hours add up. TMPDIR on a memory disk spares the disk the work: killed processes do not need it."""

import argparse
import json
import platform
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from pipeline.runtime.clock import utc_now
from pipeline.runtime.files import replace_text
from pipeline.settings import PROJECT_DIR
from tests.exporters.soak import rounds as exports
from tests.forking import open_worker
from tests.guarantees.crashing import KILLED, Stage, judge, open_stage
from tests.guarantees.flow import Order, copy_folder, make_settings, open_world, run_flow
from tests.guarantees.lives import Lives
from tests.guarantees.mangling import mangle, open_judge, persistent_files, ways, write_back
from tests.guarantees.odd_places import odd_places

RESULT = PROJECT_DIR / "benchmarks" / "results" / "soak.json"
SHOWN_VIOLATIONS = 20


@dataclass
class Record:
    """What a section did. `target`: how many rounds it was asked for; `outcomes`: how they ended."""

    target: int
    rounds: int = 0
    violation_count: int = 0
    violations: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0

    def add(self, outcome: str, wrong: list[str]) -> None:
        """One more round."""
        self.rounds += 1
        self.outcomes[outcome] += 1
        self.violation_count += bool(wrong)
        self.violations += [f"{outcome}: {line}" for line in wrong][: SHOWN_VIOLATIONS - len(self.violations)]


Rounds = Iterator[tuple[str, list[str]]]


@dataclass(frozen=True)
class Start:
    """Where a section begins: rounds that were done before, and what is drawn from."""

    done: int
    drawn: random.Random


def kills(stage: Stage, folder: Path, start: Start) -> Rounds:
    """SIGKILL to the process group at a random moment, without end."""
    while True:
        fresh, delay = stage.fresh(folder), stage.seconds * start.drawn.uniform(0, 1.1)
        code = stage.worker.run_and_kill(stage.order(fresh), delay)
        yield "killed" if code == KILLED else f"ended with {code}", judge(stage, fresh)


def points(stage: Stage, folder: Path, start: Start) -> Rounds:
    """A crash at every passage of every named point of one run."""
    for point, hit in stage.points[start.done :]:
        fresh, plan = stage.fresh(folder), f"{point}:crash:{hit}"
        code = stage.worker.run(stage.order(fresh, plan=plan))
        yield point, [*judge(stage, fresh), *([] if code == KILLED else [f"{plan} did not fire: {code}"])]


def operations(stage: Stage, folder: Path, start: Start) -> Rounds:
    """A kill before every file operation of one run."""
    for number in range(start.done + 1, stage.operation_count + 1):
        fresh = stage.fresh(folder)
        code = stage.worker.run(stage.order(fresh, die_at=number))
        yield "killed" if code == KILLED else f"ended with {code}", judge(stage, fresh)


def full_disks(stage: Stage, folder: Path, start: Start) -> Rounds:
    """No space from every file operation of one run on."""
    for number in range(start.done + 1, stage.operation_count + 1):
        fresh = stage.fresh(folder)
        code = stage.worker.run(stage.order(fresh, full_from=number))
        yield f"exit code {code}", judge(stage, fresh)


def erasures(folder: Path, start: Start) -> Rounds:
    """A crash at every passage of every named point of one erasure; afterwards not a word may be left."""
    from tests.guarantees.stand import PROFILE, SENTINEL, places_of
    from tests.guarantees.test_g38_comply import Wanted, fill, run_erasure

    template, trace = folder / "template", folder / "trace.txt"
    fill(make_settings(template))
    with open_worker() as worker:
        order = Order(str(copy_folder(template, folder / "whole")), "", "x", task="erasure", trace=str(trace))
        assert worker.run(order) == 0
        passages: Counter[str] = Counter()
        for point in trace.read_text().split():
            passages[point] += 1
            if passages.total() <= start.done:
                continue
            fresh = copy_folder(template, folder / f"{point}-{passages[point]}")
            plan = f"{point}:crash:{passages[point]}"
            code = worker.run(Order(str(fresh), "", "x", task="erasure", plan=plan))
            run_erasure(make_settings(fresh))
            left = [*places_of(fresh, SENTINEL), *places_of(fresh, PROFILE)]
            fired = [] if code == KILLED else [f"{plan} did not fire: {code}"]
            # What was erased and finished before the crash has nothing left to resume.
            run_erasure(make_settings(fresh), Wanted())
            yield point, [*fired, *(f"{plan}: words are left in {place}" for place in left)]


def dbt_kills(folder: Path, start: Start) -> Rounds:
    """SIGKILL to the real job, Dagster and dbt included, at random moments, ten in a row, without end.

    A folder in which a promise was broken is kept.
    """
    from tests.guarantees.real_runs import kill_and_judge, open_real_stage

    with open_real_stage(folder) as stage:
        while True:
            for outcome, wrong in kill_and_judge(stage, folder / "round", [start.drawn.random() for _ in range(10)]):
                kept = copy_folder(folder / "round", Path(tempfile.mkdtemp(prefix="broken-")) / "data") if wrong else ""
                yield outcome, [*wrong, *([f"the folder is kept: {kept}"] if wrong else [])]


def mutations(folder: Path, start: Start) -> Rounds:
    """A cut or a turned bit in one of the files that a run leaves, in an order drawn over all of them, without end."""
    whole = make_settings(folder / "data")
    with open_world() as world:
        world.drop(whole.data_dir)
        run_flow(Order(str(whole.data_dir), world.tiny.base_url, "first", rows_in_memory=10_000))
    judged = open_judge(whole)
    while True:
        every = [(path, how) for path in persistent_files(whole.data_dir) for how in ways(path)]
        start.drawn.shuffle(every)
        for path, how in every:
            good = mangle(path, how, start.drawn.randrange(1_000_000))
            answer = judged.is_harmless_or_named(path)
            write_back(path, good)
            yield f"{path.suffix} {answer.partition(':')[0]}", [answer] if answer.startswith("unseen") else []


def lives(start: Start) -> Rounds:
    """Lives of 25 steps of the state machine; one that fails ends the section."""
    with open_worker() as worker:
        Lives.worker = worker
        while True:
            seed = start.drawn.randrange(2**32)
            quiet = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
            one = settings(max_examples=1, stateful_step_count=25, **quiet)
            machine = type("Life", (Lives,), {"_hypothesis_internal_use_seed": seed})
            try:
                run_state_machine_as_test(machine, settings=one)
            except Exception as error:
                yield "failed", [f"life {seed}: {error!r}"]
                return
            yield "held", []


# Rounds asked for; 0: every one that there is.
TARGETS = {"kills": 2_000, "points": 0, "operations": 0, "full_disks": 0, "erasures": 0, "mutations": 10_000}
TARGETS |= {"lives": 100, "dbt_kills": 500, "exports": 30_000, "odd_places": 500}
ON_STAGE = {"kills": kills, "points": points, "operations": operations, "full_disks": full_disks}


def main() -> int:
    """Run the sections and record them; the exit code is 1 if any promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.guarantees.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0, help="longest time for each section")
    parser.add_argument("--only", nargs="*", help="sections to run; all by default")
    parser.add_argument("--more", action="store_true", help="add to the record instead of starting over")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nohup and nice start it with SIGINT ignored
    broken = 0
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as scratch:
        for name in arguments.only or TARGETS:
            before = _known(name) if arguments.more else Record(TARGETS[name])
            record, is_interrupted = _section(name, before, Path(scratch) / name, arguments.seconds)
            broken += record.violation_count
            if is_interrupted:
                return 128 + signal.SIGINT
    return 1 if broken else 0


def _section(name: str, record: Record, folder: Path, seconds: float) -> tuple[Record, bool]:
    """The record with what this session added, and whether somebody ended it."""
    folder.mkdir(parents=True)
    # Other draws in every session, the same whenever the same session is repeated.
    start = Start(record.rounds, random.Random(f"{name} {record.rounds}"))  # noqa: S311
    before, started, is_interrupted = _cpu_seconds(), time.monotonic(), False
    try:
        _work(name, record, folder, start, seconds)
    except KeyboardInterrupt:
        is_interrupted = True
    record.sessions += 1
    record.wall_seconds = round(record.wall_seconds + time.monotonic() - started, 1)
    record.cpu_seconds = round(record.cpu_seconds + _cpu_seconds() - before, 1)
    _write(name, record)
    sys.stdout.write(f"{name}: {record.rounds} rounds, {record.violation_count} violations\n")
    sys.stdout.flush()
    return record, is_interrupted


def _work(name: str, record: Record, folder: Path, start: Start, seconds: float) -> None:
    if name in ON_STAGE:
        with open_stage(folder) as stage:
            if name != "kills":
                record.target = len(stage.points) if name == "points" else stage.operation_count
            _go_on(name, record, ON_STAGE[name](stage, folder / "round", start), seconds)
        return
    others: dict[str, Callable[[], Rounds]] = {
        "erasures": lambda: erasures(folder, start),
        "mutations": lambda: mutations(folder, start),
        "lives": lambda: lives(start),
        "dbt_kills": lambda: dbt_kills(folder, start),
        "exports": lambda: exports(folder / "files", start.done),
        "odd_places": lambda: odd_places(start.drawn),
    }
    _go_on(name, record, others[name](), seconds)


def _go_on(name: str, record: Record, rounds: Rounds, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not (record.target and record.rounds >= record.target) and time.monotonic() < end:
        done = next(rounds, None)
        if done is None:
            break
        record.add(*done)
        _write(name, record)  # a soak that is ended from outside keeps what it did


def _known(name: str) -> Record:
    fields = json.loads(RESULT.read_text(encoding="utf-8")).get(name) if RESULT.exists() else None
    if fields is None:
        return Record(TARGETS[name])
    kept = {key: value for key, value in fields.items() if key not in {"recorded_at", "machine"}}
    return Record(**{**kept, "outcomes": Counter(fields["outcomes"])})


def _write(name: str, record: Record) -> None:
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    fields = {**vars(record), "outcomes": dict(sorted(record.outcomes.items()))}
    known[name] = {"recorded_at": utc_now().isoformat(timespec="seconds"), "machine": machine, **fields}
    ordered = {each: known[each] for each in TARGETS if each in known}
    replace_text(RESULT, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    sys.exit(main())
