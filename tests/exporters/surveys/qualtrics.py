"""Qualtrics' exports: three header rows (id, wording, {"ImportId": ...}) today, two (id, wording) until 2017.

Answers are choice texts or numeric codes; a question with many answers is split into columns or joined by commas.
"""

import json
from random import Random
from zoneinfo import ZoneInfo

from tests.exporters.surveys import expected
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.table import Builder, strftime
from tests.exporters.surveys.world import Question, World, as_set

TOOL, LEGACY = "Qualtrics", "Qualtrics legacy"
STAMP = strftime("%Y-%m-%d %H:%M:%S")
ZONES = ("America/Denver", "Europe/Berlin", "UTC", "America/New_York", "Asia/Tokyo")


def export(world: World, rng: Random) -> Export:
    """Three header rows."""
    build, is_coded = Builder(world), rng.random() < 0.4
    zone = rng.choice(ZONES)
    for kind, name, label in (("started", "StartDate", "Start Date"), ("submitted", "EndDate", "End Date")):
        import_id = json.dumps({"ImportId": name[0].lower() + name[1:], "timeZone": zone}, separators=(",", ":"))
        build.time(kind, name, (name, label, import_id), STAMP, zone=ZoneInfo(zone))
    for name, label, import_id, cells in _meta(world, is_coded=is_coded):
        kind = {"Finished": "complete", "ResponseId": "id"}.get(name)
        kind = kind or ("personal" if name.startswith(("IP", "Recip", "Location")) else "leave")
        build.add(Column(kind, name), name, label, _import_id(import_id), cells)
    _questions(build, rng, is_coded=is_coded, is_split=rng.random() < 0.7, is_legacy=False)
    hazards = ("numeric codes",) if is_coded else ()
    return Export(TOOL, build.rows(3), build.columns(), len(world.persons), world.typed_texts, hazards, 3)


def export_legacy(world: World, rng: Random) -> Export:
    """Two header rows, coded answers, and a comma behind every row."""
    build = Builder(world)
    fixed: list[tuple[str, str, str, expected.Cells]] = [
        ("V1", "ResponseID", "id", _response_id(world)),
        ("V2", "ResponseSet", "leave", lambda _: "Default Response Set"),
        ("V3", "Name", "personal", lambda at: world.persons[at].name),
        ("V4", "ExternalDataReference", "personal", lambda _: ""),
        ("V5", "EmailAddress", "personal", lambda at: world.persons[at].email),
        ("V6", "IPAddress", "personal", lambda at: f"203.0.113.{world.persons[at].number}"),
        ("V7", "Status", "leave", lambda _: "0"),
    ]
    for code, label, kind, cells in fixed:
        build.add(Column(kind, label), code, label, cells)
    build.time("started", "StartDate", ("V8", "StartDate"), STAMP, is_printed=True)
    build.time("submitted", "EndDate", ("V9", "EndDate"), STAMP, is_printed=True)
    build.add(Column("complete", "Finished"), "V10", "Finished", lambda at: str(int(world.persons[at].is_complete)))
    _questions(build, rng, is_coded=True, is_split=True, is_legacy=True)
    for name in ("LocationLatitude", "LocationLongitude", "LocationAccuracy"):
        build.add(Column("personal", name), name, name, lambda at: f"{47.1 + at / 1e4:.6f}")
    build.add(Column("leave", ""), "", "", lambda _: "")
    columns, rows = build.columns(), build.rows(2)
    return Export(LEGACY, rows, columns, len(world.persons), world.typed_texts, ("numeric codes",), 2)


def _meta(world: World, *, is_coded: bool) -> list[tuple[str, str, str, expected.Cells]]:
    persons = world.persons
    finished = ("1", "0") if is_coded else ("True", "False")
    return [
        ("Status", "Response Type", "status", lambda _: "0" if is_coded else "IP Address"),
        ("IPAddress", "IP Address", "ipAddress", lambda at: f"203.0.113.{persons[at].number}"),
        ("Progress", "Progress", "progress", lambda at: "100" if persons[at].is_complete else "50"),
        ("Duration (in seconds)", "Duration (in seconds)", "duration", lambda at: str(95 + 7 * at)),
        ("Finished", "Finished", "finished", lambda at: finished[not persons[at].is_complete]),
        ("RecordedDate", "Recorded Date", "recordedDate", lambda at: f"{persons[at].submitted:%Y-%m-%d %H:%M:%S}"),
        ("ResponseId", "Response ID", "_recordId", _response_id(world)),
        ("RecipientLastName", "Recipient Last Name", "recipientLastName", lambda at: persons[at].name.split()[1]),
        ("RecipientEmail", "Recipient Email", "recipientEmail", lambda at: persons[at].email),
        ("ExternalReference", "External Data Reference", "externalDataReference", lambda _: ""),
        ("LocationLatitude", "Location Latitude", "locationLatitude", lambda at: f"{47.1 + at / 1e4:.10f}"),
        ("LocationLongitude", "Location Longitude", "locationLongitude", lambda at: f"{7.2 + at / 1e4:.10f}"),
        ("DistributionChannel", "Distribution Channel", "distributionChannel", lambda _: "anonymous"),
        ("UserLanguage", "User Language", "userLanguage", lambda _: "EN"),
    ]


