"""Columns that belong together: the options of one question, the items of one grid.

Names and header rows come first, the look of cells second: an option that nobody chose stays with its question, and
yes/no columns without a common name are questions of their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.sources.files.cells import fold
from pipeline.sources.files.yes_no import NO, YES
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import named
from pipeline.sources.survey.inspection.facts import shown_name, squeeze
from pipeline.sources.survey.inspection.looks import are_asked_apart, may_be_option
from pipeline.sources.survey.inspection.option_names import different_labels, item_of, option_of
from pipeline.sources.survey.inspection.stems import have_other_codes, readable, split_names
from pipeline.sources.survey.inspection.words import NONE_OPTION, OTHER_OPTION, words

_OUTSIDE = {"respondent_id", "started_at", "submitted_at", "weight", "complete", "ignore"}
_ITEM_AND_ANSWER = re.compile(r"^(.*\S) [-–] (.+)$")
_OPTION_WORDS = 6  # a column without cells next to ticks is an option if its name is this short


@dataclass(frozen=True)
class Block:
    """Columns of one question: `kind` is ticks, grid or alone."""

    kind: str
    members: tuple[Guess, ...]
    stem: str = ""
    is_named: bool = True  # the names say that the columns belong together
    labels: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """Its columns for a sentence."""
        if len(self.members) == 1:
            return shown_name(self.members[0].facts)
        return named([each.facts.column.name for each in self.members], readable(self.stem) if self.stem else "")


def find_blocks(guesses: Sequence[Guess]) -> list[Block]:
    """The questions among the columns, in the order of the file; columns that are no questions are left out."""
    blocks: list[Block] = []
    at = 0
    while at < len(guesses):
        run, stem = _named_run(guesses, at)
        if len(run) > 1:
            blocks += _classify(run, stem)
            at += len(run)
            continue
        run = _own_text_run(guesses, at)
        if len(run) > 1:
            blocks.append(_ticks(run, "", is_named=False))
            at += len(run)
            continue
        blocks += _alone(guesses[at])
        at += 1
    return blocks


def _alone(guess: Guess) -> list[Block]:
    if guess.part in _OUTSIDE | {"empty", "typed", "free_text", "personal", "segment"}:
        return []
    return [Block("alone", (guess,))]


def _named_run(guesses: Sequence[Guess], start: int) -> tuple[list[Guess], str]:
    """The longest run of columns from here whose headers name the same question."""
    best: tuple[list[Guess], str] = ([], "")
    if guesses[start].part in _OUTSIDE:
        return best
    for stem, option in split_names(guesses[start].facts):
        run, seen = [guesses[start]], {fold(option)}
        for each in guesses[start + 1 :]:
            own = dict(split_names(each.facts)).get(stem)
            if each.part in _OUTSIDE or own is None or fold(own) in seen:  # an option that comes again is another's
                break
            if run[-1].facts.is_carried and not each.facts.is_carried:  # the same wording once more: another question
                break
            if have_other_codes(run[-1].facts.column.name, each.facts.column.name):
                break
            seen.add(fold(own))
            if not each.facts.is_under_question and not _fit(run, each):
                break
            run.append(each)
        while len(run) > 1 and run[-1].part == "empty" and not _is_ticked(run) and not run[0].facts.is_under_question:
            run.pop()
        if len(run) >= 2 and (len(run), len(stem)) > (len(best[0]), len(best[1])):
            best = (run, stem)
    return best


def _fit(run: Sequence[Guess], other: Guess) -> bool:
    """A column may extend a run: it is empty or typed, a tick next to ticks, or answered like the others."""
    core = [each for each in run if each.part not in ("empty", "typed", "free_text")]
    if not core or other.part in ("empty", "typed", "free_text"):
        return True
    if all(map(is_tickish, core)):
        return is_tickish(other) or _is_alike(core, other)
    return _is_alike(core, other)


def _is_ticked(run: Sequence[Guess]) -> bool:
    return any(is_tickish(each) and each.facts.counts for each in run)


def is_tickish(guess: Guess) -> bool:
    """One text next to blanks or words for no, or nothing but yes and no: what an option's column looks like."""
    facts = guess.facts
    if guess.part in ("empty", "typed", "free_text", "segment", "joined"):
        return guess.part == "empty"
    if guess.part == "personal" and not may_be_option(facts) and len(facts.answers) != 1:
        return False
    if facts.is_yes_no or facts.is_own_text or not facts.answers:
        return True
    return facts.tick is not None and (facts.has_blanks or len(facts.answers) == 2)


def _is_alike(core: Sequence[Guess], other: Guess) -> bool:
    """Answered as the other columns of a grid."""
    if other.part == "joined" or any(each.part in ("joined", "segment") for each in core) or other.part == "segment":
        return False
    families = {places.family for places in other.places}
    if families and any(families & {places.family for places in each.places} for each in core):
        return True
    if other.part in ("number", "codes") and all(each.part in ("number", "codes", "scale") for each in core):
        return all(text.strip("-").isdigit() for each in core for text in each.facts.answers) or other.part == "number"
    mine = {fold(text) for each in core for text in each.facts.answers}
    theirs = {fold(text) for text in other.facts.answers}
    return bool(theirs) and len(mine & theirs) >= 0.6 * min(len(mine), len(theirs))


