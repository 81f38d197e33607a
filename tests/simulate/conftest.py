"""A world and a running server for the tests of the demo platform."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World

MIDDAY = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> World:
    """The default demo world."""
    return World()


@pytest.fixture
def clock() -> DemoClock:
    """A platform clock that stands at noon near the end of the world."""
    return DemoClock(MIDDAY)


@pytest.fixture
def server(world: World, clock: DemoClock) -> Iterator[DemoServer]:
    """The default world behind a loopback server."""
    with serve(world, clock=clock) as running:
        yield running


@pytest.fixture
def ask(server: DemoServer) -> Iterator[Callable[..., requests.Response]]:
    """`ask(path, params, user=False)`: one GET with the app token, or the owner's."""
    with requests.Session() as session:

        def get(path: str, params: dict[str, Any] | None = None, *, user: bool = False) -> requests.Response:
            token = "demo-user-token-of-loopback" if user else "demo-token-of-loopback"
            headers = {"Authorization": f"Bearer {token}"}
            return session.get(server.base_url + path, params=params, headers=headers, timeout=10)

        yield get


@pytest.fixture
def account_with(world: World) -> Callable[[str], int]:
    """Number of the first account with a role."""
    return lambda role: world.cast.roles.index(role)


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder with the specification of the API; it is not part of the project."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("the API's specification lies next to the project and is absent here")
    return folder
