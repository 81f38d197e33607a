"""Surveys: the export of a survey tool (CSV, Excel, SPSS) and its mapping, as respondents and answers.

Only what the mapping asks for is stored; raw ids, contact data, coordinates and free text never leave this source.
The parts: `mapping` (what a person wrote), `choice` (which mapping), `layout` (headers),
`binding` (columns), `privacy`, `respondents`, `answers`. They need a `Sheet` of text
cells only, so that another file format is another reader of sheets and nothing else.
"""

from collections.abc import Iterator, Sequence

from pipeline.errors import TweetbenchError
from pipeline.runtime.progress import report
from pipeline.schemas.row_streams import Rows, RowStream
from pipeline.sources.files.cells import CellIssue, DateOrder, counted
from pipeline.sources.files.numbers import Mark, Marks, decimal_marks
from pipeline.sources.files.personal_data import mask, suspicious_name
from pipeline.sources.files.protocol import InputFile, Reading, Request, issue_row
from pipeline.sources.files.records import StoredRecords
from pipeline.sources.files.zones import zone_name
from pipeline.sources.lake_source import Row
from pipeline.sources.survey.answer_rows import answer_question, missing_reasons
from pipeline.sources.survey.binding import Binding, BoundQuestion, bind
from pipeline.sources.survey.choice import choose_mapping, fitting_mappings, refuse_other_header_rows
from pipeline.sources.survey.hygiene import exclusions
from pipeline.sources.survey.layout import Column, Layout, check_header, lay_out, placed
from pipeline.sources.survey.mapping import is_survey_mapping, parse_mapping
from pipeline.sources.survey.privacy import refuse_personal_data
from pipeline.sources.survey.respondents import Respondent, read_respondents, segment_rows
from pipeline.sources.survey.response_facts import TIMES, inferred_date_order, time_zone
from pipeline.sources.survey.summary import refuse_summary

NAME = "survey"
DESCRIPTION = "Export of a survey tool (CSV, Excel, SPSS), with a mapping in surveys/<id>.yml"
TABLES: tuple[str, ...] = ("survey_respondents", "survey_responses", "issues")
SHOWN_COLUMNS = 20


def recognises(file: InputFile, request: Request) -> bool:
    """True if the file has at least half of the columns that a survey mapping names."""
    if file.is_zip or not any(is_survey_mapping(mapping) for mapping in request.mappings):
        return False
    return bool(fitting_mappings(file, request))


def read(file: InputFile, request: Request) -> Reading:
    """Respondents and answers of one survey, with what could not be used as issues.

    Raises:
        TweetbenchError: no mapping or several fit, the mapping does not fit the file, a column holds personal data or
            free text that is not declared, or the file has no answers.
    """
    chosen = choose_mapping(file, request)
    mapping = parse_mapping(chosen)
    sheet = placed(file.sheet, mapping.skip_rows)
    refuse_summary(sheet, file.shown_name)
    refuse_other_header_rows(mapping, file, chosen.shown_name)
    check_header(sheet, mapping.header_rows, file.shown_name, chosen.shown_name)
    layout = lay_out(sheet, mapping.header_rows)
    binding = bind(mapping, chosen.shown_name, layout)
    _refuse_empty(layout, file.shown_name)
    refuse_personal_data(binding, layout, file.shown_name)
    file_marks = _decimal_marks(binding, layout)
    where = f"{file.shown_name}, mapping {chosen.shown_name}"

    respondents, findings = read_respondents(binding, layout, request, file_marks=file_marks)
    submitted = [respondent.submitted_at for respondent in respondents if respondent.submitted_at]
    stamp = {
        "platform": "survey",
        "captured_at": max(submitted) if submitted else request.captured_at or request.now,
        "payload": None,
        "survey_id": mapping.survey_id,
    }
    segments, about_segments = segment_rows(binding, layout, respondents, where=where)
    responses, about_answers = _responses(binding, layout, respondents, stamp, file_marks=file_marks, where=where)
    reasons, about_quality = exclusions(binding, layout, respondents, responses)
    found = [*_set_aside(layout), *findings, *about_quality, *about_segments, *about_answers, *_unmapped(binding)]
    return Reading(
        tables={
            "survey_respondents": [
                {**stamp, **row, "exclusion_reason": reasons.get(row["respondent_id"])} for row in segments
            ],
            "survey_responses": responses,
            "issues": [_issue(finding, file.shown_name, request) for finding in dict.fromkeys(found)],
        },
        dialect=_dialect(file, mapping.header_rows),
        row_count=len(layout.records) + len(layout.set_aside),
        period_start=min(submitted).date() if submitted else None,
        period_end=max(submitted).date() if submitted else None,
        notes=(
            *_notes(binding, segments, respondents, inferred_date_order(binding, layout)),
            *_zone_notes(binding, layout),
            *(finding.detail for finding in about_quality),
        ),
        options={"mapping": mapping.digest()},
    )


