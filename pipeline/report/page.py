"""The page: answers into one HTML file that needs nothing else. Everything from the data is escaped; scripts run only
if their hash is in the page's own policy, which forbids every connection.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from pipeline.report.catalogue import language, say
from pipeline.report.cells import neutral_cell
from pipeline.report.changes import Change
from pipeline.report.charts.theme import DARK, LIGHT, css_variables, page_config
from pipeline.report.definitions import glossary
from pipeline.report.figures import FigureResult, Section
from pipeline.report.findings import Headline
from pipeline.report.writing import NUMBERS, start_sentence, write, write_count, write_day

# Rows of a table on the page; the CSV file has all.
SHOWN_ROWS = 200


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
    answers: Sequence[tuple[Section, Sequence[FigureResult]]],
    *,
    vega_script: str,
) -> str:
    """The whole report as HTML."""
    script = _template_text("report.js")
    charts = {
        f"{answer.figure.name}-{number}-{place}": panel.spec
        for _, given in answers
        for answer in given
        for number, drawing in enumerate(answer.drawings)
        for place, panel in enumerate(drawing.panels)
    }
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            facts=facts,
            findings=findings,
            sections=answers,
            glossary=glossary(),
            style=Markup(_style()),  # noqa: S704 - written by us
            charts=_script_json({"config": page_config(), "specs": charts, "failed": say("page.chart_failed")}),
            vega_script=Markup(vega_script),  # noqa: S704 - the library
            script=Markup(script),  # noqa: S704 - written by us
            policy=_policy(vega_script, script),
            shown_rows=SHOWN_ROWS,
        )
    )


def render_failure(what: str, *, is_demo: bool) -> str:
    """A page in place of a report that could not be made."""
    template = _environment().get_template("failed.html.j2")
    return template.render(what=what, is_demo=is_demo, style=Markup(_style()), policy=_policy())  # noqa: S704


def render_digest(title: str, since: str, changes: Sequence[Change], *, is_demo: bool) -> str:
    """What changed between two versions, as HTML for a mail."""
    template = _environment().get_template("digest.html.j2")
    return template.render(title=title, since=since, changes=changes, is_demo=is_demo)


def _policy(*scripts: str) -> str:
    """Nothing is loaded and nothing is sent; of scripts only those with these hashes run."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    # Vega places its drawings with style attributes; without connections a style can do no harm.
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _script_json(value: Any) -> Markup:
    """JSON that cannot leave its script element, whatever the data hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _style() -> str:
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {light} }} }}\n" + _template_text("style.css")
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda value, form: neutral_cell(write(value, form))
    environment.filters["sentence"] = start_sentence
    environment.filters["count"] = write_count
    environment.filters["day"] = write_day
    environment.globals["say"] = say
    environment.globals["language"] = language
    environment.filters["moment"] = lambda time: time.strftime(say("write.moment"))
    environment.tests["lacking"] = is_lacking
    environment.tests["number"] = lambda form: form in NUMBERS
    return environment


def is_lacking(sentence: str) -> bool:
    """Whether a sentence says that data are missing."""
    return sentence.startswith(say("page.lacking").rstrip(":"))


def _template_text(name: str) -> str:
    return files("pipeline.report").joinpath("template", name).read_text(encoding="utf-8")
