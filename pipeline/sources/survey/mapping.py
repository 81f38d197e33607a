"""The mapping of a survey: which column of a survey tool's export is what. Parsed and checked here, applied elsewhere.

A mapping is a YAML file in DATA_DIR/surveys/; `data/surveys.example.yml` is one with comments. Its keys:

    survey_id      short name of the survey in all tables: a-z, 0-9, _ and -
    title          name of the survey for people
    header_rows    rows of the header: 1 (default); 2: SurveyMonkey, old Qualtrics; 3: Qualtrics today, whose third row
                   holds {"ImportId":...}, and SurveyMonkey with a row for the items of a grid
    skip_rows      lines above the header, such as a title; found without it where the header is as wide as the table
    sheet          sheet of a workbook; without it the first that the mapping fits
    file_name      only files with such a name (`wave_2_*.csv`); needed only when two mappings fit the same columns
    respondent_id  column that identifies respondents; stored as a keyed hash. Without it, equal rows are numbered
    started_at     column with the time at which the respondent began
    submitted_at   column with the time at which the respondent finished
    timezone       time zone of these times if they show none, e.g. Europe/Berlin (default UTC)
    date_order     month_first or day_first for dates such as 5/6/2018; found from the file where it leaves no doubt
    complete       {column, values}: the response is finished where the cell is one of the values; {column, filled:
                   true}: where the cell holds anything, as a time of submission does
    weight         column with the survey weight
    quality        which responses do not count, see `quality_rules`; they are kept with the reason
    segments       {dimension: {column, labels: {cell: label}, not_answered: [cell]}}, e.g. company_size, industry,
                   customer_focus. Without labels, every cell text is a segment. `dimension: column` is the short form.
                   {columns: {column: label}} where the tool gave each choice a column of its own
    questions      {id: {text, type, column or columns, ...}}, see below
    free_text      columns with free answers: known, never stored
    personal       columns with names, addresses, e-mail, IP, coordinates: known, never stored
    ignore         columns of no interest: never stored
    not_personal   columns that only look like personal data, as a person has checked

Keys of a question:

    text           wording
    type           single (one choice), multi (any number), scale (one choice with a position), number
    column         the column of the answers; for multi, the column in which the tool joined all choices
    one_of         single or scale: {column: option} where the tool gave each choice a column of its own. Two choices
                   of one respondent are no answer and are reported
    columns        multi: one column per option, as a list or {column: option}. single, scale, number: a grid, one
                   question per column, as a list or {column: item}; the questions are called <id>_1, <id>_2, ...
    options        single, scale or joined multi: the options as a list, or {cell: option} for coded cells. A cell that
                   is none of them becomes `(other)` and is counted in `issues`: its text may be personal. Without
                   options, every cell text is an option, as long as they do not look like free text
    scale          {option: position}, or a list of options for the positions 1, 2, 3, ...
    separator      joined multi: what stands between the choices. Declared options may contain it
    selected       columns of options: cells that mean that an option was ticked. Its own text, words for yes and the
                   only text of a column always do; one of several other texts never does
    not_selected   columns of options: cells that mean that an option was not ticked; words for no always do
    not_answered   cells that mean that the question was not answered or not asked; an empty cell always does
    none_ticked    multi: what it means if nothing is ticked: not_answered (default) or not_selected

Columns are named by their header text. With two header rows that is `row 1 / row 2`, where an empty cell of row 1
takes the text to its left, and row 1 alone where row 2 is empty, the same, or `Response`; either row's text will do
where it is unique. A header text that occurs again is `text (2)`; an empty one is `column 12`. Surrounding and
repeated blanks and the kind of quotation marks do not matter. free_text, personal, ignore and not_personal take
patterns such as `Location*`, which leave alone what is named elsewhere.
"""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from pipeline.sources.files.cells import DateOrder
from pipeline.sources.files.mapping_errors import parse
from pipeline.sources.files.mapping_values import Columns, Dimension, Filled, ListId, MappingPart, QuestionId
from pipeline.sources.files.protocol import FileMapping
from pipeline.sources.survey.mapping_parts import Completion, Question, Segment
from pipeline.sources.survey.quality_rules import Quality


class SurveyMapping(MappingPart):
    """A whole mapping; see the module's description for every key."""

    survey_id: ListId
    title: Filled
    header_rows: Literal[1, 2, 3] = 1
    skip_rows: Annotated[int, Field(ge=0)] | None = None
    sheet: Filled | None = None
    file_name: Filled | None = None
    respondent_id: Filled | None = None
    started_at: Filled | None = None
    submitted_at: Filled | None = None
    timezone: str = "UTC"
    date_order: DateOrder | None = None
    complete: Completion | None = None
    weight: Filled | None = None
    quality: Quality = Field(default_factory=Quality)
    segments: dict[Dimension, Segment] = Field(default_factory=dict)
    questions: Annotated[dict[QuestionId, Question], Field(min_length=1)]
    free_text: Columns = ()
    personal: Columns = ()
    ignore: Columns = ()
    not_personal: Columns = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"timezone {self.timezone!r} is not a time zone; write one such as Europe/Berlin"
            ) from error
        self.quality.check(
            has_complete=self.complete is not None, has_times=bool(self.started_at and self.submitted_at)
        )
        ids = [question_id for question_id, question in self.questions.items() if question.columns is None]
        for name, question in self.questions.items():
            single = question.columns is None or question.type == "multi"
            ids += [] if single else [f"{name}_{number}" for number in range(1, len(question.columns or ()) + 1)]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"two questions would be called {', '.join(sorted(twice))}")
        return self


def is_survey_mapping(mapping: FileMapping) -> bool:
    """True if a mapping file is meant for a survey, well formed or not."""
    return "survey_id" in mapping.fields


def parse_mapping(mapping: FileMapping) -> SurveyMapping:
    """The checked mapping.

    Raises:
        TweetbenchError: a key is unknown, missing or not usable; the message names its path, the file and the remedy.
    """
    return parse(mapping, SurveyMapping)
