"""G34, F10: no secret leaves the process, whatever log, exception or file it would leave by."""

import base64
import logging
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest
from pydantic import SecretStr

from pipeline.errors import TweetbenchError
from pipeline.runtime.redaction import (
    REDACTED,
    no_secrets,
    redact,
    redact_exception,
    settings_secrets,
    spellings,
)
from pipeline.settings import Settings
from tests.guarantees.stand import places_of

TOKEN = "canary/token+with=signs"


KEY = "sixteen letters!"


def secrets() -> tuple[str, ...]:
    return settings_secrets(Settings(_env_file=None, x_bearer_token=SecretStr(TOKEN), hash_key=SecretStr(KEY)))


@pytest.mark.parametrize("text", [TOKEN, quote(TOKEN, safe=""), base64.b64encode(TOKEN.encode()).decode()])
def test_g34_a_secret_goes_in_every_spelling(text: str) -> None:
    assert redact(f"before {text} after", secrets()) == f"before {REDACTED} after"


def test_g34_every_secret_setting_is_covered_and_short_ones_spare_harmless_words() -> None:
    assert KEY in secrets()
    assert spellings(["abc"]) == ()
    assert settings_secrets(Settings(_env_file=None)) == ()


def test_g34_log_records_of_any_library_are_clean_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), no_secrets(secrets()):
        for name in ("some.library", "urllib3.connectionpool", ""):
            logging.getLogger(name).debug("sent %s to %s", f"Bearer {TOKEN}", {"header": TOKEN})
        logging.getLogger("odd").debug("malformed %s %s", TOKEN)
        try:
            raise ValueError(TOKEN)
        except ValueError:
            logging.getLogger("odd").exception("it failed")
    assert len(caplog.records) == 5
    assert TOKEN not in caplog.text
    assert TOKEN not in str([vars(record) for record in caplog.records])
    assert caplog.text.count(REDACTED) >= 5


def test_g34_exceptions_are_clean_with_everything_they_came_from() -> None:
    def fail() -> None:
        try:
            raise KeyError(TOKEN, {"deep": [TOKEN]})
        except KeyError as error:
            failure = TweetbenchError(f"refused {TOKEN}", why=TOKEN, next_step=TOKEN)
            failure.add_note(TOKEN)
            raise failure from error

    with pytest.raises(TweetbenchError) as caught, no_secrets(secrets()):
        fail()
    link: BaseException | None = caught.value
    while link is not None:
        assert TOKEN not in f"{link!r} {link} {vars(link)} {getattr(link, '__notes__', '')}"
        link = link.__cause__
    assert REDACTED in caught.value.why


def test_g34_a_ring_of_exceptions_ends() -> None:
    first, second = ValueError(TOKEN), ValueError(TOKEN)
    first.__context__, second.__context__ = second, first
    redact_exception(first, secrets())
    assert (first.args, second.args) == ((REDACTED,), (REDACTED,))


def test_g34_the_log_factory_is_put_back() -> None:
    before = logging.getLogRecordFactory()
    with no_secrets(secrets()):
        assert logging.getLogRecordFactory() is not before
    assert logging.getLogRecordFactory() is before


def test_g34_a_failed_dagster_step_stores_no_secret_in_history_or_logs(tmp_path: Path) -> None:
    @dg.op
    def leak(context: dg.OpExecutionContext) -> None:
        with no_secrets(secrets()):
            context.log.info(f"asking with {TOKEN}")
            print(redact(f"printed {TOKEN}", secrets()))
            raise RuntimeError(f"401 for Bearer {TOKEN}")

    @dg.job(executor_def=dg.in_process_executor)
    def leaking() -> None:
        leak()

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = leaking.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    assert places_of(tmp_path, TOKEN) == []
    assert places_of(tmp_path, REDACTED) != [], "the search must be able to find what is there"
