"""Pictures next to the report: drawn once for the same data, and each names the version that it belongs to."""

from pathlib import Path

import pytest

from pipeline.report.catalogue import speaking
from pipeline.report.figures import Drawing, Figure, FigureResult, Panel
from pipeline.report.painters import Painters
from pipeline.report.pictures import KEPT_FOLDER, Pictures


def draw(tmp_path: Path, *, value: int, subtitle: str, language: str = "en") -> tuple[str, bytes]:
    """One picture in a report of its own; its SVG and PNG."""
    spec = {
        "data": {"values": [{"name": "a", "value": value}]},
        "mark": "bar",
        "encoding": {"x": {"field": "value", "type": "quantitative"}},
    }
    answer = FigureResult(Figure("ratio_map", "", {}, lambda _: []), drawings=(Drawing((Panel("", spec),), alt=""),))
    folder, reports = tmp_path / "charts", tmp_path / "reports"
    folder.mkdir(exist_ok=True)
    with speaking(language), Painters(1) as painters:
        pictures = Pictures(folder, painters, subtitle=subtitle, with_folded=False, reports_dir=reports)
        pictures.begin(answer)
        assert pictures.finish() == []
    return (folder / "ratio_map.svg").read_text(encoding="utf-8"), (folder / "ratio_map.png").read_bytes()


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "reports" / KEPT_FOLDER).iterdir())


def test_the_same_data_in_another_version_are_the_same_drawing_with_the_name_of_that_version(tmp_path: Path) -> None:
    first, first_png = draw(tmp_path, value=3, subtitle="tweetbench, version 9, 2026-11-30")
    (drawing,) = kept(tmp_path)
    drawing.write_text(drawing.read_text().replace("</svg>", "<!-- was kept --></svg>"), encoding="utf-8")
    second, second_png = draw(tmp_path, value=3, subtitle="R & D <demo>, version 10, 2026-12-01")
    assert kept(tmp_path) == [drawing]
    assert "tweetbench, version 9, 2026-11-30" in first
    assert "was kept" not in first
    assert second == first.replace(
        "tweetbench, version 9, 2026-11-30", "R &amp; D &lt;demo&gt;, version 10, 2026-12-01"
    ).replace("</svg>", "<!-- was kept --></svg>")
    assert first_png != second_png


def test_other_data_or_another_language_are_another_drawing(tmp_path: Path) -> None:
    draw(tmp_path, value=3, subtitle="version 1")
    first = kept(tmp_path)
    draw(tmp_path, value=4, subtitle="version 1")
    second = kept(tmp_path)
    draw(tmp_path, value=4, subtitle="Version 1", language="de")
    assert len({*first, *second, *kept(tmp_path)}) == 3


@pytest.mark.parametrize("left", ["", "<svg><g>"])
def test_a_drawing_of_which_a_power_cut_left_a_part_is_made_again(tmp_path: Path, left: str) -> None:
    whole, _ = draw(tmp_path, value=3, subtitle="version 1")
    kept(tmp_path)[0].write_text(left, encoding="utf-8")
    assert draw(tmp_path, value=3, subtitle="version 1")[0] == whole
    assert kept(tmp_path)[0].read_text(encoding="utf-8").endswith("</svg>")


def test_drawings_that_the_last_report_had_no_use_for_are_forgotten(tmp_path: Path) -> None:
    draw(tmp_path, value=3, subtitle="version 1")
    (earlier,) = kept(tmp_path)
    (earlier.parent / "half.4711").write_text("<svg>", encoding="utf-8")  # of a worker that was killed
    draw(tmp_path, value=4, subtitle="version 2")
    (now,) = kept(tmp_path)
    assert now != earlier
