"""What a single column of an unknown survey is: id, time, weight, personal, free text, ticks, choices, numbers.

Looks at one column at a time; which columns belong together is decided in `grouping`.
"""

import re
from dataclasses import dataclass, field

from pipeline.sources.files.cells import fold
from pipeline.sources.files.numbers import is_number
from pipeline.sources.files.options import LONGEST_OPTION, MOST_OPTIONS
from pipeline.sources.files.personal_data import count_kinds, suspicious_name
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.amounts import are_serial_dates, asks_amount, find_filler, is_rating, numbers_of
from pipeline.sources.survey.inspection.facts import Facts, shown_name
from pipeline.sources.survey.inspection.joined import Joined, find_joined
from pipeline.sources.survey.inspection.looks import (
    answers_to_meta,
    are_row_numbers,
    has_units,
    is_moment,
    is_tick,
    is_typed_alike,
    may_be_option,
)
from pipeline.sources.survey.inspection.scales import Places, find_order, numbered, read_places
from pipeline.sources.survey.inspection.segments import find_dimension

MOST_LISTED = 40
A_TIME = "dates and times are not analysed"
META_DETAIL = "about the response, not an answer"
NUMBER_SIGNS = {"#", "X."}  # Typeform's, and what R makes of it
_AMOUNTS = {"age_band", "income_band", "revenue_band", "company_size", "team_size"}
_ENTRY = re.compile(r"Q\w*_TEXT\b")  # Qualtrics, with or without import ids
_COMPUTED = re.compile(r"^\s*\{.*\}\s*$")  # LimeSurvey's equations


@dataclass(frozen=True)
class Guess:
    """What a column is taken for."""

    facts: Facts
    part: str  # respondent_id, started_at, ..., segment, empty, or the shape of a question: tick, yes_no, scale, ...
    detail: str = ""  # dimension of a segment, kind of personal data, why it is ignored
    doubt: str = ""
    places: tuple[Places, ...] = ()  # of a scale: the families that explain it
    order: tuple[str, ...] = ()  # of a scale that no family explains: its options from least to most
    joined: Joined | None = field(default=None)


def guess_part(facts: Facts) -> Guess:
    """The part of one column by itself."""
    return _role(facts) or guess_shape(facts)


def guess_shape(facts: Facts) -> Guess:
    """The part of a column that is an answer to something, or nothing."""
    if not facts.counts:
        return Guess(facts, "empty")
    if _COMPUTED.match(facts.column.name):
        return Guess(facts, "ignore", "computed by the tool")
    is_entry = facts.import_id.startswith("QID") and "_TEXT" in facts.import_id
    if (is_entry or _ENTRY.match(facts.column.name)) and not all(map(is_number, facts.answers)):
        return Guess(facts, "free_text")
    if facts.takes_typed:
        return Guess(facts, "typed")
    return _segment(facts) or _shape(facts)


