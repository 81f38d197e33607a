"""Draws Vega-Lite specifications in a process of its own: reads jobs as JSON, writes PATH.svg and PATH.png, prints the
paths that failed. Loads nothing else of tweetbench, so that it starts at once.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import vl_convert

PNG_SCALE = 1.5
END = "</svg>"
WARM_UP = {"data": {"values": [{}]}, "mark": "point"}


def main() -> None:
    """Warm up if asked to, wait for the jobs, draw them."""
    if "--warm-up" in sys.argv:
        vl_convert.vegalite_to_svg(WARM_UP)
    failed = []
    for job in json.load(sys.stdin):
        try:
            placeholder, subtitle = map(escape, job["subtitle"])
            svg = drawing(job).replace(placeholder, subtitle)
            Path(job["path"] + ".svg").write_text(svg, encoding="utf-8")
            Path(job["path"] + ".png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
        except (ValueError, OSError):
            failed.append(job["path"])
    sys.stdout.write(json.dumps(failed))


def drawing(job: dict[str, Any]) -> str:
    """The SVG as it was kept, or drawn now and kept."""
    kept, locale = Path(job["kept"]), job["locale"]
    with suppress(FileNotFoundError):  # never drawn, or another report has just forgotten it
        if (svg := kept.read_text(encoding="utf-8")).endswith(END):  # a power cut can leave a part
            return svg
    svg = vl_convert.vegalite_to_svg(
        job["spec"], format_locale=locale.get("formatLocale"), time_format_locale=locale.get("timeFormatLocale")
    )
    unfinished = kept.with_suffix(f".{os.getpid()}")
    with suppress(FileNotFoundError):  # forgotten likewise
        unfinished.write_text(svg, encoding="utf-8")
        unfinished.replace(kept)  # whole or not at all
    return svg


if __name__ == "__main__":
    main()
