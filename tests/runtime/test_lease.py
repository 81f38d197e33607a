"""One writer per data folder, who it is, and that nobody writes with a lease that is no longer theirs."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.runtime.lease import boot_id, hold_lease, read_lease, require_lease
from pipeline.settings import Settings
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


def test_a_second_writer_learns_who_holds_the_lease(settings: Settings) -> None:
    with hold_lease(settings, purpose="run 7", now=NOW):
        with (
            pytest.raises(TweetbenchError, match="another run holds the lease") as caught,
            hold_lease(settings, purpose="run 8", now=NOW),
        ):
            pytest.fail("two writers at once")
        assert caught.value.exit_code == Exit.BUSY
        assert f"pid {os.getpid()}" in caught.value.where
        assert "purpose run 7" in caught.value.where


def test_the_lease_is_free_again_after_its_holder_was_killed(settings: Settings) -> None:
    code = (
        "import sys, time; from datetime import datetime, UTC; from pathlib import Path\n"
        "from pipeline.runtime.lease import hold_lease; from pipeline.settings import Settings\n"
        "with hold_lease(Settings(_env_file=None, data_dir=Path(sys.argv[1])), purpose='x', now=datetime.now(UTC)):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, settings.data_dir], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(TweetbenchError), hold_lease(settings, purpose="y", now=NOW):
        pass
    child.kill()
    child.wait()
    child.stdout.close()
    with hold_lease(settings, purpose="z", now=NOW):
        assert '"purpose": "z"' in (settings.data_dir / ".lease").read_text()


def test_g11_a_zombie_with_a_stale_token_cannot_commit(settings: Settings) -> None:
    rows = {"issues": [{"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}]}
    lake = Lake(settings.lake_dir)
    with hold_lease(settings, purpose="zombie", now=NOW):
        lake.commit(rows, source="inbox", run_id="r1", now=NOW)
        # Somebody removes the lock file "to clean up", and a second run starts in a process of its own.
        (settings.data_dir / ".lease").unlink()
        code = (
            "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
            "from pipeline.runtime.lease import hold_lease; from pipeline.settings import Settings\n"
            "with hold_lease(Settings(_env_file=None, data_dir=Path(sys.argv[1])), purpose='second', "
            "now=datetime.now(UTC)): pass\n"
        )
        subprocess.run([sys.executable, "-c", code, settings.data_dir], check=True)
        with pytest.raises(TweetbenchError, match="lost its lease") as caught:
            lake.commit(rows, source="inbox", run_id="r2", now=NOW)
    assert caught.value.exit_code == Exit.BUSY
    assert "purpose second" in caught.value.where
    assert [commit.run_id for commit in lake.commits()] == ["r1"]


def test_g11_a_lease_that_was_lost_while_the_files_were_written_stops_the_commit(settings: Settings) -> None:
    rows = {"issues": [{"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}]}
    lake = Lake(settings.lake_dir)
    write_file = lake.write_file

    def write_and_lose(*arguments: object) -> object:
        (settings.data_dir / ".lease").write_text("{}")
        return write_file(*arguments)  # type: ignore[arg-type]

    lake.write_file = write_and_lose  # type: ignore[method-assign,assignment]
    with hold_lease(settings, purpose="p", now=NOW), pytest.raises(TweetbenchError, match="lost its lease"):
        lake.commit(rows, source="inbox", run_id="r", now=NOW)
    assert list(lake.commits()) == []


def test_g11_leases_are_numbered_and_name_process_host_and_boot(settings: Settings) -> None:
    for number in (1, 2, 3):
        with hold_lease(settings, purpose="p", now=NOW) as lease:
            assert (lease.number, lease.pid, lease.boot_id) == (number, os.getpid(), boot_id())
            assert lease.is_alive()
            require_lease(settings.data_dir)
    left = read_lease(settings.data_dir)
    assert left is not None
    assert left.number == 3


def test_g11_a_holder_of_an_earlier_boot_or_a_process_that_is_gone_is_not_alive(settings: Settings) -> None:
    with hold_lease(settings, purpose="p", now=NOW) as lease:
        assert not replace(lease, boot_id="another boot").is_alive()
        gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        assert not replace(lease, pid=int(gone.stdout)).is_alive()
        assert replace(lease, host="another machine", pid=1).is_alive()


def test_g41_what_a_writer_makes_is_the_owners_alone(settings: Settings) -> None:
    with hold_lease(settings, purpose="p", now=NOW):
        (settings.data_dir / "made").write_text("x")
    assert (settings.data_dir / "made").stat().st_mode & 0o777 == 0o600
