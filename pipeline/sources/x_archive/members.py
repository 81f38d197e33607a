"""Which members of an X archive may be opened, which of them are missing, and reading them part by part.

The list of names here is the fence around private data: messages, e-mail addresses and the like are never opened. What
the records mean belongs to `x_archive` and `posts`.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipeline.errors import TweetbenchError
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.safe_zip import Limits, check_archive, check_sizes
from pipeline.sources.x_archive.safe_zip import iterate_assigned, read_chunks

T = TypeVar("T")
LIMITS = Limits()
AGAIN = "download the archive again and ingest the complete file; what could be read is loaded"
# Folder, kind and part number of the members that may be opened: data/tweets.js, data/tweets-part1.js, tweet.part0.js,
# and until 2018 data/js/tweets/2013_01.js. People zip the folder again, or the folder around it.
_FOLDER = r"(?P<folder>(?:[^/]+/){0,4})"
_KIND = (
    r"(?P<kind>manifest|account|profile|tweets?|note-tweets?|follower|following|screen-name-change)"
    r"(?:[-.]part(?P<part>\d+))?"
)
_OLD = r"js/(?P<old>tweets/\d{4}_\d\d|tweet_index|user_details|payload_details)"
_ALLOWED = re.compile(rf"{_FOLDER}data/(?:{_KIND}|{_OLD})\.js")
# The archives of 2018 and 2019 had no folder `data`; nor has a ZIP of what lies in it.
_WITHOUT_DATA = re.compile(rf"{_FOLDER}{_KIND}(?P<old>(?!))?\.js")
_KINDS = {"tweet": "tweets", "note-tweets": "note-tweet"}
MONTHS = "tweets by month"  # the posts of an archive of 2012 to 2018
_TELLING = {"manifest", "tweets", "account", MONTHS}


@dataclass(frozen=True)
class Member:
    """One file of the archive; `part` is its number, 0 where it has none."""

    name: str
    kind: str
    part: int
    info: zipfile.ZipInfo


@dataclass(frozen=True)
class Archive:
    """An open archive with its allowed members by kind, and what was found wrong with it."""

    zip_file: zipfile.ZipFile
    members: Mapping[str, list[Member]]
    issues: IssueList
    manifest: dict[str, Any] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)  # kinds of which something is missing

    def read(self, kind: str, take: Callable[[dict[str, Any]], T]) -> list[T]:
        """Every object of a kind through `take`, part by part; a part that cannot be read is left out as a whole."""
        taken: list[T] = []
        for member in self.members.get(kind, []):
            kept = len(taken)
            if self._go_through(member, lambda record: taken.append(take(record))) is None:
                del taken[kept:]
        return taken

    def count(self, kind: str) -> int | None:
        """Number of objects of a kind; None where the kind or a part of it is missing."""
        counts = [self._go_through(member, lambda _: None) for member in self.members.get(kind, [])]
        return sum(count or 0 for count in counts) if counts and kind not in self.incomplete else None

    def _go_through(self, member: Member, take: Callable[[dict[str, Any]], None]) -> int | None:
        """Number of objects in one file, each passed to `take`; None where the file cannot be read to its end."""
        found = 0
        try:
            for record in iterate_assigned(read_chunks(self.zip_file, member.info, LIMITS)):
                take(record)
                found += 1
        except ValueError as error:
            self.incomplete.add(member.kind)
            self.issues.add(member.name, "unreadable_part", str(error), AGAIN)
            return None
        self._compare_count(member, found)
        return found

    def listed(self, kind: str) -> dict[str, int | None]:
        """File names of a kind in the archive's own list, with the number of entries where it is given."""
        listed = {}
        for data_type in as_mapping(self.manifest.get("dataTypes")).values():
            files = as_mapping(data_type).get("files")
            for each in files if isinstance(files, list) else []:
                name = str(as_mapping(each).get("fileName", ""))
                match = _ALLOWED.fullmatch(name if "/" in name else f"data/{name}")
                if match and _kind(match) == kind:
                    count = str(as_mapping(each).get("count", ""))
                    listed[name.rsplit("/", 1)[-1]] = int(count) if count.isascii() and count.isdigit() else None
        return listed

    def has_all_posts(self) -> bool:
        """True if the archive's own list names its posts and all of them are there and could be read."""
        kind = MONTHS if MONTHS in self.members else "tweets"
        return bool(self.listed(kind)) and not {kind, "tweets"} & self.incomplete

    def _compare_count(self, member: Member, found: int) -> None:
        listed = self.listed(member.kind).get(member.name.rsplit("/", 1)[-1])
        if listed is not None and listed != found:
            self.incomplete.add(member.kind)
            detail = f"the archive's own list says {listed:,} entries, the file has {found:,}"
            self.issues.add(member.name, "part_count_differs", detail, AGAIN)


