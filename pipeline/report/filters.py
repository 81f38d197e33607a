"""What a reader can filter the page by: its surveys and the user's own accounts, each only where there is a choice."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipeline.report.cells import neutral_cell
from pipeline.report.run_figures import rows_of

SURVEYS = "select distinct survey_id as name from marts.survey_segments order by name"
OWN = "select distinct coalesce(account_label, account_key) as name from marts.accounts where is_own order by name"


@dataclass(frozen=True)
class Filters:
    """Names of surveys and of own accounts, as tables write them."""

    surveys: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    def about(self, sentence: str) -> str:
        """The survey or account that a sentence names, if it names one only."""
        named = [name for name in (*self.surveys, *self.accounts) if _names(sentence, name)]
        return named[0] if len(named) == 1 else ""


def find_filters(connection: duckdb.DuckDBPyConnection) -> Filters:
    """The choices that a version offers; none where there is one survey or one own account at most."""
    return Filters(_choices(connection, SURVEYS), _choices(connection, OWN))


def _choices(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    try:
        names = _distinct(str(neutral_cell(row["name"])) for row in rows_of(connection, sql))
    except (duckdb.CatalogException, duckdb.BinderException):  # a version from before this table or column existed
        return ()
    return names if len(names) > 1 else ()


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _names(sentence: str, name: str) -> bool:
    return re.search(rf"(?<![\w.@-]){re.escape(name)}(?![\w@-])", sentence) is not None
