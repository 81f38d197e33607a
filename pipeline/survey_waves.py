"""A survey file beside the earlier files of its survey: what they have in common, said when the file comes.

Which answers count is decided in the models: waves by their times, and of one wave the newest file. A file that is read
again after a later one of its wave (its mapping was corrected) brings only whom the later one cannot hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow.compute as pc

from pipeline.lake import Lake
from pipeline.manifest import Commit
from pipeline.row_streams import Rows, RowStream
from pipeline.sources import survey
from pipeline.sources.protocol import Reading

RESPONDENTS = "survey_respondents"
# As in the models (threshold survey_wave_hours_from): a wrong time zone moves a time by up to 26 hours.
SAME_TIME = timedelta(hours=48)


@dataclass(frozen=True)
class Times:
    """When one respondent began and finished, as far as it is known."""

    started_at: datetime | None
    submitted_at: datetime | None

    @property
    def any_time(self) -> datetime | None:
        """The end, else the start."""
        return self.submitted_at or self.started_at


def beside_earlier(lake: Lake, source: str, reading: Reading, sha256: str) -> Reading:
    """The reading with what is to be said about earlier files of its survey, and without whom a later file holds."""
    rows = reading.tables.get(RESPONDENTS, ()) if source == survey.NAME else ()
    new: dict[str, Times] = {}
    survey_id = ""
    for row in rows:
        survey_id = str(row["survey_id"])
        new.setdefault(row["respondent_id"], Times(row["started_at"], row["submitted_at"]))
    arrived = _arrivals(lake)
    place = arrived.get(sha256)
    notes: list[str] = []
    held: set[str] = set()
    for commit, old in _earlier(lake, survey_id, sha256):
        name = str(commit.found.get("file") or "an earlier file")
        if place is None or arrived.get(str(commit.found.get("sha256")), 0) < place:
            notes.append(_compare(new, old, name))
        elif _is_full_export(old, new) and not _is_wave(new, old):
            period = _period(old)
            gone = {each for each in new if each in old or not _is_outside(new[each], period)}
            notes.append(f"the later file {name} counts for {_respondents(len(gone - held))} of this one")
            held |= gone
    tables = {name: _without(rows, held) for name, rows in reading.tables.items()} if held else reading.tables
    return replace(reading, tables=tables, notes=(*reading.notes, *notes)) if notes else reading


def _without(rows: Rows, gone: set[str]) -> Rows:
    kept = sum(row.get("respondent_id") not in gone for row in rows)
    return (
        rows
        if kept == len(rows)
        else RowStream(kept, lambda: (row for row in rows if row.get("respondent_id") not in gone))
    )


def _earlier(lake: Lake, survey_id: str, sha256: str) -> Iterator[tuple[Commit, Mapping[str, Times]]]:
    """The commits of other files of a survey that count, with their respondents."""
    for commit, file in lake.files(RESPONDENTS) if survey_id else ():
        if commit.found.get("sha256") == sha256:
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
        if commit.found.get("sha256"):
            found.setdefault(str(commit.found["sha256"]), commit.sequence)
    return found


def _compare(new: Mapping[str, Times], old: Mapping[str, Times], name: str) -> str:
    """What is to be said about a file beside an earlier one."""
    left = [each for each in old if each not in new]
    common = len(old) - len(left)
    if not common:
        return f"no respondent of the earlier file {name} is in this one: both count"
    if _is_wave(new, old):
        return (
            f"{_respondents(common)} with an id of the earlier file {name} at another time: where their answers differ "
            "too, they count as another wave; a mapping with a survey_id of its own keeps a wave apart for good"
        )
    period = _period(new)
    inside = sum(not _is_outside(old[each], period) for each in left)
    if not _is_full_export(new, old) or not inside:
        return f"{_respondents(common)} of the earlier file {name} come again, {len(left):,} do not and still count"
    verb = "is not in this one and no longer counts" if inside == 1 else "are not in this one and no longer count"
    return f"{_respondents(inside)} of the earlier file {name} {verb}"


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
