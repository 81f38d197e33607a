"""A random survey and who answered what: the truth, before any tool has written it down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from tests.exporters.surveys import words

Answer = int | frozenset[int] | float | str | None  # option, options, number, text; None: not answered


@dataclass(frozen=True)
class Person:
    """A respondent. `weight` belongs to the person, whether or not the tool exports one."""

    number: int
    name: str
    email: str
    started: datetime
    submitted: datetime
    is_complete: bool
    weight: float


@dataclass(frozen=True)
class Question:
    """A question with the answer of every person; `typed` is what people wrote next to the options."""

    kind: str  # single, multi, yes_no, scale, number, text
    wording: str
    options: tuple[str, ...]
    answers: tuple[Answer, ...]
    typed: tuple[str | None, ...]
    has_other: bool = False
    dimension: str = ""  # company_size, industry, customer_focus
    grid: str = ""  # wording of the grid that it is an item of
    decimals: int = 0

    def count(self, option: int) -> int:
        """How many people chose an option."""
        return sum(option in chosen for chosen in map(as_set, self.answers))

    @property
    def typed_count(self) -> int:
        """How many people typed an answer of their own."""
        return sum(text is not None for text in self.typed)

    def is_answered(self, person: int) -> bool:
        """True if the person gave any answer."""
        return self.answers[person] not in (None, frozenset()) or self.typed[person] is not None

    @property
    def seen_count(self) -> int:
        """How many people saw the question, whether or not they chose anything."""
        return sum(a is not None or t is not None for a, t in zip(self.answers, self.typed, strict=True))

    @property
    def base(self) -> int:
        """How many people gave any answer."""
        return sum(map(self.is_answered, range(len(self.answers))))


@dataclass(frozen=True)
class World:
    """A survey with all that is true of it."""

    persons: tuple[Person, ...]
    questions: tuple[Question, ...]
    hazards: tuple[str, ...]

    @property
    def typed_texts(self) -> frozenset[str]:
        """Everything that people typed, which must not be stored."""
        texts = {text for question in self.questions for text in question.typed if text}
        texts |= {answer for question in self.questions for answer in question.answers if isinstance(answer, str)}
        return frozenset(texts)


def as_set(answer: Answer) -> frozenset[int]:
    """The options that an answer holds."""
    if isinstance(answer, frozenset):
        return answer
    return frozenset([answer]) if isinstance(answer, int) else frozenset()


def draw_world(rng: Random) -> World:
    """A survey of 3 to 10 questions by 15 to 200 people, over some days or weeks."""
    count = rng.choice([rng.randint(15, 40), rng.randint(40, 90), rng.randint(90, 200)])
    first = datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(days=rng.randint(0, 280))
    is_at_clock_change = rng.random() < 0.1
    if is_at_clock_change:
        first = rng.choice([datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])
    gap = timedelta(hours=rng.choice([2, 48, 300, 700])) / count
    persons = tuple(_person(rng, number, first, gap) for number in range(1, count + 1))
    reach = [1.0 if person.is_complete else rng.random() for person in persons]
    makers = [_choice, _multi, _yes_no, _grid, _number, _text]
    counts = [(0, 2), (1, 3), (0, 3), (0, 1), (0, 1), (0, 1)]
    drafts: list[list[Question]] = []
    for maker, (least, most) in zip(makers, counts, strict=True):
        used: set[str] = set()
        for _ in range(rng.randint(least, most)):
            made = maker(rng, count, used)
            if made:
                drafts.append(made)
    rng.shuffle(drafts)
    segments = rng.sample(sorted(words.SEGMENTS), rng.randint(1, 3))
    place = 0 if rng.random() < 0.5 else len(drafts)
    drafts[place:place] = [[_segment(rng, count, dimension)] for dimension in segments]
    flat = [question for draft in drafts for question in draft]
    reached = tuple(_cut(question, at / len(flat), reach) for at, question in enumerate(flat))
    kept = [each for each in reached if each.base >= 3]
    hazards = ["change of clocks"] * is_at_clock_change
    alone = [at for at, each in enumerate(kept) if not each.grid and each.kind in ("single", "yes_no", "multi")]
    if len(alone) > 1 and rng.random() < 0.08:
        one, other = rng.sample(alone, 2)
        kept[other] = replace(kept[other], wording=kept[one].wording)
        hazards.append("same wording twice")
    return World(persons, tuple(kept), (*_hazards(kept), *hazards))


def _hazards(questions: Sequence[Question]) -> tuple[str, ...]:
    found = {
        "option nobody chose": any(
            each.kind in ("single", "multi", "scale") and not all(map(each.count, range(len(each.options))))
            for each in questions
        ),
        "option with comma": any("," in option for each in questions for option in each.options),
        "typed other": any(each.typed_count for each in questions),
        "free text": any(each.kind == "text" for each in questions),
        "grid": any(each.grid for each in questions),
    }
    return tuple(name for name, is_there in found.items() if is_there)


def _person(rng: Random, number: int, first: datetime, gap: timedelta) -> Person:
    name = f"{rng.choice(words.NAMES)} {rng.choice(words.NAMES)}son{number}"
    started = (first + gap * (number + rng.random())).replace(microsecond=0)
    took = timedelta(seconds=rng.randint(95, 900))
    weight = round(rng.uniform(0.3, 2.4), rng.choice([2, 3, 4]))
    email = f"{name.split()[0].lower()}{number}@{rng.choice(['shop', 'firm', 'agency'])}.example"
    return Person(number, name, email, started, started + took, rng.random() < 0.93, weight)


def _cut(question: Question, place: float, reach: Sequence[float]) -> Question:
    """People who gave up before a question did not answer it."""
    if all(each >= place for each in reach):
        return question
    answers = tuple(a if each >= place else None for a, each in zip(question.answers, reach, strict=True))
    typed = tuple(a if each >= place else None for a, each in zip(question.typed, reach, strict=True))
    return replace(question, answers=answers, typed=typed)


def _popularity(rng: Random, count: int) -> list[float]:
    """How likely each option is; now and then nobody chooses one."""
    weights = [rng.uniform(0.4, 1.6) for _ in range(count)]
    if rng.random() < 0.25:
        weights[rng.randrange(count)] = 0.0
    return weights


def _skips(rng: Random, count: int) -> list[bool]:
    rate = rng.choice([0.0, 0.05, 0.2])
    return [rng.random() < rate for _ in range(count)]


def _typed_texts(rng: Random, count: int, rate: float, openers: Sequence[str]) -> list[str | None]:
    """What some people type: each text its own, as people write."""
    return [
        f"{rng.choice(openers)} {rng.choice(words.THINGS)} {rng.choice(words.NAMES).lower()}{number}"
        if rng.random() < rate
        else None
        for number in range(count)
    ]


def _one_of(rng: Random, kind: str, wording: str, options: Sequence[str], count: int, **more: object) -> Question:
    weights, skips = _popularity(rng, len(options)), _skips(rng, count)
    drawn = rng.choices(range(len(options)), weights, k=count)
    answers = tuple(None if skip else one for skip, one in zip(skips, drawn, strict=True))
    return Question(kind, wording, tuple(options), answers, (None,) * count, **more)  # type: ignore[arg-type]


def _choice(rng: Random, count: int, used: set[str]) -> list[Question]:
    wording, options = rng.choice(words.CHOICES)
    if wording in used:
        return []
    used.add(wording)
    return [_with_other(rng, _one_of(rng, "single", wording, options, count), 0.3)]


def _with_other(rng: Random, question: Question, chance: float) -> Question:
    """The question, now and then with an option to type one's own answer, which some did."""
    if rng.random() >= chance:
        return question
    texts = _typed_texts(rng, len(question.answers), 0.12, words.OTHERS)
    answers = tuple(None if text else one for text, one in zip(texts, question.answers, strict=True))
    return replace(question, answers=answers, typed=tuple(texts), has_other=True)


