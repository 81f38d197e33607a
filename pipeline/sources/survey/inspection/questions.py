"""Blocks of columns as questions of a draft: type, options, scale, and what is unsure about each.

What people typed is no option: in a long column, texts of one or two people become `(other)`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.sources.personal_data import find_kind
from pipeline.sources.survey.cells import counted, fold
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.columns import Guess, numbers_of
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.facts import RARE, Facts, shown_name
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.scale_sharing import Shared
from pipeline.sources.survey.inspection.scales import is_off_scale, numbered, read_places
from pipeline.sources.survey.inspection.segments import COMPANY_SIZE, date_like_sizes, find_dimension, is_size
from pipeline.sources.survey.inspection.stems import ALL_THAT_APPLY, readable
from pipeline.sources.survey.inspection.words import NONE_OPTION, OTHER_OPTION, focus_label, words
from pipeline.sources.survey.yes_no import NO, YES

CLEAR = 20  # answers from which on it is no chance that everybody chose one option only
Columns = tuple[tuple[Facts, str], ...]  # column and its option or item


@dataclass(frozen=True)
class Drafted:
    """One question or segment as it will be written."""

    text: str
    type: str  # single, multi, scale, number; segment
    columns: Columns
    key: str = "columns"  # column, columns, one_of
    stem: str = ""
    dimension: str = ""
    separator: str = ""
    options: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    scale: tuple[tuple[str, float], ...] = ()
    scale_note: str = ""
    selected: tuple[str, ...] = ()
    not_answered: tuple[str, ...] = ()
    blank_is_no: bool = False
    answered: int = 0
    doubts: tuple[Doubt, ...] = ()


def draft_question(block: Block, shared: Shared, common: Counter[str]) -> list[Drafted]:
    """The questions of a block.

    Args:
        block: columns that belong together.
        shared: the scales that the whole survey agrees on.
        common: how many columns hold a text at least three times.
    """
    if block.kind == "ticks":
        return _ticks(block)
    first = block.members[0]
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
    doubts = [*_typed_doubts(facts, typed, "segment")]
    if guess.detail in (COMPANY_SIZE, "team_size") and (dates := date_like_sizes(facts.answers)):
        number = sum(facts.counts[text] for text in dates)
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{counted(number, 'cell')} of {shown_name(facts)} {'look' if number > 1 else 'looks'} like a date "
                f"({', '.join(repr(text) for text in dates[:3])}): a spreadsheet program makes dates of sizes such as 6-25; "
                "say which size is meant under labels",
            )
        )
    if all(text.replace(".", "").isdigit() for text in facts.answers) and guess.detail not in ("age_band", "team_size"):
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


def listed(facts: Facts, common: Counter[str]) -> tuple[list[str], list[str]]:
    """The texts of a column that are options, and those that people may have typed."""
    rare = set(facts.rare())
    typed = [text for text in facts.answers if text in rare and not _is_known(text, common)]
    typed += [text for text in facts.answers if text not in typed and find_kind(text)]
    return [text for text in facts.answers if text not in typed], typed


def _is_known(text: str, common: Counter[str]) -> bool:
    """A text that nobody needs to have typed: on a scale, a yes or no, a range of numbers, or usual in other columns."""
    folded = fold(text)
    if folded in YES | NO or is_off_scale(text) or NONE_OPTION.match(text) or len(text) <= 2:
        return True
    if common[folded] or (OTHER_OPTION.match(text) and len(words(text).split()) <= 3):
        return True
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    if digits >= 0.25 * (digits + letters):
        return True
    return bool(read_places([text]))


def _typed_doubts(facts: Facts, typed: Sequence[str], key: str) -> Iterable[Doubt]:
    if typed:
        cells = sum(facts.counts[text] for text in typed)
        where = "labels" if key == "segment" else "options"
        yield Doubt(
            at.WRONG_COUNT,
            f"{counted(len(typed), 'text')} of {shown_name(facts)} of at most {RARE} respondents each "
            f"({counted(cells, 'answer')} of {facts.answered_count:,}) will be (other), as people may have typed them: "
            f"add those that are options under {where}",
        )


def wording(block: Block) -> str:
    """The text of a question."""
    first = block.members[0].facts
    if block.kind == "alone":
        return readable(first.question or first.label or first.column.name)
    if not block.stem:
        shown = ", ".join(block.labels[:4])
        return f"Which of these: {shown} ... (please write the question here)"
    told = first.question
    if told and told != block.stem and not first.is_under_question:
        if " - " in told:
            return readable(told.rsplit(" - ", 1)[0].removesuffix(" - Selected Choice"))
        if told.endswith(f"-{first.label}"):
            return readable(told.removesuffix(f"-{first.label}"))
    return readable(block.stem)


def _ticks(block: Block) -> list[Drafted]:
    members = block.members
    text = wording(block)
    if len(members) == 1 and members[0].facts.answers:
        return [_lone_tick(block)]
    chosen, selected, doubts = _chosen(block)
    rows = list(zip(*chosen, strict=True))
    answered = sum(any(row) for row in rows) if not _has_no(members) else sum(_answered(members))
    most = max(map(sum, rows), default=0)
    columns = tuple((each.facts, label) for each, label in zip(members, block.labels, strict=True))
    dimension = find_dimension((words(text), words(block.stem)), block.labels) if most <= 1 else None
    places = read_places(label for label in block.labels if not OTHER_OPTION.match(label)) if most <= 1 else []
    is_single = most == 1 and answered >= CLEAR and not ALL_THAT_APPLY.search(text) and not _has_no(members)
    if not block.is_named:
        doubts.append(
            Doubt(
                at.WRONG_BASE,
                f"{block.name} have no common name: taken as the options of one question with {answered:,} answered, as "
                "each tick repeats its own header",
            )
        )
    if not any(map(any, chosen)):
        doubts.append(Doubt(at.WRONG_COUNT, f"nobody chose an option of {block.name}"))
    drafted = Drafted(
        text=text,
        type="multi",
        columns=columns,
        stem=block.stem,
        selected=selected,
        not_answered=_declared(each.facts for each in members),
        answered=answered,
        doubts=tuple(doubts),
    )
    if most != 1 or _has_no(members):
        return [drafted]
    if dimension and answered:
        return [replace(drafted, type="segment", dimension=dimension)]
    if len(places) and len(block.labels) >= 3:
        order = sorted(places[0].by_text, key=lambda label: places[0].by_text[label])
        if len(order) == len(block.labels):
            scale = tuple((label, float(number)) for number, label in enumerate(order, start=1))
            return [replace(drafted, type="scale", key="one_of", scale=scale, scale_note="from least to most")]
    if is_single:
        told = f"nobody of {answered:,} chose two options of {text!r}: taken as one choice (type multi if many may be)"
        extra = Doubt(at.OTHER, told)
        return [replace(drafted, type="single", key="one_of", doubts=(*drafted.doubts, extra))]
    return [drafted]


def _lone_tick(block: Block) -> Drafted:
    (member,) = block.members
    facts = member.facts
    label = block.labels[0] if block.labels else facts.column.name
    rest = len(facts.cells) - facts.answered_count
    why = (
        f"{shown_name(facts)} holds {facts.answers[0]!r} ({facts.answered_count:,}) or nothing ({rest:,}): taken as an "
        "option of its own, not chosen where it is blank; list it with the columns of its question if it has others"
    )
    return Drafted(
        text=readable(facts.question or facts.column.name),
        type="multi",
        columns=((facts, label),),
        selected=tuple(text for text in facts.answers if fold(text) in NO),
        not_answered=tuple(facts.not_answered),
        blank_is_no=True,
        answered=len(facts.cells),
        doubts=(Doubt(at.WRONG_BASE, why),),
    )


def _has_no(members: Iterable[Guess]) -> bool:
    """An explicit no stands beside a tick."""
    return any(fold(text) in NO and text != each.facts.tick for each in members for text in each.facts.answers) or all(
        not each.facts.answers or fold(each.facts.answers[0]) in NO for each in members
    )


def _answered(members: Sequence[Guess]) -> list[bool]:
    lacking = [{*map(fold, each.facts.not_answered), *map(fold, each.facts.declared_missing), ""} for each in members]
    rows = zip(*(each.facts.cells for each in members), strict=True)
    return [any(fold(cell) not in none for cell, none in zip(row, lacking, strict=True)) for row in rows]


def _chosen(block: Block) -> tuple[list[list[bool]], tuple[str, ...], list[Doubt]]:
    """Per column, whether each respondent chose it; the texts that are ticks although they are words for no; doubts."""
    members = block.members
    doubts: list[Doubt] = []
    zeros = [each for each in members if len(each.facts.answers) == 1 and fold(each.facts.answers[0]) in NO]
    zeros = [each for each in zeros if not each.facts.is_own_text]
    others = [each for each in members if each.facts.answers and each not in zeros]
    knows_no = any(len(each.facts.answers) == 2 for each in others if each.part != "typed")
    filled = [any(each.facts.cells[row] for each in others) for row in range(len(members[0].facts.cells))]
    beside = sum(bool(each.facts.cells[row]) and filled[row] for each in zeros for row in range(len(filled)))
    is_code = bool(zeros) and bool(others) and not knows_no and not beside
    selected = tuple(dict.fromkeys(each.facts.answers[0] for each in zeros)) if is_code else ()
    if is_code:
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{selected[0]!r} stands alone in {named([each.facts.column.name for each in zeros])} and never beside "
                "another option: taken as the code of that option, not as a no",
            )
        )
    chosen = []
    for each in members:
        lacking = {*map(fold, each.facts.not_answered), *map(fold, each.facts.declared_missing), ""}
        no = set() if is_code and each in zeros else NO
        own = {fold(each.facts.answers[0])} if each.facts.is_own_text else set()
        chosen.append(
            [fold(cell) not in lacking and (fold(cell) not in no or fold(cell) in own) for cell in each.facts.cells]
        )
    return chosen, selected, doubts


def _declared(columns: Iterable[Facts]) -> tuple[str, ...]:
    folded: dict[str, str] = {}
    for facts in columns:
        for text in facts.not_answered:
            folded.setdefault(fold(text), text)
    return tuple(folded.values())


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
                f"{counted(joined.typed_count, 'answer')} of {facts.answered_count:,} in {name} hold a rare text, as people "
                "type it: (other); add those that are options",
            )
        )
    if joined.kept_together:
        shown = ", ".join(repr(option) for option in joined.kept_together[:4])
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{shown} in {name} only occur as a whole: taken as one option although it holds {joined.separator!r}",
            )
        )
    return Drafted(
        text=readable(facts.question or facts.column.name),
        type="multi",
        columns=((facts, ""),),
        key="column",
        separator=joined.separator if joined.separator != "\n" else "\n",
        options=_different(safe),
        not_answered=tuple(facts.not_answered),
        answered=facts.answered_count,
        doubts=tuple(doubts),
    )


def _different(texts: Iterable[str]) -> tuple[str, ...]:
    folded: dict[str, str] = {}
    for text in texts:
        folded.setdefault(fold(text), text)
    return tuple(folded.values())


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
    only = len(block.members) == 1
    return Drafted(
        text=wording(block),
        type="number",
        columns=tuple((each.facts, label) for each, label in _labelled(block)),
        key="column" if only else "columns",
        stem=block.stem,
        not_answered=(*_declared(each.facts for each in block.members), *lacking),
        answered=block.members[0].facts.answered_count,
        doubts=tuple(doubts),
    )


def _labelled(block: Block) -> list[tuple[Guess, str]]:
    return list(zip(block.members, block.labels or ("",) * len(block.members), strict=True))


def _scale(block: Block, scale: tuple[tuple[str, float], ...], note: str, doubts: tuple[Doubt, ...]) -> Drafted:
    members = [each.facts for each in block.members]
    known = {fold(text) for text, _ in scale}
    beside: dict[str, str] = {}
    extra = list(doubts)
    for facts in members:
        strange = [text for text in facts.answers if fold(text) not in known]
        for text in strange:
            if is_off_scale(text):
                beside.setdefault(fold(text), text)
        typed = [text for text in strange if not is_off_scale(text)]
        extra += _typed_doubts(facts, typed, "scale")
    number = sum(facts.counts[text] for facts in members for text in facts.answers if fold(text) in beside)
    if beside:
        shown = ", ".join(repr(text) for text in list(beside.values())[:4])
        extra.append(
            Doubt(
                at.WRONG_BASE,
                f"{shown} ({counted(number, 'answer')}) in {block.name} have no place on the scale: not answered",
            )
        )
    return Drafted(
        text=wording(block),
        type="scale",
        columns=tuple((each.facts, label) for each, label in _labelled(block)),
        key="column" if len(members) == 1 else "columns",
        stem=block.stem,
        scale=scale,
        scale_note=note,
        not_answered=(*beside.values(), *_declared(members)),
        answered=max(facts.answered_count for facts in members),
        doubts=tuple(extra),
    )


def _single(block: Block, common: Counter[str]) -> Drafted:
    options: dict[str, str] = {}
    doubts = [Doubt(at.WRONG_PLACE, each.doubt) for each in block.members if each.doubt]
    often = Counter(fold(text) for each in block.members for text in each.facts.answers)
    beside = common + Counter({text: times for text, times in often.items() if times > 1})
    for each in block.members:
        kept, typed = listed(each.facts, beside)
        if each.facts.is_yes_no or each.part == "codes":
            kept, typed = each.facts.answers, []
        for text in kept:
            options.setdefault(fold(text), text)
        doubts += _typed_doubts(each.facts, typed, "single")
    if all(each.part == "codes" for each in block.members):
        options = dict(sorted(options.items(), key=lambda pair: _code(pair[1])))
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
        columns=tuple((each.facts, label) for each, label in _labelled(block)),
        key="column" if len(block.members) == 1 else "columns",
        stem=block.stem,
        options=tuple(options.values()),
        not_answered=_declared(each.facts for each in block.members),
        answered=max(each.facts.answered_count for each in block.members),
        doubts=tuple(doubts),
    )


def _code(text: str) -> tuple[float, str]:
    try:
        return float(text.replace(",", ".")), text
    except ValueError:
        return float("inf"), text
