"""One file of a survey tool from a seed: drawn, written, read and judged."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.exporters.files import Form, draw_form, write_text, write_workbook
from tests.exporters.surveys import forms, limesurvey, qualtrics, spss, surveymonkey, typeform
from tests.exporters.surveys.desk import handle
from tests.exporters.surveys.expected import Export
from tests.exporters.surveys.judge import judge
from tests.exporters.surveys.reading import read_survey
from tests.exporters.surveys.world import World, draw_world
from tests.exporters.verdict import Verdict, from_error

TOOLS: dict[str, Callable[[World, Random], Export]] = {
    surveymonkey.TOOL: surveymonkey.export,
    qualtrics.TOOL: qualtrics.export,
    qualtrics.LEGACY: qualtrics.export_legacy,
    forms.GOOGLE: forms.google,
    forms.GOOGLE_SHEET: forms.google_sheet,
    forms.MICROSOFT: forms.microsoft,
    limesurvey.TOOL: limesurvey.export,
    typeform.TOOL: typeform.export,
    spss.TOOL: spss.export,
}


def make(tool: str, seed: int, folder: Path) -> tuple[Export, Path]:
    """The file of a tool and a seed, with its truth."""
    rng = Random(f"{tool} {seed}")  # noqa: S311 - repeatable, not secret
    world = draw_world(rng)
    export = handle(TOOLS[tool](world, rng), world, rng)
    stem = f"survey_{seed}"
    if export.form == "sav":
        path, more = spss.write(export, folder / f"{stem}.sav"), ()
    elif export.form == "xlsx":
        path, more = write_workbook([("Sheet1", export.rows)], folder / f"{stem}.xlsx"), ()
    else:
        form = draw_form(rng, export.rows, Form())
        path, more = write_text(export.rows, folder / f"{stem}.csv", form), form.hazards
    return replace(export, hazards=(*world.hazards, *export.hazards, *more)), path


def run(tool: str, seed: int, folder: Path) -> Verdict:
    """Draw, write, read and judge one file; the file is removed."""
    export, path = make(tool, seed, folder)
    try:
        outcome, why = judge(export, read_survey(path))
    except Exception as error:
        outcome, words = from_error(error)
        why = (words,)
    finally:
        path.unlink()
    return Verdict(tool, seed, export.hazards, outcome, why)
