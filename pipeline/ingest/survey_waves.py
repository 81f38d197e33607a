"""A survey file and the earlier files of its survey: a later full export, a part of it, or another wave.

A full export replaces an earlier file. Ids that a later wave gives to others get pseudonyms of their own. A file that
is read again after a later one of its wave (its mapping was corrected) brings only whom the later one cannot hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow.compute as pc

from pipeline.lake import Lake
from pipeline.lake.manifest import Commit
from pipeline.schemas.row_streams import Row, Rows, RowStream
from pipeline.sources import survey
from pipeline.sources.files.protocol import Reading
from pipeline.sources.survey.identities import wave_pseudonym

RESPONDENTS = "survey_respondents"
# As in the models (threshold survey_wave_hours_from): a wrong time zone moves a time by up to 26 hours.
SAME_TIME = timedelta(hours=48)


@dataclass(frozen=True)
class Times:
    """When one respondent began and finished, as far as it is known."""

    started_at: datetime | None
    submitted_at: datetime | None

    @property
    def first(self) -> datetime | None:
        """The start, else the end."""
        return self.started_at or self.submitted_at

    @property
    def any_time(self) -> datetime | None:
        """The end, else the start."""
        return self.submitted_at or self.started_at


@dataclass(frozen=True)
class Compared:
    """A reading after comparison with earlier files, and the commits that it replaces."""

    reading: Reading
    replaces: tuple[int, ...] = ()


def compare_with_earlier(
    lake: Lake, source: str, reading: Reading, sha256: str, pseudonym: Callable[[str], str]
) -> Compared:
    """How a reading stands to the earlier files of its survey, with what is to be said about them in its notes."""
    rows = reading.tables.get(RESPONDENTS, ()) if source == survey.NAME else ()
    new: dict[str, Times] = {}
    survey_id = ""
    for row in rows:
        survey_id = str(row["survey_id"])
        new.setdefault(row["respondent_id"], Times(row["started_at"], row["submitted_at"]))
    arrived = _arrivals(lake)
    place = arrived.get(sha256, len(arrived) and max(arrived.values()) + 1)
    others = list(_earlier(lake, survey_id, sha256))
    notes: list[str] = []
    replaces: list[int] = []
    names: dict[str, str | None] = {}  # by pseudonym: that of the wave, or None where a later file holds the person
    before = [(commit, old) for commit, old in others if arrived[_sha256(commit)] < place]
    waves = [commit for commit, old in before if _is_wave(new, old)]
    taken = {each for commit, old in before if commit in waves for each in old if each in new}
    if taken:
        # Who has no time of their own gets the wave's first, which a longer download of the wave has as well.
        begun = min(moment for times in new.values() if (moment := times.first))
        names = {each: wave_pseudonym(pseudonym, each, new[each].first or begun) for each in taken}
        new = {str(names.get(each, each)): times for each, times in new.items()}
        notes.append(
            f"{_respondents(len(taken))} with an id of the earlier file {_name(waves[0])} at another time: this file "
            "counts as another wave; a mapping with a survey_id of its own keeps a wave apart for good"
        )
    for commit, old in others:
        if arrived[_sha256(commit)] < place:
            is_replaced, words = _compare(new, old, _name(commit))
            notes += [] if commit in waves else [words]
            replaces += [commit.sequence] if is_replaced else []
        elif _is_full_export(old, new) and not _is_wave(new, old):
            period = _period(old)
            gone = [each for each, times in new.items() if each in old or not _is_outside(times, period)]
            notes.append(f"the later file {_name(commit)} counts for {_respondents(len(gone))} of this one")
            names |= dict.fromkeys(gone)
    if not notes:
        return Compared(reading)
    tables = {name: _renamed(rows, names) for name, rows in reading.tables.items()} if names else reading.tables
    return Compared(replace(reading, tables=tables, notes=(*reading.notes, *notes)), tuple(replaces))


def _renamed(rows: Rows, names: Mapping[str, str | None]) -> Rows:
    """Rows under the names of their wave, without those of people whom a later file holds."""

    def make() -> Iterator[Row]:
        for row in rows:
            name = names.get(row.get("respondent_id", ""), row.get("respondent_id", ""))
            if name is not None:
                yield {**row, "respondent_id": name} if name else row

    return RowStream(sum(1 for _ in make()), make)


def _earlier(lake: Lake, survey_id: str, sha256: str) -> Iterator[tuple[Commit, Mapping[str, Times]]]:
    """The commits of other files of a survey that count, with their respondents."""
    for commit, file in lake.files(RESPONDENTS) if survey_id else ():
        if _sha256(commit) == sha256:
            continue
        table = lake.read_file(file).select(["survey_id", "respondent_id", "started_at", "submitted_at"])
        columns = table.filter(pc.equal(table["survey_id"], survey_id)).to_pydict()
        if columns["respondent_id"]:
            times = map(Times, columns["started_at"], columns["submitted_at"])
            yield commit, dict(zip(columns["respondent_id"], times, strict=True))


def _arrivals(lake: Lake) -> dict[str, int]:
    """When each file came first, as the number of its commit, by the digest of its bytes."""
    found: dict[str, int] = {}
    for commit in lake.commits():
        found.setdefault(_sha256(commit), commit.sequence)
    return found


def _compare(new: Mapping[str, Times], old: Mapping[str, Times], name: str) -> tuple[bool, str]:
    """Whether a file replaces an earlier one, and what is to be said of both.

    Who is missing from a full export, though its period holds that person's answers, was taken out of the survey.
    """
    left = [each for each in old if each not in new]
    common = len(old) - len(left)
    if not common:
        return False, f"no respondent of the earlier file {name} is in this one: both count"
    period = _period(new)
    if not _is_full_export(new, old) or any(_is_outside(old[each], period) for each in left):
        words = f"{_respondents(common)} of the earlier file {name} come again, {len(left):,} do not and still count"
        return False, words
    if not left:
        return True, f"replaces the earlier file {name}, all of whose respondents are in this one"
    verb = "is not in this one and no longer counts" if len(left) == 1 else "are not in this one and no longer count"
    return True, f"replaces the earlier file {name}: {_respondents(len(left))} of it {verb}"


def _is_full_export(new: Mapping[str, Times], old: Mapping[str, Times]) -> bool:
    """True where a file holds most respondents of another."""
    return 2 * sum(each in new for each in old) >= len(old)


def _period(of: Mapping[str, Times]) -> tuple[datetime, datetime] | None:
    """First and last time of a file; None where it has none."""
    moments = [moment for each in of.values() if (moment := each.any_time)]
    return (min(moments), max(moments)) if moments else None


def _is_outside(times: Times, period: tuple[datetime, datetime] | None) -> bool:
    """True for a respondent from before or after the period of a file, which cannot hold that person."""
    known = times.any_time
    return known is not None and period is not None and not period[0] <= known <= period[1]


def _is_wave(new: Mapping[str, Times], old: Mapping[str, Times]) -> bool:
    """True where most ids that two files have in common stand for responses at different times."""
    pairs = [(old[each], new[each]) for each in new if each in old]
    known = [other for before, after in pairs if (other := _is_other_time(before, after)) is not None]
    return 2 * sum(known) > len(known)


def _is_other_time(before: Times, after: Times) -> bool | None:
    """True for times that are more than a time zone apart; None where they are not known."""
    for one, other in ((before.started_at, after.started_at), (before.submitted_at, after.submitted_at)):
        if one and other:
            return abs(one - other) > SAME_TIME
    return None


def _respondents(count: int) -> str:
    return "1 respondent" if count == 1 else f"{count:,} respondents"


def _name(commit: Commit) -> str:
    return str(commit.found.get("file") or "without a name")


def _sha256(commit: Commit) -> str:
    return str(commit.found.get("sha256") or "")
