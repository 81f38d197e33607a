"""Pages of made-up marts without their pictures, which take most of the time: for tests of words and of behaviour."""

import re
from collections.abc import Sequence

from pipeline.publish.reader import open_published
from pipeline.report.building import ask_section, read_facts
from pipeline.report.catalogue import ENGLISH, speaking
from pipeline.report.figures import FigureResult, Section
from pipeline.report.filters import find_filters
from pipeline.report.findings import find
from pipeline.report.page import render_page
from pipeline.report.playbook import cards_of
from pipeline.report.sections import SECTIONS
from pipeline.settings import Settings

# Answers in place of Vega, whose megabyte takes a page most of its time.
NO_CHARTS = "window.vegaEmbed = function () { return Promise.resolve(); };"


def answers_of(settings: Settings, language: str = ENGLISH) -> list[tuple[Section, list[FigureResult]]]:
    """Every section with what the published version answers."""
    with speaking(language), open_published(settings) as connection:
        return [(section, ask_section(connection, section)) for section in SECTIONS]


def page_of(
    settings: Settings,
    language: str = ENGLISH,
    *,
    sections: Sequence[Section] = SECTIONS,
) -> str:
    """The page of the published version, without the library that draws charts: how they draw is tested elsewhere."""
    with speaking(language), open_published(settings) as connection:
        answers = [(section, ask_section(connection, section)) for section in sections]
        rows = [
            row for _, given in answers for answer in given if answer.figure.name == "playbook" for row in answer.rows
        ]
        return render_page(
            read_facts(connection),
            find(connection),
            answers,
            vega_script=NO_CHARTS,
            cards=cards_of(rows),
            filters=find_filters(connection),
        )


def visible(page: str) -> str:
    """The part of a page that a reader sees at once: without scripts, tables, SQL and the folded list of questions."""
    text = page.split("<body", 1)[1]
    for hidden in (
        r"<script.*?</script>",
        r"<details(?! class=\"(?:more|cards)).*?</details>",
        r"<noscript.*?</noscript>",
    ):
        text = re.sub(hidden, "", text, flags=re.DOTALL)
    return text
