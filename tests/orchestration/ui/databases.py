"""An empty PostgreSQL database for Dagster's history. Holds no test."""

import secrets
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from tests.postgres import Server

psycopg2 = pytest.importorskip("psycopg2", reason="the optional extra `server` is not installed")


@dataclass(frozen=True)
class Database:
    """An empty database of the test's own."""

    url: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


@pytest.fixture
def database(postgres: Server) -> Database:
    name = f"history_{secrets.token_hex(4)}"
    with closing(psycopg2.connect(postgres.url("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"create database {name}")
    return Database(postgres.url(name))
