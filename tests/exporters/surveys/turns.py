"""Files of one survey in turn: a longer download, one without test people, an older one late, another wave.

The mapping is drafted from the first file and left as it is. Right is who counts in the end, and how many chose what:
the figures of the last full download, or of both waves together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from shutil import rmtree

from pipeline.ingest import Outcome, build_request, ingest_file
from pipeline.lake import Lake
from pipeline.reading.recognition import do_task
from pipeline.reading.sandbox import Reader
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Request
from tests.exporters.files import Form, write_text, write_workbook
from tests.exporters.surveys import forms, limesurvey, spss, surveymonkey, typeform
from tests.exporters.surveys.cases import TOOLS
from tests.exporters.surveys.counting import Counted, count
from tests.exporters.surveys.world import Question, World, draw_world
from tests.exporters.verdict import DOUBTED, REFUSED, RIGHT, WRONG, Verdict, from_error

TOOL = "files in turn"
NOW = datetime(2027, 12, 1, tzinfo=UTC)
# Ids that start again with every wave, and ids that never come again.
RESTARTING, UNIQUE = (forms.MICROSOFT, limesurvey.TOOL, spss.TOOL), (surveymonkey.TOOL, typeform.TOOL)
STORIES = ("longer download", "download without some", "older download late", "other wave", "same file again")


@dataclass(frozen=True)
class _Story:
    """Two worlds in the order in which their files arrive, and the worlds that count in the end."""

    name: str
    first: World
    second: World
    counting: tuple[World, ...]


def run(tool: str, seed: int, folder: Path) -> Verdict:
    """Draw, write and ingest two files, and judge what counts then."""
    rng = Random(f"{tool} {seed}")  # noqa: S311 - repeatable, not secret
    name = rng.choice(STORIES)
    exporter = rng.choice(RESTARTING if name == "other wave" else (*RESTARTING, *UNIQUE))
    story = _story(name, draw_world(rng), rng)
    style, home = rng.random(), folder / f"turns_{seed}"
    try:
        outcome, why = _judge(story, exporter, style, home)
    except Exception as error:
        outcome, words = from_error(error)
        why = (words,)
    finally:
        rmtree(home, ignore_errors=True)
    return Verdict(tool, seed, (story.name, exporter), outcome, why)


def _story(name: str, world: World, rng: Random) -> _Story:
    everybody = list(range(len(world.persons)))
    finished = sorted(everybody, key=lambda at: world.persons[at].submitted)
    early = sorted(finished[: rng.randint(len(everybody) // 3, len(everybody) - 2)])
    if name == "other wave":
        later = _another_wave(world, rng)
        return _Story(name, world, later, (world, later))
    if name == "download without some":
        gone = set(rng.sample(early, rng.randint(1, min(3, len(early) // 3))))
        kept = _only(world, [at for at in everybody if at not in gone])
        return _Story(name, _only(world, early), kept, (kept,))
    if name == "older download late":
        return _Story(name, world, _only(world, early), (world,))
    if name == "same file again":
        return _Story(name, world, world, (world,))
    return _Story(name, _only(world, early), world, (world,))


def _only(world: World, places: Sequence[int]) -> World:
    """The survey as some of its people answered it."""

    def cut(question: Question) -> Question:
        answers, typed = ([values[at] for at in places] for values in (question.answers, question.typed))
        return replace(question, answers=tuple(answers), typed=tuple(typed))

    return replace(
        world,
        persons=tuple(world.persons[at] for at in places),
        questions=tuple(map(cut, world.questions)),
    )


def _another_wave(world: World, rng: Random) -> World:
    """The same questions to other people some months later, whose numbers start from one again."""
    apart = timedelta(days=rng.choice([35, 91, 365]))
    places = [rng.randrange(len(world.persons)) for _ in range(rng.randint(15, len(world.persons)))]
    drawn = _only(world, places)
    persons = tuple(
        replace(person, number=number, started=person.started + apart, submitted=person.submitted + apart)
        for number, person in enumerate(drawn.persons, start=1)
    )
    return replace(drawn, persons=persons)


def _judge(story: _Story, exporter: str, style: float, home: Path) -> tuple[str, tuple[str, ...]]:
    settings = Settings(_env_file=None, data_dir=home / "data", settle_seconds=0)
    settings.make_folders()
    paths = [_write(world, exporter, style, home, at) for at, world in enumerate((story.first, story.second))]
    reader = Reader(settings)
    try:
        draft = do_task("inspect", open_input(paths[0], settings.max_file_mb), Request(NOW), "one_survey")[1]
        (settings.surveys_dir / "one_survey.yml").write_text(draft.text, encoding="utf-8")
        lake = Lake(settings.lake_dir)
        outcomes = [_ingest(path, lake, settings, reader, at) for at, path in enumerate(paths)]
        refusals = tuple(str(each.error) for each in outcomes if each.error)
        if refusals:
            return REFUSED, refusals
        read = count(lake)
        alone = [
            _alone(world, exporter, style, home / f"alone_{at}", draft.text) for at, world in enumerate(story.counting)
        ]
    finally:
        reader.close()
    right = sum((each.chosen for each in alone), Counter())
    people = sum(len(world.persons) for world in story.counting)
    problems = [f"{read.people} respondents, right {people}"] if read.people != people else []
    differing = [key for key in sorted({*read.chosen, *right}, key=str) if read.chosen[key] != right[key]]
    problems += [f"{key}: {read.chosen[key]}, right {right[key]}" for key in differing]
    notes = [note for each in outcomes for note in each.found.get("notes", ()) if "earlier file" in note]
    if not problems:
        return RIGHT, ()
    is_named = any(words in note for note in notes for words in ("come again", "in common", "no longer count"))
    return (DOUBTED if is_named else WRONG), (*problems[:4], *notes)


def _write(world: World, exporter: str, style: float, folder: Path, at: int) -> Path:
    """The file of a tool in one style, whatever the world."""
    folder.mkdir(parents=True, exist_ok=True)
    export = TOOLS[exporter](world, Random(style))  # noqa: S311 - repeatable, not secret
    stem = f"download_{at}"
    if export.form == "sav":
        return spss.write(export, folder / f"{stem}.sav")
    if export.form == "xlsx":
        return write_workbook([("Sheet1", export.rows)], folder / f"{stem}.xlsx")
    return write_text(export.rows, folder / f"{stem}.csv", Form())


def _ingest(path: Path, lake: Lake, settings: Settings, reader: Reader, at: int) -> Outcome:
    request = build_request(settings, now=NOW + timedelta(days=at))
    return ingest_file(path, lake, settings, request, run_id=f"run-{at}", kind="survey", reader=reader)


def _alone(world: World, exporter: str, style: float, home: Path, mapping: str) -> Counted:
    """The figures of a world whose file is the only one."""
    settings = Settings(_env_file=None, data_dir=home, settle_seconds=0)
    settings.make_folders()
    (settings.surveys_dir / "one_survey.yml").write_text(mapping, encoding="utf-8")
    path, lake, reader = _write(world, exporter, style, home, 0), Lake(settings.lake_dir), Reader(settings)
    try:
        outcome = _ingest(path, lake, settings, reader, 0)
    finally:
        reader.close()
    if outcome.error:
        raise outcome.error
    return count(lake)
