"""Values that travel through the server: a request that was let in, and the answer to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.simulate.ledger import Resource
from pipeline.simulate.parameters import BadParameterError
from pipeline.simulate.vocabulary import Json


@dataclass(frozen=True)
class Call:
    """A request that was let in. `caller` is app, user or anyone; `caller_account` the user's account.

    `pairs` are the query's, where a name may stand more than once; `path_id` is what the path names, `host` whose
    server it is about.
    """

    route: str
    path: str
    params: dict[str, str]
    path_id: str
    caller: str
    caller_account: int | None
    now: datetime
    pairs: tuple[tuple[str, str], ...] = ()
    host: str = ""

    def values(self, name: str) -> list[str]:
        """All values of a parameter, each once."""
        return list(dict.fromkeys(value for key, value in self.pairs if key == name))


@dataclass(frozen=True)
class Page:
    """The parts of a page, for the faults that change it: what it lists, and where the next one begins.

    `leads` begin behind each item, `here` at the page itself; `compose` makes the answer of a list and a lead.
    """

    items: list[Json]
    leads: tuple[str, ...]
    following: str | None
    here: str
    compose: Callable[[list[Json], str | None], "Response"]


@dataclass(frozen=True)
class Response:
    """A reply before it becomes bytes: a JSON body or raw bytes, what it bills, which main objects it holds."""

    status: int
    body: Json | None = None
    resources: tuple[Resource, ...] = ()
    served: tuple[str, ...] = ()
    raw: bytes | None = None
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str | None] = field(default_factory=dict)
    page: Page | None = None


@dataclass(frozen=True)
class Service:
    """One platform behind the server: its paths, its answers, how it refuses, and what it counts.

    `count` gives the rate headers of a call and whether it is within the limits, `too_many` the body where it is not.
    """

    paths: tuple[tuple[str, re.Pattern[str]], ...]
    answer: Callable[[Call], Response]
    refuse: Callable[[Call, BadParameterError], Response]
    count: Callable[[Call], tuple[dict[str, str | None], bool]]
    too_many: Json
    needs_token: bool = False


@dataclass(frozen=True)
class Options:
    """How a demo server behaves beyond its world."""

    token: str = "demo-token-of-loopback"  # noqa: S105 - opens nothing but a loopback demo
    user_token: str = "demo-user-token-of-loopback"  # noqa: S105
    rate_limits: dict[str, int] = field(default_factory=dict)
