"""What a machine that is left alone gathers: what people gave it, and what was read; nothing of its own."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

from pipeline.runtime.clock import NOW_VARIABLE
from tests.command import Tweetbench
from tests.conftest import NOW

KEPT = 3
VERSIONS = ("published", "versions")
# The lake is what was read, and `done` the files that it was read from.
OF_THE_USER = re.compile(r"lake/(_manifest|accounts)/|inbox/done/")
NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def files_of(folder: Path) -> Counter[str]:
    """Files by name, with ids and numbers taken out; a version counts as one, as its tables depend on the figures."""
    paths = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    names = {str(Path(*path.parts[:3]) if path.parts[:2] == VERSIONS else path) for path in paths}
    # A step's files have names by chance, drawings those of what they show.
    return Counter(NUMBERS.sub("N", re.sub(r"(compute_logs|\.drawings)/\w+", r"\1/N", name)) for name in names)


def test_daily_runs_add_files_to_the_lake_and_to_what_people_dropped_and_nowhere_else(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    inbox = tweetbench.data_dir / "inbox"
    inbox.mkdir(parents=True)
    after: list[Counter[str]] = []
    for day in range(KEPT + 2):
        now = NOW + timedelta(days=day)
        (inbox / f"followers{day}.csv").write_text(
            f"platform,handle,date,followers,following\nx,acme,{now:%Y-%m-%d},{6000 + day},590\n"
        )
        kept = {"TWEETBENCH_RUNS_KEPT": str(KEPT), "TWEETBENCH_VERSIONS_KEPT": str(KEPT)}
        ran = tweetbench("run", **kept, TWEETBENCH_SETTLE_SECONDS="0", **{NOW_VARIABLE: now.isoformat()})
        assert ran.code == 0, ran.err
        after.append(files_of(tweetbench.data_dir))
    grown = after[-1] - after[-2]
    assert {name: count for name, count in grown.items() if not OF_THE_USER.match(name)} == {}
    assert grown.total() == 3, "one entry, one file of the lake, one file of the user"
    logs = {path.name: path.stat().st_size for path in tweetbench.data_dir.rglob("*.log")}
    assert logs == {"last_run.log": 0}
