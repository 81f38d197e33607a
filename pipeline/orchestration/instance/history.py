"""Opening Dagster's history: for those who write it, and for those who only look or repair."""

import sys
from collections.abc import Iterator
from configparser import InterpolationError
from contextlib import contextmanager
from importlib.util import find_spec

import dagster as dg
from dagster._check import CheckError
from dagster._core.errors import DagsterInvalidConfigError, DagsterInvariantViolationError
from dagster._core.instance.ref import InstanceRef
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from pipeline.errors import Exit, TweetbenchError, chain
from pipeline.orchestration.instance.home import (
    HISTORY,
    OVERRIDES,
    STEP_LOGS,
    dagster_config,
    is_shared,
    prepare_dagster_home,
    set_environment,
)
from pipeline.runtime.postgres_address import with_driver
from pipeline.settings import Settings


@contextmanager
def working_history(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance of this data folder for a process that runs something; its settings are written first.

    Raises:
        TweetbenchError: the settings for Dagster cannot be used, or PostgreSQL does not answer.
    """
    home = prepare_dagster_home(settings)
    _require_database(settings)
    try:
        opened = dg.DagsterInstance.from_config(str(home))
        # Made when they are first used, which is late for a wrong name.
        _ = opened.run_launcher, opened.run_coordinator
    except Exception as error:
        raise history_refusal(error, settings) or error from error
    with opened as instance:
        yield instance


@contextmanager
def open_history(settings: Settings) -> Iterator[dg.DagsterInstance | None]:
    """The instance of this data folder; None where nothing was ever run in it. Nothing is written next to it.

    Its own dagster.yaml names the folder in which the last run found it: in a copy, that of the origin.

    Raises:
        TweetbenchError: the settings for Dagster cannot be used, or PostgreSQL does not answer.
    """
    if not is_shared(settings) and not (settings.dagster_dir / HISTORY["run_storage"]).is_dir():
        yield None
        return
    _require_database(settings)
    set_environment(settings)
    config = dagster_config(settings)
    parts = {part: config[part] for part in {**HISTORY, **STEP_LOGS, "storage": ""} if part in config}
    try:
        opened = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(settings.dagster_dir), overrides=parts))
    except Exception as error:
        raise history_refusal(error, settings) or error from error
    with opened as instance:
        yield instance


def _require_database(settings: Settings) -> None:
    """Dagster itself tries for a quarter of a minute, and says so each time."""
    if settings.dagster_postgres_url is None:
        return
    if find_spec("dagster_postgres") is None:
        raise TweetbenchError(
            "the run history cannot be kept in PostgreSQL: dagster-postgres is not installed",
            where="TWEETBENCH_DAGSTER_POSTGRES_URL",
            next_step='pip install "tweetbench[server]", or unset TWEETBENCH_DAGSTER_POSTGRES_URL',
            exit_code=Exit.CONFIGURATION,
        )
    try:
        engine = create_engine(
            with_driver(settings.dagster_postgres_url.get_secret_value()), connect_args={"connect_timeout": 10}
        )
        engine.connect().close()
        engine.dispose()
    except OperationalError as error:
        raise _no_answer(str(error.orig)) from None
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise TweetbenchError(
            "TWEETBENCH_DAGSTER_POSTGRES_URL is not the address of a PostgreSQL database",
            next_step="write it as postgresql://user:password@host/database",
            exit_code=Exit.CONFIGURATION,
        ) from None


def _no_answer(why: str) -> TweetbenchError:
    return TweetbenchError(
        "PostgreSQL, which keeps the run history, does not answer",
        where="TWEETBENCH_DAGSTER_POSTGRES_URL",
        why=" ".join(why.split())[:300],
        next_step="start the server or correct the address, then repeat; committed data is kept",
        exit_code=Exit.UNAVAILABLE,
    )


def history_refusal(error: Exception, settings: Settings) -> TweetbenchError | None:
    """What a person can do about a history that cannot be used; None where the error is about something else."""
    links = list(chain(error))
    refused = next((link for link in links if isinstance(link, OperationalError)), None)
    if is_shared(settings) and refused is not None:
        return _no_answer(str(refused.orig))
    if "%" in dg.__file__ and any(isinstance(link, InterpolationError) for link in links):
        return TweetbenchError(
            "tweetbench cannot run from a folder whose name has a %",
            where=sys.prefix,
            why="the library in which Dagster keeps the run history reads the % as the beginning of a variable",
            next_step="install tweetbench into an environment at a path without %; the data folder may have one",
            exit_code=Exit.CONFIGURATION,
        )
    if (settings.data_dir / OVERRIDES).is_file() and isinstance(
        error, DagsterInvalidConfigError | DagsterInvariantViolationError | CheckError | ImportError
    ):
        return TweetbenchError(
            "Dagster refuses its settings",
            where=str(settings.data_dir / OVERRIDES),
            why=" ".join(str(error).split())[:500],
            next_step="correct or remove the file; its keys are those of Dagster's own dagster.yaml",
            exit_code=Exit.CONFIGURATION,
        )
    return None
