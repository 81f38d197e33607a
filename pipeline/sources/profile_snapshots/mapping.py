"""The mapping of a profile table: a person's YAML that says which column holds what.

Reading the YAML from disk belongs to whoever fills the request, whether it fits a file to `fit`, using it to `layout`.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from pipeline.sources.files.cell_values import parse_id, parse_time
from pipeline.sources.files.handles import normalise_handle, normalise_platform
from pipeline.sources.files.mapping_values import Filled, MappingPart
from pipeline.sources.files.profile_columns import COUNTS, SPELLINGS

KIND = "profile_snapshots"


def _one_of(known: Collection[str]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is none of {', '.join(known)}")
        return name

    return check


def _moment(value: object) -> datetime:
    """YAML reads 2022-11-15 as a date by itself; quoted it stays text."""
    return parse_time(value.isoformat() if isinstance(value, date) else str(value))


class Account(MappingPart):
    """The one account that all lines of a table are about."""

    handle: Filled | None = None
    account_id: Filled | None = None


class SnapshotMapping(MappingPart):
    """A whole mapping; `columns` gives for each field of a snapshot the column that holds it."""

    kind: Literal["profile_snapshots"]
    file_name: Filled | None = None
    description: Any = None
    platform: Annotated[str, BeforeValidator(lambda word: normalise_platform(str(word)))] = "x"
    columns: dict[Annotated[str, AfterValidator(_one_of(SPELLINGS))], Filled] = Field(default_factory=dict)
    account: Account = Account()
    captured_at: Annotated[datetime, BeforeValidator(_moment)] | None = None
    date_format: Filled | None = None
    layout: Literal["long", "wide"] = "long"
    date_column: Filled | None = None
    value: Annotated[str, AfterValidator(_one_of(COUNTS))] = "follower_count"
    accounts: dict[Filled, Filled] = Field(default_factory=dict)  # a wide table's column -> handle

    @property
    def is_wide(self) -> bool:
        """True for a table with a line for each day and a column for each account."""
        return self.layout == "wide"

    @property
    def column_of(self) -> dict[str, str]:
        """The column of each field, the date's included."""
        return {**self.columns, **({"captured_at": self.date_column} if self.date_column else {})}

    @field_validator("account")
    @classmethod
    def _valid_account(cls, account: Account, info: ValidationInfo) -> Account:
        platform = info.data.get("platform", "x")
        handle = account.handle and normalise_handle(account.handle, platform)
        account_id = (account.account_id and platform == "x" and parse_id(account.account_id)) or account.account_id
        return account.model_copy(update={"handle": handle, "account_id": account_id})

    @field_validator("accounts")
    @classmethod
    def _valid_handles(cls, accounts: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return {name: normalise_handle(handle, info.data.get("platform", "x")) for name, handle in accounts.items()}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.is_wide and set(self.column_of) != {"captured_at"}:
            raise ValueError("a wide mapping needs date_column, and no other column: all others are accounts")
        if not self.is_wide and not self.column_of.keys() & {"follower_count", "status"}:
            raise ValueError("the mapping names no follower_count column; without it no row is a snapshot")
        if self.accounts and not self.is_wide:
            raise ValueError("accounts is only for layout: wide")
        return self
