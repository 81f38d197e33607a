"""What the tests of the guarantees share: a lake of made-up posts, damage, and a search that unpacks everything."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from importlib.metadata import packages_distributions
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipeline import warehouse
from pipeline.lake import Commit
from pipeline.lake.opening import open_lake
from pipeline.settings import Settings
from pipeline.warehouse.contents import content_of
from tests.conftest import NOW

GONE_POST, KEPT_POST, REPOST = "1990000000000000001", "1990000000000000002", "1990000000000000003"
GONE_ACCOUNT, KEPT_ACCOUNT = "2000001", "2000002"
SENTINEL = "sentinel words that the platform has taken back"
PROFILE = "sentinel profile of a suspended account"
KEPT_WORDS = "words that stay where they are"
# What a decoy does when it is imported: the names of stolen imports are all that is left of it.
DECOY = "open({mark!r}, 'a').write(__name__ + chr(10))\nraise SystemExit('a file of the current folder was run')\n"


def make_settings(data_dir: Path) -> Settings:
    """Settings of a data folder that exists, with nothing taken from the machine."""
    settings = Settings(_env_file=None, data_dir=data_dir)
    settings.make_folders()
    return settings


def put_decoys(folder: Path) -> Path:
    """Put a file under the name of every module that anything here could import; what appears if one is run."""
    mark = folder / "stolen_imports"
    names = {*sys.stdlib_module_names, *packages_distributions(), "pipeline", "sitecustomize"}
    for name in {*names, "usercustomize", "tests", "profiles", "conftest"}:
        (folder / f"{name}.py").write_text(DECOY.format(mark=str(mark)))
    return mark


def post(post_id: str, text: str, account: str = KEPT_ACCOUNT, **fields: object) -> dict[str, object]:
    """A made-up post as the X source would land it."""
    return {
        "platform": "x",
        "captured_at": NOW,
        "account_id": account,
        "handle": f"firm{account}",
        "post_id": post_id,
        "created_at": NOW - timedelta(days=2),
        "text": text,
        "post_kind": "original",
        "link_urls": [f"https://example.test/{post_id}"],
        "hashtags": ["offer"],
        "availability": "available",
        "payload": f'{{"id": "{post_id}", "text": "{text}"}}',
        **fields,
    }


def account(account_id: str, description: str, **fields: object) -> dict[str, object]:
    """A made-up account snapshot."""
    return {
        "platform": "x",
        "captured_at": NOW,
        "account_id": account_id,
        "handle": f"firm{account_id}",
        "name": f"Firm number {account_id}",
        "description": description,
        "follower_count": 100,
        "following_count": 50,
        "status": "active",
        "payload": f'{{"id": "{account_id}", "description": "{description}"}}',
        **fields,
    }


def metric(post_id: str, account_id: str = KEPT_ACCOUNT) -> dict[str, object]:
    """A made-up reading of a post's metrics."""
    return {
        "platform": "x",
        "captured_at": NOW,
        "account_id": account_id,
        "post_id": post_id,
        "metric_scope": "public",
        "like_count": 7,
        "payload": '{"like_count": 7}',
    }


def issue(subject: str, detail: str) -> dict[str, object]:
    """A made-up issue."""
    return {"platform": "x", "captured_at": NOW, "subject": subject, "problem": "odd", "detail": detail}


def fill_lake(settings: Settings) -> list[Commit]:
    """Three commits: the first holds what will have to go and what stays."""
    lake = open_lake(settings)
    posts = [
        post(GONE_POST, SENTINEL),
        post(KEPT_POST, KEPT_WORDS),
        post(REPOST, f"RT @x: {SENTINEL}", post_kind="repost", referenced_post_id=GONE_POST),
        post("1990000000000000009", PROFILE, GONE_ACCOUNT),
    ]
    tables = {
        "posts": posts,
        "post_metrics": [metric(GONE_POST), metric(KEPT_POST)],
        "accounts": [account(GONE_ACCOUNT, PROFILE), account(KEPT_ACCOUNT, KEPT_WORDS)],
        "issues": [issue(f"post {GONE_POST}", SENTINEL), issue(f"post {KEPT_POST}", KEPT_WORDS)],
    }
    state = {
        f"account:{GONE_ACCOUNT}": {"handle": f"firm{GONE_ACCOUNT}"},
        f"handle:firm{GONE_ACCOUNT}": {"account_id": GONE_ACCOUNT},
        f"timeline:{GONE_ACCOUNT}": {"high": "1990000000000000009"},
    }
    first = lake.commit(tables, source="x_api", run_id="run-1", now=NOW, state=state, input_key="x_api:one")
    second = lake.commit({"posts": [post("1990000000000000005", "other")]}, source="x_api", run_id="run-2", now=NOW)
    third = lake.commit({"issues": [issue("file", "third")]}, source="inbox", run_id="run-3", now=NOW)
    return [first, second, third]


FILLED = ("posts", "post_metrics", "accounts", "issues")


def load_all(settings: Settings) -> list[warehouse.Load]:
    """Load every table that these tests fill."""
    return [warehouse.load_table(settings, open_lake(settings), table) for table in FILLED]


def raw_contents(settings: Settings) -> dict[str, tuple[int, int]]:
    """Rows and an order-free hash of all values of every raw table."""
    with warehouse.connect(settings, read_only=True) as connection:
        return {table: content_of(connection, f'raw."{table}"') for table in FILLED}


def flip_byte(path: Path, place: float = 0.5) -> None:
    """Turn one bit of a file; `place` is the share of the file before it."""
    data = bytearray(path.read_bytes())
    data[int((len(data) - 1) * place)] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def places_of(root: Path, needle: str) -> list[str]:
    """Every place below a folder in which some words stand: bytes, Parquet values, DuckDB values, SQLite values."""
    return sorted({path.relative_to(root).as_posix() for path in root.rglob("*") if needle in "".join(_texts(path))})


def _texts(path: Path) -> Iterator[str]:
    if path.is_symlink() or not path.is_file():
        return
    data = path.read_bytes()
    yield data.decode("latin-1")
    yield data.decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield str(pq.ParquetFile(path).read().to_pylist())
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                yield str(connection.execute(f'select * from "{schema}"."{table}"').fetchall())  # noqa: S608
    elif data.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as connection:
            yield "\n".join(connection.iterdump())
