"""A survey file beside the earlier files of its survey: a later full export, a part of it, or another wave.

Respondents are known by their pseudonyms, which rest on the id alone. An id that comes back at another time is another
person's, or another wave's: such a file is refused until its wave has a survey_id. Commits belong to `ingest`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.compute as pc

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.manifest import Commit
from pipeline.sources import survey
from pipeline.sources.protocol import Reading

TABLE = "survey_respondents"
# Another time zone moves a time by up to 26 hours; another wave is further away.
SAME_TIME = timedelta(hours=26)


@dataclass(frozen=True)
class Times:
    """When one respondent began and finished, as far as it is known."""

    started_at: datetime | None
    submitted_at: datetime | None

    @property
    def any_time(self) -> datetime | None:
        """The end, else the start."""
        return self.submitted_at or self.started_at


@dataclass(frozen=True)
class Beside:
    """What the earlier files mean for a new one: which commits it replaces, and what is to be said."""

    replaces: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def beside_earlier(lake: Lake, source: str, reading: Reading, sha256: str) -> Beside:
    """How a reading stands to the earlier files of its survey.

    Raises:
        TweetbenchError: most ids of an earlier file come back at other times, or a later file holds these respondents.
    """
    rows = reading.tables.get(TABLE, ()) if source == survey.NAME else ()
    new: dict[str, Times] = {}
    survey_id = ""
    for row in rows:
        survey_id = str(row["survey_id"])
        new.setdefault(row["respondent_id"], Times(row["started_at"], row["submitted_at"]))
    arrived = _arrivals(lake)
    place = arrived.get(sha256)
    replaces, notes = [], []
    for commit, old in _earlier(lake, survey_id, sha256):
        name = str(commit.found.get("file") or "an earlier file")
        if place is not None and arrived.get(str(commit.found.get("sha256")), 0) > place:
            _refuse_covered(new, old, name)
            continue
        if place is None:
            _refuse_wave(new, old, name, survey_id)
        is_replaced, words = _compare(new, old, name)
        notes.append(words)
        replaces += [commit.sequence] if is_replaced else []
    return Beside(tuple(replaces), tuple(notes))


def _earlier(lake: Lake, survey_id: str, sha256: str) -> Iterator[tuple[Commit, Mapping[str, Times]]]:
    """The commits of other files of a survey that count, with their respondents."""
    for commit, file in lake.files(TABLE) if survey_id else ():
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


def _compare(new: Mapping[str, Times], old: Mapping[str, Times], name: str) -> tuple[bool, str]:
    """Whether a file replaces an earlier one, and what is to be said: it does where it is a full export.

    A full export holds most respondents of the earlier file; those that it lacks lie within its own period, as they
    would lie before it in an export of the latest weeks.
    """
    left = [each for each in old if each not in new]
    common = len(old) - len(left)
    moments = [moment for each in new.values() if (moment := each.any_time)]
    times = [moment for each in left if (moment := old[each].any_time)]
    outside = sum(not min(moments) <= moment <= max(moments) for moment in times) if moments else 0
    if 2 * common > len(old) and 2 * outside <= len(left):
        if not left:
            return True, f"replaces the earlier file {name}: it holds all of its {_respondents(len(old))}"
        verb = (
            "is not in this one and no longer counts" if len(left) == 1 else "are not in this one and no longer count"
        )
        return True, f"replaces the earlier file {name}: {_respondents(len(left))} of it {verb}"
    if not common:
        return False, f"adds to the earlier file {name}, with which it has no respondent in common"
    return False, f"adds to the earlier file {name}: {_respondents(common)} of it come again, {len(left):,} do not"


def _refuse_wave(new: Mapping[str, Times], old: Mapping[str, Times], name: str, survey_id: str) -> None:
    pairs = [(old[each], new[each]) for each in new if each in old]
    known = [other for before, after in pairs if (other := _is_other_time(before, after)) is not None]
    if not known or 2 * sum(known) <= len(known):
        return
    raise TweetbenchError(
        f"{sum(known):,} of {_respondents(len(new))} have an id of the earlier file {name}, at another time",
        where=f"survey {survey_id}",
        why="the ids start again with each wave of a survey; by the id alone different people would count as one",
        next_step=f"copy the mapping, give it a survey_id of its own (such as {survey_id}_2) and give both a file_name "
        "pattern, then run: tweetbench ingest FILE",
    )


def _refuse_covered(new: Mapping[str, Times], old: Mapping[str, Times], name: str) -> None:
    if 2 * sum(each in old for each in new) <= len(new):
        return
    raise TweetbenchError(
        f"the later file {name} holds most respondents of this one",
        where=f"{len(new):,} respondents in this file, {len(old):,} in the later one",
        why="read again, this file would count instead of the later one",
        next_step=f"read {name} again with the corrected mapping: tweetbench ingest FILE",
    )


def _is_other_time(before: Times, after: Times) -> bool | None:
    """True for times that are more than a time zone apart; None where they are not known."""
    for one, other in ((before.started_at, after.started_at), (before.submitted_at, after.submitted_at)):
        if one and other:
            return abs(one - other) > SAME_TIME
    return None


def _respondents(count: int) -> str:
    return "1 respondent" if count == 1 else f"{count:,} respondents"
