"""What a run costs whatever the data: small new files, a full run and ticks with nothing new, against bare `dbt build`.

`python benchmarks/floor.py [--rounds 3]`. Makes a data folder from the demo world, runs it once, then measures whole
process trees in turn: `dbt build` of the whole project, `tweetbench run --full`, `tweetbench run` with one small new
file of each kind in the inbox, and two ticks with nothing new (`run`, and `run --if-files` as timers call it). Ratios
to bare `dbt build` are of the same round. A busy machine stretches wall time; CPU time less so.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import SCRATCH, Measure, ratios, spread, write_result
from benchmarks.process_tree import measure_tree
from pipeline.lake import Lake
from pipeline.publish.reader import published_facts
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.simulate.demo import drop_files, land_history
from pipeline.simulate.world import World

BIN = Path(sys.executable).parent
DATA_DIR = SCRATCH / "floor"
BARE, FULL = "bare_dbt_build", "full_run"
RUN = [str(BIN / "tweetbench"), "run", "--json"]
DBT_DIR = str(PROJECT_DIR / "dbt_project")
DBT = [str(BIN / "dbt"), "--quiet", "build", "--full-refresh", "--exclude-resource-type", "unit_test"]
DBT += ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR]
New = tuple[str, Callable[[int], bytes]]  # the name of a file, and its content in a round
DAYS = 55  # with five accounts: 275 rows
# Of what `drop_files` leaves in the inbox: held back from the first run, then new in every round with other bytes.
HELD_BACK = {"survey": "survey", "contact_list": "contacts", "account_export": "overview"}


def main() -> None:
    """Measure in turn and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    settings = Settings(_env_file=None, data_dir=DATA_DIR, is_demo=True, settle_seconds=0)
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    settings.make_folders()
    world = World()
    drop_files(settings, world, world.end)
    land_history(Lake(settings.lake_dir), world, world.end)
    small: dict[str, New] = {"follower_table": ("followers.csv", lambda number: follower_table(world, number))}
    for kind, words in HELD_BACK.items():
        (path,) = (path for path in settings.inbox_dir.iterdir() if words in path.name)
        small[kind] = (path.name, again(path.read_bytes()))
        path.unlink()
    environment = {**os.environ, "TWEETBENCH_DATA_DIR": str(DATA_DIR), "TWEETBENCH_SETTLE_SECONDS": "0"}
    environment |= {"TWEETBENCH_IS_DEMO": "true", "OPENBLAS_NUM_THREADS": "1"}
    measure_tree(RUN, environment, DATA_DIR)  # loads, parses, builds: all else is warm afterwards
    taken: dict[str, list[Measure]] = {}
    for number in range(rounds):
        take_round(settings, environment, small, number, taken)
    result = {
        "rounds": rounds,
        "measures": {
            name: {part: spread([getattr(one, part) for one in of_name]) for part in ("wall_s", "cpu_s", "peak_mib")}
            for name, of_name in taken.items()
        },
        "to_bare_dbt_build": {name: ratios(of_name, taken[BARE]) for name, of_name in taken.items() if name != BARE},
    }
    sys.stdout.write(f"{write_result('floor', result)}\n{json.dumps(result, indent=1)}\n")
    shutil.rmtree(DATA_DIR)


def take_round(
    settings: Settings,
    environment: Mapping[str, str],
    small: Mapping[str, New],
    number: int,
    taken: dict[str, list[Measure]],
) -> None:
    """Everything once. Bare dbt works on a copy: it leaves a warehouse from which no run may resume."""

    def take(name: str, command: list[str], folder: Path = DATA_DIR) -> None:
        measure = measure_tree(command, {**environment, "TWEETBENCH_DATA_DIR": str(folder)}, folder)
        taken.setdefault(name, []).append(measure)
        sys.stdout.write(f"{number} {name} {measure}\n")
        sys.stdout.flush()

    copy = DATA_DIR.with_name("floor_dbt")
    (copy / "warehouse").mkdir(parents=True)
    shutil.copy(settings.warehouse_file, copy / "warehouse")
    shutil.copytree(settings.dbt_target_dir, copy / "target")
    take(BARE, [*DBT, "--target-path", str(copy / "target"), "--log-path", str(copy / "target")], copy)
    shutil.rmtree(copy)
    for kind, (name, make) in small.items():
        version = published_facts(settings)[0]["version"]
        (settings.inbox_dir / f"{number}_{name}").write_bytes(make(number))
        take(f"small_{kind}", RUN)
        if published_facts(settings)[0]["version"] != version + 1:
            raise SystemExit(f"the {kind} of round {number} was not published")
    take(FULL, [*RUN, "--full"])
    take("tick", RUN)  # the first writes the note by which the next ones judge
    taken["tick"].clear() if number == 0 else taken["tick"].pop()
    take("tick", RUN)
    take("tick_if_files", [*RUN[:2], "--if-files"])


def follower_table(world: World, number: int) -> bytes:
    """Five accounts over 55 days that end with the world; the last digits depend on the round."""
    lines = ["date,handle,followers,following"]
    for account in range(5):
        for day in range(DAYS):
            date = world.end.date() - timedelta(days=DAYS - day)
            lines.append(f"{date},firm_{number}_{account},{1000 * (account + 1) + 7 * day + number},{300 + day}")
    return ("\n".join(lines) + "\n").encode()


def again(content: bytes) -> Callable[[int], bytes]:
    """The same file with another end in every round, which makes it another file."""
    return lambda number: content.rstrip() + b"\n" * (number + 1)


if __name__ == "__main__":
    main()
