"""Values that travel through the server: a request that was let in, and the answer to it."""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.simulate.ledger import Resource
from pipeline.simulate.vocabulary import Json


@dataclass(frozen=True)
class Call:
    """A request with a valid token. `caller` is app or user; `caller_account` the user's account."""

    route: str
    path: str
    params: dict[str, str]
    path_id: str
    caller: str
    caller_account: int | None
    now: datetime


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


@dataclass(frozen=True)
class Options:
    """How a demo server behaves beyond its world."""

    token: str = "demo-token-of-loopback"  # noqa: S105 - opens nothing but a loopback demo
    user_token: str = "demo-user-token-of-loopback"  # noqa: S105
    rate_limits: dict[str, int] = field(default_factory=dict)
