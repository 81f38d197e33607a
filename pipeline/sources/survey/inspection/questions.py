"""Blocks of columns as questions of a draft: type, options, scale, and what is unsure about each."""

from collections import Counter

from pipeline.sources.files.cells import counted, fold
from pipeline.sources.files.numbers import is_number
from pipeline.sources.files.personal_data import find_kind
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.amounts import numbers_of
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt
from pipeline.sources.survey.inspection.drafted import (
    Drafted,
    declared_missing,
    different,
    filler_doubts,
    labelled,
    listed,
    typed_doubts,
    wording,
)
from pipeline.sources.survey.inspection.facts import shown_name
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.joined import may_be_joined
from pipeline.sources.survey.inspection.scale_sharing import Shared
from pipeline.sources.survey.inspection.scales import numbered
from pipeline.sources.survey.inspection.segments import COMPANY_SIZE, RANGE, date_doubts, is_size
from pipeline.sources.survey.inspection.stems import readable
from pipeline.sources.survey.inspection.tick_questions import draft_ticks, is_mark, lone_doubt
from pipeline.sources.survey.inspection.words import focus_label


def draft_question(block: Block, shared: Shared, common: Counter[str]) -> list[Drafted]:
    """The questions of a block.

    Args:
        block: columns that belong together.
        shared: the scales that the whole survey agrees on.
        common: how many columns hold a text at least three times.
    """
    first = block.members[0]
    if block.kind == "ticks" or (first.part == "tick" and is_mark(first.facts)):
        return draft_ticks(block)
    if first.part == "joined":
        return [_joined(first)]
    if all(each.part == "number" for each in block.members):
        return [_numbers(block)]
    scale = shared.scale_of(block)
    if scale:
        return [_scale(block, *scale)]
    return [_single(block, common)]


def draft_segment(guess: Guess, common: Counter[str]) -> Drafted:
    """A segment of one column."""
    facts = guess.facts
    kept, typed = listed(facts, common)
    if guess.detail in (COMPANY_SIZE, "team_size"):
        kept += [text for text in typed if is_size(text)]
        typed = [text for text in typed if not is_size(text)]
    labels: tuple[tuple[str, str], ...] = ()
    if guess.detail == "customer_focus":
        focus = [(text, focus_label(text) or "") for text in facts.answers]
        labels = tuple(focus) if all(label for _, label in focus) else ()
    if not labels and typed:
        labels = tuple((text, text) for text in kept)
    doubts = [*typed_doubts(facts, typed, "segment"), *filler_doubts(facts)]
    if guess.detail in (COMPANY_SIZE, "team_size"):
        doubts += date_doubts(facts, "labels")
    if all(map(is_number, facts.answers)) and guess.detail not in ("age_band", "team_size"):
        doubts.append(
            Doubt(at.OTHER, f"the groups of {shown_name(facts)} are numbers without labels: write them under labels")
        )
    return Drafted(
        text="",
        type="segment",
        columns=((facts, ""),),
        key="column",
        dimension=guess.detail,
        labels=labels,
        not_answered=tuple(facts.not_answered),
        answered=facts.answered_count,
        doubts=tuple(doubts),
    )


def _joined(guess: Guess) -> Drafted:
    facts, joined = guess.facts, guess.joined
    if joined is None:
        raise AssertionError("a joined column knows how")
    safe = tuple(option for option in joined.options if not find_kind(option))
    doubts = []
    name = shown_name(facts)
    if joined.typed_count:
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{counted(joined.typed_count, 'answer')} of {facts.answered_count:,} in {name} hold a rare text, as "
                "people type it: (other); add those that are options",
            )
        )
    if joined.kept_together:
        shown = ", ".join(repr(option) for option in joined.kept_together[:4])
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{shown} in {name}: always found whole, so taken as one option although it holds {joined.separator!r}",
            )
        )
    return Drafted(
        text=readable(facts.question or facts.column.name),
        type="multi",
        columns=((facts, ""),),
        key="column",
        separator=joined.separator if joined.separator != "\n" else "\n",
        options=different(safe),
        not_answered=tuple(facts.not_answered),
        answered=facts.answered_count,
        doubts=tuple(doubts),
    )