def _response_id(world: World) -> expected.Cells:
    return lambda at: f"R_{(world.persons[at].number * 2_654_435_761) % 2**32:08x}aZ"


def _import_id(name: str, choice: int | None = None) -> str:
    more = {} if choice is None else {"choiceId": str(choice)}
    return json.dumps({"ImportId": name, **more}, separators=(",", ":"))


def _questions(build: Builder, rng: Random, *, is_coded: bool, is_split: bool, is_legacy: bool) -> None:
    number, items, grid = 0, 0, ""
    for at, question in enumerate(build.world.questions):
        if question.grid and question.grid == grid:
            items += 1
        else:
            number, items, grid = number + 1, 1, question.grid
        writer = _Writer(build, at, question, f"Q{number}", f"QID{number}", is_coded, is_legacy)
        if question.grid:
            writer.single(f"Q{number}_{items}", f"{grid} - {question.wording}", f"QID{number}_{items}")
        elif question.kind == "multi":
            writer.split() if is_split else writer.joined()
        elif question.kind in ("number", "text"):
            writer.entry()
        else:
            label = f"{question.wording} - Selected Choice" if question.has_other else question.wording
            writer.single(f"Q{number}", label, f"QID{number}")
        if question.has_other:
            writer.other()
        if question.kind == "multi" and rng.random() < 0.15:
            writer.display_order(rng)


class _Writer:
    """Adds the columns of one question."""

    def __init__(
        self, build: Builder, at: int, question: Question, code: str, qid: str, is_coded: bool, is_legacy: bool
    ) -> None:
        self._build, self._at, self._question = build, at, question
        self._code, self._qid, self._is_legacy = code, qid, is_legacy
        yes_no = ("Yes", "No") if question.kind == "yes_no" else question.options
        self._texts = tuple(str(code) for code in range(1, len(yes_no) + 1)) if is_coded else yes_no
        self._other = str(len(yes_no) + 1) if is_coded else "Other (please specify)"
        self._is_coded = is_coded

    def _add(self, column: Column, code: str, label: str, import_id: str, cells: expected.Cells) -> None:
        heads = (code, label) if self._is_legacy else (code, label, import_id)
        self._build.add(column, *heads, cells)

    def single(self, code: str, label: str, qid: str) -> None:
        is_scale = self._question.kind == "scale"
        column = expected.choice(self._at, label, self._question, self._texts, other=self._other, is_scale=is_scale)
        cells = self._build.chosen(self._question, self._texts, other=self._other)
        self._add(column, code, label, _import_id(qid), cells)

    def split(self) -> None:
        dash = "-" if self._is_legacy else " - Selected Choice - " if self._question.has_other else " - "
        for option, text in enumerate(self._question.options):
            cell = "1" if self._is_coded else text
            label = f"{self._question.wording}{dash}{text}"
            column = expected.tick(self._at, label, self._question, option, cell)
            cells = self._build.ticked(self._question, option, cell)
            self._add(column, f"{self._code}_{option + 1}", label, _import_id(self._qid, option + 1), cells)
        if self._question.has_other:
            last, question = len(self._question.options) + 1, self._question
            cell, label = "1" if self._is_coded else self._other, f"{question.wording}{dash}Other (please specify)"
            column = Column(
                "tick", label, self._at, option="Other (please specify)", text=cell,
                chosen=question.typed_count, base=question.base,
            )  # fmt: skip
            cells = lambda at: cell if question.typed[at] is not None else ""  # noqa: E731
            self._add(column, f"{self._code}_{last}", label, _import_id(self._qid, last), cells)

    def joined(self) -> None:
        question, texts = self._question, (*self._texts, self._other)
        label = f"{question.wording} - Selected Choice" if question.has_other else question.wording

        def cell(at: int) -> str:
            chosen = sorted(as_set(question.answers[at]))
            return ",".join([texts[each] for each in chosen] + ([texts[-1]] if question.typed[at] is not None else []))

        counts = {text: question.count(option) for option, text in enumerate(texts[:-1])}
        counts |= {texts[-1]: question.typed_count} if question.typed_count else {}
        column = Column("joined", label, self._at, counts=counts, base=question.base)
        self._add(column, self._code, label, _import_id(self._qid), cell)

    def entry(self) -> None:
        question, label = self._question, self._question.wording
        if question.kind == "number":
            column, cells = expected.numbers(self._at, label, question), self._build.number(question)
        else:
            column, cells = expected.typed(label, self._at), self._build.text(question)
        self._add(column, self._code, label, _import_id(f"{self._qid}_TEXT"), cells)

    def other(self) -> None:
        number = len(self._question.options) + 1
        dash = "-" if self._is_legacy else " - "
        label = f"{self._question.wording}{dash}Other (please specify){dash}Text"
        code, qid = f"{self._code}_{number}_TEXT", f"{self._qid}_{number}_TEXT"
        self._add(expected.typed(label, self._at), code, label, _import_id(qid), self._build.typed(self._question))

    def display_order(self, rng: Random) -> None:
        order = [str(number) for number in range(1, len(self._question.options) + 1)]
        orders = ["|".join(rng.sample(order, len(order))) for _ in self._build.world.persons]
        label = f"{self._question.wording} - Display Order"
        self._add(
            Column("leave", label), f"{self._code}_DO", label, _import_id(f"{self._qid}_DO"), lambda at: orders[at]
        )
