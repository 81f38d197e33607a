"""Dagster's folder inside the data folder: where its settings and history lie. Loads neither Dagster nor dbt."""

import os
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.files import replace_text
from pipeline.runtime.lease import OWNER_ONLY
from pipeline.settings import PROJECT_DIR, Settings

HISTORY = {
    "run_storage": "history",
    "event_log_storage": "history/runs",
    "schedule_storage": "schedules",
}
STEP_LOGS = {"compute_logs": "storage"}
# Where the history is one that several machines share.
POSTGRES = {"run_storage": "RunStorage", "event_log_storage": "EventLogStorage", "schedule_storage": "ScheduleStorage"}
POSTGRES_MODULE = "tweetbench.postgres_history"
# Only the name of this variable is written down: Dagster looks the address up, in every process of its own.
POSTGRES_VARIABLE = "TWEETBENCH_DAGSTER_POSTGRES_URL"
OVERRIDES = "dagster_overrides.yml"


def is_shared(settings: Settings) -> bool:
    """Whether processes elsewhere, whose marks say nothing here, may work on the runs of this history."""
    return settings.dagster_postgres_url is not None


def dagster_config(settings: Settings) -> dict[str, Any]:
    """Dagster's settings for this data folder, wherever it lies today, with what its owner has set instead.

    Raises:
        TweetbenchError: the owner's file cannot be read.
    """
    config: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8"))
    for part, folder in (HISTORY | STEP_LOGS).items():
        config[part]["config"]["base_dir"] = str(settings.dagster_dir / folder)
    if is_shared(settings):
        address = {"postgres_url": {"env": POSTGRES_VARIABLE}}
        for part, name in POSTGRES.items():
            config[part] = {"module": POSTGRES_MODULE, "class": name, "config": address}
    if settings.readers:  # and one that makes the warehouse: of those, the pool lets one through
        config["concurrency"]["runs"]["max_concurrent_runs"] = settings.readers + 1
    own = _overrides(settings.data_dir / OVERRIDES)
    if "storage" in own:  # the one key that stands for three
        config = {part: value for part, value in config.items() if part not in HISTORY}
    return config | own


def set_environment(settings: Settings) -> None:
    """Hand Dagster what it looks up in the environment: what `.env` holds is not there by itself."""
    if settings.dagster_postgres_url is not None:
        os.environ[POSTGRES_VARIABLE] = settings.dagster_postgres_url.get_secret_value()


def prepare_dagster_home(settings: Settings) -> Path:
    """Write Dagster's settings next to its history in the data folder and make that DAGSTER_HOME.

    Raises:
        TweetbenchError: what the owner of the folder has set cannot be read.
    """
    config = dagster_config(settings)
    os.umask(OWNER_ONLY)  # Dagster makes its own folders and files later
    settings.make_folders()
    replace_text(settings.dagster_dir / "dagster.yaml", yaml.safe_dump(config))
    set_environment(settings)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the run workers that the UI starts
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")  # what a run announces is stored at once
    os.environ["PYTHONSAFEPATH"] = "1"  # nor do they look for modules in the current folder
    os.environ["DAGSTER_HOME"] = str(settings.dagster_dir)
    os.environ["TWEETBENCH_DATA_DIR"] = str(settings.data_dir)
    return settings.dagster_dir


def _overrides(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _unusable(path, " ".join(str(error).split())[:300]) from None
    if own is not None and not isinstance(own, dict):
        raise _unusable(path, "it has no keys, such as run_launcher or concurrency")
    return own or {}


def _unusable(path: Path, why: str) -> TweetbenchError:
    return TweetbenchError(
        "the settings for Dagster cannot be used",
        where=str(path),
        why=why,
        next_step="correct or remove the file; its keys are those of Dagster's own dagster.yaml",
        exit_code=Exit.CONFIGURATION,
    )
