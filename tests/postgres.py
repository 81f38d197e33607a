"""A PostgreSQL server of the tests' own, where the machine has one; skipped with the reason where it has none."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the password of its owner."""

    port: int
    password: str

    def url(self, database: str, user: str = "owner") -> str:
        """Address with the password in it."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"


def server_programs() -> Path | None:
    """Folder of initdb and pg_ctl: on PATH, or where Debian puts them."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def ordinary_user() -> str | None:
    """A user who may run the server when root runs the tests; PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server on loopback that lives as long as the tests."""
    programs, user = server_programs(), ordinary_user() if os.geteuid() == 0 else None
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    if os.geteuid() == 0 and user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user to run it")
    folder = Path(tempfile.mkdtemp(prefix="tweetbench-postgres-"))
    password = secrets.token_hex(8) + "p@ss"
    (folder / "password").write_text(password)
    if user:
        entry = pwd.getpwnam(user)
        for path in (folder, folder / "password"):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, options = folder / "data", f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, *arguments],
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    initialise = ("-D", str(data), "-U", "owner", "-A", "scram-sha-256", f"--pwfile={folder}/password", "--no-sync")
    run("initdb", *initialise, "--locale=C", "--encoding=UTF8")
    try:
        run("pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
        yield Server(port, password.replace("@", "%40"))
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
