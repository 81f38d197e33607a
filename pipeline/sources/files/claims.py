"""Which reader a table belongs to: every reader says which columns it explains, and one rule chooses between them.

A mapping fits a file only if it explains it. A reader that explains more of the columns wins; one that is named by the
mapping's own `file_name` wins before that; where two explain a table about equally well, the person is asked. How a
reader finds its columns belongs to the reader.
"""

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import FileMapping, InputFile, Request


@dataclass(frozen=True)
class Claim:
    """One way to read a table."""

    kind: str  # name of the source
    columns: frozenset[int]  # positions of the columns that this reading explains
    mapping: str | None = None  # the mapping as shown to people; None: by known column names
    missing: tuple[str, ...] = ()  # columns that the mapping names and the table does not have
    is_named: bool = False  # the mapping's file_name says that this file is meant
    is_of_people: bool = False  # contacts and respondents: never read as something else without asking

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """How well it fits, among claims of one kind."""
        return self.is_named, not self.missing, len(self.columns)

    @property
    def reader(self) -> str:
        """How it would be read, for people."""
        return f"{self.kind} with {self.mapping}" if self.mapping else f"{self.kind} by its column names"


def choose_claim(claims: Sequence[Claim], *, file_name: str, width: int) -> Claim | None:
    """The claim that beats all of another kind; None if there is none.

    Raises:
        TweetbenchError: two kinds explain the table about equally well.
    """
    best = [one for one in claims if not any(_beats(other, one) for other in claims)]
    kinds = list(dict.fromkeys(one.kind for one in best))
    if len(kinds) <= 1:
        return best[0] if best else None
    shown = [_described(next(one for one in best if one.kind == kind), width) for kind in kinds]
    raise TweetbenchError(
        f"the file can be read in {len(kinds)} ways, and nothing shows which one is meant",
        where=file_name,
        why="; ".join(shown),
        next_step=f"run: tweetbench ingest FILE --as {kinds[0]}   (or --as {' or --as '.join(kinds[1:])}); "
        "for files in the inbox write file_name: PATTERN into the mapping that is meant",
    )


def mapping_claim(
    kind: str,
    mapping: FileMapping,
    named: Iterable[str],
    found: Iterable[int],
    missing: Iterable[str],
    *,
    file_name: str,
    least_share: float = 0.5,
    is_of_people: bool = False,
) -> Claim | None:
    """The claim of a mapping; None where it is for other files or finds too few of the columns that it names.

    Args:
        kind: name of the source that would read with it.
        mapping: the mapping as written.
        named: every column that it names.
        found: positions of those that the table has.
        missing: those that it has not.
        file_name: name of the file, to compare with the mapping's `file_name`.
        least_share: share of the named columns that must be there.
        is_of_people: see `Claim`.
    """
    named, missing = tuple(named), tuple(missing)
    pattern = mapping.fields.get("file_name")
    if pattern and not fits_name(mapping, file_name):
        return None
    if not named or 1 - len(missing) / len(named) < least_share:
        return None
    return Claim(kind, frozenset(found), mapping.shown_name, missing, bool(pattern), is_of_people)


def fits_name(mapping: FileMapping, file_name: str) -> bool:
    """True if a mapping is for any file, or its `file_name` is a pattern of this one."""
    pattern = mapping.fields.get("file_name")
    return not pattern or fnmatch.fnmatchcase(file_name, str(pattern))


def other_readings(claims: Sequence[Claim], chosen: Claim, width: int) -> str:
    """What a person should know who meant another reading: mappings that fit as well and explain less; or empty."""
    lost = [one for one in claims if one.kind != chosen.kind and one.mapping and not one.missing]
    if not lost:
        return ""
    shown = "; ".join(_described(one, width) for one in lost)
    return (
        f"read as {_described(chosen, width)}; if {shown} was meant, use --as {lost[0].kind}, "
        "or write file_name: PATTERN into that mapping"
    )


def has_claims(claims: Callable[[InputFile, Request], Sequence[Claim]], file: InputFile, request: Request) -> bool:
    """True if a reader explains something of a file, which is a table."""
    if file.is_zip:
        return False
    try:
        return bool(claims(file, request))
    except TweetbenchError:
        return False


def _beats(one: Claim, other: Claim) -> bool:
    """True if the first explains the table and the second does not as well."""
    if one.is_named != other.is_named:
        return one.is_named
    if one.mapping is None and other.is_of_people and not other.missing:
        return False
    if bool(one.missing) != bool(other.missing):
        return not one.missing and len(one.columns) >= len(other.columns)
    if len(one.columns) != len(other.columns):
        return len(one.columns) > len(other.columns)
    return one.mapping is not None and other.mapping is None and one.columns == other.columns


def _described(claim: Claim, width: int) -> str:
    missing = f", without {', '.join(claim.missing[:3])}" if claim.missing else ""
    return f"{claim.reader} ({len(claim.columns)} of its {width} columns{missing})"