def _role(facts: Facts) -> Guess | None:
    # LimeSurvey may head a column with its code and its wording: `submitdate. Date submitted`.
    code, _, wording = facts.column.name.partition(". ")
    names = set(facts.names) | {known.without_zone(text) for text in (facts.column.name, facts.label, code, wording)}
    filled = sum(bool(cell) for cell in facts.cells)
    is_unique = filled == len({cell for cell in facts.cells if cell}) > 0
    kinds = count_kinds(facts.cells)
    announced = suspicious_name(facts.column.name) or suspicious_name(facts.label)
    announced = announced or ("name" if any(map(known.PERSON_NAME.search, names)) else None)
    is_mostly_time = filled > 0 and sum(is_moment(cell) for cell in facts.cells if cell) >= 0.8 * filled
    if names & known.STARTED and (is_mostly_time or not filled):
        return Guess(facts, "started_at")
    is_submitted = names & known.SUBMITTED or any(map(known.SUBMITTED_STAMP.search, names))
    if is_submitted and (is_mostly_time or not filled):
        return Guess(facts, "submitted_at")
    if (names & known.RESPONDENT_ID or facts.column.name in NUMBER_SIGNS) and is_unique:
        return Guess(facts, "respondent_id")
    if names & known.RESPONDENT_ID - known.WEAK_ID and filled:
        return _repeated_id(facts, filled)
    if weight := _weight(facts):
        return weight
    if names & known.COMPLETE and any(fold(text) in known.FINISHED for text in facts.answers):
        return Guess(facts, "complete")
    if not facts.counts:
        return Guess(facts, "empty", "personal" if announced or names & known.PERSONAL else "")
    if kinds or ((announced or names & known.PERSONAL) and not may_be_option(facts)):
        return Guess(facts, "personal", next(iter(kinds), announced or "by its name"))
    is_of_tool = any(
        name.endswith((" display order", " do")) or known.PAGE_TIME.match(name) for name in facts.names[:1]
    )
    if names & known.META or is_of_tool:
        return Guess(facts, "ignore", META_DETAIL, answers_to_meta(facts, names))
    if is_mostly_time:
        return Guess(facts, "ignore", A_TIME)
    if are_serial_dates(facts):
        why = f"{shown_name(facts)} holds dates as serial numbers of a spreadsheet program; it was left out"
        return Guess(facts, "ignore", "dates as serial numbers", why)
    is_id = facts.column.name == "column 1" or re.search(r"(^|[ _.])id$|[a-z]I[dD]$|^id\b", facts.column.name)
    if facts.column.position == 0 and is_id and is_unique and filled > 1:
        return Guess(facts, "respondent_id")
    if is_id and is_unique and filled == len(facts.cells) and filled > 10:
        return Guess(facts, "ignore", "an id")
    return None


def _repeated_id(facts: Facts, filled: int) -> Guess:
    """A column called an id in which texts come again."""
    distinct = len({cell for cell in facts.cells if cell})
    name = shown_name(facts)
    if distinct >= 0.5 * filled:
        why = (
            f"{filled - distinct:,} rows have an id of {name} that another row has: of rows with one id the last counts"
        )
        return Guess(facts, "respondent_id", doubt=why)
    why = (
        f"{name} holds {distinct:,} different ids in {filled:,} rows: it distinguishes no respondents and was left out"
    )
    return Guess(facts, "ignore", "an id", why)


def _weight(facts: Facts) -> Guess | None:
    names = [name for name in facts.names if len(name.split()) <= 2]
    if not any(name in known.WEIGHT or name.endswith("weight") for name in names):
        return None
    values = numbers_of(facts.cells)
    if values is None or not values or min(values) < 0 or sum(values) <= 0:
        return None
    mean, marked = sum(values) / len(values), ""
    if not 0.2 <= mean <= 5:
        marked = f"the weights in {facts.column.name!r} have a mean of {mean:,.2f}, where 1 is usual"
    return Guess(facts, "weight", doubt=marked)


def _segment(facts: Facts) -> Guess | None:
    if not 2 <= len(facts.answers) <= MOST_LISTED or max(map(len, facts.answers)) > LONGEST_OPTION:
        return None
    if facts.answered_count > 20 and len(facts.answers) > facts.answered_count / 2:
        return None
    if find_joined(facts.counts) or facts.is_yes_no:
        return None
    dimension = find_dimension(facts.names, facts.answers)
    if dimension is None:
        return None
    if dimension in _AMOUNTS and all(map(is_number, facts.answers)) and len(facts.answers) > 12:
        return None
    return Guess(facts, "segment", dimension)