def _classify(run: list[Guess], stem: str) -> list[Block]:
    """The questions in a run of columns under one name."""
    core = [each for each in run if each.part not in ("empty", "typed", "free_text")]
    if not core:
        return []
    known = [each for each in core if each.facts.counts]
    if are_asked_apart([each.facts for each in known], stem):
        return [block for each in core for block in _alone(each)]
    if known and all(map(is_tickish, core)) and not _are_equal_answers(known):
        return _items_by_answers(run, stem) or [_ticks(run, stem, is_named=True)]
    blocks: list[Block] = []
    pending: list[Guess] = []
    for each in core:
        if pending and not _is_alike(pending, each):
            blocks += _grid(pending, stem)
            pending = []
        pending.append(each)
    return [*blocks, *_grid(pending, stem)]


def _items_by_answers(run: Sequence[Guess], stem: str) -> list[Block]:
    """A grid with a column for each answer to each item (`Speed - Good`): one choice for each item; [] if none."""
    split = [_ITEM_AND_ANSWER.match(option_of(each.facts)) for each in run]
    parts = [(match[1], match[2]) for match in split if match]
    items = list(dict.fromkeys(item for item, _ in parts))
    if len(parts) < len(run) or len(items) < 2 or len({answer for _, answer in parts}) >= len(parts):
        return []
    blocks = []
    for item in items:
        members = [each for each, (name, _) in zip(run, parts, strict=True) if name == item]
        if len(members) < 2 or any(
            sum(map(bool, row)) > 1 for row in zip(*(m.facts.cells for m in members), strict=True)
        ):
            return []
        block = _ticks(members, f"{stem}: {item}", is_named=True)
        answers = tuple(option_of(each.facts).removeprefix(item).lstrip(" -–") for each in block.members)
        blocks.append(replace(block, labels=answers))
    return blocks


def _are_equal_answers(known: Sequence[Guess]) -> bool:
    """Every cell filled with one text that is no option: a grid that everybody answered alike."""
    texts = {fold(text) for each in known for text in each.facts.answers}
    return len(texts) == 1 and not texts & (YES | NO) and not any(each.facts.has_blanks for each in known)


def _grid(members: list[Guess], stem: str) -> list[Block]:
    usable = [each for each in members if each.part not in ("personal", "segment", "empty")]
    if len(usable) < 2 or any(each.part == "joined" for each in usable):
        return [block for each in usable for block in _alone(each)]
    labels = tuple(different_labels(item_of(each.facts) for each in usable))
    return [Block("grid", tuple(usable), stem, labels=labels)]


def _ticks(run: Sequence[Guess], stem: str, *, is_named: bool) -> Block:
    """The options of a question. What people typed next to an `Other` that has its own tick is free text."""
    has_other = any(
        is_tickish(each) and each.facts.counts and OTHER_OPTION.match(option_of(each.facts)) for each in run
    )
    kept = []
    for each in run:
        if each.part == "free_text" or (each.part == "typed" and has_other):
            continue
        if each.part == "personal" and not is_tickish(each):
            continue
        kept.append(each)
    # A second look without the name: `Mail` and `Phone` are options here.
    members = tuple(replace(each, part="tick") if each.part != "typed" else each for each in kept)
    labels = tuple(different_labels(_below(stem, option_of(each.facts)) for each in members))
    return Block("ticks", members, stem, is_named, labels)


def _below(stem: str, label: str) -> str:
    """An option without its question in front (`Networks: Facebook`, as SPSS labels a variable)."""
    rest = label.removeprefix(f"{stem}:").removeprefix(f"{stem} -").strip()
    return rest if stem and rest else label


def _own_text_run(guesses: Sequence[Guess], start: int) -> list[Guess]:
    """Neighbours without a common name whose ticks repeat their own headers; a label that comes again starts the next
    question, and so does what follows `Other` or `None of these`."""
    run: list[Guess] = []
    seen: set[str] = set()
    # Options that nobody chose may stand before the first tick.
    first = next((each for each in guesses[start:] if each.part != "empty"), None)
    if first is None or not (first.facts.is_own_text and is_tickish(first)):
        return run
    for each in guesses[start:]:
        label = squeeze(option_of(each.facts))
        if not _is_own_option(each) or label in seen or (run and _ends_block(run[-1], each)):
            break
        run.append(each)
        seen.add(label)
    return run


def _is_own_option(guess: Guess) -> bool:
    facts = guess.facts
    if guess.part in _OUTSIDE or facts.is_under_question or guess.detail == "personal":
        return False
    if guess.part == "typed":
        return bool(OTHER_OPTION.match(facts.column.name)) and len(words(facts.column.name).split()) <= _OPTION_WORDS
    if guess.part == "empty":
        name = facts.column.name
        is_nameless = name == f"column {facts.column.position + 1}"
        return not is_nameless and not name.endswith("?") and len(words(name).split()) <= _OPTION_WORDS
    return facts.is_own_text and is_tickish(guess)


def _ends_block(last: Guess, each: Guess) -> bool:
    text, following = option_of(last.facts), option_of(each.facts)
    if OTHER_OPTION.match(text):
        return True
    return bool(NONE_OPTION.match(text)) and not OTHER_OPTION.match(following)
