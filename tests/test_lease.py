"""One writer per data folder, and who it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


def test_a_second_writer_is_told_who_holds_the_lease(settings: Settings) -> None:
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
        "from pipeline.lease import hold_lease; from pipeline.settings import Settings\n"
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
