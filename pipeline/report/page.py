"""The page: answers into one HTML file that needs nothing else. Everything from the data is escaped; scripts run only
if their hash is in the page's own policy, which forbids every connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from pipeline.report.catalogue import language, say
from pipeline.report.changes import Change
from pipeline.report.charts.theme import page_config
from pipeline.report.definitions import glossary
from pipeline.report.environment import environment, policy, script_json, style, template_text, write_cell
from pipeline.report.figures import FigureResult, Section
from pipeline.report.filters import Filters
from pipeline.report.findings import Headline
from pipeline.report.locales import vega_locale
from pipeline.report.playbook import Card

# Rows of a table that are there without a script, and rows that the page holds at all; the CSV file has all.
SHOWN_ROWS, HELD_ROWS = 200, 5_000
SCRIPTS = ("report.js", "filters.js", "tables.js")
Answers = Sequence[tuple[Section, Sequence[FigureResult]]]


@dataclass(frozen=True)
class Facts:
    """Which version the report is about."""

    version: int
    published_at: datetime
    run_id: str
    code_version: str
    is_demo: bool


def render_page(
    facts: Facts,
    findings: Sequence[Headline],
    answers: Answers,
    *,
    vega_script: str,
    cards: Sequence[Card] = (),
    filters: Filters | None = None,
) -> str:
    """The whole report as HTML. Questions without any data are listed at its end and nowhere else."""
    script = "".join(map(template_text, SCRIPTS))
    answered = [(section, [answer for answer in given if not answer.missing]) for section, given in answers]
    unanswered = [(section, answer) for section, given in answers for answer in given if answer.missing]
    given = [answer for _, of_section in answered for answer in of_section]
    filters = filters or Filters()
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            facts=facts,
            findings=findings,
            sections=[(section, kept) for section, kept in answered if kept],
            unanswered=unanswered,
            cards=cards,
            filters=filters,
            glossary=glossary(section.name for section, kept in answered if kept),
            style=style("style.css", "print.css"),
            given=script_json(
                {
                    "config": page_config(),
                    "locale": vega_locale(language()),
                    "specs": _specs(given),
                    "rest": _rest(given),
                    "filters": {"survey": filters.surveys, "account": filters.accounts},
                    "words": {name: say(f"script.{name}") for name in WORDS},
                    "decimal": say("write.decimal_mark"),
                }
            ),
            vega_script=Markup(vega_script),  # noqa: S704 - the library
            script=Markup(script),  # noqa: S704 - written by us
            policy=policy(vega_script, script),
            shown_rows=SHOWN_ROWS,
            held_rows=HELD_ROWS,
        )
    )


WORDS = ("failed", "search", "found", "sorted_up", "sorted_down", "filtered", "unfiltered")


def _specs(given: Sequence[FigureResult]) -> dict[str, Any]:
    return {
        f"{answer.figure.name}-{number}-{place}": panel.spec
        for answer in given
        for number, drawing in enumerate(answer.drawings)
        for place, panel in enumerate(drawing.panels)
    }


def _rest(given: Sequence[FigureResult]) -> dict[str, list[list[str]]]:
    """Rows beyond those that the page shows by itself, as written cells: a search or a filter must find them too."""
    return {
        answer.figure.name: [
            [write_cell(row[name], form) for name, form in answer.figure.columns.items() if name in row]
            for row in answer.rows[SHOWN_ROWS:HELD_ROWS]
        ]
        for answer in given
        if len(answer.rows) > SHOWN_ROWS
    }


def render_failure(what: str, *, is_demo: bool) -> str:
    """A page in place of a report that could not be made."""
    template = environment().get_template("failed.html.j2")
    return template.render(what=what, is_demo=is_demo, style=style("style.css"), policy=policy())


def render_digest(title: str, since: str, changes: Sequence[Change], *, is_demo: bool) -> str:
    """What changed between two versions, as HTML for a mail."""
    template = environment().get_template("digest.html.j2")
    return template.render(title=title, since=since, changes=changes, is_demo=is_demo)
