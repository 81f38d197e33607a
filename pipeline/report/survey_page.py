"""The planning summary of a survey, a page of its own to send to those who answered: every question with its answers by
size, industry and customer focus, and published figures next to them. It knows the marts only, whose rules decide what
is suppressed; no answer of a person is read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.report.catalogue import say
from pipeline.report.definitions import in_sentence, label, respondents
from pipeline.report.environment import environment, policy, style
from pipeline.report.figures import Row, Rows
from pipeline.report.page import Facts
from pipeline.report.run_figures import rows_of
from pipeline.report.sections.shared import by_dimension
from pipeline.report.sections.survey import order_options
from pipeline.report.writing import write_count, write_range, write_share

DIMENSIONS = ("company_size", "industry", "customer_focus")
CELLS = """
select
    survey_id, question_number, question_id, question, option, segment_dimension, segment, company_size_low, base_count,
    share, share_low, share_high, is_suppressed, is_unreliable
from marts.survey_segments
where segment_dimension in ('all', 'company_size', 'industry', 'customer_focus')
order by survey_id, question_number, question_id, segment_dimension, company_size_low nulls last, segment, option
"""
PUBLISHED = """
select survey_id, question_id, option, segment, published_share, published_source, published_as_of
from marts.survey_benchmarks
where published_share is not null
order by survey_id, question_id, option, segment <> 'all', segment, published_source
"""


@dataclass(frozen=True)
class Answer:
    """One answer among all respondents; shares are per cent of the width of the bar, None where suppressed."""

    option: str
    text: str
    share: float | None
    low: float | None
    high: float | None
    # Words, and the place of its mark: a figure on one segment has no place among all respondents.
    published: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True)
class Breakdown:
    """Shares of a question by segment: a heading for each segment, a row of cells for each answer."""

    title: str
    segments: tuple[str, ...]
    cells: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Question:
    """A question with its answers and its breakdowns."""

    text: str
    base: str
    answers: tuple[Answer, ...]
    breakdowns: tuple[Breakdown, ...]


def write_survey_pages(connection: duckdb.DuckDBPyConnection, folder: Path, facts: Facts) -> list[Path]:
    """One page for each survey of the version, `survey/<id>.html`."""
    try:
        cells, published = rows_of(connection, CELLS), rows_of(connection, PUBLISHED)
    except (duckdb.CatalogException, duckdb.BinderException):  # a version from before these tables or columns existed
        return []
    made = []
    for survey in dict.fromkeys(str(row["survey_id"]) for row in cells):
        questions = questions_of(*([row for row in rows if row["survey_id"] == survey] for rows in (cells, published)))
        page = folder / "survey" / f"{file_name(survey)}.html"
        page.parent.mkdir(mode=0o700, exist_ok=True)
        page.write_text(render_survey(survey, questions, facts), encoding="utf-8")
        made.append(page)
    return made


def file_name(survey: str) -> str:
    """The id of a survey as the name of a file: no path, nothing hidden."""
    return re.sub(r"[^\w.-]", "_", survey).lstrip(".") or "_"


def questions_of(cells: Rows, published: Rows) -> list[Question]:
    """The questions of one survey in the order of its questionnaire."""
    return [
        _question(
            [row for row in cells if row["question_id"] == question],
            [row for row in published if row["question_id"] == question],
        )
        for question in dict.fromkeys(row["question_id"] for row in cells)
    ]


def render_survey(survey: str, questions: Sequence[Question], facts: Facts) -> str:
    """The page as HTML, without a script."""
    template = environment().get_template("survey.html.j2")
    return template.render(survey=survey, questions=questions, facts=facts, style=style("paper.css"), policy=policy())


def _question(cells: list[Row], published: list[Row]) -> Question:
    everybody = [row for row in cells if row["segment_dimension"] == "all"]
    shares = {row["option"]: row["share"] for row in everybody}
    base = max((row["base_count"] or 0 for row in everybody if not row["is_suppressed"]), default=0)
    return Question(
        text=str(cells[0]["question"]),
        base=say("survey_page.base", base, count=write_count(base)) if base else say("survey_page.small"),
        answers=tuple(_answer(row, published) for row in order_options(everybody, shares)),
        breakdowns=tuple(_breakdowns(cells, shares)),
    )


def _answer(row: Row, published: list[Row]) -> Answer:
    known = None if row["is_suppressed"] else row["share"]
    return Answer(
        option=str(row["option"]),
        text=_cell(row),
        share=None if known is None else 100 * known,
        low=None if known is None or row["share_low"] is None else 100 * row["share_low"],
        high=None if known is None or row["share_high"] is None else 100 * row["share_high"],
        published=tuple(
            (
                say(
                    "survey_page.published" if each["segment"] == "all" else "survey_page.published_for",
                    segment=respondents(each["segment"]),
                    share=write_share(each["published_share"]),
                    source=each["published_source"],
                    when=each["published_as_of"],
                ),
                100 * each["published_share"] if each["segment"] == "all" else None,
            )
            for each in published
            if each["option"] == row["option"]
        ),
    )


def _breakdowns(cells: list[Row], shares: dict[str, float]) -> Iterator[Breakdown]:
    for dimension, rows in by_dimension([row for row in cells if row["segment_dimension"] in DIMENSIONS]):
        segments = list(dict.fromkeys(str(row["segment"]) for row in rows))
        found = {(row["segment"], row["option"]): row for row in rows}
        options = [str(row["option"]) for row in order_options(_one_each(rows), shares)]
        if any(not row["is_suppressed"] for row in rows):
            yield Breakdown(
                title=say("survey_page.by", dimension=in_sentence(label(dimension))),
                segments=tuple(respondents(segment) for segment in segments),
                cells=tuple(
                    (option, tuple(_cell(found.get((segment, option))) for segment in segments)) for option in options
                ),
            )


def _one_each(rows: list[Row]) -> list[Row]:
    return list({row["option"]: row for row in rows}.values())


def _cell(row: Row | None) -> str:
    if row is None or row["is_suppressed"] or row["share"] is None:
        return say("survey_page.hidden")
    if row["share_low"] is None:
        return write_share(row["share"])
    return f"{write_share(row['share'])} ({write_range(row['share_low'], row['share_high'])})"
