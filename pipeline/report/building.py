"""Builds a report: asks every question of one published file, writes the page, the tables and the pictures."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb
import vl_convert

from pipeline.publish.reader import open_file
from pipeline.report.catalogue import say, speaking
from pipeline.report.cells import csv_text
from pipeline.report.figures import FigureResult, Section
from pipeline.report.filters import find_filters
from pipeline.report.findings import find
from pipeline.report.page import Facts, render_failure, render_page
from pipeline.report.painters import Painters
from pipeline.report.pictures import Pictures
from pipeline.report.playbook import cards_of
from pipeline.report.run_figures import has_accounts, query_figure, rows_of, without_rows
from pipeline.report.sections import SECTIONS
from pipeline.report.sections.built_in import built_in_sections
from pipeline.report.survey_page import write_survey_pages
from pipeline.report.writing import write_day
from pipeline.settings import Settings

FACTS = "select version, published_at, run_id, code_version, is_demo from marts.published"


# Two drawing processes keep two cores busy; more gain nothing, since they share what one report has to draw.
PROCESSES = 2


@dataclass(frozen=True)
class Report:
    """What was built; `problems` are faults of the report itself, for the one who runs it."""

    page: Path
    figure_count: int
    drawn_count: int
    problems: tuple[str, ...]


def build_report(
    file: Path,
    folder: Path,
    *,
    settings: Settings,
    with_folded: bool = True,
    sections: Sequence[Section] = SECTIONS,
) -> Report:
    """Write index.html, tables/*.csv and charts/*.{svg,png} into `folder` from a published warehouse file.

    Pictures of folded breakdowns, a third of all the work, can be left out: every run publishes, few look at them.
    The chart library and the drawings are kept in the data folder between reports, because making them takes seconds.

    Raises:
        duckdb.Error, OSError: the file cannot be read or the folder not written. A fault of a single figure is shown in
            its place and listed in the report's problems.
    """
    with speaking(settings.language):
        return _build(file, folder, settings=settings, with_folded=with_folded, sections=sections)


def _build(file: Path, folder: Path, *, settings: Settings, with_folded: bool, sections: Sequence[Section]) -> Report:
    for name in ("tables", "charts", "survey"):  # an older report may have had others
        shutil.rmtree(folder / name, ignore_errors=True)
    for part in (folder, folder / "tables", folder / "charts"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Painters(min(PROCESSES, settings.threads)) as painters:
        with open_file(file) as connection:
            facts = read_facts(connection)
            pictures = Pictures(
                folder / "charts",
                painters,
                subtitle=_subtitle(facts),
                with_folded=with_folded,
                reports_dir=settings.reports_dir,
            )
            findings = find(connection)
            filters = find_filters(connection)
            known, faults = _built_in(settings.demo_truth_file) if facts.is_demo else ([], [])
            answers: list[tuple[Section, list[FigureResult]]] = []
            for section in (*sections, *known):
                answers.append((section, ask_section(connection, section)))
                for answer in answers[-1][1]:
                    pictures.begin(answer)
            write_survey_pages(connection, folder, facts)
        given = [answer for _, of_section in answers for answer in of_section]
        problems = faults + [f"{answer.figure.name}: {answer.problem}" for answer in given if answer.problem]
        problems += pictures.finish()
    for answer in given:
        if answer.rows:
            table = folder / "tables" / f"{answer.figure.name}.csv"
            table.write_text(csv_text(list(answer.rows[0]), answer.rows), encoding="utf-8", newline="")
    page = folder / "index.html"
    page.write_text(
        render_page(
            facts,
            findings,
            answers,
            vega_script=vega_script(settings.reports_dir),
            cards=[card for answer in given if answer.figure.name == "playbook" for card in cards_of(answer.rows)],
            filters=filters,
        ),
        encoding="utf-8",
    )
    return Report(page, len(given), sum(bool(answer.drawings) for answer in given), tuple(problems))


def build_or_explain(file: Path, folder: Path, *, settings: Settings) -> Report:
    """The same, but a failure becomes a page that says so: the data must be published whatever the report does.

    Raises:
        OSError: the disk refuses; publication refuses then as well.
    """
    try:
        return build_report(file, folder, settings=settings, with_folded=False)
    except OSError:
        raise
    except Exception as error:  # whatever it is, the data are sound and their readers wait
        what = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        page = folder / "index.html"
        with speaking(settings.language):
            page.write_text(render_failure(what, is_demo=settings.is_demo), encoding="utf-8")
        return Report(page, 0, 0, (say("problem.not_made", what=what),))


def read_facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    """The row of `marts.published`."""
    return Facts(**rows_of(connection, FACTS)[0])


def vega_script(folder: Path) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, kept in a file named after the version that made it."""
    kept = folder / f".vega-{version('vl-convert-python')}.js"
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    made: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part")
    unfinished.write_text(made, encoding="utf-8")
    unfinished.replace(kept)  # whole or not at all
    return made


def _built_in(truth_file: Path) -> tuple[list[Section], list[str]]:
    """The section of a demo, and what is wrong with its file; the rest of the report does not hang on it."""
    try:
        return built_in_sections(truth_file), []
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [], [say("problem.truth", file=truth_file.name, kind=type(error).__name__, error=error)]


def ask_section(connection: duckdb.DuckDBPyConnection, section: Section) -> list[FigureResult]:
    if section.needs_accounts and not has_accounts(connection):
        return [without_rows(connection, figure) for figure in section.figures[: 1 if section.needs_first else None]]
    first = query_figure(connection, section.figures[0])
    if section.needs_first and first.missing:
        return [first]
    return [first, *(query_figure(connection, figure) for figure in section.figures[1:])]


def _subtitle(facts: Facts) -> str:
    key = "page.subtitle_demo" if facts.is_demo else "page.subtitle"
    return say(key, version=facts.version, day=write_day(facts.published_at))
