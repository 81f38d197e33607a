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

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from pipeline.sources.files.cells import DateOrder, tidy
from pipeline.sources.files.mapping_values import Filled, Labels, ListId, MappingPart, Platform, Texts

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
