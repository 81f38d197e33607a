"""Dagster's folder inside the data folder: where its settings and history lie. Loads neither Dagster nor dbt."""

import os
from pathlib import Path
from typing import Any

import yaml

from pipeline.runtime.files import replace_text
from pipeline.runtime.lease import OWNER_ONLY
from pipeline.settings import PROJECT_DIR, Settings

HISTORY = {
    "run_storage": "history",
    "event_log_storage": "history/runs",
    "schedule_storage": "schedules",
    "compute_logs": "storage",
}


def dagster_config(settings: Settings) -> dict[str, Any]:
    """Dagster's settings for this data folder, wherever it lies today."""
    config: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8"))
    for part, folder in HISTORY.items():
        config[part]["config"]["base_dir"] = str(settings.dagster_dir / folder)
    return config


def prepare_dagster_home(settings: Settings) -> Path:
    """Write Dagster's settings next to its history in the data folder and make that DAGSTER_HOME."""
    config = dagster_config(settings)
    os.umask(OWNER_ONLY)  # Dagster makes its own folders and files later
    settings.make_folders()
    replace_text(settings.dagster_dir / "dagster.yaml", yaml.safe_dump(config))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the run workers that the UI starts
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")  # what a run announces is stored at once
    os.environ["PYTHONSAFEPATH"] = "1"  # nor do they look for modules in the current folder
    os.environ["DAGSTER_HOME"] = str(settings.dagster_dir)
    os.environ["TWEETBENCH_DATA_DIR"] = str(settings.data_dir)
    return settings.dagster_dir