def _shape(facts: Facts) -> Guess:
    answers = facts.answers
    if not answers:
        return Guess(facts, "single")
    if is_typed_alike(facts):
        return Guess(facts, "free_text")
    if joined := find_joined({text: facts.counts[text] for text in answers}, is_closed=facts.is_closed):
        return Guess(facts, "joined", joined=joined)
    if facts.is_yes_no:
        is_lone = len(answers) == 1 and facts.has_blanks
        return Guess(facts, "tick" if is_lone else "yes_no")
    if is_tick(facts):
        return Guess(facts, "tick")
    on_scale = [text for text in answers if not facts.has_no_degree(text)]
    if facts.order:
        return Guess(facts, "scale", order=facts.order, places=tuple(read_places(facts.order)))
    if all(is_number(text) for text in on_scale) and on_scale:
        return _number(facts, on_scale)
    if places := _places(facts, on_scale):
        return Guess(facts, "scale", places=places)
    if order := _order(facts, on_scale):
        return Guess(facts, "scale", order=tuple(order))
    if any(known.FREE_TEXT.search(text) for text in (facts.column.name, facts.label)):
        return Guess(facts, "free_text")
    total = facts.answered_count
    if has_units(answers) and len(answers) > 5 and len(answers) > 0.5 * total:
        why = f"{shown_name(facts)} holds amounts with a unit: left out; write plain numbers to have them read"
        return Guess(facts, "ignore", "amounts with a unit", why)
    is_long = max(map(len, answers)) > LONGEST_OPTION
    is_varied = len(answers) - len(facts.rare()) > MOST_OPTIONS or (len(answers) > 5 and len(answers) > 0.5 * total)
    repeated = sum(facts.counts[text] for text in answers if facts.counts[text] > 2)
    is_typed = total >= 10 and repeated < 0.5 * total and len(answers) > 10
    if total >= 3 and len(answers) == total and not is_varied and not is_long:
        why = f"every answer in {shown_name(facts)} is different: taken as free text and not stored"
        return Guess(facts, "free_text", doubt=why)
    return Guess(facts, "free_text") if is_long or is_varied or is_typed else Guess(facts, "single")


def _places(facts: Facts, on_scale: list[str]) -> tuple[Places, ...]:
    """The families of a column; what one or two people typed in a long column does not hide them."""
    kept = [text for text in on_scale if text not in facts.rare()]
    return tuple(read_places(on_scale) or (read_places(kept) if len(kept) >= 3 else []))


def _order(facts: Facts, on_scale: list[str]) -> list[str]:
    kept = [text for text in on_scale if text not in facts.rare()]
    return find_order(on_scale) or find_order(kept) or []


def _number(facts: Facts, on_scale: list[str]) -> Guess:
    """Numbers are a rating, an amount, or codes of choices: only the name of the column tells."""
    name = shown_name(facts)
    said = [*facts.names, facts.column.name, facts.question]
    values = numbers_of(on_scale) or []
    if not values:
        why = f"the numbers of {name} can be read in two ways (decimal point or comma): the column was left out"
        return Guess(facts, "ignore", "numbers that can be read in two ways", why)
    is_whole = all(value == int(value) for value in values)
    if are_row_numbers(facts, values):
        return Guess(
            facts, "ignore", "row numbers", f"{name} numbers the rows: left out; if it is an id, write respondent_id"
        )
    is_short = is_whole and min(values) >= 0 and max(values) <= 10 and numbered(on_scale) is not None
    if any(map(asks_amount, said)) and not (is_short and is_rating(said)):
        return Guess(facts, "number")
    if is_short and is_rating(said) and len(on_scale) >= 2:
        return Guess(facts, "scale", order=tuple(sorted(on_scale, key=float)))
    if is_whole and len(on_scale) <= MOST_LISTED and (max(values) <= 99 or len(on_scale) <= 12):
        held = (
            f"numbers from {min(values):g} to {max(values):g}" if len(values) > 1 else f"only the number {values[0]:g}"
        )
        why = f"{name} holds {held} that may be codes, a scale or an amount: taken as codes of choices"
        filler = find_filler(facts)
        return Guess(facts, "codes", doubt=why if filler is None else f"{why}; {filler:g} may mean no answer")
    is_filled = not facts.has_blanks and len(facts.counts) == len(facts.cells) > 10
    if is_whole and is_filled and not facts.import_id.startswith("QID"):
        return Guess(facts, "ignore", "an id?", f"{name} holds another number in every row: taken as an id, left out")
    why = f"nothing in the name of {name} says that its numbers ({min(values):,g} to {max(values):,g}) are an amount"
    return Guess(facts, "number", doubt=why)
