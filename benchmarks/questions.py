"""P7: the documented questions on a published file of 10,000 accounts over three years, while a writer publishes.

python benchmarks/questions.py [--accounts 10000] [--days 1096] [--posts 400] [--publishes 1]

Four readers, each a process of its own, open the published file again for every question, as a BI tool does, and ask
the questions of docs/questions.md in turn: once with nobody writing and once while a version is published.
The marts are filled by SQL straight from their contracts: their values mean nothing, their sizes do.
"""

import argparse
import json
import multiprocessing
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
from measuring import SCRATCH, spread, write_result

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from pipeline import warehouse  # noqa: E402
from pipeline.publish import publish  # noqa: E402
from pipeline.runtime.clock import utc_now  # noqa: E402
from pipeline.settings import Settings  # noqa: E402
from tests.docs.pages import BLOCK, QUESTION  # noqa: E402
from tools.filled_marts import Shape, fill_marts  # noqa: E402

READERS = 4
QUIET_ROUNDS = 5


def main() -> int:
    """Measure and write benchmarks/results/questions.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=1096)
    parser.add_argument("--posts", type=int, default=400, help="posts of an account")
    parser.add_argument("--publishes", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=SCRATCH / "questions")
    parser.add_argument("--keep", action="store_true", help="reuse the warehouse of an earlier call")
    options = parser.parse_args()
    settings = prepared(options)
    questions = read_questions()
    file = settings.published_file
    quiet = read_beside(file, questions, None)
    busy = read_beside(file, questions, (settings, options.publishes))
    result = {
        "accounts": options.accounts,
        "days": options.days,
        "file_mib": round(file.stat().st_size / 1024**2),
        "questions": len(questions),
        "readers": READERS,
        "threads_per_reader": settings.threads,
        "nobody_writes": summary(quiet["timings"], questions),
        "beside_a_publish": {
            **summary(busy["timings"], questions),
            "publish_s": busy["publish_s"],
            "errors": busy["errors"],
        },
    }
    print(json.dumps(result, indent=2))
    print(write_result("questions", result))
    return 0


def prepared(options: argparse.Namespace) -> Settings:
    """A data folder with a published version of the size that was asked for."""
    settings = Settings(_env_file=None, data_dir=options.folder, memory_limit="2GB", versions_kept=3)  # type: ignore[call-arg]
    if options.keep and settings.published_file.exists():
        return settings
    shutil.rmtree(options.folder, ignore_errors=True)
    settings.make_folders()
    with warehouse.connect(settings) as connection:
        asked = set(re.findall(r"\bmarts\.(\w+)", " ".join(read_questions().values())))
        fill_marts(connection, Shape(options.accounts, options.days, options.posts), only=asked)
    publish(settings, run_id="benchmark", now=utc_now(), basis="benchmark")
    return settings


def read_questions() -> dict[str, str]:
    """Questions with their SQL, from the documentation."""
    text = (PROJECT / "docs" / "questions.md").read_text(encoding="utf-8")
    titles = [title for _, title in QUESTION.findall(text)]
    queries = [query for kind, query in BLOCK.findall(text) if kind == "sql"]
    return dict(zip(titles, queries, strict=True))


def read_beside(file: Path, questions: dict[str, str], writing: tuple[Settings, int] | None) -> dict[str, Any]:
    """Timings of all readers; they read for as long as the writer writes, or a fixed number of rounds."""
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    rounds = None if writing else QUIET_ROUNDS
    readers = [
        context.Process(target=ask_all, args=(file, questions, stop, rounds, number, answers))
        for number in range(READERS)
    ]
    for reader in readers:
        reader.start()
    seconds = []
    if writing:
        settings, count = writing
        time.sleep(3)  # readers have started
        for _ in range(count):
            started = time.monotonic()
            publish(settings, run_id="benchmark", now=utc_now(), basis="benchmark")
            seconds.append(round(time.monotonic() - started, 1))
        stop.set()
    found = [answers.get() for _ in readers]
    for reader in readers:
        reader.join()
    timings = [one for timed, _ in found for one in timed]
    return {"timings": timings, "errors": [error for _, errors in found for error in errors], "publish_s": seconds}


def ask_all(file: Path, questions: dict[str, str], stop: Any, rounds: int | None, number: int, answers: Any) -> None:
    """Ask every question, again and again, each on a connection of its own."""
    timings: list[tuple[str, float, float, float]] = []
    errors: list[str] = []
    names = list(questions)
    names = names[number * 7 % len(names) :] + names[: number * 7 % len(names)]  # readers ask different things
    done = 0
    while not stop.is_set() and (rounds is None or done <= rounds):
        for name in names:
            started = time.perf_counter()
            try:
                with duckdb.connect(str(file.resolve()), read_only=True, config={"threads": 2}) as connection:
                    opened = time.perf_counter()
                    worked = time.process_time()
                    connection.execute("set enable_progress_bar = false")
                    connection.execute(questions[name]).to_arrow_table()
                    ended, worked = time.perf_counter(), time.process_time() - worked
            except duckdb.Error as error:
                errors.append(str(error)[:200])
                continue
            if done:  # the first round warms the caches
                timings.append((name, 1000 * (opened - started), 1000 * (ended - opened), 1000 * worked))
        done += 1
    answers.put((timings, errors))


def summary(timings: list[tuple[str, float, float, float]], questions: dict[str, str]) -> dict[str, Any]:
    """p50 and p95 in milliseconds: of the query, with opening the file, of processor time; the slowest questions."""
    queries = sorted(query for _, _, query, _ in timings)
    whole = sorted(opened + query for _, opened, query, _ in timings)
    worked = sorted(one for *_, one in timings)
    by_question = {name: spread([query for asked, _, query, _ in timings if asked == name]) for name in questions}
    slowest = sorted(by_question, key=lambda name: -by_question[name]["median"])[:6]
    return {
        "asked": len(timings),
        "query_ms": {"p50": at(queries, 0.5), "p95": at(queries, 0.95), "max": at(queries, 1)},
        "open_and_query_ms": {"p50": at(whole, 0.5), "p95": at(whole, 0.95), "max": at(whole, 1)},
        "query_cpu_ms": {"p50": at(worked, 0.5), "p95": at(worked, 0.95), "max": at(worked, 1)},
        "questions_with_median_over_100_ms": sum(one["median"] > 100 for one in by_question.values()),
        "slowest_ms": {name: by_question[name] for name in slowest},
    }


def at(ordered: list[float], share: float) -> float:
    """The value below which a share of the ordered values lies."""
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)


if __name__ == "__main__":
    sys.exit(main())
