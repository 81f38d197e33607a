"""Requests as an attacker writes them, byte by byte, to the guarded UI as it really runs."""

import json
import socket
import urllib.parse

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.orchestration.ui.stand import Ui, opened

CHANGE = json.dumps({"query": "mutation{setNuxSeen}"})
BY_GET = "query=" + urllib.parse.quote("mutation{setNuxSeen}")
# PORT stands for the port of the UI, in names and in values.
HOSTS_OF_OTHERS = (
    "evil.example", "evil.example:PORT", "localhost.:PORT", "127.0.0.1.:PORT", "127.0.0.1.nip.io:PORT", "127.1:PORT",
    "2130706433:PORT", "0x7f.0.0.1:PORT", "0177.0.0.1:PORT", "0.0.0.0:PORT", "[::]:PORT", "[::ffff:127.0.0.1]:PORT",
    "[::1%25lo]:PORT", "[0:0:0:0:0:0:0:1]:PORT", "localhost.evil.example:PORT", "evil@localhost:PORT", "localhost:",
    "localhost:PORT,evil.example", "localhost:PORT evil.example", "localhost:PORT/evil", "localhost:123456",
    "l\xf6calhost", "",
)  # fmt: skip
ORIGINS_OF_OTHERS = (
    "null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://127.0.0.1.:PORT", "http://[::1]:PORT",
    "http://localhost:PORT", "http://0.0.0.0:PORT", "http://127.0.0.1:PORT.evil.example", "http://evil@127.0.0.1:PORT",
    "http://127.0.0.1:PORT@evil.example", "http://127.0.0.1:PORT#", "http://127.0.0.1:PORT?", "http://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT,http://evil.example", "http://127.0.0.1:PORT\thttp://evil.example", "//127.0.0.1:PORT",
    "127.0.0.1:PORT", "file://", "file://127.0.0.1:PORT", "chrome-extension://127.0.0.1:PORT", "http://", "",
)  # fmt: skip
SAID_BY_PROXIES = {
    "X-Forwarded-Host": "127.0.0.1:PORT", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http",
    "X-Original-Host": "127.0.0.1:PORT", "Forwarded": "for=127.0.0.1;host=127.0.0.1:PORT", "X-Real-IP": "127.0.0.1",
}  # fmt: skip