def open_archive(zip_file: zipfile.ZipFile, issues: IssueList) -> Archive:
    """The archive with its manifest read and its missing parts reported.

    Raises:
        TweetbenchError: the ZIP is hostile, holds several archives, or is too large.
    """
    check_archive(zip_file, issues.file_name, LIMITS)
    archive = Archive(zip_file, _find_members(zip_file, issues.file_name), issues)
    archive.manifest.update(next(iter(archive.read("manifest", dict)), {}) or manifest_of_months(archive))
    _report_missing(archive)
    return archive


def is_archive(names: list[str]) -> bool:
    """True if the names of the members show an X archive, at the top of the ZIP or in one folder."""
    return any(_kind(match) in _TELLING for match in _allowed(names).values())


def _allowed(names: Iterable[str]) -> dict[str, re.Match[str]]:
    """The members that may be opened, by name.

    Without a folder `data` the posts and the account have to lie side by side: many ZIPs hold an account.js.
    """
    members = [name for name in names if not name.startswith("__MACOSX/")]
    found = {name: match for name in members if (match := _ALLOWED.fullmatch(name))}
    if found:
        return found
    bare = {name: match for name in members if (match := _WITHOUT_DATA.fullmatch(name))}
    kinds: dict[str, set[str]] = defaultdict(set)
    for match in bare.values():
        kinds[match["folder"]].add(_kind(match))
    folders = {folder for folder, held in kinds.items() if "tweets" in held and held & {"account", "manifest"}}
    return {name: match for name, match in bare.items() if match["folder"] in folders}


def _find_members(zip_file: zipfile.ZipFile, shown_name: str) -> dict[str, list[Member]]:
    """Allowed members by kind, parts in order.

    Raises:
        TweetbenchError: there are several archives in the ZIP, or a member is too large.
    """
    found: dict[str, list[Member]] = defaultdict(list)
    folders = set()
    allowed = _allowed(zip_file.namelist())
    for info in zip_file.infolist():
        if match := allowed.get(info.filename):
            folders.add(match["folder"])
            kind = _kind(match)
            found[kind].append(Member(info.filename, kind, int(match["part"] or 0), info))
    if len(folders) > 1:
        raise TweetbenchError(
            "the file holds several archives",
            where=shown_name,
            why=f"there are {len(folders)} data folders in it",
            next_step="ingest each archive by itself, as it came from X",
        )
    check_sizes([member.info for members in found.values() for member in members], shown_name, LIMITS)
    return {kind: sorted(members, key=lambda each: (each.part, each.name)) for kind, members in found.items()}


def _report_missing(archive: Archive) -> None:
    """Issues for parts that the archive's own list, or else the numbers of the parts, say must be there."""
    if as_mapping(archive.manifest.get("archiveInfo")).get("isPartialArchive") in (True, "true"):
        archive.incomplete.add("tweets")
    for kind in ("account", "profile", "tweets", MONTHS, "note-tweet", "follower", "following", "screen-name-change"):
        members = archive.members.get(kind, [])
        present = {member.name.rsplit("/", 1)[-1] for member in members}
        listed = archive.listed(kind)
        missing = {name: count for name, count in listed.items() if name not in present}
        if not listed and members and kind != MONTHS:  # a month without posts has no file
            numbers = {member.part for member in members}
            missing = {f"{kind}, part {part}": None for part in range(max(numbers)) if part not in numbers}
        for name, count in missing.items():
            archive.incomplete.add(kind)
            detail = "the archive's own list names it" if listed else "later parts are there"
            detail += f", with {count:,} entries" if count else ""
            archive.issues.add(name, "missing_part", f"{detail}; it is not in the ZIP", AGAIN)


def _kind(match: re.Match[str]) -> str:
    if old := match["old"]:
        return MONTHS if "/" in old else old
    return _KINDS.get(match["kind"], match["kind"])


def manifest_of_months(archive: Archive) -> dict[str, Any]:
    """What the three lists of an archive of 2012 to 2018 say, in the form of a later manifest; empty where none is."""
    user = next(iter(archive.read("user_details", dict)), {})
    payload = next(iter(archive.read("payload_details", dict)), {})
    index = [
        {"fileName": each.get("file_name"), "count": each.get("tweet_count")}
        for each in archive.read("tweet_index", dict)
    ]
    if not (user or payload or index):
        return {}
    return {
        "userInfo": {
            "accountId": user.get("id"),
            "userName": user.get("screen_name"),
            "displayName": user.get("full_name"),
            "createdAt": user.get("created_at"),
        },
        "profile": {
            "bio": user.get("bio"),
            "location": user.get("location"),
            "website": user.get("expanded_url") or user.get("url"),
        },
        "archiveInfo": {"generationDate": payload.get("created_at")},
        "dataTypes": {MONTHS: {"files": index}},
    }


def as_mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}
