"""SVG and PNG copies of the charts, in the light theme, with their title and, for demo data, their mark.

They are drawn while the warehouse is asked for the next figures: forty charts take longer than all else together.
So drawings are kept as well: one whose data, words and look are those of an earlier report only gets the new subtitle,
which names the version.
"""

import hashlib
import json
from concurrent.futures import Future, wait
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.report.catalogue import language, say
from pipeline.report.charts.theme import picture_spec
from pipeline.report.figures import Drawing, FigureResult
from pipeline.report.locales import vega_locale
from pipeline.report.painters import Painters

# Width of one panel in pixels: alone, in pairs, in threes.
WIDTHS = {1: 720, 2: 400, 3: 300}
PNG_SCALE = 1.5
# Drawings of the last report, 30 kB each.
KEPT_FOLDER = ".drawings"
# Stands for the subtitle in a kept drawing, and is longer than any, so that there is room for each.
ANY_SUBTITLE = "0" * 80
# Against a painter that hangs; on a machine that is busy with other things one took more than two minutes.
LONGEST_SECONDS = 1200


class Pictures:
    """NAME.svg and NAME.png of each drawing of a report, numbered where a figure has several; drawn as they come.

    `with_folded` also draws the breakdowns that are folded on the page. Drawings are kept in `reports_dir`.
    """

    def __init__(
        self, folder: Path, painters: Painters, *, subtitle: str, with_folded: bool, reports_dir: Path
    ) -> None:
        self._folder, self._painters = folder, painters
        self._subtitle, self._with_folded = subtitle, with_folded
        self._kept = reports_dir / KEPT_FOLDER
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._used: set[str] = set()
        self._drawn: dict[Future[bool], str] = {}

    def begin(self, answer: FigureResult) -> None:
        """Have the drawings of a figure drawn."""
        locale = vega_locale(language())
        for number, drawing in enumerate(answer.drawings, start=1):
            if drawing.folded and not self._with_folded:
                continue
            name = answer.figure.name + (f"-{number}" if len(answer.drawings) > 1 else "")
            spec = picture_of(drawing, title=drawing.title or answer.figure.title, subtitle=ANY_SUBTITLE)
            look = json.dumps([version("vl-convert-python"), spec, locale], default=str)
            kept = f"{hashlib.sha256(look.encode()).hexdigest()}.svg"
            job = {"path": str(self._folder / name), "dots": "png", "scale": PNG_SCALE, "kept": str(self._kept / kept)}
            job |= {"spec": spec, "texts": {ANY_SUBTITLE: self._subtitle}, "locale": locale}
            self._used.add(kept)
            self._drawn[self._painters.draw(job)] = name

    def finish(self) -> list[str]:
        """Wait for all of them; a message for each that is missing.

        Drawings that this report has no use for are forgotten.
        """
        done = wait(self._drawn, timeout=LONGEST_SECONDS).done
        for file in self._kept.iterdir():
            if file.name not in self._used:
                file.unlink(missing_ok=True)
        missing = [name for one, name in self._drawn.items() if one not in done or not one.result()]
        return [say("problem.no_picture", name=name) for name in missing]


def picture_of(drawing: Drawing, *, title: str, subtitle: str) -> dict[str, Any]:
    """All panels of a drawing as one Vega-Lite specification with a fixed width."""
    columns = min(3, len(drawing.panels))
    panels, datasets = [], {}
    for panel in drawing.panels:
        spec = dict(panel.spec)
        datasets.update(spec.pop("datasets", {}))
        panels.append({**spec, "width": WIDTHS[columns], **({"title": panel.title} if panel.title else {})})
    heading = {"text": title, "subtitle": subtitle, "fontSize": 16, "subtitleFontSize": 12, "offset": 14}
    whole = panels[0] if columns == 1 and len(panels) == 1 else {"concat": panels, "columns": columns}
    if len(panels) == 1 and drawing.panels[0].title:
        heading["subtitle"] = f"{drawing.panels[0].title}. {subtitle}"
    return picture_spec({**whole, "title": heading, "datasets": datasets})
