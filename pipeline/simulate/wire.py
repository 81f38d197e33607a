"""The HTTP of the demo platform: a listener on loopback, bytes of an answer, and the faults that spoil those bytes."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.simulate.faults import Fault
from pipeline.simulate.responses import Response

# The target, the headers and, of a POST, the body; the answer and the fault that is to spoil its bytes.
Respond = Callable[[str, Message, bytes | None], tuple[Response, Fault | None]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer: with Nagle off 13 instead of 50 ms a page
    disable_nagle_algorithm = True
    respond: Respond
    date: Callable[[], str]
    stopped: threading.Event

    def do_GET(self) -> None:
        _send_answer(self, *self.respond(self.path, self.headers, None), self.stopped)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _send_answer(self, *self.respond(self.path, self.headers, body), self.stopped)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header tells the platform's time, so that a client can see its own clock's skew."""
        return super().date_time_string(timestamp) if timestamp is not None else self.date()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: whoever answers keeps a log, without tokens."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests; anything else is a defect and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@contextmanager
def listen(respond: Respond, *, date: Callable[[], str], port: int = 0) -> Iterator[str]:
    """Answer requests on loopback until the block ends; the base URL.

    Args:
        respond: called in a thread for each connection.
        date: the Date header.
        port: 0 for any free one.
    """
    stopped = threading.Event()
    # Plain functions in a class would be bound as methods.
    parts = {"respond": staticmethod(respond), "date": staticmethod(date), "stopped": stopped}
    listener = _Listener(("127.0.0.1", port), type("Handler", (_Handler,), parts))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}"
    finally:
        stopped.set()
        listener.shutdown()
        listener.server_close()
        thread.join()


def _send_answer(
    handler: BaseHTTPRequestHandler, answer: Response, fault: Fault | None, stopped: threading.Event
) -> None:
    """Write the answer; a client that hangs up ends it quietly."""
    try:
        _send(handler, answer, fault, stopped)
    except (ConnectionError, TimeoutError):
        handler.close_connection = True


def _send(handler: BaseHTTPRequestHandler, answer: Response, fault: Fault | None, stopped: threading.Event) -> None:
    kind = fault.kind if fault else ""
    if kind == "disconnect":
        return _hang_up(handler)
    raw = answer.raw if answer.raw is not None else json.dumps(answer.body, ensure_ascii=False).encode()
    if kind == "truncated":
        raw = raw[: len(raw) // 2]
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    for name, value in answer.headers.items():
        if value is not None:
            handler.send_header(name, value)
    if fault and kind == "header_drip":
        handler.flush_headers()
        _drip(handler, b"x-slow: " + b"a" * 200, fault.seconds, stopped)
        handler.wfile.write(b"\r\n")
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    if kind == "close":
        handler.wfile.write(raw[: len(raw) // 2])
        handler.wfile.flush()
        return _hang_up(handler)
    if fault and kind == "drip":
        return _drip(handler, raw, fault.seconds, stopped)
    handler.wfile.write(raw)
    return None


def _drip(handler: BaseHTTPRequestHandler, raw: bytes, seconds: float, stopped: threading.Event) -> None:
    for position in range(len(raw)):
        handler.wfile.write(raw[position : position + 1])
        handler.wfile.flush()
        if stopped.wait(seconds):
            break


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)
