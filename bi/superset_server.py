"""A Superset of the check's own: installed from the pinned list, started on loopback, asked through its REST API."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
CONFIG = """
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""


@dataclass
class Server:
    """A running Superset: its address, its process, a token."""

    url: str
    process: int
    password: str
    token: str = ""
    database: int = 0
    errors: list[str] = field(default_factory=list)

    def call(self, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """The JSON answer to a request; an error of the server is raised with its words."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": kind} if data else {})
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read()[:500].decode(errors='replace')}") from None

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query, typed into SQL Lab."""
        body = {
            "database_id": self.database,
            "sql": sql,
            "runAsync": False,
            "schema": "marts",
            "client_id": secrets.token_hex(5),
        }
        return list(self.call("sqllab/execute/", body)["data"])

    def open_files(self, folder: Path) -> list[str]:
        """Files below a folder that the server holds open."""
        held = []
        for descriptor in Path(f"/proc/{self.process}/fd").iterdir():
            try:
                target = str(descriptor.readlink())
            except FileNotFoundError:
                continue
            if target.startswith(str(folder)):
                held.append(target)
        return held


def install(environment: Path) -> None:
    """Create Superset's own environment once, from the pinned list."""
    if (environment / "bin" / "superset").exists():
        return
    print(f"installing Superset into {environment} (once, some 700 MB)")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)  # noqa: S603
    pip = [environment / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "-r", FOLDER / "requirements.txt"], check=True)  # noqa: S603


@contextmanager
def running(environment: Path, home: Path) -> Iterator[Server]:
    """Superset on a free loopback port until the block ends."""
    password = secrets.token_hex(8)
    (home / "superset_config.py").write_text(CONFIG.format(secret=secrets.token_hex(24), home=home))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        **os.environ,
        "SUPERSET_CONFIG_PATH": str(home / "superset_config.py"),
        "SUPERSET_HOME": str(home),
        "FLASK_APP": "superset",
        "SCARF_ANALYTICS": "false",
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
    }
    superset = str(environment / "bin" / "superset")
    person = ["--username", "admin", "--firstname", "a", "--lastname", "b", "--email", "a@example.com"]
    with (home / "log").open("w") as log:
        for command in (["db", "upgrade"], ["fab", "create-admin", *person, "--password", password], ["init"]):
            subprocess.run([superset, *command], env=variables, stdout=log, stderr=log, check=True)  # noqa: S603
        serve = [superset, "run", "--host", "127.0.0.1", "--port", str(port), "--with-threads"]
        process = subprocess.Popen(serve, env=variables, stdout=log, stderr=log)  # noqa: S603
    server = Server(f"http://127.0.0.1:{port}", process.pid, password)
    try:
        wait_for(server, process)
        login = {"username": "admin", "password": password, "provider": "db", "refresh": False}
        server.token = server.call("security/login", login)["access_token"]
        yield server
    except Exception:
        print((home / "log").read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers."""
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("Superset ended before it answered") from None
            time.sleep(0.5)
    raise RuntimeError("Superset did not answer for two minutes")


def multipart(name: str, file: str, content: bytes) -> tuple[bytes, str]:
    """A multipart body with one file, and its content type."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
    body = head.encode() + b"Content-Type: application/zip\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
