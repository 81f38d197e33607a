"""Every test of a guarantee runs once for each API source that watches accounts; `bitly` has its own tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.sources.api.source import ApiSource, has_accounts
from tests.sources.api.platform import SourceStand, open_stand


@pytest.fixture(params=filter(has_accounts, sources.API_SOURCES), ids=lambda source: source.NAME)
def source(request: pytest.FixtureRequest) -> ApiSource:
    """One API source after another."""
    made: ApiSource = request.param
    return made


@pytest.fixture
def stand(source: ApiSource, tmp_path: Path) -> Iterator[SourceStand]:
    """A source with a platform of three accounts without posts, and an empty lake."""
    with open_stand(source, tmp_path) as made:
        yield made
