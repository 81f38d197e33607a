"""Just enough of S3 on loopback over real HTTP: objects, listings, conditions, and faults on request.

Requests are answered one at a time, so a condition and its put are one step, as the real one promises. Signatures are
asked for, not verified; the digest of what is put is. `faults` are asked in turn before each request.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET, KEY, SECRET = "lakes", "AKIA-OF-A-TEST", "a-secret-key-that-must-never-be-shown"
LOST, CUT = "answer lost", "body cut"
REASONS = {
    403: "AccessDenied",
    404: "NoSuchBucket",
    503: "SlowDown",
    412: "PreconditionFailed",
    409: "ConditionalRequestConflict",
}


@dataclass
class Store:
    """What is stored, and how the server is to behave. A fault is a status, (status, code), LOST, CUT or None."""

    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    faults: list[Callable[[str, str], object]] = field(default_factory=list)
    wait: Callable[[], object] | None = None
    versioning: str = ""
    heeds_conditions: bool = True
    now: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    requests: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    page: int = 1000
    asks_versions: bool = False
    address: str = ""

    def reset(self) -> None:
        """As on the first day."""
        new = Store(address=self.address, lock=self.lock)
        vars(self).update(vars(new))

    def names(self, prefix: str = "") -> list[str]:
        return sorted(name for name in self.objects if name.startswith(prefix))

    def entries(self, prefix: str = "") -> list[dict]:
        return [json.loads(self.objects[name][0]) for name in self.names(f"{prefix}_manifest/")]


def etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'  # noqa: S324 - what S3 calls an etag


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Store

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, cut: int = 0) -> None:
        self.send_response_only(status)
        self.send_header("Date", format_datetime(self.store.now, usegmt=True))
        given = {"Content-Length": str(len(body)), **(headers or {})}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) - cut])
        self.close_connection = self.close_connection or bool(cut)

    def refuse(self, status: int, code: str = "") -> None:
        code = code or REASONS.get(status, "InternalError")
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code} {KEY}</Message></Error>".encode())

    def handle_one(self) -> None:
        parts = urlsplit(self.path)
        bucket, _, name = unquote(parts.path.lstrip("/")).partition("/")
        query = parse_qs(parts.query, keep_blank_values=True)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.store.wait:
            self.store.wait()
        with self.store.lock:
            self.store.requests.append((self.command, name))
            self.store.asks_versions = "versioning" in query
            fault = next(filter(None, (each(self.command, name) for each in self.store.faults)), None)
            if isinstance(fault, int | tuple):
                return self.refuse(*(fault if isinstance(fault, tuple) else (fault,)))
            if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
                return self.refuse(403)
            if bucket != BUCKET:
                return self.refuse(404)
            if fault == LOST:  # done, and nobody hears of it
                self.answer = lambda *_, **__: None
                self.close_connection = True
            if "versioning" in query:
                state = f"<Status>{self.store.versioning}</Status>" * bool(self.store.versioning)
                return self.answer(200, f"<VersioningConfiguration>{state}</VersioningConfiguration>".encode())
            if "list-type" in query:
                return self.list(query)
            return getattr(self, self.command.lower())(name, body, fault)

    do_GET = do_PUT = do_DELETE = do_HEAD = handle_one  # noqa: N815 - names of the library

    def list(self, query: dict[str, list[str]]) -> None:
        after = query.get("continuation-token", [""])[0]
        names = [name for name in self.store.names(query.get("prefix", [""])[0]) if name > after]
        shown, more = names[: self.store.page], names[self.store.page :]
        items = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(data)}</Size><ETag>{escape(etag(data))}</ETag>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for name, (data, at) in ((name, self.store.objects[name]) for name in shown)
        )
        rest = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        head = f"<IsTruncated>{'true' if more else 'false'}</IsTruncated><KeyCount>{len(shown)}</KeyCount>"
        self.answer(200, f"<ListBucketResult>{head}{rest}{items}</ListBucketResult>".encode())

    def get(self, name: str, _body: bytes, fault: object) -> None:
        if name not in self.store.objects:
            return self.refuse(404, "NoSuchKey")
        data, at = self.store.objects[name]
        headers = {"ETag": etag(data), "Last-Modified": format_datetime(at, usegmt=True), "Accept-Ranges": "bytes"}
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            part = data[int(first) : int(last or len(data)) + 1]
            headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
            return self.answer(206, part, headers)
        return self.answer(200, data, headers, cut=7 if fault == CUT else 0)

    head = get

    def put(self, name: str, body: bytes, _fault: object) -> None:
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return self.refuse(400, "XAmzContentSHA256Mismatch")
        stored = self.store.objects.get(name)
        if self.store.heeds_conditions:
            if self.headers.get("If-None-Match") and stored:
                return self.refuse(412)
            if (wanted := self.headers.get("If-Match")) and (not stored or etag(stored[0]) != wanted):
                return self.refuse(412) if stored else self.refuse(404, "NoSuchKey")
        self.store.objects[name] = (body, self.store.now)
        return self.answer(200, headers={"ETag": etag(body)})

    def delete(self, name: str, _body: bytes, _fault: object) -> None:
        self.store.objects.pop(name, None)
        self.answer(204)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve() -> Iterator[Store]:
    """A store with one empty bucket while the block lasts."""
    store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"store": store}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    store.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def environment(store: Store) -> dict[str, str]:
    """The usual variables that lead boto3 here."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": store.address,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
    }
