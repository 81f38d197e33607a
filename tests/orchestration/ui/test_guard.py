"""Who may use the UI: the rules one by one, without Dagster behind them."""

import asyncio
import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.orchestration.ui.guard import LOOPBACK_NAMES, Message, RequestHead, Rules, guarded, is_query, refusal

HOST = "127.0.0.1:3000"
OWN = {"host": HOST, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin", "content-type": "application/json"}
RULES = Rules()


def knock(
    method: str = "GET", path: str = "/", query: str = "", *, kind: str = "http", **headers: str | None
) -> RequestHead:
    """A request with the UI's own headers where a test does not change them; None leaves one out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {**({"host": HOST} if method == "GET" and kind == "http" else OWN), **named}
    return RequestHead(
        kind, method, path, query, tuple((name, value) for name, value in sent.items() if value is not None)
    )


def status(asked: RequestHead, rules: Rules = RULES) -> int:
    """The status of the refusal; 0 for what may pass."""
    refused = refusal(asked, rules)
    return refused.status if refused else 0


def test_the_ui_itself_and_programs_on_this_machine_may_pass() -> None:
    assert status(knock()) == 0
    assert status(knock("POST", "/graphql")) == 0
    assert status(knock("POST", "/graphql", origin=None, sec_fetch_site=None)) == 0
    assert status(knock(kind="websocket", path="/graphql")) == 0
    assert status(knock(host="localhost:3000")) == 0
    assert status(knock(host="[::1]:3000")) == 0
    assert status(knock("POST", "/graphql", content_type="application/json; charset=utf-8")) == 0
    assert status(knock("GET", "/graphql", "query={instance{id}}")) == 0
    assert status(knock("HEAD")) == 0


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("foreign host", knock(host="evil.example"), 421),
        ("no host", knock(host=None), 421),
        ("a name that only begins like ours", knock(host="127.0.0.1.evil.example:3000"), 421),
        ("credentials in the host", knock(host="localhost@evil.example"), 421),
        ("rebinding", knock("POST", "/graphql", host="evil.example:3000", origin="http://evil.example:3000"), 421),
        ("foreign origin", knock("POST", "/graphql", origin="https://evil.example"), 403),
        ("a list of origins", knock("POST", "/graphql", origin=f"http://{HOST}/,http://evil.example"), 403),
        ("an origin with a path", knock("POST", "/graphql", origin=f"http://{HOST}/page"), 403),
        (
            "facts by a foreign link",
            knock(path="/server_info", sec_fetch_site="cross-site", sec_fetch_dest="document"),
            403,
        ),
        ("a sandboxed page", knock("POST", "/graphql", origin="null"), 403),
        ("another program's page on this machine", knock("POST", "/graphql", origin="http://127.0.0.1:8080"), 403),
        ("a foreign page without origin", knock("POST", "/graphql", origin=None, sec_fetch_site="cross-site"), 403),
        ("an image of a foreign page", knock("GET", "/logs/a", sec_fetch_site="cross-site"), 403),
        ("a link to data", knock("GET", "/graphql", sec_fetch_site="cross-site", sec_fetch_dest="document"), 403),
        ("mutation by GET", knock("GET", "/graphql", "query=mutation%7BsetNuxSeen%7D"), 405),
        ("mutation behind a query", knock("GET", "/graphql/", "query={a}&query=mutation{b}"), 405),
        ("subscription by GET", knock("GET", "/graphql", "query=subscription{a}"), 405),
        ("a form", knock("POST", "/graphql", content_type="text/plain"), 415),
        ("a form that names JSON", knock("POST", "/graphql", content_type="text/plain; a=application/json"), 415),
        ("no content type", knock("POST", "/graphql", content_type=None), 415),
        ("a fake materialisation", knock("POST", "/report_asset_materialization/a", content_type="text/plain"), 415),
        ("another method", knock("PUT", "/graphql"), 405),
        ("a preflight", knock("OPTIONS", "/graphql", origin="https://evil.example"), 403),
        ("websocket of a foreign page", knock(kind="websocket", path="/graphql", origin="http://evil.example"), 403),
        ("websocket of nobody", knock(kind="websocket", path="/graphql", origin=None), 403),
        ("the viewer of notebooks", knock("GET", "/notebook", "path=/etc/passwd"), 404),
        ("a path that leads upwards", knock("GET", "/logs/../../etc/passwd"), 400),
    ],
)
def test_attacks_are_refused(name: str, asked: RequestHead, expected: int) -> None:
    assert (name, status(asked)) == (name, expected)


def test_a_header_sent_twice_counts_as_wrong() -> None:
    assert status(RequestHead("http", "GET", "/", "", (("host", HOST), ("host", "evil.example")))) == 421
    two = (("host", HOST), ("origin", f"http://{HOST}"), ("origin", "http://evil.example"))
    assert status(RequestHead("websocket", "GET", "/graphql", "", two)) == 403


def test_a_link_on_another_page_may_open_the_ui() -> None:
    assert status(knock("GET", "/assets", sec_fetch_site="cross-site", sec_fetch_dest="document")) == 0
    assert status(knock("GET", "/assets", sec_fetch_site="cross-site", sec_fetch_dest="iframe")) == 403


def test_a_password_is_asked_for_where_there_is_one() -> None:
    rules = Rules(LOOPBACK_NAMES | {"warehouse.lan"}, "correct horse battery")
    named = {"host": "warehouse.lan"}
    assert status(knock(**named), rules) == 401
    right = base64.b64encode(b"anyone:correct horse battery").decode()
    wrong = base64.b64encode(b"anyone:incorrect").decode()
    assert status(knock(authorization=f"Basic {right}", **named), rules) == 0
    for sent in (f"Basic {wrong}", f"Bearer {right}", "Basic not-base64", "Basic", ""):
        assert status(knock(authorization=sent, **named), rules) == 401
    assert "horse" not in repr(rules)


@given(st.text(max_size=200))
def test_any_text_is_either_a_query_or_not(text: str) -> None:
    assert is_query(text) in {True, False}
    assert not is_query(f"mutation {{ a }} {text}")


@given(st.text(max_size=60), st.text(max_size=60))
def test_only_an_origin_that_names_the_host_passes(host: str, origin: str) -> None:
    asked = knock("POST", "/graphql", host=host, origin=origin)
    if status(asked) == 0:
        assert host.lower().split(":")[0].strip("[]") in {"127.0.0.1", "localhost", "", "::1"}
        assert origin.lower() in {f"http://{host.lower()}", f"https://{host.lower()}"}


def ask(body: bytes, rules: Rules, **changed: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body that a client of the guarded application gets; the application answers 200."""
    sent: list[Message] = []

    async def app(_scope: Message, receive: Any, send: Any) -> None:
        heard = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": heard["body"]})

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in OWN.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers, **changed}
    asyncio.run(guarded(app, rules)(scope, receive, send))
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


