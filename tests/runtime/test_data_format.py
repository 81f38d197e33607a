"""The mark of a data folder's form: a number of a form, or a message; never a guess, a wait or a traceback."""

import os
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.data_format import FILE, mark_format, refuse_later_format
from tests.command import Tweetbench

NONSENSE = {
    "nothing": b"",
    "blanks": b" \n",
    "no text": b"\xff\xfe\x00",
    "another JSON value": b"[1]",
    "no number": b'{"format": "1", "written_by": "1"}',
    "a truth value": b'{"format": true, "written_by": "1"}',
    "a fraction": b'{"format": 1.5, "written_by": "1"}',
    "without end": b'{"format": Infinity, "written_by": "1"}',
    "below the first": b'{"format": 0, "written_by": "1"}',
    "far below": b'{"format": -7, "written_by": "1"}',
    "too many digits": b'{"format": ' + b"9" * 4_000 + b', "written_by": "1"}',
    "no writer": b'{"format": 1}',
    "deep": b"[" * 4_000,
    "large": b'{"format": 1, "written_by": "' + b"a" * 10_000_000 + b'"}',
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_mark_that_says_nothing_is_a_message(name: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(NONSENSE[name])
    with pytest.raises(TweetbenchError, match="it is not known which version") as refused:
        refuse_later_format(tmp_path)
    assert refused.value.exit_code == Exit.CONFIGURATION
    assert len(str(refused.value)) < 1_000


def test_a_mark_that_is_no_file_is_said_by_every_command_and_none_waits_for_it(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    tweetbench.data_dir.mkdir()
    mark = tweetbench.data_dir / FILE
    os.mkfifo(mark)
    assert "a pipe, socket or device lies in the data folder" in tweetbench("status").err
    mark.unlink()
    mark.symlink_to("/dev/zero")
    assert "a pipe, socket or device lies in the data folder" in tweetbench("doctor").err
    mark.unlink()
    mark.mkdir()
    said = tweetbench("status")
    assert (said.code, "it is not known which version" in said.err) == (Exit.CONFIGURATION, True)


def test_a_broken_link_is_no_mark_and_is_replaced_by_one(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "gone")
    refuse_later_format(tmp_path)
    mark_format(tmp_path)
    assert not (tmp_path / FILE).is_symlink()
    assert not (tmp_path / "gone").exists()
    refuse_later_format(tmp_path)
