"""What dagster.yaml names where PostgreSQL keeps the run history; needs the extra `server`."""

from pipeline.orchestration.instance.postgres_storage import EventLogStorage as EventLogStorage
from pipeline.orchestration.instance.postgres_storage import RunStorage as RunStorage
from pipeline.orchestration.instance.postgres_storage import ScheduleStorage as ScheduleStorage
