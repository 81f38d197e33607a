"""From an answer to bytes on the connection, and the faults that spoil those bytes."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from pipeline.simulate.answers import Answer
from pipeline.simulate.faults import Fault

_ENDLESS_CHUNK = b" " * 16_384


def send_answer(handler: BaseHTTPRequestHandler, answer: Answer, fault: Fault | None, stopped: threading.Event) -> None:
    """Write the answer; a client that hangs up ends it quietly."""
    try:
        _send(handler, answer, fault, stopped)
    except (ConnectionError, TimeoutError):
        handler.close_connection = True


def _send(handler: BaseHTTPRequestHandler, answer: Answer, fault: Fault | None, stopped: threading.Event) -> None:
    kind = fault.kind if fault else ""
    if kind == "disconnect":
        return _hang_up(handler)
    raw = answer.raw if answer.raw is not None else json.dumps(answer.body, ensure_ascii=False).encode()
    if kind == "truncated":
        raw = raw[: len(raw) // 2]
    if fault and kind == "delay":
        stopped.wait(fault.seconds)
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    for name, value in answer.headers.items():
        if value is not None:
            handler.send_header(name, value)
    if kind == "endless":
        handler.send_header("Connection", "close")
    else:
        handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    if kind == "close":
        handler.wfile.write(raw[: len(raw) // 2])
        handler.wfile.flush()
        return _hang_up(handler)
    if fault and kind == "drip":
        for position in range(len(raw)):
            handler.wfile.write(raw[position : position + 1])
            handler.wfile.flush()
            if stopped.wait(fault.seconds):
                break
        return None
    handler.wfile.write(raw)
    while kind == "endless" and not stopped.is_set():
        handler.wfile.write(_ENDLESS_CHUNK)
        handler.wfile.flush()
    return None


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)
