"""The processes that draw pictures: what one of them costs that dies, and that none stays."""

import os
import signal
from pathlib import Path
from typing import Any

from pipeline.report.painters import Painters
from pipeline.runtime.processes import descendants

SPEC = {"data": {"values": [{"name": "a", "value": 3}]}, "mark": "bar"}


def job(path: Path, spec: dict[str, Any] | None = None) -> dict[str, Any]:
    given = {"spec": SPEC if spec is None else spec, "texts": {}, "locale": {}, "kept": None}
    return {**given, "path": str(path), "dots": "jpeg", "scale": 1}


def test_a_painter_that_dies_takes_one_picture_with_it_and_no_other(tmp_path: Path) -> None:
    before = set(descendants())
    with Painters(1) as painters:
        assert painters.draw(job(tmp_path / "first")).result() is True
        (worker,) = set(descendants()) - before
        os.kill(worker, signal.SIGSTOP)
        lost, next_one = painters.draw(job(tmp_path / "lost")), painters.draw(job(tmp_path / "next"))
        os.kill(worker, signal.SIGKILL)
        assert [lost.result(), next_one.result()] == [False, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.jpeg", "first.svg", "next.jpeg", "next.svg"]
    assert set(descendants()) == before


def test_what_cannot_be_drawn_or_written_is_said_and_the_painter_works_on(tmp_path: Path) -> None:
    with Painters(1) as painters:
        handed = [
            painters.draw(job(tmp_path / "no_chart", {"mark": {"type": "no such mark"}})),
            painters.draw(job(tmp_path / "no_folder" / "chart")),
            painters.draw(job(tmp_path / "chart")),
        ]
        assert [one.result() for one in handed] == [False, False, True]


def test_pictures_that_nobody_waits_for_leave_no_process(tmp_path: Path) -> None:
    before = set(descendants())
    with Painters(2) as painters:
        begun = [painters.draw(job(tmp_path / str(number))) for number in range(40)]
    assert set(descendants()) == before
    assert all(one.done() for one in begun)
    assert len(list(tmp_path.glob("*.jpeg"))) < 40
