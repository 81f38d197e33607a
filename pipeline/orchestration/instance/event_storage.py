"""Dagster's event log in SQLite, with engines that are kept open, and runs whose deletion frees their space.

Dagster 1.13 makes an SQLAlchemy engine for each of the thousands of events of a run: each compiles its statements again
and, as the last connection to close, folds the write-ahead log back into the file; and it asks for most of them whether
tables and columns of its own exist. What is stored stays the same.
Deleting a run there empties its file of five megabytes without removing it, and leaves its check results in the index.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, AssetKeyTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

# The index of all runs, the run at work, and what somebody looks at; every run has a file of its own.
ENGINES_KEPT = 8


class KeptEventLogStorage(SqliteEventLogStorage):
    """Dagster's own SQLite event log, several times faster to write; see DECISIONS.md for the measurement."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._batch: ExitStack | None = None
        self._in_batch: dict[str, Connection] = {}
        self._found: set[str] = set()  # tables, and columns of the table of assets; none of them is ever dropped
        super().__init__(base_dir, inst_data)
        self._db_lock = RLock()  # type: ignore[assignment] # a batch enters it again for each event

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "KeptEventLogStorage":
        """The storage that dagster.yaml asks for."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if self._batch is None:
                with self._transaction(shard) as connection:
                    yield connection
            else:
                if shard not in self._in_batch:
                    self._in_batch[shard] = self._batch.enter_context(self._transaction(shard))
                yield self._in_batch[shard]

    def has_table(self, table_name: str) -> bool:
        """Whether the index of all runs has this table."""
        if table_name not in self._found:
            with self.index_connection() as connection:
                if not connection.dialect.has_table(connection, table_name):
                    return False
            self._found.add(table_name)
        return True

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        column = f"{AssetKeyTable.name}.{column_name}"
        if column not in self._found and super()._has_asset_key_col_on_connection(conn, column_name):
            self._found.add(column)
        return column in self._found

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether the table of assets has this column."""
        return f"{AssetKeyTable.name}.{column_name}" in self._found or super().has_asset_key_col(column_name)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store the events in one transaction for each file; a run announces hundreds before it starts."""
        with self._db_lock, ExitStack() as self._batch:
            try:
                super().store_event_batch(events)
            finally:
                self._in_batch.clear()
        self._batch = None

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        engine = self._engines.pop(shard, None) or self._open(shard)
        self._engines[shard] = engine  # the one used last is dropped last
        if len(self._engines) > ENGINES_KEPT:
            self._engines.pop(next(iter(self._engines))).dispose()
        with engine.connect() as connection, connection.begin():
            yield connection

    def _open(self, shard: str) -> Engine:
        # The lock lets one thread in at a time; it need not be the one that opened the connection.
        options = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        engine = create_engine(self.conn_string_for_shard(shard), pool_size=1, connect_args=options)
        event.listen(engine, "connect", _sync_at_checkpoints)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    def delete_events(self, run_id: str) -> None:
        """Delete what a run wrote: its file, and its lines and check results in the index of all runs."""
        with self.index_connection() as connection:
            self.delete_events_for_run(connection, run_id)
            ours = AssetCheckExecutionsTable.c.run_id == run_id
            connection.execute(AssetCheckExecutionsTable.delete().where(ours))
        with self._db_lock:
            engine = self._engines.pop(run_id, None)
            if engine:
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.path_for_shard(run_id)}{ending}").unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close every file, between what other threads write: the daemons of a UI that is closed end last."""
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()
        super().dispose()


def _sync_at_checkpoints(connection: Any, _: Any) -> None:
    # A power cut may take the last lines of the history, never its soundness; the data has its own order (G10).
    connection.execute("pragma synchronous = normal")
