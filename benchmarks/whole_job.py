"""From pages by HTTP to marts: our run against the set-up that a user would build from dlt, dagster-dbt and Dagster.

`python benchmarks/whole_job.py [--accounts 150] [--days 120] [--rounds 3]`. A loopback server plays X. Each side begins
with an empty folder, asks it for the same accounts and timelines, fills a DuckDB file and builds the same dbt project
with its data tests; ours also keeps the lake, verifies, publishes and writes the report. The peer runs dlt's REST
source (`dicts`) or its arrow path (`arrow`), DbtCliResource and Dagster's default executor. Whole process trees in
turn; accounts and posts of both sides are compared before anything is reported. Makes `.venv-dlt` if it is not there.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from datetime import timedelta
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import FOLDER, SCRATCH, Measure, ratios, spread, write_result
from benchmarks.process_tree import measure_tree
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.server import serve
from pipeline.simulate.world import World
from pipeline.transform.project import prepare_project

TOKEN = "benchmark-token-of-loopback"  # noqa: S105 - opens nothing but the loopback server
PEERS = ("dicts", "arrow")
DLT = FOLDER / ".venv-dlt"
HOME = SCRATCH / "whole_job"
# Accounts that could be read: ours keeps a row of those that are gone or refuse, with the reason.
READABLE = "select count(*) from marts.accounts where follower_count is not null"
COUNTS = f"select ({READABLE}), (select count(*) from marts.posts)"  # noqa: S608 - our own text


def main() -> None:
    """Measure in turn and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=90)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    python = dlt_environment()
    world = World(5, options.accounts, options.days)
    now = world.end - timedelta(hours=1)
    shutil.rmtree(HOME, ignore_errors=True)
    parsed = Settings(_env_file=None, data_dir=HOME / "parsed")
    prepare_project(parsed)  # of both sides: a project is parsed when it changes
    measures: dict[str, list[Measure]] = {"ours": [], **{way: [] for way in PEERS}}
    found: dict[str, tuple[int, ...]] = {}
    for number in range(options.rounds):
        for way, taken in measures.items():
            folder = HOME / f"{way}-{number}"
            settings = Settings(_env_file=None, data_dir=folder)
            settings.make_folders()
            shutil.copytree(parsed.dbt_target_dir, settings.dbt_target_dir, dirs_exist_ok=True)
            with serve(world, clock=DemoClock(now), token=TOKEN) as server:
                environment = {**os.environ, "TWEETBENCH_DATA_DIR": str(folder), NOW_VARIABLE: now.isoformat()}
                if way == "ours":
                    lines = ["platform,account_id", *(f"x,{key}" for key in world.cast.account_ids)]
                    settings.accounts_file.write_text("\n".join(lines) + "\n")
                    ours = {
                        "TWEETBENCH_X_API_BASE_URL": server.base_url,
                        "TWEETBENCH_X_BEARER_TOKEN": TOKEN,
                        "TWEETBENCH_MAX_USD_PER_RUN": "1000",
                        "TWEETBENCH_X_BACKFILL_DAYS": str(options.days),
                    }
                    command = [str(Path(sys.executable).with_name("tweetbench")), "run", "--json"]
                    taken.append(measure_tree(command, {**environment, **ours}, folder))
                else:
                    home = folder / "dagster"
                    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
                    theirs = {
                        "JOB_BASE_URL": server.base_url,
                        "JOB_TOKEN": TOKEN,
                        "JOB_WAY": way,
                        "JOB_NOW": now.isoformat(),
                        "JOB_IDS": ",".join(world.cast.account_ids[:100]),
                        "JOB_MANIFEST": str(settings.dbt_target_dir / "manifest.json"),
                        "DAGSTER_HOME": str(home),
                        "PYTHONPATH": str(PROJECT_DIR),
                        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                        "RUNTIME__DLTHUB_TELEMETRY": "false",
                    }
                    command = [str(python), "-m", "dagster", "job", "execute", "-j", "whole_job"]
                    command += ["-f", str(FOLDER / "whole_job_peer.py")]
                    taken.append(measure_tree(command, {**environment, **theirs}, folder))
            with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
                found[way] = tuple(connection.execute(COUNTS).fetchone() or ())
            shutil.rmtree(folder)
            sys.stdout.write(f"{way} {taken[-1]} {found[way]}\n")
            sys.stdout.flush()
    if len(set(found.values())) != 1:
        raise SystemExit(f"the sides hold different accounts or posts: {found}")
    result = {
        "setup": {**vars(options), "accounts_and_posts": found["ours"], "threads": 2},
        "measures": {
            way: {name: spread([getattr(one, name) for one in taken]) for name in ("wall_s", "cpu_s", "peak_mib")}
            for way, taken in measures.items()
        },
        "ours_to": {way: ratios(measures["ours"], measures[way]) for way in PEERS},
        "dlt": subprocess.run(  # noqa: S603
            [python, "-c", "import dlt; print(dlt.__version__)"], capture_output=True, text=True, check=True
        ).stdout.strip(),
    }
    sys.stdout.write(f"{write_result('whole_job', result)}\n{json.dumps(result['ours_to'], indent=1)}\n")
    shutil.rmtree(HOME)


def dlt_environment() -> Path:
    """The Python of dlt's environment, made from the pinned list; Dagster and dbt are seen from this one."""
    python = DLT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", DLT], check=True)  # noqa: S603
        install = [python, "-m", "pip", "install", "--quiet", "-r", FOLDER / "requirements-dlt.txt"]
        subprocess.run(install, check=True)  # noqa: S603
    (site,) = DLT.glob("lib/python3*/site-packages")
    (site / "measured.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


if __name__ == "__main__":
    main()
