"""Published marts, and a PostgreSQL database of each test's own."""

import pytest

from pipeline.settings import Settings
from tests.postgres import Server
from tests.postgres import postgres as postgres
from tests.publish.published_marts import publish_filled_marts


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder whose published version holds every mart of the project."""
    return publish_filled_marts(tmp_path_factory.mktemp("filled") / "data")


@pytest.fixture
def database(postgres: Server, request: pytest.FixtureRequest) -> str:
    """Address of an empty database of the test's own."""
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="the optional extra `postgres` is not installed")
    name = f"test_{abs(hash(request.node.name))}"
    with dbapi.connect(postgres.url("postgres"), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {name}")
        cursor.execute(f"create database {name}")
    return postgres.url(name)
