"""A published warehouse made in seconds: marts filled from their contracts, or tables of a test's own."""

from pathlib import Path

from pipeline import warehouse
from pipeline.publish import publish
from pipeline.settings import Settings
from tests.conftest import NOW
from tools.filled_marts import Shape, fill_marts


def publish_filled_marts(folder: Path) -> Settings:
    """Settings of a data folder whose published version holds every mart that the project has."""
    settings = settings_of(folder, is_demo=True)
    with warehouse.connect(settings) as connection:
        fill_marts(connection, Shape())
    publish(settings, run_id="filled", now=NOW, basis="filled")
    return settings


def publish_tables(folder: Path, *statements: str, is_demo: bool = False) -> Settings:
    """Settings of a data folder whose next published version holds what the statements make in schema marts."""
    settings = settings_of(folder, is_demo=is_demo)
    with warehouse.connect(settings) as connection:
        connection.execute("drop schema if exists marts cascade")
        connection.execute("create schema marts")
        connection.execute("set search_path = 'marts'")
        for statement in statements:
            connection.execute(statement)
    publish(settings, run_id="made", now=NOW, basis="made")
    return settings


def settings_of(folder: Path, *, is_demo: bool) -> Settings:
    """Settings of a data folder that nothing on this machine changes."""
    settings = Settings(_env_file=None, data_dir=folder, is_demo=is_demo)
    settings.make_folders()
    if is_demo:
        settings.demo_mark.touch()
    return settings
