"""Marks of processes: alive, gone, or another one under the same number."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime.processes import descendants, is_running, marked_pid, process_mark

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
PARENT = f"import subprocess; subprocess.Popen({SLEEP!r}).wait()"


def test_a_mark_holds_as_long_as_its_process() -> None:
    child = subprocess.Popen(SLEEP, stdout=subprocess.PIPE)
    mark = process_mark(child.pid)
    assert is_running(mark)
    assert marked_pid(mark) == child.pid
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_running(mark), "dead, though nobody has asked for its exit code yet"
    child.communicate()
    assert not is_running(mark)
    assert process_mark(child.pid) == ""


def test_another_process_under_the_same_number_is_not_mistaken_for_it() -> None:
    boot, pid, started = process_mark().split(" ")
    assert is_running(f"{boot} {pid} {started}")
    assert not is_running(f"{boot} {pid} {int(started) + 1}")
    assert not is_running(f"another-boot {pid} {started}")


@given(st.text())
def test_any_other_text_marks_nobody(text: str) -> None:
    assert not is_running(text)


def test_descendants_are_children_and_theirs() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    (grandchild,) = descendants(parent.pid)
    assert {parent.pid, grandchild} <= set(descendants())
    for pid in (parent.pid, grandchild):
        os.kill(pid, 9)
    parent.communicate()
