"""The bearer token appears nowhere: no file, no log at DEBUG, no exception, no repr, in any failure mode."""

import gzip
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import contents
from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.run import ApiRun
from pipeline.sources.x_api.client import open_client
from pipeline.sources.x_api.config import UserToken
from tests.sources.api.scripted import Reply

from .stand import NOW, TOKEN, Stand, tiny_world

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("access", "access-secret", "key", "key-secret")
USER = UserToken(*(SecretStr(f"canary-user-{name}-0123456789") for name in NAMES))
SECRETS = [TOKEN, *(secret.get_secret_value() for secret in USER.secrets())]
ECHO = {"title": f"Unauthorized {TOKEN}", "detail": f"Bearer {TOKEN}", "errors": [{"message": TOKEN}]}
MODES = {
    "ok": [],
    "echo_ok": [Reply(change=lambda page: {**page, "errors": [ECHO], "meta": {"x": TOKEN}}, headers={"x-echo": TOKEN})],
    "packed": [Reply(200, gzip.compress(f'{{"data": [], "title": "{TOKEN}"}}'.encode()), {"Content-Encoding": "gzip"})],
    "400": [Reply(400, ECHO)] * 9,
    "401": [Reply(401, ECHO)],
    "402": [Reply(402, ECHO)],
    "403": [Reply(403, ECHO)],
    "404": [Reply(404, ECHO)],
    "429": [Reply(429, ECHO)] * 9,
    "429_past": [Reply(429, ECHO, {"x-rate-limit-reset": "1"})] * 9,
    "429_word": [Reply(429, ECHO, {"x-rate-limit-reset": TOKEN})] * 9,
    "refused_list": [Reply(403, [TOKEN])] * 9,
    "refused_null": [Reply(400, b"null")] * 9,
    "500": [Reply(500, ECHO)] * 9,
    "html": [Reply(200, f"<html>{TOKEN}</html>".encode())] * 9,
    "list": [Reply(200, [TOKEN])] * 9,
    "redirect": [Reply(302, b"", {"Location": f"http://127.0.0.1:1/?{TOKEN}"})] * 9,
    "cut": [Reply(wire="close")] * 9,
    "reset": [Reply(wire="disconnect")] * 9,
    "odd_gzip": [Reply(200, TOKEN.encode(), {"Content-Encoding": "gzip"})] * 9,
    "odd_coding": [Reply(200, TOKEN.encode(), {"Content-Encoding": "br"})] * 9,
}


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, name)
        yield caplog


def assert_absent(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("mode", MODES)
def test_the_token_is_nowhere(tmp_path: Path, mode: str, everything_logged: pytest.LogCaptureFixture) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script["/2/users/1001/tweets"] = list(MODES[mode])
        try:
            print_out = repr(stand.run([{"handle": "firm1", "is_own": True}], user_token=USER))
        except TweetbenchError as error:
            print_out = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
        sent = {headers.get("Authorization", "") for _, _, headers in tiny.requests}
    assert f"Bearer {TOKEN}" in sent
    assert any(record.name == "tweepy.client" for record in everything_logged.records)
    assert_absent(print_out)
    assert_absent(everything_logged.text)
    assert_absent("".join(str(vars(record)) for record in everything_logged.records))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    needles = Needles(SECRETS)
    assert [path.name for path in files if any(needles.is_in(piece) for piece in contents(path))] == []


def test_reprs_hide_the_token(tmp_path: Path) -> None:
    with tiny_world() as tiny:
        config = Stand(tiny, tmp_path).config(user_token=USER)
        client, adapter = open_client(config, ApiRun("r", NOW, lambda _: None, lambda: 0.0))
        assert_absent(repr(config) + repr(client) + repr(adapter) + str(vars(client)))


def test_data_that_hold_the_token_are_neither_stored_nor_changed(tmp_path: Path) -> None:
    with tiny_world(3) as tiny:
        tiny.posts["1001"][1]["text"] = f"look what I found: {TOKEN}"
        stand = Stand(tiny, tmp_path)
        (missing,) = stand.run().shortfalls
        assert "token_in_data" in missing.why
        assert stand.rows("posts") == []
        tiny.posts["1001"][1]["text"] = "gone"
        assert stand.run().shortfalls == ()
        assert [row["text"] for row in stand.rows("posts")].count("gone") == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []


def test_a_message_beside_good_data_loses_the_token_and_the_data_stay_as_they_are(tmp_path: Path) -> None:
    with tiny_world(1) as tiny:
        tiny.posts["1001"][0]["text"] = 'caf\u00e9 \\ "quoted" 9007199254740993'
        tiny.script["/2/users/1001/tweets"] = [Reply(change=lambda page: {**page, "errors": [ECHO]})]
        stand = Stand(tiny, tmp_path)
        stand.run()
        assert [row["text"] for row in stand.rows("posts")] == ['caf\u00e9 \\ "quoted" 9007199254740993']
        assert any("[redacted]" in str(row["detail"]) for row in stand.rows("issues"))


@pytest.mark.parametrize("token", ["x", "test", "follow", "changeme-changeme-19"[:19]])
def test_a_placeholder_is_refused_as_a_token_before_any_request(tmp_path: Path, token: str) -> None:
    with tiny_world(3) as tiny:
        stand = Stand(tiny, tmp_path)
        for given in ({"bearer_token": SecretStr(token)}, {"user_token": UserToken(SecretStr(token))}):
            with pytest.raises(TweetbenchError, match="too short to be a token of X") as caught:
                stand.run(**given)
            assert caught.value.exit_code is Exit.CONFIGURATION
            assert f"TWEETBENCH_X_{'BEARER' if 'bearer_token' in given else 'ACCESS'}_TOKEN" in caught.value.what
        assert tiny.requests == []


def test_a_token_with_a_line_break_is_refused_before_any_request(tmp_path: Path) -> None:
    with tiny_world() as tiny:
        stand = Stand(tiny, tmp_path)
        with pytest.raises(TweetbenchError, match="no token has") as caught:
            stand.run(bearer_token=SecretStr("abc\ndef" * 4))
        assert "abc" not in str(caught.value)
        assert tiny.requests == []
