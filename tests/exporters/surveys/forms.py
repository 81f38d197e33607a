"""Forms of Google and Microsoft: one column per question, choices joined in it.

Google's own CSV joins by `;` and prints the zone (`2026/04/05 9:12:33 PM GMT+2`); the linked spreadsheet joins by
`, ` and prints the time of its locale. Microsoft joins by `;` with one at the end, in a workbook.
"""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from tests.exporters.surveys import expected
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.table import Builder, strftime, us_time
from tests.exporters.surveys.words import YES_NO
from tests.exporters.surveys.world import Question, World, as_set

GOOGLE, GOOGLE_SHEET, MICROSOFT = "Google Forms", "Google Forms sheet", "Microsoft Forms"
# Zone, and how the form's language writes it in winter and in summer.
ZONES = (
    ("Europe/Berlin", "GMT+1", "GMT+2"),
    ("Europe/Berlin", "MEZ", "MESZ"),
    ("Europe/Paris", "CET", "CEST"),
    ("America/New_York", "EST", "EDT"),
    ("America/Los_Angeles", "PST", "PDT"),
    ("America/Sao_Paulo", "GMT-3", "GMT-3"),
    ("Asia/Kolkata", "GMT+5:30", "GMT+5:30"),
    ("Europe/London", "GMT", "GMT+1"),
)
STAMP_NAMES = ("Timestamp", "Zeitstempel", "Horodateur", "Marca temporal")


def google(world: World, rng: Random) -> Export:
    """The CSV that the form itself downloads."""
    build = Builder(world)
    zone, winter, summer = rng.choice(ZONES)

    def render(moment: datetime) -> str:
        word = summer if moment.dst() else winter
        return f"{moment:%Y/%m/%d} {moment.hour % 12 or 12}:{moment:%M:%S} {moment:%p} {word}"

    build.time("submitted", "Timestamp", ("Timestamp",), render, zone=ZoneInfo(zone), tells_offset=True)
    _questions(build, rng, ";")
    return Export(GOOGLE, build.rows(1), build.columns(), len(world.persons), world.typed_texts, (f"zone {winter}",))


def google_sheet(world: World, rng: Random) -> Export:
    """The spreadsheet that gathers the answers of a form, saved as CSV."""
    build = Builder(world)
    name = rng.choice(STAMP_NAMES)
    render = us_time if name == "Timestamp" else strftime("%d/%m/%Y %H:%M:%S")
    if name == "Zeitstempel":
        render = strftime("%d.%m.%Y %H:%M:%S")
    build.time("submitted", name, (name,), render, is_printed=True)
    _questions(build, rng, ", ", mark="," if name != "Timestamp" else ".")
    return Export(GOOGLE_SHEET, build.rows(1), build.columns(), len(world.persons), world.typed_texts)


def microsoft(world: World, rng: Random) -> Export:
    """The workbook of Microsoft Forms, now and then saved as CSV."""
    build, is_workbook = Builder(world), rng.random() < 0.7
    build.add(Column("id", "ID"), "ID", lambda at: (int if is_workbook else str)(world.persons[at].number))
    render = (lambda moment: moment.replace(tzinfo=None, microsecond=0)) if is_workbook else _short
    build.time("started", "Start time", ("Start time",), render, is_printed=True)
    build.time("submitted", "Completion time", ("Completion time",), render, is_printed=True)
    is_anonymous = rng.random() < 0.5
    build.add(Column("personal", "Email"), "Email", lambda at: "anonymous" if is_anonymous else world.persons[at].email)
    build.add(Column("personal", "Name"), "Name", lambda at: "" if is_anonymous else world.persons[at].name)
    build.add(Column("leave", "Last modified time"), "Last modified time", lambda _: "")
    _questions(build, rng, ";", is_ended=True, is_item_alone=True)
    form = "xlsx" if is_workbook else "csv"
    return Export(MICROSOFT, build.rows(1), build.columns(), len(world.persons), world.typed_texts, (form,), form=form)


def _short(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%y} {moment.hour}:{moment:%M:%S}"


def _questions(
    build: Builder,
    rng: Random,
    separator: str,
    *,
    mark: str = ".",
    is_ended: bool = False,
    is_item_alone: bool = False,
) -> None:
    """One column per question. `is_ended`: the separator stands behind the last choice as well."""
    yes_no = rng.choice(YES_NO)
    for at, question in enumerate(build.world.questions):
        name = f"{question.grid} [{question.wording}]" if question.grid and not is_item_alone else question.wording
        texts = yes_no if question.kind == "yes_no" else question.options
        if question.kind == "multi":
            build.add(expected.joined(at, name, question), name, _joined(question, separator, is_ended=is_ended))
        elif question.kind == "number":
            build.add(expected.numbers(at, name, question), name, build.number(question, mark))
        elif question.kind == "text":
            build.add(expected.typed(name, at), name, build.text(question))
        else:
            column = expected.choice(at, name, question, texts, is_scale=question.kind == "scale")
            build.add(column, name, _chosen(question, texts))


def _joined(question: Question, separator: str, *, is_ended: bool) -> expected.Cells:
    def cell(at: int) -> str:
        chosen = [question.options[each] for each in sorted(as_set(question.answers[at]))]
        pieces = [*chosen, *([question.typed[at]] if question.typed[at] is not None else [])]
        return separator.join(map(str, pieces)) + (separator if is_ended and pieces else "")

    return cell


def _chosen(question: Question, texts: tuple[str, ...]) -> expected.Cells:
    """The option, or what the person typed instead of one."""

    def cell(at: int) -> str:
        answer = question.answers[at]
        return texts[answer] if isinstance(answer, int) else question.typed[at] or ""

    return cell
