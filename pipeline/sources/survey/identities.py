"""Which rows of a survey are one respondent, as keyed hashes. A raw id leaves this module in no other form.

An id tells respondents apart within one wave. Where it comes back with another time and other answers, it is another
response: people are never merged on an id alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pipeline.errors import TweetbenchError
from pipeline.sources.personal_data import mask
from pipeline.sources.survey.binding import Binding
from pipeline.sources.survey.cells import Finding, counted, tidy
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.survey.response_facts import TIMES
from pipeline.sources.tabular import Record
from pipeline.sources.values import is_rounded_id

NEVER = datetime.max.replace(tzinfo=UTC)
Moments = Sequence[datetime | None]


def identify(
    binding: Binding, layout: Layout, started: Moments, submitted: Moments, pseudonym: Callable[[str], str]
) -> tuple[list[tuple[str, int]], list[Finding]]:
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
    # The whole row, so that neither a corrected mapping nor a longer export makes new people of the same answers.
    by_name = sorted(layout.columns, key=lambda each: each.name)
    seen: Counter[str] = Counter()
    first: dict[str, int] = {}
    repeated: dict[str, list[int]] = {}
    found: list[tuple[str, int]] = []
    nameless = 0
    for at, record in enumerate(layout.records):
        raw = record.cells[column.position].strip() if column else ""
        if raw:
            if first.setdefault(raw, at) != at:
                repeated.setdefault(raw, [first[raw]]).append(at)
            continue
        nameless += column is not None
        filled = [[each.name, text] for each in by_name if (text := tidy(record.cells[each.position]))]
        answers = json.dumps(filled)
        seen[answers] += 1
        found.append((pseudonym(f"{survey_id}:row:{answers}:{seen[answers]}"), at))
    findings: list[Finding] = []
    times = {binding.single[key].position for key in TIMES if key in binding.single}
    moments = started if any(started) else submitted
    returned: list[int] = []
    for raw, only in first.items():
        waves = _waves(repeated[raw], moments, layout.records, times) if raw in repeated else [[only]]
        returned += [wave[0] for wave in waves[1:]]
        for number, wave in enumerate(waves):
            moment = moments[wave[-1]]
            suffix = f":{moment.isoformat()}" if number and moment else ""
            found.append((pseudonym(f"{survey_id}:id:{raw}{suffix}"), wave[-1]))
            lines = [layout.records[at].line for at in wave]
            findings += [_duplicate(line, lines[-1]) for line in lines[:-1]]
    if column:
        findings += _about_ids(column, layout.records, nameless, returned)
    return sorted(found, key=lambda pair: pair[1]), findings


def _waves(rows: list[int], moments: Moments, records: Sequence[Record], times: set[int]) -> list[list[int]]:
    """The rows of one id as responses, the earliest first: rows of one time, or with the same answers, are one."""
    waves: list[list[int]] = []
    for at in sorted(rows, key=lambda row: (moments[row] is None, moments[row] or NEVER, row)):
        same = next((wave for wave in waves if _is_same(wave[-1], at, moments, records, times)), None)
        if same is None:
            waves.append([at])
        else:
            same.append(at)
    return [sorted(wave) for wave in waves]


def _is_same(first: int, second: int, moments: Moments, records: Sequence[Record], times: set[int]) -> bool:
    one, other = moments[first], moments[second]
    if one is None or other is None or one == other:
        return True
    pairs = enumerate(zip(records[first].cells, records[second].cells, strict=True))
    return all(at in times or tidy(before) == tidy(after) for at, (before, after) in pairs)


def _about_ids(column: Column, records: Sequence[Record], nameless: int, returned: Sequence[int]) -> list[Finding]:
    findings = []
    if nameless:
        rows = counted(nameless, "row")
        detail = f"{rows} without respondent id in the column {mask(column.name)!r}; each counts as a person"
        findings.append(Finding("missing_respondent_id", detail, "check that respondent_id names the right column"))
    if returned:
        rows, line = counted(len(returned), "row"), records[min(returned)].line
        detail = (
            f"{rows} with a respondent id of an earlier response in the column {mask(column.name)!r}, at another time "
            f"and with other answers (first on line {line:,}); each counts as a response of its own"
        )
        advice = "split the file and give each wave a mapping with its own survey_id, if these are waves"
        findings.append(Finding("returning_respondent_id", detail, advice))
    return findings


def _refuse_rounded_ids(column: Column | None, layout: Layout, mapping_name: str) -> None:
    """Two people whose ids a spreadsheet program has rounded would count as one.

    Raises:
        TweetbenchError: the id column holds a number in exponent form.
    """
    if column is None:
        return
    rounded = [record.line for record in layout.records if is_rounded_id(record.cells[column.position])]
    if rounded:
        raise TweetbenchError(
            f"{counted(len(rounded), 'id')} in the column {mask(column.name)!r} were rounded by a spreadsheet program",
            where=f"line {rounded[0]:,}; mapping {mapping_name}",
            why="a number of more than 15 digits loses its last digits in a cell; different people would count as one",
            next_step="export the survey again as CSV and do not open it in a spreadsheet program, "
            "then run: tweetbench ingest FILE",
        )


def _duplicate(earlier: int, later: int) -> Finding:
    detail = f"the respondent's id occurs again on line {later:,}; the later row counts, this one is left out"
    return Finding("duplicate_respondent", detail, "nothing, if the later row is the right one", earlier)
