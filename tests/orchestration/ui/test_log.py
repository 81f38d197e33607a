"""The log of a server that stays open for as long as its machine runs."""

import subprocess
from pathlib import Path

from pipeline.orchestration.ui.server import LARGEST_LOG, bound_log, errors_into

LINE = "WARNING a line of Dagster's code server\n"


def write(lines: int) -> None:
    """By a child, to the standard error that it was given."""
    subprocess.run(["sh", "-c", f'yes "{LINE.strip()}" | head -n {lines} >&2'], check=True)


def test_a_log_that_others_write_to_is_put_aside_when_it_is_large_and_never_takes_more_than_two_parts(
    tmp_path: Path,
) -> None:
    log, earlier = tmp_path / "ui.log", tmp_path / "ui.log.1"
    enough = LARGEST_LOG // len(LINE) + 1
    with errors_into(log):
        write(3)
        bound_log(log)
        assert (log.read_text(), earlier.exists()) == (3 * LINE, False)
        for _ in range(3):
            write(enough)
            bound_log(log)
            write(2)
            assert log.read_text() == 2 * LINE
            assert earlier.read_text().count(LINE) >= enough
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * LARGEST_LOG


def test_a_disk_that_takes_no_copy_of_a_large_log_is_freed_of_it(tmp_path: Path) -> None:
    log = tmp_path / "ui.log"
    (tmp_path / "ui.log.1").mkdir()  # nothing can be copied there, as on a full disk
    log.write_text("x" * (LARGEST_LOG + 1))
    bound_log(log)
    assert log.read_text() == ""
