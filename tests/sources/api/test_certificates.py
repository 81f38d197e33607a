"""Servers with a certificate of an authority of one's own: trusted where it is named, refused in plain words if not."""

import ssl
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.errors import Exit, TweetbenchError
from pipeline.settings import Settings, load_settings
from pipeline.sources.api.config import shared_settings
from pipeline.sources.api.source import ApiResult, ApiSource
from pipeline.sources.bitly.config import BitlyConfig
from pipeline.sources.bitly.extraction import extract as extract_bitly
from tests.conftest import NOW
from tests.sources.api.authority import Authority, https, proxy
from tests.sources.api.platform import SourceStand
from tests.sources.api.scripted import serve
from tests.sources.api.stand import LakeStand
from tests.sources.bitly.tiny_bitly import TOKEN, TinyBitly

STEP = "if it is signed by an authority of your own, put its certificate (PEM) into a file, name it in "


def read(stand: SourceStand, address: str, **limits: Any) -> ApiResult:
    return stand.read(address, stand.lake, stand.platform.registry, stand.next_run(NOW), **limits)


def refusal(stand: SourceStand, source: ApiSource, authority: Authority, **server: Any) -> tuple[str, str]:
    """What a run says of a server whose certificate is not trusted, and the next step; nothing was read."""
    stand.fill(0, 3)
    with https(stand.tiny.base_url, authority.server_context(**server)) as address:
        read(stand, address, ca_file=authority.file)
    assert (stand.post_ids(), stand.tiny.requests) == (set(), [])
    said = [row for row in stand.rows("issues") if "certificate" in row["detail"]]
    assert {row["problem"] for row in said} <= {"untrusted_certificate", "api_untrusted_certificate"}
    assert all(source.NAME in row["next_step"] for row in said)
    return said[0]["detail"], said[0]["next_step"]


def test_an_authority_that_is_named_is_trusted(source: ApiSource, stand: SourceStand, tmp_path: Path) -> None:
    authority, expected = Authority.make(tmp_path / "ca"), set(stand.fill(0, 3))
    with https(stand.tiny.base_url, authority.server_context()) as address:
        result = read(stand, address, ca_file=authority.file)
    assert (source.NAME, result.partial_reason, stand.post_ids()) == (source.NAME, None, expected)


