"""Mappings of people lists: which column of a contact list or a follower list is what. Applied in the sources.

Keys of a contact list (`kind: contacts`), a YAML file in DATA_DIR/mappings/:

    list_id         short name of the list in all tables: a-z, 0-9, _ and -
    platform        platform of the handles (default x)
    columns         our name: the list's column. contact_id, email (at least one of the two), handle, segment, consent,
                    since; only these columns are read, the first three become keyed hashes
    consent_values  cells of the consent column that mean yes; every other cell means no. The word any in place of a
                    list: every filled cell means yes, but for a word for no (a column such as CONFIRM_TIME)
    segments        {cell: label}; without it every cell text is a segment
    date_order      month_first or day_first for dates such as 5/6/2018
    file_name       only files with such a name (`members_export_*.csv`); needed where two lists have the same columns,
                    or where a file could be read as something else

Keys of a follower list (`kind: followers`):

    account         handle of the own account whose followers these are
    platform        as above
    columns         {handle: the list's column}
    file_name       as above
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.cells import DateOrder, tidy
from pipeline.sources.files.claims import Claim, mapping_claim
from pipeline.sources.files.mapping_values import Filled, Labels, ListId, MappingPart, Platform, Texts
from pipeline.sources.files.protocol import FileMapping, InputFile, Request

# What the word any in place of a list of cells becomes: a list with that word means the cell `any`.
ANY_FILLED = ("(any filled cell)",)


def _as_consent_values(value: object) -> object:
    if not isinstance(value, str):
        return value
    if tidy(value).casefold() == "any":
        return ANY_FILLED
    raise ValueError(f"write a list of cells, such as [{value!r}], or the word any")


class ContactColumns(MappingPart):
    """Our name: the list's column."""

    contact_id: Filled | None = None
    email: Filled | None = None
    handle: Filled | None = None
    segment: Filled | None = None
    consent: Filled | None = None
    since: Filled | None = None


class ContactMapping(MappingPart):
    """The mapping of a contact list; see the module's description for every key."""

    kind: Literal["contacts"]
    list_id: ListId
    platform: Platform = "x"
    columns: ContactColumns
    consent_values: Annotated[Texts, BeforeValidator(_as_consent_values)] = ()
    file_name: Filled | None = None
    segments: Labels | None = None
    date_order: DateOrder | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not (self.columns.contact_id or self.columns.email):
            raise ValueError("columns needs contact_id or email, to tell contacts apart")
        if (self.columns.consent is None) != (not self.consent_values):
            raise ValueError("columns.consent and consent_values go together")
        return self


class FollowerColumns(MappingPart):
    """The list's column with the followers' handles."""

    handle: Filled


class FollowerMapping(MappingPart):
    """The mapping of a follower list; see the module's description for every key."""

    kind: Literal["followers"]
    account: Filled | None = None
    platform: Platform = "x"
    file_name: Filled | None = None
    columns: FollowerColumns


def claims_of(kind: str, file: InputFile, request: Request) -> list[tuple[Claim, FileMapping]]:
    """The mappings of a kind that may be for a table, with the columns that each explains, the best first.

    Raises:
        TweetbenchError: the file is no table.
    """
    at = {tidy(name): position for position, name in reversed(list(enumerate(file.sheet.header)))}
    found = []
    for mapping in request.mappings:
        columns = mapping.fields.get("columns")
        if mapping.fields.get("kind") != kind or not isinstance(columns, dict) or not columns:
            continue
        named = [tidy(str(name)) for name in columns.values()]
        claim = mapping_claim(
            kind,
            mapping,
            named,
            (at[name] for name in named if name in at),
            (name for name in named if name not in at),
            file_name=file.shown_name,
            is_of_people=kind == "contacts",
        )
        if claim:
            found.append((claim, mapping))
    return sorted(found, key=lambda each: each[0].rank, reverse=True)


def choose(kind: str, file: InputFile, request: Request) -> FileMapping:
    """The one mapping of a kind that fits a file.

    Raises:
        TweetbenchError: none fits, or two fit equally well.
    """
    claims = claims_of(kind, file, request)
    found = [mapping for claim, mapping in claims if claim.rank == claims[0][0].rank]
    if len(found) == 1:
        return found[0]
    raise TweetbenchError(
        f"several mappings of kind {kind} fit this file" if found else f"no mapping of kind {kind} fits this file",
        where=file.shown_name,
        why=", ".join(each.shown_name for each in found) or "the folder mappings/ holds none that names its columns",
        next_step="write file_name: PATTERN into each of them, such as file_name: 'newsletter_*.csv', "
        "then run: tweetbench ingest FILE"
        if found
        else f"write mappings/NAME.yml with kind: {kind} (see data/README.md), then run: tweetbench ingest FILE",
        exit_code=Exit.CONFIGURATION,
    )


def positions(columns: MappingPart, header: Sequence[str], mapping: FileMapping) -> dict[str, int]:
    """Position of each named column in the file.

    Raises:
        TweetbenchError: a column that the mapping names is missing.
    """
    at = {tidy(name): position for position, name in reversed(list(enumerate(header)))}
    found = {}
    for key, name in columns.model_dump(exclude_none=True).items():
        if tidy(name) not in at:
            raise TweetbenchError(
                f"columns.{key} names the column {name!r}, which the file does not have",
                where=mapping.place(f"columns.{key}"),
                next_step=f"correct columns.{key}, then run: tweetbench ingest FILE --check",
                exit_code=Exit.CONFIGURATION,
            )
        found[key] = at[tidy(name)]
    return found
