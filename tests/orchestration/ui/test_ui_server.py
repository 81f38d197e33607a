"""The guarded UI as it really runs: probes by hand-made requests, one UI a data folder, read-only, the way it ends."""

import http.client
import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pipeline.errors import Exit
from pipeline.orchestration.instance.lost_runs import end_lost_runs
from pipeline.orchestration.ui.server import WATCH_SECONDS
from pipeline.runtime.lease import LEASE_FILE, hold_lease
from pipeline.runtime.processes import descendants, is_running, process_mark
from pipeline.settings import PROJECT_DIR, Settings
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.guarantees.stand import put_decoys
from tests.orchestration.ui.stand import Ui, make_folder, opened

MUTATION = "mutation{setNuxSeen}"
JSON = {"Content-Type": "application/json"}


def status(ui: Ui, method: str, path: str, headers: dict[str, str], body: str | None = None) -> int:
    """The HTTP status of a request whose every header is chosen by the test."""
    connection = http.client.HTTPConnection(ui.host, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": ui.host, **headers}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body or "")))
    connection.endheaders((body or "").encode())
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_the_seven_probes_are_refused_and_the_ui_itself_is_answered(ui: Ui) -> None:
    body = json.dumps({"query": MUTATION})
    by_get = "/graphql?query=" + urllib.parse.quote(MUTATION)
    evil = f"evil.example:{ui.host.rpartition(':')[2]}"
    probes = {
        "foreign host": status(ui, "GET", "/", {"Host": "evil.example"}),
        "foreign origin": status(ui, "POST", "/graphql", {**JSON, "Origin": "https://evil.example"}, body),
        "mutation by GET": status(ui, "GET", by_get, {}),
        "rebinding": status(ui, "POST", "/graphql", {**JSON, "Host": evil, "Origin": f"http://{evil}"}, body),
        "text/plain": status(ui, "POST", by_get, {"Content-Type": "text/plain", "Origin": ui.address}, body),
    }
    expected = {"foreign host": 421, "foreign origin": 403, "mutation by GET": 405, "rebinding": 421, "text/plain": 415}
    assert probes == expected
    assert status(ui, "POST", "/graphql", {**JSON, "Origin": ui.address}, body) == 200
    assert status(ui, "GET", "/graphql?query=" + urllib.parse.quote("{version}"), {}) == 200
    assert status(ui, "GET", "/assets", {}) == 200


def test_a_websocket_opens_for_the_ui_and_for_no_other_page(ui: Ui) -> None:
    address = ui.address.replace("http", "ws") + "/graphql"
    for origin in ("http://evil.example", None):
        with pytest.raises(InvalidStatus) as refused, connect(address, origin=origin, subprotocols=["graphql-ws"]):
            pass
        assert refused.value.response.status_code == 403
    with connect(address, origin=ui.address, subprotocols=["graphql-ws"]) as channel:
        channel.send(json.dumps({"type": "connection_init"}))
        assert json.loads(channel.recv(timeout=10)) == {"type": "connection_ack"}


def test_files_of_the_machine_do_not_come_out(ui: Ui) -> None:
    for path in ("/logs/../../../../etc/passwd", "/logs/%2e%2e/%2e%2e/etc/passwd", "/notebook?path=/etc/passwd"):
        assert status(ui, "GET", path, {}) >= 400


def test_the_ui_listens_on_loopback_only(ui: Ui) -> None:
    port = int(ui.host.rpartition(":")[2])
    listening = {
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    }
    assert listening == {f"0100007F:{port:04X}"}


def test_other_machines_are_let_in_with_a_password_only(ui: Ui) -> None:
    tweetbench = Tweetbench(ui.data_dir)
    for environment in ({}, {"TWEETBENCH_UI_PASSWORD": "short"}):
        said = tweetbench("ui", "--host", "0.0.0.0", "--port", "0", **environment)  # noqa: S104
        assert said.code == 78
        assert "opening the UI to other machines needs a password of at least 12 characters" in said.err
        assert "next: set TWEETBENCH_UI_PASSWORD in .env" in said.err


def test_a_second_ui_and_a_taken_port_are_refused_in_words_before_anything_is_loaded(ui: Ui) -> None:
    tweetbench = Tweetbench(ui.data_dir)
    said = tweetbench("ui", "--port", "0")
    assert (said.code, said.out) == (75, "")
    assert f"a UI or a daemon is already open on this data folder\nwhere: process {ui.process.pid}" in said.err
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = tweetbench("ui", "--port", str(other.getsockname()[1]))
    assert said.code == 69
    assert "next: tweetbench ui --port 0" in said.err
    assert tweetbench("ui", "--host", "example.com").code == 2


def test_the_container_is_healthy_while_the_ui_answers_and_not_without_it(ui: Ui) -> None:
    dockerfile = (PROJECT_DIR / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert found is not None
    program, *arguments = json.loads(found[1])
    assert program == "python3"

    def code_at(port: str) -> int:
        given = [argument.replace("3000", port) for argument in arguments]
        return subprocess.run([sys.executable, *given], capture_output=True, check=False).returncode

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        free = str(closed.getsockname()[1])
        assert (code_at(ui.host.rpartition(":")[2]), code_at(free)) == (0, 1)


def test_a_read_only_ui_opens_beside_it_and_changes_nothing(ui: Ui) -> None:
    with opened(ui.data_dir, "--read-only", TWEETBENCH_UI_PASSWORD="") as shown:
        assert shown.ask("{version}")["version"]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            shown.ask(MUTATION)
        found = shown.ask("{repositoriesOrError{... on RepositoryConnection{nodes{name}}}}")
        assert found["repositoriesOrError"]["nodes"] == [{"name": "__repository__"}]
        shown.process.terminate()
        assert shown.process.wait(10) == 0
    assert ui.ask("{version}")["version"], "closing it leaves the other one alone"
    assert descendants(ui.process.pid)


def test_g42_a_run_never_outlives_its_ui_never_keeps_its_place_and_runs_no_file_of_the_current_folder(
    tmp_path: Path,
) -> None:
    folder, decoys = tmp_path / "data", put_decoys(tmp_path)
    make_folder(folder)
    with opened(folder) as ui:
        lost = ui.launch()
        worker = process_mark(ui.wait_for_work(lost))
        ui.process.kill()
        ended_within(15, lambda: not is_running(worker))
    with opened(folder) as ui:
        (found,) = [run for run in ui.runs() if run["runId"] == lost]
        assert found["status"] == "FAILURE", "not STARTED for ever"
        repeated = {tag["key"]: tag["value"] for tag in ui.wait_for_tag(lost, "dagster/auto_retry_run_id")}
        cancelled = repeated["dagster/auto_retry_run_id"]  # what a crash interrupted is done again by itself
        ui.wait_for_work(cancelled)
        asked = "mutation($id: String!){terminateRun(runId: $id){__typename}}"
        assert ui.ask(asked, id=cancelled)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        assert ui.wait_for_run(cancelled) == "CANCELED"
        following = ui.launch()
        worker = process_mark(ui.wait_for_work(following))
        family = [process_mark(pid) for pid in descendants(ui.process.pid)]
        ui.process.terminate()
        started = time.monotonic()
        assert ui.process.wait(30) == 0
        assert time.monotonic() - started < 10
        assert worker in family
        assert not any(is_running(mark) for mark in family)
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        statuses = {run.run_id: run.status.value for run in instance.get_runs()}
    assert statuses[following] == "CANCELED"
    assert not {"STARTED", "STARTING", "CANCELING"} & set(statuses.values())
    with hold_lease(Settings(_env_file=None, data_dir=folder), purpose="next", now=NOW):
        pass
    assert not decoys.exists(), decoys.read_text()


def test_a_ui_ends_when_another_version_has_worked_on_its_folder_and_not_before(tmp_path: Path) -> None:
    """Of an older container that is still open, say: it would start the next run by definitions of its own."""
    folder = tmp_path / "data"
    make_folder(folder)
    with hold_lease(Settings(_env_file=None, data_dir=folder), purpose="an earlier version", now=NOW):
        pass
    note = json.loads((folder / LEASE_FILE).read_text())
    (folder / LEASE_FILE).write_text(json.dumps({**note, "version": "0.0.1"}))
    with opened(folder, "--read-only") as ui:
        with pytest.raises(subprocess.TimeoutExpired):
            ui.process.wait(3 * WATCH_SECONDS)  # what was there when it began is no news
        (folder / LEASE_FILE).write_text(json.dumps({**note, "version": "99.0.0"}))
        assert ui.process.wait(60) == Exit.CONFIGURATION
        assert ui.process.stdout is not None
        said = ui.process.stdout.read()
    assert "another version of tweetbench has worked on this data folder" in said
    assert "next: open it with tweetbench 99.0.0, or update this installation or its container" in said


def test_a_ui_ends_in_time_and_well_though_its_history_is_locked(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make_folder(folder)
    with opened(folder) as ui:
        run = ui.launch()
        worker = process_mark(ui.wait_for_work(run))
        # A process that writes, or hangs while it does: on a busy machine every write waits for its turn.
        with closing(sqlite3.connect(folder / "dagster/history/runs.db", isolation_level=None, timeout=30)) as other:
            other.execute("begin exclusive")
            ui.process.terminate()
            started = time.monotonic()
            assert ui.process.wait(30) == 0
            assert time.monotonic() - started < 10
            other.execute("rollback")
        ended_within(15, lambda: not is_running(worker))
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        end_lost_runs(instance, Settings(_env_file=None, data_dir=folder))
        statuses = {found.run_id: found.status.value for found in instance.get_runs()}
    assert statuses[run] in {"FAILURE", "CANCELED"}, "the next start notes it"


def ended_within(seconds: float, is_over: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not is_over():
        assert time.monotonic() < ends, f"not over after {seconds} s"
        time.sleep(0.1)
