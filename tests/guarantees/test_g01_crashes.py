"""G1-G6: the small flow is killed or starved of space everywhere; what is left is the state before or after, and the
next run ends where an undisturbed one did. The long version, every point of a run, is `tests.guarantees.soak`.
"""

import errno
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import Exit
from tests.guarantees.crashing import KILLED, Stage, judge, open_stage

KILLS = 8
DRAWN = random.Random(41)  # noqa: S311


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


def test_g01_g02_g03_g04_g05_a_crash_at_every_named_point_is_made_good(stage: Stage, tmp_path: Path) -> None:
    last = dict(stage.points)
    assert {"landing.appended", "lake.file_written", "lake.entry_linked", "load.committed"} <= last.keys()
    for point, hit in last.items():
        folder = stage.fresh(tmp_path / point)
        plan = f"{point}:crash:{DRAWN.randint(1, hit)}"
        assert (plan, stage.worker.run(stage.order(folder, plan=plan))) == (plan, KILLED)
        assert (plan, judge(stage, folder)) == (plan, [])


def test_g01_g02_g03_g04_g05_a_kill_before_a_file_operation_is_made_good(stage: Stage, tmp_path: Path) -> None:
    # One in each eighth of the run, publishing included.
    step = stage.operation_count // KILLS
    for first in range(1, stage.operation_count - step, step):
        number = first + DRAWN.randrange(step)
        folder = stage.fresh(tmp_path / str(number))
        assert (number, stage.worker.run(stage.order(folder, die_at=number))) == (number, KILLED)
        assert (number, judge(stage, folder)) == (number, [])


def test_g01_g02_g03_g04_g05_a_kill_of_the_process_group_at_any_moment_is_made_good(
    stage: Stage, tmp_path: Path
) -> None:
    codes = set()
    for number in range(KILLS):
        folder = stage.fresh(tmp_path / str(number))
        codes.add(stage.worker.run_and_kill(stage.order(folder), stage.seconds * DRAWN.random()))
        assert (number, judge(stage, folder)) == (number, [])
    assert KILLED in codes
    assert codes <= {KILLED, 0}


def test_g06_a_disk_that_is_full_from_any_write_on_ends_the_run_and_harms_nothing(stage: Stage, tmp_path: Path) -> None:
    step = stage.operation_count // 5
    for number in range(2, stage.operation_count, step):
        folder = stage.fresh(tmp_path / str(number))
        code = stage.worker.run(stage.order(folder, full_from=number))
        assert (number, code in {int(Exit.IO), errno.ENOSPC}) == (number, True)
        assert (number, judge(stage, folder)) == (number, [])
