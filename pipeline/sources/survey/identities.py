"""Which rows of a survey are one respondent, as keyed hashes. A raw id leaves this module in no other form.

An id identifies respondents within one wave. Where it comes back with another time and other answers, it is another
response: people are never merged on an id alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cell_values import is_rounded_id
from pipeline.sources.files.cells import CellIssue, counted, tidy
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.records import Record
from pipeline.sources.survey.binding import Binding
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.survey.response_facts import TIMES

NEVER = datetime.max.replace(tzinfo=UTC)
Moments = Sequence[datetime | None]


def identify(
    binding: Binding, layout: Layout, started: Moments, submitted: Moments, pseudonym: Callable[[str], str]
) -> tuple[list[tuple[str, int]], list[CellIssue]]:
    """Respondent id and row of every respondent, in the file's order; and the rows that were left out or kept apart.

    Args:
        binding: which column holds the ids.
        layout: the rows.
        started: start of each row, None where it is not known.
        submitted: end of each row, None where it is not known.
        pseudonym: keyed hash of a personal identifier.

    Raises:
        TweetbenchError: the ids were rounded by a spreadsheet program.
    """
    survey_id, column = binding.mapping.survey_id, binding.single.get("respondent_id")
    _refuse_rounded_ids(column, layout, binding.mapping_name)
    ids = [cell.strip() for cell in layout.cells(column, layout.records)] if column else [""] * len(layout.records)
    first: dict[str, int] = {}
    again: dict[str, list[int]] = {}
    for at, raw in enumerate(ids):
        if raw and first.setdefault(raw, at) != at:
            again.setdefault(raw, [first[raw]]).append(at)
    found = [(pseudonym(f"{survey_id}:id:{raw}"), at) for raw, at in first.items() if raw not in again]
    found += [(pseudonym(f"{survey_id}:row:{answers}"), at) for answers, at in _numbered(layout, ids)]
    times = {binding.single[key].position for key in TIMES if key in binding.single}
    moments = [begin or end for begin, end in zip(started, submitted, strict=True)]
    wanted = {at for rows in again.values() for at in rows}
    records = {at: record for at, record in enumerate(layout.records) if at in wanted} if wanted else {}
    findings: list[CellIssue] = []
    returned: list[int] = []
    for raw, rows in again.items():
        for number, wave in enumerate(_waves(rows, moments, records, times)):
            moment, lines = moments[wave[-1]], [records[at].line for at in wave]
            plain = pseudonym(f"{survey_id}:id:{raw}")
            found.append((wave_pseudonym(pseudonym, plain, moment) if number else plain, wave[-1]))
            findings += [_duplicate(line, lines[-1]) for line in lines[:-1]]
            returned += [lines[0]] if number else []
    nameless = ids.count("") if column else 0
    if column:
        findings += _about_ids(column, nameless, returned)
    return sorted(found, key=lambda pair: pair[1]), findings


def wave_pseudonym(pseudonym: Callable[[str], str], plain: str, moment: datetime | None) -> str:
    """The pseudonym of a respondent whose id an earlier wave gave to somebody else, the same in whatever file."""
    return pseudonym(f"{plain}:{moment.isoformat()}") if moment else plain


def _numbered(layout: Layout, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The answers of every row without an id, equal ones numbered, and its position.

    The whole row, so that neither a corrected mapping nor a longer export makes new people of the same answers.
    """
    if all(ids):
        return
    by_name = sorted(layout.columns, key=lambda each: each.name)
    seen: Counter[str] = Counter()
    for at, (raw, record) in enumerate(zip(ids, layout.records, strict=True)):
        if not raw:
            filled = [[each.name, text] for each in by_name if (text := tidy(record.cells[each.position]))]
            answers = json.dumps(filled)
            seen[answers] += 1
            yield f"{answers}:{seen[answers]}", at


def _waves(rows: list[int], moments: Moments, records: Mapping[int, Record], times: set[int]) -> list[list[int]]:
    """The rows of one id as responses, the earliest first: rows of one time, or with the same answers, are one."""
    waves: list[list[int]] = []
    for at in sorted(rows, key=lambda row: (moments[row] is None, moments[row] or NEVER, row)):
        same = next((wave for wave in waves if _is_same(wave[-1], at, moments, records, times)), None)
        if same is None:
            waves.append([at])
        else:
            same.append(at)
    return [sorted(wave) for wave in waves]


def _is_same(first: int, second: int, moments: Moments, records: Mapping[int, Record], times: set[int]) -> bool:
    one, other = moments[first], moments[second]
    if one is None or other is None or one == other:
        return True
    pairs = enumerate(zip(records[first].cells, records[second].cells, strict=True))
    return all(at in times or tidy(before) == tidy(after) for at, (before, after) in pairs)


def _about_ids(column: Column, nameless: int, returned: Sequence[int]) -> list[CellIssue]:
    findings = []
    if nameless:
        rows = counted(nameless, "row")
        detail = f"{rows} without respondent id in the column {mask(column.name)!r}; each counts as a person"
        findings.append(CellIssue("missing_respondent_id", detail, "check that respondent_id names the right column"))
    if returned:
        rows, line = counted(len(returned), "row"), min(returned)
        detail = (
            f"{rows} with a respondent id of an earlier response in the column {mask(column.name)!r}, at another time "
            f"and with other answers (first on line {line:,}); each counts as a response of its own"
        )
        advice = "split the file and give each wave a mapping with its own survey_id, if these are waves"
        findings.append(CellIssue("returning_respondent_id", detail, advice))
    return findings


def _refuse_rounded_ids(column: Column | None, layout: Layout, mapping_name: str) -> None:
    """Two people whose ids a spreadsheet program has rounded would count as one.

    Raises:
        TweetbenchError: the id column holds a number in exponent form.
    """
    if column is None:
        return
    cells = layout.cells(column, layout.records)
    rounded = [at for at, cell in enumerate(cells) if is_rounded_id(cell)]
    if rounded:
        raise TweetbenchError(
            f"{counted(len(rounded), 'id')} in the column {mask(column.name)!r} were rounded by a spreadsheet program",
            where=f"line {layout.records[rounded[0]].line:,}; mapping {mapping_name}",
            why="a number of more than 15 digits loses its last digits in a cell; different people would count as one",
            next_step="export the survey again as CSV and do not open it in a spreadsheet program, "
            "then run: tweetbench ingest FILE",
        )


def _duplicate(earlier: int, later: int) -> CellIssue:
    detail = f"the respondent's id occurs again on line {later:,}; the later row counts, this one is left out"
    return CellIssue("duplicate_respondent", detail, "nothing, if the later row is the right one", earlier)
