"""Typeform's exports: `#`, one column per question or, where several answers may be chosen, one per option named by it.

A question of yes or no is 1 and 0. What people type next to the options is in a last column `Other`; next to a single
choice, in its own column. Times are UTC and their headers say so.
"""

from random import Random

from tests.exporters.surveys import expected
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.table import Builder, strftime
from tests.exporters.surveys.world import Question, World, as_set

TOOL = "Typeform"
STAMP = strftime("%Y-%m-%d %H:%M:%S")


def export(world: World, rng: Random) -> Export:
    """The table as the tool writes it."""
    build, is_joined = Builder(world), rng.random() < 0.3
    separator, is_new = rng.choice([", ", ","]), rng.random() < 0.5
    yes_no = ("1", "0") if rng.random() < 0.7 else ("Yes", "No")
    build.add(Column("id", "#"), "#", lambda at: f"{(world.persons[at].number + 2) * 2_654_435_761 % 2**40:010x}qk")
    for at, question in enumerate(world.questions):
        if question.kind == "multi" and not is_joined:
            _options(build, at, question)
            continue
        name = f"{question.grid}: {question.wording}" if question.grid else question.wording
        texts = yes_no if question.kind == "yes_no" else question.options
        if question.kind == "multi":
            build.add(expected.joined(at, name, question), name, _joined(question, separator))
        elif question.kind == "number":
            build.add(expected.numbers(at, name, question), name, build.number(question))
        elif question.kind == "text":
            build.add(expected.typed(name, at), name, build.text(question))
        else:
            column = expected.choice(at, name, question, texts, is_scale=question.kind == "scale")
            build.add(column, name, _chosen(question, texts))
    if is_new:
        build.add(Column("leave", "Response Type"), "Response Type", lambda _: "completed")
    build.time("started", "Start Date (UTC)", ("Start Date (UTC)",), STAMP)
    if is_new:
        build.add(Column("leave", "Stage Date (UTC)"), "Stage Date (UTC)", lambda _: "")
    build.time("submitted", "Submit Date (UTC)", ("Submit Date (UTC)",), STAMP)
    build.add(Column("personal", "Network ID"), "Network ID", lambda at: f"{at * 7_919 + 11:08x}f0")
    build.add(Column("leave", "Tags"), "Tags", lambda _: "")
    hazards = ("joined choices",) if is_joined else ("options as headers",)
    return Export(TOOL, build.rows(1), build.columns(), len(world.persons), world.typed_texts, hazards)


def _options(build: Builder, at: int, question: Question) -> None:
    for option, text in enumerate(question.options):
        build.add(expected.tick(at, text, question, option, text), text, build.ticked(question, option, text))
    if question.has_other:
        build.add(expected.other("Other", at, question), "Other", build.typed(question))


def _joined(question: Question, separator: str) -> expected.Cells:
    def cell(at: int) -> str:
        chosen = [question.options[each] for each in sorted(as_set(question.answers[at]))]
        return separator.join([*chosen, *([str(question.typed[at])] if question.typed[at] is not None else [])])

    return cell


def _chosen(question: Question, texts: tuple[str, ...]) -> expected.Cells:
    def cell(at: int) -> str:
        answer = question.answers[at]
        return texts[answer] if isinstance(answer, int) else question.typed[at] or ""

    return cell
