"""Draws Vega-Lite specifications in a process of its own: for each line of its input, a job as JSON, it writes the
files of the picture and says whether they are there. Loads nothing else of tweetbench, so that it starts at once.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import vl_convert

END = "</svg>"


def main() -> None:
    """Draw until the input ends."""
    for line in sys.stdin:
        try:
            draw(json.loads(line))
            said = "drawn"
        except (ValueError, OSError):
            said = "failed"
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


def draw(job: dict[str, Any]) -> None:
    """Write PATH.svg, with its `texts` replaced, and PATH.png or PATH.jpeg.

    Raises:
        ValueError: there is no such chart.
        OSError: the disk refuses.
    """
    svg = drawing(job)
    for placeholder, text in job["texts"].items():
        svg = svg.replace(escape(placeholder), escape(text))
    Path(f"{job['path']}.svg").write_text(svg, encoding="utf-8")
    if job["dots"] == "png":
        dots = vl_convert.svg_to_png(svg, scale=job["scale"])
    else:
        dots = vl_convert.svg_to_jpeg(svg, scale=job["scale"], quality=85)
    Path(f"{job['path']}.{job['dots']}").write_bytes(dots)


def drawing(job: dict[str, Any]) -> str:
    """The SVG as it was kept, or drawn now and kept; without `kept` it is drawn each time."""
    kept = Path(job["kept"]) if job["kept"] else None
    if kept:
        with suppress(FileNotFoundError):  # never drawn, or another report has just forgotten it
            if (svg := kept.read_text(encoding="utf-8")).endswith(END):  # a power cut can leave a part
                return svg
    locale = job["locale"]
    svg = vl_convert.vegalite_to_svg(
        job["spec"], format_locale=locale.get("formatLocale"), time_format_locale=locale.get("timeFormatLocale")
    )
    if kept:
        unfinished = kept.with_suffix(f".{os.getpid()}")
        with suppress(FileNotFoundError):  # forgotten likewise
            unfinished.write_text(svg, encoding="utf-8")
            unfinished.replace(kept)  # whole or not at all
    return svg


if __name__ == "__main__":
    main()
