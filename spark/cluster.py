"""A Spark standalone cluster on loopback, from the PySpark package: one master, workers of one core each."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 600


@dataclass
class Cluster:
    """A running cluster. `workers` are its processes; what they start, executors, are their children."""

    url: str
    folder: Path
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    spark_home: Path = Path()

    def add_worker(self, memory: str = "2g") -> None:
        """Start one more worker, with a folder of its own."""
        number = len(self.workers)
        words = ["--host", "127.0.0.1", "--cores", "1", "--memory", memory, "--webui-port", str(free_port())]
        words += ["--work-dir", str(self.folder / f"worker-{number}"), self.url]
        self.workers.append(self._start("worker.Worker", words, f"worker-{number}"))

    def lose_worker(self, number: int) -> None:
        """Kill a worker and its executors at once, as a machine that is gone."""
        worker = self.workers[number]
        for pid in [worker.pid, *children(worker.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        worker.wait()

    def cpu_seconds(self) -> float:
        """Processor time of master, workers and executors so far, those that have ended included."""
        ticks = 0
        for process in (self.master, *self.workers):
            for pid in [process.pid, *children(process.pid)]:
                with suppress(OSError):
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    ticks += sum(int(one) for one in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _start(self, name: str, words: list[str], log: str) -> subprocess.Popen[bytes]:
        classpath = str(self.spark_home / "jars" / "*")
        command = ["java", "-Xmx512m", "-cp", classpath, f"org.apache.spark.deploy.{name}", *words]
        # Executors start from SPARK_HOME; what has a page of its own shows it to this machine only.
        places = {"SPARK_HOME": str(self.spark_home), "SPARK_SCALA_VERSION": "2.13"}
        with (self.folder / f"{log}.log").open("wb") as output:
            return subprocess.Popen(  # noqa: S603 - Spark's own classes
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    **places,
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "SPARK_LOCAL_DIRS": str(self.folder / "local"),
                },
            )


@contextmanager
def running_cluster(folder: Path, spark_home: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster while the block lasts.

    Raises:
        RuntimeError: the master does not answer in ten minutes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    cluster = Cluster(f"spark://127.0.0.1:{port}", folder, None, spark_home=spark_home)  # type: ignore[arg-type]
    words = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port())]
    cluster.master = cluster._start("master.Master", words, "master")
    try:
        await_port(port, cluster.master)
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        for process in (*cluster.workers, cluster.master):
            process.terminate()
        for process in (*cluster.workers, cluster.master):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError("the Spark master did not start: see master.log in its folder")


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def children(pid: int) -> list[int]:
    """Processes that this one has started, and theirs."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(one) for one in (task / "children").read_text().split()]
    return found[1:]
