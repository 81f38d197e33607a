"""Columns of ticks as a question: several choices, or one choice over several columns; and what is unsure about it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.sources.files.cells import fold
from pipeline.sources.files.yes_no import NO
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.drafted import Drafted, declared_missing, wording
from pipeline.sources.survey.inspection.facts import Facts, shown_name
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.option_names import option_of
from pipeline.sources.survey.inspection.scales import read_places
from pipeline.sources.survey.inspection.segments import find_dimension
from pipeline.sources.survey.inspection.stems import ALL_THAT_APPLY, readable
from pipeline.sources.survey.inspection.words import OTHER_OPTION, words

_MARKS = {
    *(
        "x",
        "1",
        "1.0",
        "✓",
        "✔",
        "☑",
        "true",
        "selected",
        "checked",
        "ticked",
        "chosen",
        "mentioned",
        "quoted",
        "named",
    ),
    *("marked", "ausgewählt", "angekreuzt", "genannt", "gewählt", "sélectionné", "coché", "cité", "seleccionado"),
    *("marcado", "selecionado", "selezionato", "geselecteerd", "aangevinkt", "genoemd", "zaznaczono", "выбрано"),
}
CLEAR = 20  # answers from which on it is no chance that everybody chose one option only


def draft_ticks(block: Block) -> list[Drafted]:
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
                f"{block.name} have no common name: taken as the options of one question with {answered:,} answered, "
                "as each tick repeats its own header",
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
        not_answered=declared_missing(each.facts for each in members),
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
        why = f"nobody of {answered:,} chose two options of {text!r}: taken as one choice (type multi if many may be)"
        extra = Doubt(at.OTHER, why)
        return [replace(drafted, type="single", key="one_of", doubts=(*drafted.doubts, extra))]
    return [drafted]


def _lone_tick(block: Block) -> Drafted:
    (member,) = block.members
    facts = member.facts
    label = option_of(facts)
    doubt = lone_doubt(
        facts,
        "an option of its own, not chosen where it is blank; list it with the columns of its question if it has others",
    )
    return Drafted(
        text=readable(facts.question or facts.column.name),
        type="multi",
        columns=((facts, label),),
        selected=tuple(text for text in facts.answers if fold(text) in NO),
        not_answered=tuple(facts.not_answered),
        blank_is_no=True,
        answered=len(facts.cells),
        doubts=(doubt,),
    )


def is_mark(facts: Facts) -> bool:
    """True if the only text of a column marks an option and is no answer to a question of its own, such as yes."""
    if len(facts.answers) != 1 or facts.is_closed:
        return False
    return facts.is_own_text or fold(facts.answers[0]) in _MARKS


def lone_doubt(facts: Facts, taken: str) -> Doubt:
    """What is unsure about a column with a single text."""
    blank = len(facts.cells) - facts.answered_count
    held = f"{shown_name(facts)} holds {facts.answers[0]!r} ({facts.answered_count:,}) or nothing ({blank:,})"
    return Doubt(at.WRONG_BASE, f"{held}: taken as {taken}")


def _has_no(members: Iterable[Guess]) -> bool:
    """An explicit no and a tick in the same row."""
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
    mixed = sum(bool(each.facts.cells[row]) and filled[row] for each in zeros for row in range(len(filled)))
    is_code = bool(zeros) and bool(others) and not knows_no and not mixed
    selected = tuple(dict.fromkeys(each.facts.answers[0] for each in zeros)) if is_code else ()
    if is_code:
        doubts.append(
            Doubt(
                at.WRONG_COUNT,
                f"{selected[0]!r} is alone in {named([each.facts.column.name for each in zeros])} and never with "
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