def _responses(
    binding: Binding,
    layout: Layout,
    respondents: Sequence[Respondent],
    stamp: Row,
    *,
    file_marks: Marks,
    where: str,
) -> tuple[Rows, list[CellIssue]]:
    """The answers as rows, those of a large file made when they are written, and what is to be said of them."""
    places = [respondent.row for respondent in respondents]

    def rows_of(question: BoundQuestion, about: list[CellIssue]) -> Iterator[Row]:
        cells = [layout.cells_of(column, places) for column in question.columns]
        answers, found = answer_question(question, cells, file_marks=file_marks, where=where)
        about += found
        same = {
            **stamp,
            "question_id": question.question_id,
            "question": question.text,
            "question_type": question.rules.type,
        }
        for respondent, given, why in zip(respondents, answers, missing_reasons(question, cells), strict=True):
            for at, (option, ticked, value) in enumerate(given):
                yield {
                    **same,
                    "respondent_id": respondent.respondent_id,
                    "option": option,
                    "is_selected": ticked,
                    "value": value,
                    "missing_reason": why[at if len(why) > 1 else 0] if ticked is None else None,
                }

    findings: list[CellIssue] = []
    if not isinstance(layout.records, StoredRecords):
        return [row for question in binding.questions for row in rows_of(question, findings)], findings
    count = 0
    for done, question in enumerate(binding.questions, start=1):
        count += sum(1 for _ in rows_of(question, findings))
        report("looking at answers", done, len(binding.questions))
    return RowStream(count, lambda: (row for question in binding.questions for row in rows_of(question, []))), findings


def _decimal_marks(binding: Binding, layout: Layout) -> Marks:
    """The decimal marks that the numbers of the whole file prove, for a column whose own cells leave two readings."""
    columns = {
        column for question in binding.questions if question.rules.type == "number" for column in question.columns
    }
    columns |= {binding.single["weight"]} if "weight" in binding.single else set()
    found = (decimal_marks(layout.cells(column, layout.records)) for column in columns)
    return frozenset[Mark]().union(*found)


def _refuse_empty(layout: Layout, file_name: str) -> None:
    if len(layout.records):
        return
    broken = len(layout.set_aside)
    are_ragged = all(row.problem == "ragged_row" for row in layout.set_aside)
    unusable = "no row has as many cells as the header" if are_ragged else "no row can be used"
    raise TweetbenchError(
        f"{unusable} ({counted(broken, 'row')})" if broken else "the survey has no answers",
        where=file_name,
        why=layout.set_aside[0].detail if broken else "the file ends after its header",
        next_step="export it again without opening it in a spreadsheet program, then run: tweetbench ingest FILE",
    )


def _set_aside(layout: Layout) -> list[CellIssue]:
    advice = {
        "damaged_row": "copy or export the file again; the lines around may be damaged as well",
        "ragged_row": "look for stray separators or line breaks on that line, or export the file again",
        "header_row": "nothing, if files were put together; otherwise export the file again",
        "total_row": "nothing; the figures of a table are computed from its responses",
        "note_row": "nothing, if the responses end above it",
    }
    return [CellIssue(row.problem, row.detail, advice[row.problem], row.line) for row in layout.set_aside]


