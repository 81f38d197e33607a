"""A bucket on loopback, and data folders whose lake is in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.lake.mirror import BucketLake
from pipeline.lake.opening import open_lake
from pipeline.settings import Settings
from tests.lake.s3_server import BUCKET, Store, environment, serve

URL = f"s3://{BUCKET}/tweetbench"


@pytest.fixture(scope="session")
def server() -> Iterator[Store]:
    """One server for all tests: a client of another address costs half a CPU second."""
    with serve() as running:
        yield running


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty bucket, and the environment that leads to it."""
    pytest.importorskip("boto3", reason="a lake in a bucket needs boto3, which is an extra")
    server.reset()
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def machine(store: Store, tmp_path: Path) -> Callable[[str], Settings]:
    """The settings of a machine of its own that works on the bucket."""

    del store

    def make(name: str = "one") -> Settings:
        settings = Settings(_env_file=None, data_dir=tmp_path / name, lake_url=URL)
        settings.make_folders()
        return settings

    return make


@pytest.fixture
def open_on(machine: Callable[[str], Settings]) -> Callable[[str], BucketLake]:
    """The lake as a machine opens it."""
    return lambda name="one": open_lake(machine(name))
