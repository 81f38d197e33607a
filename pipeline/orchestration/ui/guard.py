"""What guards the Dagster UI: web pages must not be able to use it, and nobody without the password.

Dagster's web server checks neither Host nor Origin and executes mutations that are sent by GET, so any page that the
person has open could start, stop or delete. Rules are pure functions of a request; nothing here knows Dagster itself.
"""

import base64
import hmac
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
AUTHORITY = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
# Pages answer with data or act; everything else is the application itself, which a link may open.
NOT_PAGES = ("/graphql", "/logs", "/download_debug", "/dagit", "/report_asset", "/server_info")
# There are no notebooks here, and their viewer has read other files before (CVE-2025-51481).
CLOSED = ("/notebook", "/dagit/notebook")
MAX_BODY_BYTES = 10_000_000
SECURITY_HEADERS = [
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Rules:
    """Names under which the UI may be reached, the password if one is asked for, and whether it may change things."""

    names: frozenset[str] = LOOPBACK_NAMES
    password: str = field(default="", repr=False)
    is_read_only: bool = False


@dataclass(frozen=True)
class RequestHead:
    """What a request says before its body is read."""

    kind: str  # http or websocket
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    def only(self, name: str) -> str | None:
        """The one value of a header; None if it is absent, empty if it was sent more than once."""
        values = [value for key, value in self.headers if key == name]
        return (values[0] if len(values) == 1 else "") if values else None


@dataclass(frozen=True)
class Refusal:
    """HTTP status and reason."""

    status: int
    reason: str


def refusal(knock: RequestHead, rules: Rules) -> Refusal | None:
    """Why a request is refused; None if it may pass."""
    return _wrong_address(knock, rules) or _wrong_sender(knock) or _wrong_password(knock, rules) or _wrong_form(knock)


def is_query(text: object) -> bool:
    """Whether a GraphQL document asks and changes nothing; False as well for what is not GraphQL."""
    if not isinstance(text, str):
        return False
    try:
        definitions = parse(text, no_location=True, max_tokens=20_000).definitions
    except (GraphQLError, RecursionError):
        return False
    operations = [node.operation for node in definitions if isinstance(node, OperationDefinitionNode)]
    return bool(operations) and all(operation is OperationType.QUERY for operation in operations)


def _wrong_address(knock: RequestHead, rules: Rules) -> Refusal | None:
    host = knock.only("host") or ""
    match = AUTHORITY.fullmatch(host.lower())
    if match is None or match["name"] not in rules.names:
        return Refusal(421, "this address is not served here; open the address that tweetbench ui printed")
    if ".." in knock.path.split("/") or "\\" in knock.path or "\0" in knock.path:
        return Refusal(400, "a path must not lead upwards")
    if knock.path.startswith(CLOSED):
        return Refusal(404, "there are no notebooks here")
    return None


def _wrong_sender(knock: RequestHead) -> Refusal | None:
    """Browsers name the page that asks; programs outside a browser name none and cannot be misused by a page."""
    origin, site = knock.only("origin"), knock.only("sec-fetch-site")
    foreign = Refusal(403, "a page of another site asked for this; only the UI itself may")
    if origin is not None:
        parts = urlsplit(origin)
        whole = f"{parts.scheme}://{parts.netloc}"  # a list of origins, or one with a path, no browser sends
        is_odd = parts.scheme not in {"http", "https"} or origin.lower() != whole.lower()
        if is_odd or parts.netloc.lower() != (knock.only("host") or "").lower():
            return foreign
    elif knock.kind == "websocket":
        return foreign
    if site in {None, "same-origin", "none"}:
        return None
    opens_a_page = knock.method == "GET" and knock.only("sec-fetch-dest") == "document" and _is_page(knock.path)
    return None if opens_a_page and knock.kind == "http" else foreign


def _wrong_password(knock: RequestHead, rules: Rules) -> Refusal | None:
    if not rules.password:
        return None
    scheme, _, coded = (knock.only("authorization") or "").partition(" ")
    try:
        sent = base64.b64decode(coded, validate=True).partition(b":")[2] if scheme.lower() == "basic" else b""
    except ValueError:
        sent = b""
    if hmac.compare_digest(sent, rules.password.encode()):
        return None
    return Refusal(401, "enter the password of TWEETBENCH_UI_PASSWORD; any user name will do")


def _wrong_form(knock: RequestHead) -> Refusal | None:
    if knock.kind == "websocket":
        return None
    if knock.method not in {"GET", "HEAD", "POST"}:
        return Refusal(405, "only GET, HEAD and POST are answered")
    if knock.method == "POST":
        media_type = (knock.only("content-type") or "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            return Refusal(415, "POST needs application/json, which other sites cannot send without asking first")
        return None
    asked = parse_qs(knock.query, keep_blank_values=True).get("query", [])
    if knock.path.rstrip("/") == "/graphql" and not all(is_query(text) for text in asked):
        return Refusal(405, "GET changes nothing; send a mutation by POST")
    return None


def _is_page(path: str) -> bool:
    return not path.startswith(NOT_PAGES)


def guarded(app: App, rules: Rules) -> App:
    """The application behind the rules."""

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        knock = knock_of(scope)
        refused = refusal(knock, rules)
        if refused is None and rules.is_read_only and knock.method == "POST":
            body = await _read(receive)
            refused = None if body is not None and _only_asks(body) else Refusal(403, "this UI was opened read-only")
            receive = _replay(body or b"", receive)
        if refused is None:
            await app(scope, receive, _with_headers(send))
        elif knock.kind == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused.reason[:120]})
        else:
            await _answer(send, refused)

    return guard


def knock_of(scope: Message) -> RequestHead:
    """The request line and headers of an ASGI scope; header names in lower case."""
    headers = tuple((key.decode("latin-1").lower(), value.decode("latin-1")) for key, value in scope["headers"])
    query = scope.get("query_string", b"").decode("latin-1")
    return RequestHead(scope["type"], scope.get("method", "GET"), scope["path"], query, headers)


def _only_asks(body: bytes) -> bool:
    try:
        asked = json.loads(body)
    except ValueError:
        return False
    return isinstance(asked, dict) and is_query(asked.get("query"))


async def _read(receive: Receive) -> bytes | None:
    """The body; None if it is too long or the sender has gone."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *SECURITY_HEADERS]
        await send(message)

    return add


async def _answer(send: Send, refused: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *SECURITY_HEADERS]
    if refused.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="tweetbench", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": f"refused: {refused.reason}\n".encode()})