def _unmapped(binding: Binding) -> list[CellIssue]:
    """The columns that nobody mapped: one finding for those whose name tells of personal data, one for the others."""
    where = binding.mapping_name
    kinds = {column: suspicious_name(column.name) for column in binding.unmapped}
    telling = [column for column, kind in kinds.items() if kind]
    plain = [column for column, kind in kinds.items() if not kind]
    named = dict.fromkeys(str(kinds[column]) for column in telling)
    findings = []
    for columns, advice in (
        (plain, "add them to a question or segment, or list them under free_text, personal or ignore"),
        (telling, f"by their names they hold a {' or a '.join(named)}: list them under personal"),
    ):
        if columns:
            verb = "is not in" if len(columns) == 1 else "are not in"
            detail = f"{counted(len(columns), 'column')} {verb} {where} and not stored: {_names(columns)}"
            findings.append(CellIssue("unmapped_column", detail, f"{advice} in {where}"))
    return findings


def _issue(finding: CellIssue, file_name: str, request: Request) -> Row:
    subject = file_name if finding.line is None else f"{file_name}, line {finding.line}"
    return issue_row(
        subject,
        finding.problem,
        detail=finding.detail,
        next_step=finding.next_step,
        request=request,
        platform="survey",
    )


def _dialect(file: InputFile, header_rows: int) -> str:
    rows = "1 header row" if header_rows == 1 else f"{header_rows} header rows"
    if file.sheet.form != "csv":
        return f"{file.sheet.form}, {rows}"
    delimiter = {",": "", "\t": ", tab"}.get(file.sheet.delimiter, f", delimiter {file.sheet.delimiter}")
    return f"csv, {rows}, {file.sheet.encoding}{delimiter}"


def _notes(
    binding: Binding, segments: Sequence[Row], respondents: Sequence[Respondent], order: DateOrder | None
) -> tuple[str, ...]:
    notes = [
        f"survey {binding.mapping.survey_id} ({binding.mapping.title}), mapping {binding.mapping_name}",
        f"{counted(len(respondents), 'respondent')}, {counted(len(binding.questions), 'question')}",
    ]
    for dimension in (segment.dimension for segment in binding.segments):
        answered = [row["segment"] for row in segments if row["segment_dimension"] == dimension and row["segment"]]
        notes.append(
            f"segment {dimension}: {counted(len(set(answered)), 'group')}, {counted(len(answered), 'respondent')}"
        )
    if order:
        notes.append(f"dates are read as {order}, the only order that fits all of them")
    if not any(respondent.submitted_at for respondent in respondents):
        notes.append("no time of submission: the answers are stamped with the time of reading")
    for key, columns in binding.dropped.items():
        if columns:
            notes.append(f"{counted(len(columns), 'column')} not stored ({key}): {_names(columns)}")
    if binding.unmapped:
        notes.append(
            f"{counted(len(binding.unmapped), 'column')} not mapped and not stored: {_names(binding.unmapped)}"
        )
    return tuple(notes)


def _zone_notes(binding: Binding, layout: Layout) -> tuple[str, ...]:
    """What the file says of the zone of its times, where that is not what the mapping says."""
    columns = [binding.single[key] for key in TIMES if key in binding.single]
    zones = {zone_name(time_zone(each, layout, binding.mapping)) for each in columns if each.position in layout.zones}
    other = sorted(zones - {binding.mapping.timezone})
    return (f"times are in {', '.join(other)}, as the file says",) if other else ()


def _names(columns: Sequence[Column]) -> str:
    shown = ", ".join(mask(column.name) for column in columns[:SHOWN_COLUMNS])
    return shown if len(columns) <= SHOWN_COLUMNS else f"{shown} and {len(columns) - SHOWN_COLUMNS:,} more"