def _segment(rng: Random, count: int, dimension: str) -> Question:
    wording, options = rng.choice(words.SEGMENTS[dimension])
    question = _one_of(rng, "single", wording, options, count, dimension=dimension)
    return _with_other(rng, question, 0.25) if dimension == "industry" else question


def _multi(rng: Random, count: int, used: set[str]) -> list[Question]:
    wording, options = rng.choice(words.MULTIS)
    if wording in used:
        return []
    used.add(wording)
    likely = [min(weight * rng.choice([0.2, 0.4, 0.6]), 0.9) for weight in _popularity(rng, len(options))]
    skips = _skips(rng, count)
    answers = tuple(
        None if skip else frozenset(at for at, chance in enumerate(likely) if rng.random() < chance) for skip in skips
    )
    typed: tuple[str | None, ...] = (None,) * count
    has_other = rng.random() < 0.4
    if has_other:
        texts = _typed_texts(rng, count, 0.1, words.OTHERS)
        typed = tuple(None if skip else text for skip, text in zip(skips, texts, strict=True))
    return [Question("multi", wording, options, answers, typed, has_other)]


def _yes_no(rng: Random, count: int, used: set[str]) -> list[Question]:
    wording = rng.choice(words.YES_NO_QUESTIONS)
    if wording in used:
        return []
    used.add(wording)
    return [_one_of(rng, "yes_no", wording, ("yes", "no"), count)]  # the words are the tool's


def _grid(rng: Random, count: int, _: set[str]) -> list[Question]:
    family, wording = rng.choice(words.FAMILIES), rng.choice(words.SCALE_WORDINGS)
    if rng.random() < 0.4:
        return [_one_of(rng, "scale", f"How about {rng.choice(words.ITEMS).lower()}?", family, count)]
    items = rng.sample(words.ITEMS, rng.randint(2, 5))
    return [_one_of(rng, "scale", item, family, count, grid=wording) for item in items]


def _number(rng: Random, count: int, _: set[str]) -> list[Question]:
    wording, low, high, decimals = rng.choice(words.NUMBERS)
    skips = _skips(rng, count)
    answers = tuple(None if skip else round(rng.uniform(low, high), decimals) for skip in skips)
    return [Question("number", wording, (), answers, (None,) * count, decimals=decimals)]


def _text(rng: Random, count: int, _: set[str]) -> list[Question]:
    texts = _typed_texts(rng, count, rng.uniform(0.2, 0.9), words.OPENERS)
    return [Question("text", rng.choice(words.TEXTS), (), tuple(texts), (None,) * count)]
