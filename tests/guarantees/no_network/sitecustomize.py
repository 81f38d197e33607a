"""Put on PYTHONPATH, this lets a process reach loopback and nothing else."""

import ipaddress
import socket

_connect = socket.socket.connect


def _guarded(self: socket.socket, address: object) -> None:
    host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    if not ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback:
        raise OSError(f"no network in this test: {host}")
    _connect(self, address)  # type: ignore[arg-type]


socket.socket.connect = _guarded  # type: ignore[method-assign,assignment]
