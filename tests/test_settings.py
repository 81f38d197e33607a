"""Settings: named errors for bad values, and a mark that synthetic data never loses."""

import os
from pathlib import Path

import pytest

from pipeline.cli.doctor import examine
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import NOW_VARIABLE, utc_now
from pipeline.settings import PROJECT_DIR, load_settings
from pipeline.sources.x_api.config import config_of


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWEETBENCH_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "0"),
        ("MEMORY_LIMIT", "lots"),
        ("VERSIONS_KEPT", "1"),
        ("MAX_USD_PER_RUN", "-1"),
        ("HASH_KEY", "a"),
        ("HASH_KEY", "a" * 40),
        ("DATA_DIR", "data%41"),
        ("DATA_DIR", "data?mode=ro"),
        ("DATA_DIR", "data\nfolder"),
        ("LAKE_URL", "lake"),
        ("LAKE_URL", "https://our-data.s3.amazonaws.com/x"),
        ("LAKE_URL", "s3://key:secret@our-data/x"),
        ("LAKE_URL", "s3://our-data/../x"),
        ("LAKE_URL", "s3://our-data//x"),
        ("LAKE_URL", "s3://Our_Data/x"),
        ("LAKE_URL", "s3://our-data/a b"),
        ("X_API_BASE_URL", "notaurl"),
        ("X_API_BASE_URL", "ftp://api.example.test"),
        ("X_API_BASE_URL", "https://api.example.test:99999"),
        ("X_API_BASE_URL", "https://"),
        ("X_API_BASE_URL", "https://user:word@api.example.test"),
        ("X_API_BASE_URL", "http://api.example.test"),
        ("X_API_BASE_URL", "http://127.0.0.1.example.test"),
        ("X_API_BASE_URL", "https://api.example.test\n.example.test"),
        ("X_API_BASE_URL", "https://api.example .test"),
    ],
)
def test_a_bad_value_is_named_with_the_next_command(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TWEETBENCH_{name}", value)
    with pytest.raises(TweetbenchError, match=f"TWEETBENCH_{name} is not usable") as caught:
        load_settings()
    assert caught.value.exit_code == Exit.CONFIGURATION
    assert "tweetbench doctor" in caught.value.next_step


def test_a_data_folder_that_was_marked_as_a_demo_stays_one() -> None:
    assert load_settings().is_demo is False
    settings = load_settings()
    settings.make_folders()
    settings.demo_mark.write_text("")
    assert load_settings().is_demo is True


def test_secrets_are_not_shown_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_X_BEARER_TOKEN", "canary-token")
    monkeypatch.setenv("TWEETBENCH_HASH_KEY", "canary-key-of-some-length")
    assert "canary" not in f"{load_settings()!r} {load_settings()}"


def test_the_dot_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TWEETBENCH_THREADS=3\nTWEETBENCH_VERSIONS_KEPT=9\n")
    monkeypatch.setenv("TWEETBENCH_THREADS", "4")
    assert (load_settings().threads, load_settings().versions_kept) == (4, 9)


def test_lines_left_empty_in_the_example_set_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((PROJECT_DIR / ".env.example").read_text())
    settings = load_settings()
    assert (settings.x_bearer_token, settings.x_access_token, settings.hash_key) == (None, None, None)
    assert config_of(settings) is None


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "http://[::1]:9", "http://localhost:1", "https://proxy.test"]
)
def test_an_address_of_https_or_of_this_machine_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_X_API_BASE_URL", address)
    assert load_settings().x_api_base_url == address


def test_the_dot_env_file_of_a_foreign_folder_does_not_say_where_a_token_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TWEETBENCH_X_API_BASE_URL=http://127.0.0.1:9\n")  # a port of somebody else
    assert load_settings().x_api_base_url == "http://127.0.0.1:9"
    monkeypatch.setenv("TWEETBENCH_X_BEARER_TOKEN", "a token of the environment")
    with pytest.raises(TweetbenchError, match="could send your token elsewhere"):
        load_settings()
    (tmp_path / ".env").write_text("TWEETBENCH_X_API_BASE_URL=https://collector.test\n")
    with pytest.raises(TweetbenchError, match="could send your token elsewhere") as caught:
        load_settings()
    assert (caught.value.exit_code, caught.value.where) == (Exit.CONFIGURATION, str(tmp_path / ".env"))
    assert "a token of" not in str(caught.value)
    monkeypatch.setenv("TWEETBENCH_X_API_BASE_URL", "https://collector.test")
    assert load_settings().x_api_base_url == "https://collector.test"
    monkeypatch.delenv("TWEETBENCH_X_API_BASE_URL")
    (tmp_path / ".env").write_text((PROJECT_DIR / ".env.example").read_text())
    assert load_settings().x_api_base_url == "https://api.twitter.com"


def test_a_now_that_is_no_instant_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NOW_VARIABLE, "soon")
    with pytest.raises(TweetbenchError, match="TWEETBENCH_NOW is not a time"):
        utc_now()


def test_a_pipe_under_the_name_dot_env_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    assert load_settings().threads == 2


def test_a_dot_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TWEETBENCH_THREADS=\xff\n")
    with pytest.raises(TweetbenchError, match="not UTF-8 text") as caught:
        load_settings()
    assert caught.value.exit_code == Exit.CONFIGURATION


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_setting_keeps_its_old_name_and_doctor_says_the_new_one(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TWEETBENCH_X_BACKFILL_DAYS", "7"), ("TWEETBENCH_X_TIME_BUDGET_MINUTES", "5")):
        if place == "environment":
            monkeypatch.setenv(name, value)
        else:
            with (tmp_path / ".env").open("a") as stream:
                stream.write(f"{name}={value}\n")
    settings = load_settings()
    assert (settings.backfill_days, settings.time_budget_minutes) == (7, 5.0)
    check = next(each for each in examine(settings) if each.name == "settings")
    assert check.is_good
    assert "TWEETBENCH_X_BACKFILL_DAYS is called TWEETBENCH_BACKFILL_DAYS now; the old name still works" in check.found
    monkeypatch.setenv("TWEETBENCH_BACKFILL_DAYS", "8")
    assert load_settings().backfill_days == 8
