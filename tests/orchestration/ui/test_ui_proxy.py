"""The UI behind a real reverse proxy that ends TLS, set up as the documentation says."""

import base64
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pipeline.settings import PROJECT_DIR
from tests.orchestration.ui.stand import Ui, opened

NAME, PASSWORD = "benchmark.example.com", "a-password-for-the-proxy"
MUTATION = "mutation{setNuxSeen}"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (Debian: apt-get install nginx-light)"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine to make a certificate"),
]


def documented_server(port: int, to: str, folder: Path) -> str:
    """The block of docs/server.md, on a free port and in front of the UI of the test."""
    text = (PROJECT_DIR / "docs" / "server.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(server \{.*?\n\})\n```", text, re.DOTALL)
    assert block is not None
    certificate = f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;"
    served = block[1].replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl; {certificate}")
    return served.replace("http://127.0.0.1:3001", to)


@contextmanager
def proxied(ui: Ui, folder: Path) -> Iterator[int]:
    """The port of a proxy in front of the UI."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    new = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(["openssl", "req", *new, *named, *files], check=True, capture_output=True)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    inside = f"access_log off; {places}\n{documented_server(port, ui.address, folder)}"
    whole = (
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\nevents {{}}\nhttp {{ {inside} }}"
    )
    (folder / "nginx.conf").write_text(whole)
    process = subprocess.Popen(
        [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE
    )
    try:
        ends = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield port
    finally:
        process.terminate()
        process.wait(15)
        if process.stderr:
            process.stderr.close()


def test_behind_nginx_the_ui_answers_its_own_page_under_its_name_and_refuses_every_other(
    ui: Ui, tmp_path: Path
) -> None:
    options = ("--read-only", "--name", NAME)
    with opened(ui.data_dir, *options, TWEETBENCH_UI_PASSWORD=PASSWORD) as shown, proxied(shown, tmp_path) as port:
        trusted = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        known = {"Authorization": "Basic " + base64.b64encode(f"x:{PASSWORD}".encode()).decode()}
        own = {"Origin": f"https://{NAME}", "Content-Type": "application/json"}

        def ask(method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
            connection = http.client.HTTPSConnection(NAME, port, context=trusted, timeout=60)
            connection.sock = trusted.wrap_socket(
                socket.create_connection(("127.0.0.1", port), 60), server_hostname=NAME
            )
            connection.request(method, path, body.encode(), {"Host": NAME, **headers})
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer.status, content

        version = json.dumps({"query": "{version}"})
        assert ask("GET", "/")[0] == 401
        assert ask("GET", "/", **known)[0] == 200
        status, content = ask("POST", "/graphql", version, **known, **own)
        assert (status, "version" in json.loads(content)["data"]) == (200, True)
        assert ask("POST", "/graphql", version, **known, **{**own, "Origin": "https://evil.example"})[0] == 403
        assert ask("GET", "/", **known, Host="evil.example")[0] == 421
        assert ask("POST", "/graphql", json.dumps({"query": MUTATION}), **known, **own)[0] == 403
        assert ask("GET", f"/graphql?query={MUTATION}", **known)[0] == 405

        def open_socket(origin: str) -> str | None:
            raw = socket.create_connection(("127.0.0.1", port), 60)
            address = f"wss://{NAME}/graphql"
            asked = {"ssl": trusted, "server_hostname": NAME, "subprotocols": ["graphql-ws"], "origin": origin}
            with connect(address, sock=raw, additional_headers=known, **asked) as opened_socket:
                return opened_socket.subprotocol

        assert open_socket(f"https://{NAME}") == "graphql-ws"
        with pytest.raises(InvalidStatus, match="403"):
            open_socket("https://evil.example")