def _numbers(block: Block) -> Drafted:
    doubts = [Doubt(at.WRONG_COUNT, each.doubt) for each in block.members if each.doubt]
    lacking: list[str] = []
    for each in block.members:
        values = numbers_of(each.facts.answers) or []
        coded = [
            text for text, value in zip(each.facts.answers, values, strict=False) if value in (-9, -99, -999, -1, -98)
        ]
        if coded and sum(value < 0 for value in values) == len(coded):
            lacking += [text for text in coded if text not in lacking]
            doubts.append(
                Doubt(
                    at.WRONG_COUNT,
                    f"{', '.join(coded)} in {shown_name(each.facts)} are taken as no answer, not as numbers",
                )
            )
        else:
            doubts += filler_doubts(each.facts)
    only = len(block.members) == 1
    return Drafted(
        text=wording(block),
        type="number",
        columns=tuple((each.facts, label) for each, label in labelled(block)),
        key="column" if only else "columns",
        stem=block.stem,
        not_answered=(*declared_missing(each.facts for each in block.members), *lacking),
        answered=block.members[0].facts.answered_count,
        doubts=tuple(doubts),
    )


def _scale(block: Block, scale: tuple[tuple[str, float], ...], note: str, doubts: tuple[Doubt, ...]) -> Drafted:
    members = [each.facts for each in block.members]
    known = {fold(text) for text, _ in scale}
    others: dict[str, str] = {}
    extra = list(doubts)
    for facts in members:
        strange = [text for text in facts.answers if fold(text) not in known]
        for text in strange:
            if facts.has_no_degree(text):
                others.setdefault(fold(text), text)
        typed = [text for text in strange if not facts.has_no_degree(text)]
        extra += typed_doubts(facts, typed, "scale")
    number = sum(facts.counts[text] for facts in members for text in facts.answers if fold(text) in others)
    if others:
        shown = ", ".join(repr(text) for text in list(others.values())[:4])
        extra.append(
            Doubt(
                at.WRONG_BASE,
                f"{shown} ({counted(number, 'answer')}) in {block.name} have no place on the scale: not answered",
            )
        )
    return Drafted(
        text=wording(block),
        type="scale",
        columns=tuple((each.facts, label) for each, label in labelled(block)),
        key="column" if len(members) == 1 else "columns",
        stem=block.stem,
        scale=scale,
        scale_note=note,
        not_answered=(*others.values(), *declared_missing(members)),
        answered=max(facts.answered_count for facts in members),
        doubts=tuple(extra),
    )


def _single(block: Block, common: Counter[str]) -> Drafted:
    options: dict[str, str] = {}
    doubts = [Doubt(at.WRONG_PLACE, each.doubt) for each in block.members if each.doubt]
    often = Counter(fold(text) for each in block.members for text in each.facts.answers)
    others = common + Counter({text: times for text, times in often.items() if times > 1})
    for each in block.members:
        kept, typed = listed(each.facts, others)
        if each.facts.is_yes_no or each.part == "codes":
            kept, typed = each.facts.answers, []
        for text in kept:
            options.setdefault(fold(text), text)
        doubts += typed_doubts(each.facts, typed, "single")
        if mark := may_be_joined(each.facts.answers):
            problem = f"some cells of {shown_name(each.facts)} may hold several choices with {mark} between them"
            doubts.append(
                Doubt(at.WRONG_COUNT, f"{problem}: taken as one choice each; if not, type multi with separator")
            )
        if any(RANGE.search(text) for text in each.facts.answers):
            doubts += date_doubts(each.facts, "options")
    if all(each.part == "codes" for each in block.members):
        options = dict(sorted(options.items(), key=lambda pair: _code(pair[1])))
    if len(block.members) == 1 and len(options) == 1 and block.members[0].facts.has_blanks and not doubts:
        doubts.append(lone_doubt(block.members[0].facts, "an answer that all gave who answered; a blank may be a no"))
    values = numbered(options.values()) if all(each.part == "codes" for each in block.members) else None
    if values and len(block.members) > 1:
        doubts = [
            Doubt(
                at.WRONG_PLACE,
                f"{block.name} hold numbers from "
                f"{min(values.values()):g} to {max(values.values()):g} that may be codes or a scale: taken as codes",
            )
        ]
    return Drafted(
        text=wording(block),
        type="single",
        columns=tuple((each.facts, label) for each, label in labelled(block)),
        key="column" if len(block.members) == 1 else "columns",
        stem=block.stem,
        options=tuple(options.values()),
        not_answered=declared_missing(each.facts for each in block.members),
        answered=max(each.facts.answered_count for each in block.members),
        doubts=tuple(doubts),
    )


def _code(text: str) -> tuple[float, str]:
    try:
        return float(text.replace(",", ".")), text
    except ValueError:
        return float("inf"), text
