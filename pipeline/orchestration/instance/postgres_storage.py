"""Dagster's run history in PostgreSQL. Needs the extra `server`.

SQLAlchemy 2.1 takes another driver for `postgresql://` than the one that dagster-postgres brings. Dagster 1.13 opens a
connection for each of the thousands of events of a run, and its deletion of a run leaves the run's check results. What
is stored stays the same.
"""

from typing import Any

from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.schedule_storage import PostgresScheduleStorage
from dagster_postgres.utils import create_pg_engine

from pipeline.runtime.postgres_address import with_driver

# A server that was restarted has closed what is kept here: it is asked before it is used.
ENGINE: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_size": 2, "max_overflow": 20, "pool_pre_ping": True}


def _known(config: Any) -> Any:
    return {**config, "postgres_url": with_driver(config["postgres_url"])}


class RunStorage(PostgresRunStorage):
    """Dagster's own, with the driver that is installed."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """The storage that dagster.yaml asks for."""
        return super().from_config_value(inst_data, _known(config_value))


class ScheduleStorage(PostgresScheduleStorage):
    """Dagster's own, with the driver that is installed."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """The storage that dagster.yaml asks for."""
        return super().from_config_value(inst_data, _known(config_value))


class EventLogStorage(PostgresEventLogStorage):
    """Dagster's own, with connections that are kept and runs that are deleted whole; see DECISIONS.md."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool = True, inst_data: Any = None) -> None:
        super().__init__(postgres_url, should_autocreate_tables, inst_data)
        self._engine = create_pg_engine(postgres_url, **ENGINE)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "EventLogStorage":
        """The storage that dagster.yaml asks for."""
        config = _known(config_value)
        return cls(config["postgres_url"], config.get("should_autocreate_tables", True), inst_data)

    def delete_events(self, run_id: str) -> None:
        """Delete what a run wrote, its check results too."""
        super().delete_events(run_id)
        with self.index_connection() as connection:
            ours = AssetCheckExecutionsTable.c.run_id == run_id
            connection.execute(AssetCheckExecutionsTable.delete().where(ours))

    def dispose(self) -> None:
        """Close every connection."""
        self._engine.dispose()
        super().dispose()
