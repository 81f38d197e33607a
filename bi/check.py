"""An end-to-end check with a real Superset, by hand only: `make bi-check` (a 700 MB environment, some three minutes).

Imports the dashboard bundle, asks every chart for its data through the SQLAlchemy driver, publishes new versions while
four readers query, and looks at which files the server holds open in between. Works on a copy of the data folder named
by TWEETBENCH_DATA_DIR (default: the demo) and changes nothing there.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER)]

from superset_bundle import write_zip  # noqa: E402
from superset_server import Server, install, multipart, running  # noqa: E402

from pipeline.publish import publish  # noqa: E402
from pipeline.publish.reader import published_facts  # noqa: E402
from pipeline.runtime.clock import utc_now  # noqa: E402
from pipeline.settings import Settings  # noqa: E402

READERS, PUBLISHES = 4, 3


def main() -> int:
    """Run the check; 0 if everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, default=FOLDER / ".venv", help="where Superset is installed")
    parser.add_argument("--screenshot", type=Path, help="keep a picture of the dashboard here (needs chromium)")
    options = parser.parse_args()
    source = Path(os.environ.get("TWEETBENCH_DATA_DIR") or FOLDER.parent / "data" / "demo")
    if not (source / "warehouse" / "build.duckdb").exists():
        print(f"no warehouse in {source}; next: make demo")
        return 78
    install(options.environment)
    home = Path(tempfile.mkdtemp(prefix="tweetbench-superset-"))
    try:
        settings = copied_data(source, home / "data")
        with running(options.environment.absolute(), home) as server:
            figures = check(server, settings, home)
            if options.screenshot:
                picture(server, options.screenshot)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(figures, indent=2))
    return 0


def copied_data(source: Path, target: Path) -> Settings:
    """A data folder of the check's own with one published version."""
    (target / "warehouse").mkdir(parents=True)
    shutil.copy(source / "warehouse" / "build.duckdb", target / "warehouse" / "build.duckdb")
    settings = Settings(_env_file=None, data_dir=target, is_demo=was_demo(source))  # type: ignore[call-arg]
    publish(settings, run_id="bi-check", now=utc_now(), basis="bi-check")
    return settings


def was_demo(source: Path) -> bool:
    """True if the data folder, or what is published from it, is marked as synthetic."""
    settings = Settings(_env_file=None, data_dir=source)  # type: ignore[call-arg]
    published = settings.published_file.exists() and published_facts(settings)[0]["is_demo"]
    return settings.demo_mark.exists() or bool(published)


def check(server: Server, settings: Settings, home: Path) -> dict[str, Any]:
    """Everything that must hold; the figures of what was seen."""
    write_zip(home / "bundle.zip", f"duckdb:///{settings.published_file}?access_mode=read_only")
    server.call("dashboard/import/", *multipart("formData", "bundle.zip", (home / "bundle.zip").read_bytes()))
    (database,) = server.call("database/")["result"]
    server.database = database["id"]
    rows = {chart["slice_name"]: chart_rows(server, chart["id"]) for chart in server.call("chart/")["result"]}
    expect(min(rows.values()) > 0, f"a chart has no rows: {rows}")
    expect(len(rows) == len(server.call("dashboard/tweetbench/charts")["result"]), "a chart is not on the dashboard")
    datasets = {one["table_name"]: one["id"] for one in server.call("dataset/")["result"]}
    commented = server.call(f"dataset/{datasets['ratio_styles']}")["result"]["columns"]
    expect(all(column["description"] for column in commented), "a column lost its description")
    expect(version(server) == 1, "the first version is not the one published")
    held = server.open_files(home / "data")
    expect(held == [], f"held open: {held}")
    for statement in ("delete from marts.accounts", "create table marts.mine as select 1 as x"):
        try:
            server.ask(statement)
        except RuntimeError:
            continue
        expect(False, f"Superset could run: {statement}")
    seen, seconds = publish_under_load(server, settings)
    expect(server.errors == [], str(server.errors[:3]))
    expect(server.open_files(home / "data") == [], "a file is held open after the queries")
    return {
        "charts_with_rows": rows,
        "publishes": PUBLISHES,
        "publish_seconds": seconds,
        "queries_during_publishes": len(seen),
        "query_errors": 0,
        "stale_after_publish": 0,
        "files_held_open_between_queries": 0,
        "memory_mib": int(Path(f"/proc/{server.process}/statm").read_text().split()[1]) * 4 // 1024,
    }


def expect(holds: bool, words: str) -> None:
    """Stop with words where something does not hold."""
    if not holds:
        raise RuntimeError(words)


def publish_under_load(server: Server, settings: Settings) -> tuple[list[int], list[float]]:
    """Versions that four readers saw, in order, and how long each publish took meanwhile."""
    seen: list[int] = []
    seconds = []
    stop = threading.Event()

    def read() -> None:
        last = 0
        while not stop.is_set():
            try:
                now = version(server)
            except Exception as error:
                server.errors.append(str(error))
                return
            if now < last:
                server.errors.append(f"went back from version {last} to {now}")
            last = now
            seen.append(now)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for number in range(PUBLISHES):
        time.sleep(1)
        started = time.monotonic()
        done = publish(settings, run_id=f"bi-check-{number}", now=utc_now(), basis="bi-check")
        seconds.append(round(time.monotonic() - started, 2))
        fresh = version(server)
        expect(fresh == done.version, f"version {done.version} is published, the next query saw {fresh}")
    stop.set()
    for reader in readers:
        reader.join()
    return seen, seconds


def version(server: Server) -> int:
    """The version that a query sees now, past Superset's cache of results."""
    query = f"select version from marts.published -- {uuid.uuid4()}"  # noqa: S608 - our own words
    return int(server.ask(query)[0]["version"])


def chart_rows(server: Server, chart: int) -> int:
    """Rows that a chart of the dashboard gets."""
    return sum(len(result["data"]) for result in server.call(f"chart/{chart}/data/")["result"])


def picture(server: Server, target: Path) -> None:
    """A picture of the whole dashboard, as a person who has signed in sees it."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 1400, "height": 3600})
        page.goto(f"{server.url}/login/")
        page.fill("input#username", "admin")
        page.fill("input#password", server.password)
        page.press("input#password", "Enter")
        page.wait_for_timeout(5000)
        page.goto(f"{server.url}/superset/dashboard/tweetbench/")
        page.wait_for_timeout(45000)
        page.screenshot(path=str(target))
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