def test_pages_cannot_be_framed_and_refusals_say_why() -> None:
    code, headers, _ = ask(b"{}", RULES)
    assert (code, dict(headers)[b"x-frame-options"]) == (200, b"DENY")
    code, headers, body = ask(b"{}", RULES, method="DELETE")
    assert (code, body) == (405, b"refused: only GET, HEAD and POST are answered\n")
    code, headers, _ = ask(b"{}", Rules(password="long enough a word"))
    assert (code, dict(headers)[b"www-authenticate"]) == (401, b'Basic realm="tweetbench", charset="UTF-8"')


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("query A { instance { id } }", 200),
        ("{ instance { id } }", 200),
        ("fragment F on Instance { id } query A { instance { ...F } }", 200),
        ("mutation A { launchRun { id } }", 403),
        ("query A { a } mutation B { b }", 403),
        ("nonsense (", 403),
    ],
)
def test_a_read_only_ui_answers_questions_and_refuses_changes(document: str, expected: int) -> None:
    body = json.dumps({"query": document}).encode()
    code, _, answer = ask(body, Rules(is_read_only=True))
    assert code == expected
    assert answer == (body if expected == 200 else b"refused: this UI was opened read-only\n")
    assert ask(json.dumps([{"query": document}]).encode(), Rules(is_read_only=True))[0] == 403


def test_lifespan_messages_pass_and_websockets_of_strangers_are_closed_before_they_open() -> None:
    seen, sent = [], []

    async def app(scope: Message, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    door = guarded(app, RULES)
    asyncio.run(door({"type": "lifespan"}, receive, send))
    headers = [(b"host", HOST.encode()), (b"origin", b"http://evil.example")]
    asyncio.run(door({"type": "websocket", "path": "/graphql", "headers": headers}, receive, send))
    assert seen == ["lifespan"]
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]
