"""Which responses do not count, and why: the mapping's quality rules applied, each counted, none silent.

Nothing is deleted: a response keeps its rows with the first reason that applies.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from pipeline.sources.files.cells import CellIssue, counted, fold
from pipeline.sources.lake_source import Row
from pipeline.sources.survey.binding import Binding
from pipeline.sources.survey.layout import Column, Layout
from pipeline.sources.survey.quality_rules import FieldPeriod
from pipeline.sources.survey.respondents import Respondent

ADVICE = "nothing, if the rule under quality is meant so; the rows stay in the lake with exclusion_reason"


def exclusions(
    binding: Binding, layout: Layout, respondents: Sequence[Respondent], responses: Iterable[Row]
) -> tuple[dict[str, str], list[CellIssue]]:
    """The reason by respondent for those who do not count, and one finding for each rule that applied to anybody."""
    rules = binding.mapping.quality
    answers = _Answers(responses if rules.answered_share_from or rules.equal_answers == "exclude" else ())
    question_count = max(len(binding.questions), 1)
    checks: list[tuple[str, str, Callable[[Respondent], bool]]] = []
    for rule in rules.eligible:
        column, allowed = layout.find(rule.column), {fold(value) for value in rule.values}
        if column is not None:
            checks.append(
                ("not_eligible", f"{rule.column} is none of {', '.join(rule.values)}", _not_in(layout, column, allowed))
            )
    if rules.field_period:
        zone = ZoneInfo(binding.mapping.timezone)
        period = " to ".join(str(day or "...") for day in (rules.field_period.first_day, rules.field_period.last_day))
        checks.append(("outside_field_period", f"not within {period}", _outside(rules.field_period, zone)))
    if rules.incomplete == "exclude":
        checks.append(("incomplete", "the survey tool did not call it finished", lambda each: not each.is_complete))
    if rules.answered_share_from:
        enough = rules.answered_share_from
        words = f"answered less than {enough:.0%} of {question_count} questions"
        checks.append(
            ("too_few_answers", words, lambda each: answers.count(each.respondent_id) < enough * question_count)
        )
    fastest = _fastest_minutes(rules.minutes_from, rules.share_of_median_from, respondents)
    if fastest:
        checks.append(("too_fast", f"took less than {fastest:.1f} minutes", lambda each: _is_faster(each, fastest)))
    if rules.equal_answers == "exclude":
        repeated = answers.repeated(respondents)
        checks.append(
            ("equal_answers", "answers every question as an earlier one", lambda each: each.respondent_id in repeated)
        )
    return _apply(checks, respondents)


def _apply(
    checks: Sequence[tuple[str, str, Callable[[Respondent], bool]]], respondents: Sequence[Respondent]
) -> tuple[dict[str, str], list[CellIssue]]:
    reasons: dict[str, str] = {}
    findings = []
    for reason, words, applies in checks:
        hit = [each.respondent_id for each in respondents if each.respondent_id not in reasons and applies(each)]
        reasons |= dict.fromkeys(hit, reason)
        if hit:
            share = len(hit) / len(respondents)
            detail = f"{counted(len(hit), 'response')} ({share:.1%}) not counted: {words}"
            findings.append(CellIssue(f"excluded_{reason}", detail, ADVICE))
    return reasons, findings


def _not_in(layout: Layout, column: Column, allowed: set[str]) -> Callable[[Respondent], bool]:
    cells = layout.cells(column, layout.records)
    return lambda each: fold(cells[each.row]) not in allowed


def _outside(period: FieldPeriod, zone: ZoneInfo) -> Callable[[Respondent], bool]:
    def is_outside(each: Respondent) -> bool:
        moment: datetime | None = each.submitted_at or each.started_at
        if moment is None:
            return False
        day = moment.astimezone(zone).date()
        return bool((period.first_day and day < period.first_day) or (period.last_day and day > period.last_day))

    return is_outside


def _minutes(each: Respondent) -> float | None:
    if each.started_at is None or each.submitted_at is None:
        return None
    return (each.submitted_at - each.started_at).total_seconds() / 60


def _fastest_minutes(minutes: float | None, share: float | None, respondents: Sequence[Respondent]) -> float | None:
    """The stricter of both limits; None where neither is set."""
    known = [taken for each in respondents if (taken := _minutes(each)) is not None and taken >= 0]
    relative = share * median(known) if share and known else None
    return max(filter(None, (minutes, relative)), default=None)


def _is_faster(each: Respondent, fastest: float) -> bool:
    taken = _minutes(each)
    return taken is not None and 0 <= taken < fastest


class _Answers:
    """What each respondent answered, inferred from the rows to store."""

    def __init__(self, responses: Iterable[Row]) -> None:
        given: dict[str, list[tuple[object, ...]]] = {}
        self._questions: Counter[str] = Counter()
        answered: set[tuple[str, str]] = set()
        for row in responses:
            if row["is_selected"] is None:
                continue
            respondent, question = row["respondent_id"], row["question_id"]
            given.setdefault(respondent, []).append((question, row["option"], row["is_selected"], row["value"]))
            if (respondent, question) not in answered:
                answered.add((respondent, question))
                self._questions[respondent] += 1
        self._given: Mapping[str, tuple[tuple[object, ...], ...]] = {name: tuple(rows) for name, rows in given.items()}

    def count(self, respondent_id: str) -> int:
        """Questions with an answer."""
        return self._questions[respondent_id]

    def repeated(self, respondents: Sequence[Respondent]) -> set[str]:
        """Respondents whose answers are all those of an earlier one."""
        seen: set[tuple[tuple[object, ...], ...]] = set()
        found = set()
        for each in respondents:
            answers = self._given.get(each.respondent_id, ())
            if answers in seen:
                found.add(each.respondent_id)
            elif answers:
                seen.add(answers)
        return found
