"""SurveyMonkey's `All responses data`: a second header row with the options, `Response` or `Open-Ended Response`.

Expanded: every option is a column whose cell repeats it. Condensed: one column for a question with one choice. A grid
has a column per item. What people type next to the options is a column `Other (please specify)`, the first then blank.
"""

from random import Random

from tests.exporters.surveys import expected
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.table import Builder, strftime
from tests.exporters.surveys.words import YES_NO
from tests.exporters.surveys.world import Question, World

TOOL = "SurveyMonkey"
META = ("Respondent ID", "Collector ID", "Start Date", "End Date")
PERSONAL = ("IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1")
STAMP = "%m/%d/%Y %I:%M:%S %p"


def export(world: World, rng: Random) -> Export:
    """The table as the tool writes it."""
    build = Builder(world)
    is_condensed, is_old = rng.random() < 0.5, rng.random() < 0.3
    stamp = "%m/%d/%Y %H:%M:%S" if is_old else STAMP
    first = rng.randint(11_000_000_000, 12_000_000_000)
    build.add(Column("id", META[0]), META[0], "", lambda at: str(first + 7_919 * world.persons[at].number))
    build.add(Column("leave", META[1]), META[1], "", lambda _: "431234567")
    build.time("started", META[2], (META[2], ""), strftime(stamp))
    build.time("submitted", META[3], (META[3], ""), strftime(stamp))
    for name in PERSONAL if rng.random() < 0.8 else ():
        build.add(Column("personal", name), name, "", _personal(world, name))
    yes_no = rng.choice(YES_NO)
    carried = ""
    for at, question in enumerate(world.questions):
        wording = question.grid or question.wording
        top = "" if wording == carried and question.grid else wording
        carried = wording
        _question(build, at, question, top, is_condensed=is_condensed, yes_no=yes_no)
    rows = build.rows(2)
    hazards = ["condensed" if is_condensed else "expanded"]
    return Export(TOOL, rows, build.columns(), len(world.persons), world.typed_texts, tuple(hazards), 2)


def _question(
    build: Builder, at: int, question: Question, top: str, *, is_condensed: bool, yes_no: tuple[str, str]
) -> None:
    texts = yes_no if question.kind == "yes_no" else question.options
    if question.kind == "multi" or (question.kind in ("single", "yes_no") and not is_condensed):
        for option, text in enumerate(texts):
            column = expected.tick(at, text, question, option, text)
            build.add(column, top if option == 0 else "", text, build.ticked(question, option, text))
        _other(build, at, question)
    elif question.kind in ("single", "yes_no"):
        build.add(expected.choice(at, top, question, texts), top, "Response", build.chosen(question, texts))
        _other(build, at, question)
    elif question.kind == "scale":
        name = question.wording if question.grid else "Response"
        column = expected.choice(at, name, question, texts, is_scale=True)
        build.add(column, top, name, build.chosen(question, texts))
    elif question.kind == "number":
        build.add(expected.numbers(at, top, question), top, "Open-Ended Response", build.number(question))
    else:
        build.add(expected.typed(top, at), top, "Open-Ended Response", build.text(question))


def _other(build: Builder, at: int, question: Question) -> None:
    if question.has_other:
        name = "Other (please specify)"
        build.add(expected.other(name, at, question), "", name, build.typed(question))


def _personal(world: World, name: str) -> expected.Cells:
    def cell(at: int) -> str:
        person = world.persons[at]
        if name == "IP Address":
            return f"203.0.113.{person.number}"
        if name == "Email Address":
            return person.email
        return {"First Name": person.name.split()[0], "Last Name": person.name.split()[1]}.get(name, "")

    return cell
