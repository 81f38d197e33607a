"""Runs `dbt build` in this process and translates what it did for Dagster.

dagster-dbt's own resource starts dbt as a subprocess and builds a second adapter: it took 19 s for a build whose work
was 7 s. Names are equal by construction, so the translation is short.
"""

import signal
import sys
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.artifacts.schemas.results import NodeStatus
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager

from pipeline.errors import TweetbenchError
from pipeline.runtime.failures import explain, explain_refusal
from pipeline.runtime.interrupts import never_swallowed, raise_if_interrupt
from pipeline.transform.constraints import BROKEN

GOOD = {NodeStatus.Success, NodeStatus.Pass, NodeStatus.Warn}
MATERIALISED = {"model", "seed", "snapshot"}
# What a model says that was left as it is (dbt_project/macros/unchanged.sql).
KEPT = "kept"


class ReadEvents(EventManager):
    """dbt's events, but for the notes for its log while there is no log: each of a build's 8,000 costs 0.15 ms."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        """Hand the event on to whoever reads it."""
        if self.loggers or force_warn_or_error_handling or (level or e.level_tag()) != EventLevel.DEBUG:
            super().fire_event(e, level, node, force_warn_or_error_handling)


def invoke_dbt(arguments: list[str], manifest: Manifest | None = None) -> list[Any]:
    """Run dbt to its end and return one result for each node.

    Args:
        arguments: what follows `dbt` on the command line.
        manifest: the parsed project; None parses it.

    Raises:
        TweetbenchError: dbt could not start; a node that fails is a result, not an exception.
    """
    ctx_set_event_manager(ReadEvents())
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with never_swallowed(signal.SIGINT, signal.SIGTERM):
            outcome = dbtRunner(manifest=manifest).invoke(arguments)
    finally:
        # Each Python model is a file in the temporary folder, which goes; its bytecode would stay there after each run.
        sys.dont_write_bytecode = writes_bytecode
        # The adapter keeps the warehouse locked until it learns that the run is over.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        reset_adapters()  # type: ignore[no-untyped-call]
    # dbt catches whatever ends it.
    raise_if_interrupt(outcome.exception)
    if not isinstance(outcome.result, RunExecutionResult):
        raise (outcome.exception and explain(outcome.exception)) or TweetbenchError(
            "dbt could not start",
            where="dbt build",
            why=str(outcome.exception or "no reason given")[:1500],
            next_step="run: make check",
        )
    return list(outcome.result.results)


def describe_failures(results: list[Any]) -> TweetbenchError | None:
    """One error that names every node that failed; None where none did."""
    failed = [result for result in results if result.status in {NodeStatus.Error, NodeStatus.Fail}]
    if not failed:
        return None
    # One cause, not one line for each model that met it.
    refused = next(filter(None, (explain_refusal(result.message or "") for result in failed)), None)
    if refused is not None:
        return refused
    lines = [f"{result.node.name}: {reason(result)[:600]}" for result in failed[:5]]
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    return TweetbenchError(
        f"{len(failed)} steps of the dbt build failed; nothing was published",
        where="dbt_project/models",
        why="; ".join(lines) + more,
        next_step="tweetbench ui   (the failed step has the full log), then: tweetbench run",
    )


def reason(result: Any) -> str:
    """Why a node failed, on one line; of a broken constraint the macro's own words only."""
    message = str(result.message or "")
    broken = next((line for line in message.splitlines() if BROKEN in line), message)
    return " ".join(broken.split())
