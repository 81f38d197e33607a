"""Mappings of people lists: which column of a contact list or a follower list is what. Applied in the sources.

Keys of a contact list (`kind: contacts`), a YAML file in DATA_DIR/mappings/:

    list_id         short name of the list in all tables: a-z, 0-9, _ and -
    platform        platform of the handles (default x)
    columns         our name: the list's column. contact_id, email (at least one of the two), handle, segment, consent,
                    since; only these columns are read, the first three become keyed hashes
    consent_values  cells of the consent column that mean yes; every other cell means no
    segments        {cell: label}; without it every cell text is a segment
    date_order      month_first or day_first for dates such as 5/6/2018

Keys of a follower list (`kind: followers`):

    account         handle of the own account whose followers these are
    platform        as above
    columns         {handle: the list's column}
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError, model_validator

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.protocol import FileMapping, Request
from pipeline.sources.survey.cells import DateOrder, tidy
from pipeline.sources.survey.mapping_errors import explain
from pipeline.sources.survey.mapping_values import STRICT, Filled, Labels, Texts, as_text

FITTING_SHARE = 0.5
Platform = Literal["x", "bluesky", "mastodon"]
Model = TypeVar("Model", bound=BaseModel)


class ContactColumns(BaseModel):
    """Our name: the list's column."""

    model_config = STRICT
    contact_id: Filled | None = None
    email: Filled | None = None
    handle: Filled | None = None
    segment: Filled | None = None
    consent: Filled | None = None
    since: Filled | None = None


class ContactMapping(BaseModel):
    """The mapping of a contact list; see the module's description for every key."""

    model_config = STRICT
    kind: Literal["contacts"]
    list_id: Annotated[str, BeforeValidator(as_text), StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    platform: Platform = "x"
    columns: ContactColumns
    consent_values: Texts = ()
    segments: Labels | None = None
    date_order: DateOrder | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not (self.columns.contact_id or self.columns.email):
            raise ValueError("columns needs contact_id or email, to tell contacts apart")
        if (self.columns.consent is None) != (not self.consent_values):
            raise ValueError("columns.consent and consent_values go together")
        return self


class FollowerColumns(BaseModel):
    """The list's column with the followers' handles."""

    model_config = STRICT
    handle: Filled


class FollowerMapping(BaseModel):
    """The mapping of a follower list; see the module's description for every key."""

    model_config = STRICT
    kind: Literal["followers"]
    account: Filled | None = None
    platform: Platform = "x"
    columns: FollowerColumns


def fitting(kind: str, header: Sequence[str], request: Request) -> list[FileMapping]:
    """Mappings of a kind of which at least half of the columns are in the header; of these the best."""
    names = {tidy(name) for name in header}
    shares: dict[str, float] = {}
    for mapping in request.mappings:
        columns = mapping.fields.get("columns")
        if mapping.fields.get("kind") != kind or not isinstance(columns, dict) or not columns:
            continue
        shares[mapping.shown_name] = sum(tidy(str(name)) in names for name in columns.values()) / len(columns)
    best = max(shares.values(), default=0.0)
    return [each for each in request.mappings if best >= FITTING_SHARE and shares.get(each.shown_name) == best]


def choose(kind: str, header: Sequence[str], request: Request, where: str) -> FileMapping:
    """The one mapping of a kind that fits a file.

    Raises:
        TweetbenchError: none fits, or two fit equally well.
    """
    found = fitting(kind, header, request)
    if len(found) == 1:
        return found[0]
    raise TweetbenchError(
        f"several mappings of kind {kind} fit this file" if found else f"no mapping of kind {kind} fits this file",
        where=where,
        why=", ".join(each.shown_name for each in found) or "the folder mappings/ holds none that names its columns",
        next_step=f"write mappings/NAME.yml with kind: {kind} (see data/README.md), then run: tweetbench ingest FILE",
        exit_code=Exit.CONFIGURATION,
    )


def parse(mapping: FileMapping, model: type[Model]) -> Model:
    """The checked mapping.

    Raises:
        TweetbenchError: a key is unknown, missing or not usable; the message names its place and the remedy.
    """
    try:
        return model.model_validate(dict(mapping.fields))
    except ValidationError as error:
        what, why, remedy, path = explain(error, model)
        raise TweetbenchError(
            what,
            where=mapping.place(path),
            why=why,
            next_step=f"{remedy}, then run: tweetbench ingest FILE --check",
            exit_code=Exit.CONFIGURATION,
        ) from None


def positions(columns: BaseModel, header: Sequence[str], mapping: FileMapping) -> dict[str, int]:
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


def digest(model: BaseModel) -> str:
    """SHA-256 of what a mapping says."""
    said: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
