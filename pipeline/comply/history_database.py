"""Dagster's history where it is kept in PostgreSQL and not in files of the data folder."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, TextClause, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from pipeline.comply.multi_search import Needles, spellings
from pipeline.runtime.postgres_address import with_driver
from pipeline.settings import Settings

NAME = "the run history in PostgreSQL"
TEXT_COLUMNS = """
select table_name, array_agg(column_name::text order by ordinal_position) from information_schema.columns
where table_schema = current_schema() and data_type in ('text', 'character varying') group by table_name
"""
ROWS_AT_ONCE = 1000


def erase_from_database(settings: Settings, words: frozenset[str], erased: str) -> tuple[list[str], list[str]]:
    """Replace the words in every text of the history; what was changed, and what is left for the person to do."""
    if settings.dagster_postgres_url is None or not words:
        return [], []
    searched = sorted({spelling for each in words for spelling in spellings(each)}, key=len, reverse=True)

    def replaced(value: str) -> str:
        for needle in searched:
            value = value.replace(needle, erased)
        return value

    try:
        engine = create_engine(
            with_driver(settings.dagster_postgres_url.get_secret_value()), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            needles = Needles(words)
            tables: list[Any] = list(connection.execute(text(TEXT_COLUMNS)))
            changed = [table for table, columns in tables if _erase(connection, table, columns, needles, replaced)]
            for table in changed:
                # A row that was replaced stays in the table's file until then.
                connection.execute(text(f"vacuum full {_quoted(table)}"))
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        why = " ".join(str(error).split())[:200]
        return [], [f"{NAME}: it could not be opened or changed ({why}); repeat once it can"]
    if not changed:
        return [], []
    kept = f"{NAME}: the server's own logs and backups may still hold what was erased; see to them"
    return [f"{NAME}: {', '.join(changed)}"], [kept]


def _erase(
    connection: Connection, table: str, columns: list[str], needles: Needles, replaced: Callable[[str], str]
) -> bool:
    names = ", ".join(_quoted(column) for column in columns)
    query = text(f"select ctid::text, {names} from {_quoted(table)}")  # noqa: S608 - names of the database itself
    found: list[tuple[str, list[Any]]] = [
        (place, texts)
        for place, *texts in _rows(connection, query)
        if any(each is not None and needles.is_in(each.encode()) for each in texts)
    ]
    for place, texts in found:
        values = {f"c{number}": value if value is None else replaced(value) for number, value in enumerate(texts)}
        changes = ", ".join(f"{_quoted(column)} = :c{number}" for number, column in enumerate(columns))
        update = f"update {_quoted(table)} set {changes} where ctid = cast(:place as tid)"  # noqa: S608
        connection.execute(text(update), {**values, "place": place})
    return bool(found)


def _rows(connection: Connection, query: TextClause) -> Iterator[Any]:
    for block in connection.execute(query).partitions(ROWS_AT_ONCE):
        yield from block


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
