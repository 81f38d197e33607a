"""Draws Vega-Lite specifications in a process of its own: reads jobs as JSON, writes PATH.svg and PATH.png, prints the
paths that failed. Loads nothing else of tweetbench, so that it starts at once.
"""

import json
import sys
from pathlib import Path

import vl_convert

PNG_SCALE = 1.5
WARM_UP = {"data": {"values": [{}]}, "mark": "point"}


def main() -> None:
    """Warm up, wait for the jobs, draw them."""
    vl_convert.vegalite_to_svg(WARM_UP)
    failed = []
    for job in json.load(sys.stdin):
        try:
            locale = job["locale"]
            svg = vl_convert.vegalite_to_svg(
                job["spec"],
                format_locale=locale.get("formatLocale"),
                time_format_locale=locale.get("timeFormatLocale"),
            )
            Path(job["path"] + ".svg").write_text(svg, encoding="utf-8")
            Path(job["path"] + ".png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
        except (ValueError, OSError):
            failed.append(job["path"])
    sys.stdout.write(json.dumps(failed))


if __name__ == "__main__":
    main()