def exchange(ui: Ui, request: str) -> str:
    """Everything that the UI answers to these characters on a connection of their own; PORT is filled in."""
    port = int(ui.host.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as channel:
        channel.sendall(request.replace("PORT", str(port)).encode("latin-1"))
        answer = b""
        while piece := channel.recv(65_536):
            answer += piece
    return answer.decode("latin-1")


def status(ui: Ui, line: str, headers: dict[str, str], body: str = "") -> int:
    """The status of the answer to a request; `Host` is right where the headers name none."""
    sent = {"Host": "127.0.0.1:PORT", "Content-Length": str(len(body)), "Connection": "close", **headers}
    answer = exchange(ui, "\r\n".join([f"{line} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items()), "", body]))
    assert "access-control-allow" not in answer.lower(), "no other page may read an answer"
    return int(answer.split(" ", 2)[1])


def change(ui: Ui, **headers: str) -> int:
    """The status of the answer to a change with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status(ui, "POST /graphql", {"Content-Type": "application/json", **named}, CHANGE)


def test_the_ui_answers_its_own_page_under_each_of_its_names(ui: Ui) -> None:
    for name in ("127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT", "[::1]:PORT"):
        assert (name, change(ui, Host=name, Origin=f"http://{name}")) == (name, 200)


@pytest.mark.parametrize("host", HOSTS_OF_OTHERS)
def test_a_name_that_an_attacker_can_point_here_is_refused_whatever_proxies_say(ui: Ui, host: str) -> None:
    assert change(ui, Host=host, Origin=f"http://{host}") in {400, 421}
    assert status(ui, "GET /", {"Host": host, **SAID_BY_PROXIES}) in {400, 421}


@pytest.mark.parametrize("origin", ORIGINS_OF_OTHERS)
def test_an_origin_that_is_not_the_page_itself_is_refused(ui: Ui, origin: str) -> None:
    assert change(ui, Origin=origin, Sec_Fetch_Site="same-origin", **SAID_BY_PROXIES) == 403
    asked = status(ui, "GET /graphql?query=%7Bversion%7D", {"Origin": origin})
    assert asked == 403


def test_what_a_page_at_another_port_of_this_machine_sends_is_refused(ui: Ui) -> None:
    # For a browser it is the same site, so cookies and the like would be sent.
    for site in ("same-site", "cross-site", "Same-Origin", "same-origin, cross-site", ""):
        assert (site, change(ui, Sec_Fetch_Site=site)) == (site, 403)
    asks_first = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    assert status(ui, "OPTIONS /graphql", {"Origin": "http://evil.example", **asks_first}) == 403
    assert status(ui, "OPTIONS /graphql", {"Origin": "http://127.0.0.1:PORT", **asks_first}) == 405


def test_no_spelling_of_a_path_or_a_method_lets_a_get_change_anything(ui: Ui) -> None:
    two = "query=" + urllib.parse.quote("query A{version} mutation B{setNuxSeen}") + "&operationName=B"
    refused = (
        f"GET /graphql?{BY_GET}", f"GET /%67raphql?{BY_GET}", f"GET /graphql/?{BY_GET}", f"HEAD /graphql?{BY_GET}",
        f"GET /graphql?{two}", f"GET /graphql?query=%7Bversion%7D&{BY_GET}",
        f"GET /graphql?{BY_GET}&query=%7Bversion%7D",
        f"GET /graphql?qu%65ry={BY_GET[6:]}", f"PUT /graphql?{BY_GET}", f"post /graphql?{BY_GET}", f"TRACE /?{BY_GET}",
    )  # fmt: skip
    for line in refused:
        assert (line, status(ui, line, {"X-HTTP-Method-Override": "POST"})) in {(line, code) for code in (400, 405)}
    # What is no way to GraphQL is answered with the page itself or not at all.
    for path in ("//graphql", "/GRAPHQL", "/graphql%2f", "/graphql;a", "http://evil.example/graphql", "/a/graphql"):
        line = f"GET {path}?{BY_GET} HTTP/1.1"
        answer = exchange(
            ui, f"{line}\r\nHost: 127.0.0.1:PORT\r\nX-Original-URL: /graphql\r\nConnection: close\r\n\r\n"
        )
        assert (path, '"data"' in answer) == (path, False)


def test_a_connection_that_began_well_is_judged_again_and_two_lengths_or_hosts_are_none(ui: Ui) -> None:
    first = "GET /server_info HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n"
    second = "GET /server_info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    answers = exchange(ui, f"{first}\r\n{second}")
    assert [part.split(" ", 1)[0] for part in answers.split("HTTP/1.1 ")[1:]] == ["200", "421"]
    smuggled = f"{first}Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n{second}"
    assert exchange(ui, smuggled).count('"dagster_version"') <= 1
    two_hosts = exchange(ui, f"{first}Host: evil.example\r\nConnection: close\r\n\r\n")
    assert two_hosts.split(" ")[1] in {"400", "421"}


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1:1", "http://localhost:PORT", "http://127.0.0.1.:PORT"])
def test_a_websocket_of_another_origin_is_refused_at_every_path(ui: Ui, origin: str) -> None:
    named = origin.replace("PORT", ui.host.rpartition(":")[2])
    for path in ("/graphql", "/graphql/", "/anything"):
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(ui.address.replace("http", "ws") + path, origin=named, subprotocols=["graphql-ws"]),
        ):
            pass
        assert refused.value.response.status_code == 403


def test_a_websocket_changes_nothing_where_the_ui_is_read_only(ui: Ui) -> None:
    with opened(ui.data_dir, "--read-only", TWEETBENCH_UI_PASSWORD="") as shown:
        address = shown.address.replace("http", "ws") + "/graphql"
        with connect(address, origin=shown.address, subprotocols=["graphql-ws"]) as channel:
            channel.send(json.dumps({"type": "connection_init"}))
            assert json.loads(channel.recv(timeout=30)) == {"type": "connection_ack"}
            channel.send(json.dumps({"id": "1", "type": "start", "payload": json.loads(CHANGE)}))
            try:
                said = json.loads(channel.recv(timeout=30))
            except ConnectionClosed:
                said = {"type": "closed"}
            assert said["type"] in {"error", "complete", "closed"} or said["payload"].get("errors"), said
            assert "setNuxSeen" not in (said.get("payload") or {}).get("data", {})
