"""The dbt project, parsed once for all tests until it changes: parsing takes longer than most of what is tested."""

import fcntl
import os
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.settings import PROJECT_DIR, Settings
from pipeline.transform.fingerprint import dbt_fingerprint
from pipeline.transform.project import prepare_project

CACHE = PROJECT_DIR / ".pytest_cache" / "parsed"


def share_parsed_project(data_dir: Path) -> Settings:
    """Leave in the data folder what an earlier run would have left of the project; its settings."""
    settings = Settings(_env_file=None, data_dir=data_dir)
    if not settings.dbt_target_dir.exists():
        shutil.copytree(_parsed(), settings.dbt_target_dir)
        settings.dagster_dir.chmod(0o700)
    return settings


@cache
def _parsed() -> Path:
    # Parallel test processes wait for the one that parses.
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / "-".join([dbt_fingerprint(), version("dbt-core"), version("dbt-duckdb")])
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for stale in CACHE.glob("*/"):
                shutil.rmtree(stale)
            settings = Settings(_env_file=None, data_dir=CACHE / f"{os.getpid()}.new")
            earlier = os.umask(0o077)  # as the command does, whose doctor looks at modes
            try:
                prepare_project(settings)
            finally:
                os.umask(earlier)
            settings.data_dir.rename(folder)
    return Settings(_env_file=None, data_dir=folder).dbt_target_dir
