"""G38: the search sees every byte, packed ones unpacked; DuckDB's freed blocks; rows that are known by handle only."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipeline import warehouse
from pipeline.comply import unpacking
from pipeline.comply.multi_search import Needles, spellings
from pipeline.comply.proof import search
from pipeline.comply.request import Wanted
from pipeline.comply.unpacking import CannotUnpackError, contents
from pipeline.lake import Lake
from pipeline.lake.handle_spans import HandleSpan, handle_digest
from pipeline.lake.tombstones import Tombstones, read_tombstones
from pipeline.maintain.lake_repair import quarantine_damage
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import (
    GONE_ACCOUNT,
    GONE_POST,
    KEPT_ACCOUNT,
    PROFILE,
    SENTINEL,
    account,
    fill_lake,
    flip_byte,
    places_of,
    post,
)
from tests.guarantees.test_g38_comply import make_version, run_erasure

CANARY = 'canary "words" & more, which a file must not hide'
OTHERS = [f"an ordinary text of number {number * 7919 % 1000}" for number in range(3000)] + ["z"]


def write_parquet(path: Path, **layout: object) -> None:
    pq.write_table(pa.table({"text": [*OTHERS, CANARY]}), path, **layout)


def write_dictionary_that_no_row_uses(path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["shown", CANARY]))
    pq.write_table(pa.table({"text": column}), path)


def write_duckdb(path: Path) -> None:
    # Left to itself it sometimes stores texts as they are, and always where a later format is written.
    with duckdb.connect(str(path), config={"storage_compatibility_version": "v1.0.0"}) as connection:
        texts = pa.table({"text": [*OTHERS, CANARY]})
        connection.register("texts", texts)
        connection.execute("pragma force_compression = 'fsst'")
        connection.execute("create table t as select {'inner': [text]} as nested from texts")


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table events (body text)")
        connection.execute("insert into events values (?)", ["x" * 825 + CANARY + "y" * 12_244])  # across two pages
        connection.commit()


def write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_column(0, 0, [*OTHERS, CANARY])


def write_zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def write_nested(path: Path) -> None:
    inner = io.BytesIO()
    pq.write_table(pa.table({"text": [*OTHERS, CANARY]}), inner, compression="zstd")
    write_zip(path, {"deep.parquet.gz": gzip.compress(inner.getvalue()), "other.txt": b"-"})


PLAIN = "\n".join([*OTHERS, CANARY]).encode()
WRITERS: dict[str, Callable[[Path], object]] = {
    "bytes": lambda path: path.write_bytes(PLAIN),
    "utf-16": lambda path: path.write_text(PLAIN.decode(), "utf-16"),
    "gzip": lambda path: path.write_bytes(gzip.compress(PLAIN)),
    "two gzip parts": lambda path: path.write_bytes(gzip.compress(b"first") + gzip.compress(PLAIN)),
    "zstandard": lambda path: path.write_bytes(pa.Codec("zstd").compress(PLAIN, asbytes=True)),
    "bzip2": lambda path: path.write_bytes(bz2.compress(PLAIN)),
    "xz": lambda path: path.write_bytes(lzma.compress(PLAIN)),
    "zip": lambda path: write_zip(path, {"a.csv": PLAIN}),
    "workbook": write_workbook,
    "parquet in gzip in zip": write_nested,
    "parquet zstd": lambda path: write_parquet(path, compression="zstd", use_dictionary=False),
    "parquet snappy pages 2": lambda path: write_parquet(path, compression="snappy", data_page_version="2.0"),
    "parquet shared prefixes": lambda path: write_parquet(
        path, use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"}
    ),
    "parquet dictionary": write_dictionary_that_no_row_uses,
    "duckdb": write_duckdb,
    "sqlite": write_sqlite,
}
HIDING = set(WRITERS) - {"bytes", "utf-16"}


@pytest.mark.parametrize("kind", WRITERS)
def test_g38_the_search_sees_a_canary_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    WRITERS[kind](path)
    needles = Needles([CANARY, "words that are nowhere at all"])
    assert set().union(*(needles.found_in(piece) for piece in contents(path))) == {CANARY}
    if kind in HIDING - {"parquet dictionary", "parquet shared prefixes"}:
        assert all(text.encode() not in path.read_bytes() for text in spellings(CANARY)), "or the test shows nothing"


def test_g38_what_cannot_be_unpacked_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    for data in (gzip.compress(PLAIN)[:-9], b"PK\x03\x04 and then nothing", b"PAR1 and then nothing"):
        path.write_bytes(data)
        with pytest.raises(CannotUnpackError):
            list(contents(path))
    monkeypatch.setattr(unpacking, "LARGEST_BYTES", 1_000_000)
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    with pytest.raises(CannotUnpackError, match="unpacks to more than 1,000,000 bytes"):
        list(contents(path))


def test_g38_thousands_of_needles_are_found_wherever_they_stand() -> None:
    needles = Needles([f"needle of number {number:05d}" for number in range(5_000)])
    data = b"".join(b"-" * (number % 9) + b"needle of number %05d" % number for number in range(0, 5_000, 3))
    assert needles.found_in(data) == {f"needle of number {number:05d}" for number in range(0, 5_000, 3)}
    assert needles.found_in(data[1:-1]) == {f"needle of number {number:05d}" for number in range(3, 4_998, 3)}
    assert not Needles([]).is_in(data)


def test_g38_what_a_database_has_freed_is_still_in_its_file_until_the_erasure_makes_it_anew(settings: Settings) -> None:
    fill_lake(settings)
    make_version(settings)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("pragma force_compression = 'uncompressed'")
        connection.execute(f"create table raw.old as select '{SENTINEL}' || i as text from range(20000) as r (i)")  # noqa: S608
        connection.execute("checkpoint")
        connection.execute("create or replace table raw.old as select i as number from range(9) as r (i)")
        connection.execute("checkpoint")
        connection.execute("vacuum")
    assert SENTINEL.encode() in settings.warehouse_file.read_bytes(), "deleting alone would leave it there"
    receipt = run_erasure(settings)
    assert receipt.is_clean
    files = [*settings.data_dir.rglob("*.duckdb*")]
    assert len(files) == 2
    assert [file for file in files if SENTINEL.encode() in file.read_bytes()] == []


def test_g38_a_version_that_outlived_its_damaged_lake_file_goes_too(settings: Settings) -> None:
    first, *_ = fill_lake(settings)
    make_version(settings)
    (file,) = [file for file in first.files if file.table == "posts"]
    flip_byte(settings.lake_dir / file.path)
    with hold_lease(settings, purpose="t", now=NOW):
        warehouse.discard(settings)  # or the rows would be taken back from it
        quarantine_damage(settings, now=NOW)
    assert places_of(settings.published_dir, SENTINEL) != []
    receipt = run_erasure(settings, Wanted({GONE_POST: "deleted"}))
    assert (receipt.versions_removed, places_of(settings.data_dir, SENTINEL)) == (["v1"], [])


def test_g38_rows_that_bear_only_a_handle_of_the_account_go_as_well(settings: Settings) -> None:
    fill_lake(settings)
    lake, old_text = Lake(settings.lake_dir), "words under a handle that was given up"
    change = {"platform": "x", "captured_at": NOW, "account_id": GONE_ACCOUNT, "handle": f"firm{GONE_ACCOUNT}"}
    exported = [
        post("1990000000000000021", PROFILE + " exported", None, handle=f"FIRM{GONE_ACCOUNT}"),
        post("1990000000000000022", old_text, None, handle="EarlierName"),
        post("1990000000000000023", "words of somebody else", None, handle="taken_over"),
    ]
    taken = {**account(KEPT_ACCOUNT, "another"), "handle": "taken_over", "captured_at": NOW + timedelta(days=1)}
    lake.commit(
        {
            "handle_changes": [{**change, "previous_handle": name} for name in ("earliername", "Taken_Over")],
            "accounts": [taken],
        },
        source="x_api", run_id="r", now=NOW,
    )  # fmt: skip
    lake.commit({"posts": exported}, source="x_analytics_content", run_id="e", now=NOW)
    csv = "handle,date,followers\nearliername,2026-01-01,5\nother,2026-01-01,6\n,,https://x.com/EarlierName/status/1\n"
    (settings.inbox_dir / "done" / "profiles.csv").write_text(csv)
    contacts = "contact_id,x_handle\nc1,earliername\n"
    (settings.inbox_dir / "done" / "contacts.csv").write_text(contacts)
    receipt = run_erasure(settings, Wanted({}, {GONE_ACCOUNT: "suspended"}))
    assert (receipt.handles_followed, receipt.handles_of_others_as_well, receipt.is_clean) == (3, 1, True)
    rows = {row["post_id"]: row for row in lake.read("posts").to_pylist()}
    for gone in ("1990000000000000021", "1990000000000000022"):
        assert (rows[gone]["text"], rows[gone]["handle"], rows[gone]["account_id"]) == (None, None, GONE_ACCOUNT)
    assert rows["1990000000000000023"]["text"] == "words of somebody else"
    assert (settings.inbox_dir / "done" / "profiles.csv").read_text() == "handle,date,followers\nother,2026-01-01,6\n"
    assert (settings.inbox_dir / "done" / "contacts.csv").read_text() == contacts, "the business's own, not X's"
    assert places_of(settings.data_dir, old_text) == places_of(settings.lake_dir, "earliername") == []
    lake.commit({"posts": [{**exported[1], "text": "again"}]}, source="x_analytics_content", run_id="f", now=NOW)
    assert "again" not in lake.read("posts").column("text").to_pylist()
    stone = read_tombstones(settings.lake_dir).accounts[GONE_ACCOUNT]
    names = (f"@Firm{GONE_ACCOUNT}", "earliername", "taken_over")
    assert {span.handle for span in stone.handles} == set(map(handle_digest, names))


def test_g38_a_handle_means_whoever_held_it_then_and_nothing_of_another_holder_goes(settings: Settings) -> None:
    lake, first = Lake(settings.lake_dir), NOW - timedelta(days=100)

    def seen(key: str, handle: str | None, day: int) -> dict[str, object]:
        return {**account(key, "shown"), "handle": handle, "captured_at": first + timedelta(days=day)}

    # The handle was the erased account's for ten days and is another's from day 20; that one was elsewhere on day 12.
    # The erased account was seen elsewhere on day 14. Who held the handle on day 13 nobody knows.
    readings = [seen(GONE_ACCOUNT, "shop", day) for day in (0, 10)] + [seen(GONE_ACCOUNT, "shop_old", 14)]
    readings += [seen(KEPT_ACCOUNT, "elsewhere", 12)] + [seen(KEPT_ACCOUNT, "Shop", day) for day in (20, 40)]
    lake.commit({"accounts": readings}, source="x_api", run_id="r", now=NOW)
    days = (-5, 5, 12, 13, 15, 25, 60)
    bare = [{**seen("", "shop", day), "account_id": None} for day in days]
    counts = [
        {"platform": "x", "captured_at": row["captured_at"], "handle": "SHOP", "impression_count": 1,
         "date": row["captured_at"].date(), "payload": "{}"}
        for row in bare
    ]  # fmt: skip
    lake.commit({"accounts": bare, "account_daily": counts}, source="profile_snapshots", run_id="s", now=NOW)
    lines = [f"shop,{first + timedelta(days=day):%Y-%m-%d},9" for day in days]
    copy = settings.inbox_dir / "done" / "profiles.csv"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("\n".join(["handle,date,followers", *lines, "shop,,9"]) + "\n")
    receipt = run_erasure(settings, Wanted({}, {GONE_ACCOUNT: "deleted"}))
    assert (receipt.handles_followed, receipt.handles_of_others_as_well, receipt.is_clean) == (2, 1, True)

    def kept(table: str) -> list[int]:
        rows = [row for row in lake.read(table).to_pylist() if row["handle"] and row["handle"].casefold() == "shop"]
        return [(row["captured_at"] - first).days for row in rows if row["account_id"] is None]

    # Up to day 12 the other was elsewhere, so the rows are of the erased account; days 13 and 14 may be of either.
    assert kept("accounts") == kept("account_daily") == [13, 15, 25, 60]
    assert [line for line in lines if line in copy.read_text()] == lines[3:]
    assert "shop,,9" in copy.read_text()
    others = [row for row in lake.read("accounts").to_pylist() if row["account_id"] == KEPT_ACCOUNT]
    assert [row["handle"] for row in others] == ["elsewhere", "Shop", "Shop"]
    # A second erasure does not learn from what the first one left that more was the account's.
    spans = read_tombstones(settings.lake_dir).accounts[GONE_ACCOUNT].handles
    run_erasure(settings, Wanted({}, {GONE_ACCOUNT: "deleted"}))
    assert read_tombstones(settings.lake_dir).accounts[GONE_ACCOUNT].handles == spans
    assert kept("accounts") == [13, 15, 25, 60]
    # What comes in later is treated the same.
    late = [{**seen("", "shop", day), "account_id": None} for day in (6, 61)]
    lake.commit({"accounts": late}, source="profile_snapshots", run_id="t", now=NOW)
    assert kept("accounts") == [13, 15, 25, 60, 61]


def test_g38_tombstones_without_spans_mean_their_handles_at_every_time(settings: Settings) -> None:
    lake = Lake(settings.lake_dir)
    lake.root.mkdir(parents=True, exist_ok=True)
    stone = {"reason": "deleted", "erased_at": "", "receipt": "r", "account_id": "", "handles": [handle_digest("shop")]}
    (lake.root / "_tombstones.json").write_text(json.dumps({"posts": {}, "accounts": {GONE_ACCOUNT: stone}}))
    assert read_tombstones(lake.root).accounts[GONE_ACCOUNT].handles == (HandleSpan(handle_digest("shop")),)
    lake.commit(
        {"accounts": [{**account("1", "x"), "account_id": None, "handle": "Shop"}]}, source="s", run_id="s", now=NOW
    )
    (row,) = lake.read("accounts").to_pylist()
    assert (row["account_id"], row["handle"]) == (GONE_ACCOUNT, None)


def test_g38_packed_copies_are_named_with_what_they_hold_and_fail_the_proof_until_they_are_gone(
    settings: Settings,
) -> None:
    fill_lake(settings)
    write_zip(settings.inbox_dir / "done" / "words.xlsx", {"xl/sharedStrings.xml": f"<t>{SENTINEL}</t>".encode()})
    (settings.quarantine_dir / "locked.zip").write_bytes(b"PK\x03\x04 damaged")
    (settings.data_dir / "exports").mkdir()
    (settings.data_dir / "exports" / "mine.csv.gz").write_bytes(gzip.compress(PROFILE.encode()))
    receipt = run_erasure(settings)
    step = "packed files cannot be cut: delete it, or repeat with --delete-files"
    assert receipt.copies["left"] == [
        "exports/mine.csv.gz: your own file, it contains erased text",
        f"inbox/done/words.xlsx: it contains erased text; {step}",
        f"quarantine/locked.zip: it may contain anything (File is not a zip file); {step}",
    ]
    assert receipt.proof["found_in"] == ("exports/mine.csv.gz", "inbox/done/words.xlsx")
    assert receipt.proof["not_unpacked"] == ("quarantine/locked.zip: File is not a zip file",)
    assert not receipt.is_clean
    (settings.inbox_dir / "done" / "words.xlsx").unlink()
    (settings.data_dir / "exports" / "mine.csv.gz").unlink()
    assert search(settings, Lake(settings.lake_dir), Tombstones(), {SENTINEL, PROFILE}).found_in == ()
