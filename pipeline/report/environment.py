"""What every page of the report is rendered with: templates, filters, style, and the policy against connections."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from pipeline.report.catalogue import language, say
from pipeline.report.cells import neutral_cell
from pipeline.report.charts.theme import DARK, LIGHT, css_variables
from pipeline.report.writing import NUMBERS, start_sentence, write, write_count, write_day


def environment() -> jinja2.Environment:
    """Templates in which everything from the data is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(template_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"say": say, "language": language}
    made.filters["cell"] = write_cell
    made.filters["sentence"] = start_sentence
    made.filters["count"] = write_count
    made.filters["day"] = write_day
    made.filters["moment"] = lambda time: time.strftime(say("write.moment"))
    made.tests["lacking"] = is_lacking
    made.tests["number"] = lambda form: form in NUMBERS
    return made


def write_cell(value: Any, form: str) -> str:
    """A cell of a table: in its form, and no formula when it is pasted into a spreadsheet program."""
    return str(neutral_cell(write(value, form)))


def is_lacking(sentence: str) -> bool:
    """Whether a sentence says that data are missing."""
    return sentence.startswith(say("page.lacking").rstrip(":"))


def policy(*scripts: str) -> str:
    """Nothing is loaded and nothing is sent; of scripts only those with these hashes run."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    # Vega places its drawings with style attributes; without connections a style can do no harm.
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_json(value: Any) -> Markup:
    """JSON that cannot leave its script element, whatever the data hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def style(*sheets: str) -> Markup:
    """The colours for light, dark and paper, and these style sheets."""
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return Markup(  # noqa: S704 - written by us
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {light} }} }}\n" + "".join(map(template_text, sheets))
    )


def template_text(name: str) -> str:
    """A file of the folder `template`."""
    return files("pipeline.report").joinpath("template", name).read_text(encoding="utf-8")
