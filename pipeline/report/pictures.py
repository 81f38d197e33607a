"""SVG and PNG copies of the charts, in the light theme, with their title and, for demo data, their mark.

They are drawn by processes of their own, which warm up while the warehouse is asked: the engine that draws holds the
lock of the interpreter, and drawing forty charts takes longer than everything else together. So drawings are kept: one
whose data, words and look are those of an earlier report only gets the new subtitle, which names the version.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.report.catalogue import language, say
from pipeline.report.charts.theme import picture_spec
from pipeline.report.figures import Drawing, FigureResult
from pipeline.report.locales import vega_locale
from pipeline.runtime.processes import own_module

# Width of one panel in pixels: alone, in pairs, in threes.
WIDTHS = {1: 720, 2: 400, 3: 300}
# Drawings of the last report, 30 kB each.
KEPT_FOLDER = ".drawings"
# Stands for the subtitle in a kept drawing, and is longer than any, so that there is room for each.
ANY_SUBTITLE = "0" * 80
# Against a worker that hangs; on a machine that is busy with other things one took more than two minutes.
LONGEST_SECONDS = 1200


@contextmanager
def picture_workers(count: int, reports_dir: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that draw; none of them outlives the block. The first report finds them warm."""
    warm_up = [] if (reports_dir / KEPT_FOLDER).is_dir() else ["--warm-up"]
    with ExitStack() as stack:
        workers = []
        for _ in range(count):
            worker = subprocess.Popen(  # noqa: S603 - our own module; data go through its input
                own_module("pipeline.report.picture_worker", *warm_up),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            stack.callback(_end, worker)
            workers.append(worker)
        yield workers


def draw_pictures(
    answers: Sequence[FigureResult],
    folder: Path,
    *,
    subtitle: str,
    with_folded: bool,
    reports_dir: Path,
    workers: Sequence[subprocess.Popen[str]],
) -> list[str]:
    """Write NAME.svg and NAME.png for each drawing, numbered where a figure has several; returns what went wrong.

    `with_folded` also draws the breakdowns that are folded on the page. Drawings are kept in `reports_dir`.
    """
    kept = reports_dir / KEPT_FOLDER
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    jobs = [job for job in _jobs(answers, folder, kept, subtitle) if with_folded or not job.pop("is_folded")]
    shares = [jobs[place :: len(workers)] for place in range(len(workers))]
    for worker, share in zip(workers, shares, strict=True):
        if worker.stdin:  # always: it was opened with a pipe
            worker.stdin.write(json.dumps(share, default=str))
            worker.stdin.close()
            worker.stdin = None
    problems: list[str] = []
    for worker, share in zip(workers, shares, strict=True):
        try:
            said, _ = worker.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:  # its pictures are missing, and the rest of the report is as good as ever
            worker.kill()
            said, _ = worker.communicate()
        failed = json.loads(said) if worker.returncode == 0 else [job["path"] for job in share]
        problems += [say("problem.no_picture", name=Path(path).name) for path in failed]
    used = {Path(job["kept"]).name for job in jobs}
    for file in kept.iterdir():
        if file.name not in used:
            file.unlink(missing_ok=True)
    return problems


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


def _jobs(answers: Sequence[FigureResult], folder: Path, kept: Path, subtitle: str) -> Iterator[dict[str, Any]]:
    locale = vega_locale(language())
    for answer in answers:
        for number, drawing in enumerate(answer.drawings, start=1):
            name = answer.figure.name + (f"-{number}" if len(answer.drawings) > 1 else "")
            spec = picture_of(drawing, title=drawing.title or answer.figure.title, subtitle=ANY_SUBTITLE)
            look = json.dumps([version("vl-convert-python"), spec, locale], default=str)
            yield {
                "path": str(folder / name),
                "kept": str(kept / f"{hashlib.sha256(look.encode()).hexdigest()}.svg"),
                "spec": spec,
                "subtitle": [ANY_SUBTITLE, subtitle],
                "is_folded": drawing.folded,
                "locale": locale,
            }


def _end(worker: subprocess.Popen[str]) -> None:
    if worker.poll() is None:
        worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe:
            pipe.close()
