"""The dbt project, parsed once for all tests of a process: parsing takes longer than most of what is tested."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pipeline.orchestration.transform import prepare_project
from pipeline.settings import Settings


def share_parsed_project(data_dir: Path) -> Settings:
    """Leave in the data folder what an earlier run would have left of the project; its settings."""
    settings = Settings(_env_file=None, data_dir=data_dir)
    if not settings.dbt_target_dir.exists():
        shutil.copytree(_parsed(), settings.dbt_target_dir)
        settings.dagster_dir.chmod(0o700)
    return settings


@cache
def _parsed() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="parsed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = Settings(_env_file=None, data_dir=folder)
    prepare_project(settings)
    return settings.dbt_target_dir