def test_a_company_s_proxy_that_opens_https_is_trusted_by_its_authority(
    source: ApiSource, stand: SourceStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, expected = Authority.make(tmp_path / "ca"), set(stand.fill(0, 3))
    with (
        https(stand.tiny.base_url, authority.server_context(name="inner.acme.example")) as address,
        proxy(address) as proxy_address,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy_address)
        refused = read(stand, "https://inner.acme.example")
        assert "inner.acme.example is not trusted" in stand.said(refused)
        assert read(stand, "https://inner.acme.example", ca_file=authority.file).partial_reason is None
    assert (source.NAME, stand.post_ids()) == (source.NAME, expected)


def test_an_authority_in_place_of_the_public_ones_is_trusted(
    stand: SourceStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, expected = Authority.make(tmp_path / "ca"), set(stand.fill(0, 3))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with https(stand.tiny.base_url, authority.server_context()) as address:
        assert (read(stand, address).partial_reason, stand.post_ids()) == (None, expected)


def test_a_certificate_of_nobody_that_is_trusted_is_refused_in_plain_words(
    source: ApiSource, stand: SourceStand, tmp_path: Path
) -> None:
    stand.fill(0, 3)
    with https(stand.tiny.base_url, Authority.make(tmp_path / "ca").server_context()) as address:
        result = read(stand, address)
    assert (stand.post_ids(), stand.tiny.requests) == (set(), [])
    said = " ".join(
        [str(result.partial_reason), *(f"{row['detail']} {row['next_step']}" for row in stand.rows("issues"))]
    )
    assert "the certificate of 127.0.0.1 is not trusted: no authority that is trusted here has signed it" in said
    assert f"{STEP}TWEETBENCH_CA_FILE, then run: tweetbench run --only {source.NAME}" in said
    assert result.shortfalls


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Python before 3.13 overlooks that the parts are missing")
def test_an_authority_of_old_form_is_refused_with_what_it_lacks(
    source: ApiSource, stand: SourceStand, tmp_path: Path
) -> None:
    why, step = refusal(stand, source, Authority.make(tmp_path / "ca", is_of_old_form=True))
    assert "lacks a part that Python asks for from 3.13 on (CA cert does not include key usage extension)" in why
    assert "run tweetbench with Python 3.12 until then" in step


def test_whoever_adds_an_account_learns_what_to_set(source: ApiSource, stand: SourceStand, tmp_path: Path) -> None:
    settings, (first, *_) = stand.platform.settings(stand.folder), stand.platform.registry
    with https(stand.tiny.base_url, Authority.make(tmp_path / "ca").server_context()) as address:
        untrusting = settings.model_copy(update={f"{source.PLATFORM}_api_base_url": address})
        rows = source.look_up(untrusting, stand.lake, [first["handle"]], stand.next_run(NOW))
    (row,) = rows.values()
    assert row["status"] == "unknown"
    assert "is not trusted: no authority" in row["status_detail"]
    assert "TWEETBENCH_CA_FILE" in row["status_detail"]


def test_another_authority_of_the_same_name_is_not_trusted(
    source: ApiSource, stand: SourceStand, tmp_path: Path
) -> None:
    stand.fill(0, 3)
    named, other = Authority.make(tmp_path / "ca"), Authority.make(tmp_path / "other")
    with https(stand.tiny.base_url, other.server_context()) as address:
        assert read(stand, address, ca_file=named.file).shortfalls
    assert (source.NAME, stand.tiny.requests) == (source.NAME, [])


@pytest.mark.parametrize(
    ("server", "why", "step"),
    [
        ({"expired": True}, "it is not valid at this time (certificate has expired)", "check this machine's clock"),
        ({"name": "127.0.0.2"}, "it is made out to another name", "check the address, or tell those who run"),
    ],
)
def test_a_certificate_that_ran_out_or_is_anothers_is_refused_though_its_authority_is_trusted(
    source: ApiSource, stand: SourceStand, tmp_path: Path, server: dict[str, Any], why: str, step: str
) -> None:
    detail, next_step = refusal(stand, source, Authority.make(tmp_path / "ca"), **server)
    assert (why in detail, next_step.startswith(step)) == (True, True), (detail, next_step)


def test_a_file_of_authorities_that_is_not_there_is_named(
    source: ApiSource, stand: SourceStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    detail, next_step = refusal(stand, source, Authority.make(tmp_path / "ca"))
    assert f"no usable file of authorities to check it by: {tmp_path / 'gone.pem'}" in detail
    assert next_step.startswith("correct or remove REQUESTS_CA_BUNDLE")


def old_tls(authority: Authority) -> ssl.SSLContext:
    context = authority.server_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("kind", ["plain HTTP", "TLS of old"])
def test_a_server_without_https_is_asked_once_and_refused_in_plain_words(
    source: ApiSource, stand: SourceStand, tmp_path: Path, kind: str
) -> None:
    stand.fill(0, 3)
    with ExitStack() as servers:
        authority = Authority.make(tmp_path / "ca")
        address = (
            stand.tiny.base_url.replace("http:", "https:")
            if kind == "plain HTTP"
            else servers.enter_context(https(stand.tiny.base_url, old_tls(authority)))
        )
        result = read(stand, address, ca_file=authority.file)
    said = " ".join(
        [str(result.partial_reason), *(f"{row['detail']} {row['next_step']}" for row in stand.rows("issues"))]
    )
    assert "127.0.0.1 cannot be asked over a secure connection: " in said
    plain = "speaks plain HTTP, or something else than HTTPS check the address and its port, and the proxy"
    assert (plain if kind == "plain HTTP" else "no encryption that is accepted here") in said.replace("; ", " ")
    assert "SSLError" not in said
    assert f"then run: tweetbench run --only {source.NAME}" in said
    assert {row["problem"] for row in stand.rows("issues")} <= {"no_https", "api_no_https"}
    assert (stand.post_ids(), stand.tiny.requests) == (set(), [])


def test_bitly_is_trusted_by_a_named_authority_and_refused_without(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "ca")
    with (
        serve(TinyBitly(clicks={"bit.ly/3Ab": {}})) as tiny,
        https(tiny.base_url, authority.server_context()) as address,
    ):
        stand = LakeStand(tiny, tmp_path)
        config = BitlyConfig(base_url=address, token=SecretStr(TOKEN))
        refused = extract_bitly(config, stand.lake, stand.next_run(NOW))
        assert "the certificate of 127.0.0.1 is not trusted" in str(refused.partial_reason)
        assert tiny.requests == [], "the token was not sent"
        trusting = BitlyConfig(base_url=address, token=SecretStr(TOKEN), ca_file=authority.file)
        assert extract_bitly(trusting, stand.lake, stand.next_run(NOW)).partial_reason is None


def test_the_setting_reaches_every_source_and_a_file_that_holds_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    authority = Authority.make(tmp_path / "ca")
    monkeypatch.setenv("TWEETBENCH_CA_FILE", "ca/ca.pem")
    settings = load_settings()
    assert shared_settings(settings)["ca_file"] == authority.file
    for bad in (tmp_path / "gone.pem", tmp_path):
        monkeypatch.setenv("TWEETBENCH_CA_FILE", str(bad))
        with pytest.raises(TweetbenchError, match="TWEETBENCH_CA_FILE is not usable") as caught:
            load_settings()
        assert (caught.value.exit_code, str(bad) in caught.value.what) == (Exit.CONFIGURATION, True)
    authority.file.write_text("no certificate")
    monkeypatch.setenv("TWEETBENCH_CA_FILE", str(authority.file))
    with pytest.raises(TweetbenchError, match="holds no certificate in PEM, which begins with"):
        load_settings()


def test_an_env_file_of_somebody_elses_folder_names_no_authority_for_your_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    authority = Authority.make(tmp_path / "ca")
    (tmp_path / ".env").write_text(f"TWEETBENCH_CA_FILE={authority.file}\n")
    assert load_settings().ca_file == authority.file
    monkeypatch.setenv("TWEETBENCH_BITLY_TOKEN", TOKEN)
    with pytest.raises(TweetbenchError, match="could send your token elsewhere") as caught:
        load_settings()
    assert "set TWEETBENCH_CA_FILE in the environment as well" in caught.value.next_step
    monkeypatch.setenv("TWEETBENCH_CA_FILE", str(authority.file))
    assert load_settings().ca_file == authority.file


def test_nothing_switches_the_check_off() -> None:
    """No setting of ours says anything of checking."""
    names = [name for name in Settings.model_fields if "verify" in name or "insecure" in name or "tls" in name]
    assert names == []
