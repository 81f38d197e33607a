"""The brief: one page to forward, with the playbook and the forecast of the largest own account and the first findings.
No script, no chart, no table of data: what it leaves out is in the report.
"""

from collections.abc import Sequence
from pathlib import Path

from pipeline.publish.reader import open_file
from pipeline.report.building import read_facts
from pipeline.report.catalogue import speaking
from pipeline.report.environment import environment, policy, style
from pipeline.report.findings import Headline, find
from pipeline.report.page import Facts
from pipeline.report.playbook import Card, cards_of, count_readings
from pipeline.report.run_figures import query_figure
from pipeline.report.sections.forecast import FORECAST, open_forecast
from pipeline.report.sections.playbook import PLAYBOOK
from pipeline.settings import Settings

# What fits on one sheet of A4 with the playbook, and without it.
FINDINGS_WITH_CARDS, FINDINGS_ALONE = 3, 7


def build_brief(file: Path, folder: Path, *, settings: Settings) -> Path:
    """Write brief.html into `folder` from a published warehouse file.

    Raises:
        duckdb.Error, OSError: the file cannot be read or the folder not written.
    """
    with speaking(settings.language), open_file(file) as connection:
        cards = cards_of(query_figure(connection, PLAYBOOK.figures[0]).rows)
        rows = query_figure(connection, FORECAST.figures[0]).rows
        forecast = open_forecast([row for row in rows if cards and row["handle"] == cards[0].account])
        text = render_brief(read_facts(connection), find(connection), cards, forecast)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = folder / "brief.html"
    page.write_text(text, encoding="utf-8")
    return page


def render_brief(
    facts: Facts, findings: Sequence[Headline], cards: Sequence[Card], forecast: Sequence[str] = ()
) -> str:
    """The brief as HTML; the accounts after the first are in the report."""
    shown = [card for card in cards if card.account == cards[0].account]
    return (
        environment()
        .get_template("brief.html.j2")
        .render(
            facts=facts,
            cards=shown,
            summary=count_readings(shown) if shown else "",
            other_count=len({card.account for card in cards}) - 1,
            forecast=forecast,
            findings=findings[: FINDINGS_WITH_CARDS if shown else FINDINGS_ALONE],
            style=style("paper.css"),
            policy=policy(),
        )
    )
