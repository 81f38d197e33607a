"""The marts in a real PostgreSQL: exact types, comments, keys and grants; old or new, never half."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.postgres import Copied, copy_to_postgres, swap_schemas
from pipeline.settings import Settings
from tests.publish.published_marts import publish_tables

ODD = (
    "create table odd (post_id varchar primary key, total hugeint, small utinyint, price decimal(10, 2), share double, "
    "is_own boolean, day date, seen_at timestamptz, tags varchar[], text varchar)",
    "insert into odd values ('9007199254740993', 170141183460469231731, 255, 1.25, 0.1, true, '2026-01-02', "
    "'2026-01-02 03:04:05.000006+00', ['a'], 'a' || chr(0) || 'b'), "
    "('9223372036854775807', null, null, null, 'nan', null, null, null, null, null)",
    "comment on table odd is 'It''s odd'",
    "comment on column odd.share is 'Share, 0 to 1'",
)


@contextmanager
def session(url: str) -> Iterator[Any]:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


def ask(url: str, query: str) -> list[Any]:
    with session(url) as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def copy(settings: Settings, url: str, *, readers: tuple[str, ...] = (), wait_seconds: float = 20) -> Copied:
    return copy_to_postgres(settings, url, schema="marts", readers=list(readers), wait_seconds=wait_seconds)


def numbered(folder: Path, number: int) -> Settings:
    """The next version: two marts that both hold its number in every row."""
    return publish_tables(
        folder,
        *(f"create table {name} as select {number} as version, i from range(2000) as r (i)" for name in ("a", "b")),  # noqa: S608
    )


def test_values_types_keys_and_comments_arrive_as_published(tmp_path: Path, database: str) -> None:
    done = copy(publish_tables(tmp_path / "data", *ODD), database)
    assert done.rows == {"odd": 2, "published": 1}
    assert done.notes == ["odd.text: zero bytes are left out of 1 texts, PostgreSQL keeps none"]
    first, second = ask(
        database,
        "select post_id, total::text, small, price::text, share, is_own, day::text, "
        "(seen_at at time zone 'UTC')::text, tags, text from marts.odd order by post_id",
    )
    assert tuple(first) == (
        "9007199254740993", "170141183460469231731", 255, "1.25", 0.1, True, "2026-01-02",
        "2026-01-02 03:04:05.000006", '["a"]', "ab",
    )  # fmt: skip
    assert second[0] == "9223372036854775807"
    assert tuple(second[1:4]) == (None, None, None)
    kinds = ask(
        database,
        "select column_name::text, data_type::text from information_schema.columns "
        "where table_schema = 'marts' and table_name = 'odd' order by ordinal_position",
    )
    assert [kind for _, kind in kinds] == [
        "text", "numeric", "smallint", "numeric", "double precision", "boolean", "date", "timestamp with time zone",
        "text", "text",
    ]  # fmt: skip
    assert ask(database, "select obj_description('marts.odd'::regclass)") == [("It's odd",)]
    assert ask(database, "select col_description('marts.odd'::regclass, 5)") == [("Share, 0 to 1",)]
    key = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'marts.odd'::regclass and contype = 'p'"
    assert ask(database, key) == [("PRIMARY KEY (post_id)",)]


def test_every_mart_of_the_project_arrives_with_all_comments(filled: Settings, database: str) -> None:
    done = copy(filled, database)
    assert done.is_demo
    assert len(done.rows) > 20
    for name, count in done.rows.items():
        assert ask(database, f"select count(*) from marts.{name}") == [(count,)]  # noqa: S608 - our names
    bare = ask(
        database,
        "select attrelid::regclass::text, attname::text "
        "from pg_attribute inner join pg_class on pg_class.oid = attrelid "
        "where relnamespace = 'marts'::regnamespace and relkind = 'r' and attnum > 0 "
        "and col_description(attrelid, attnum) is null",
    )
    assert bare == []
    (mark,) = ask(database, "select obj_description('marts'::regnamespace, 'pg_namespace')")
    assert mark[0].startswith("DEMO, all data is invented. Made by tweetbench")


def test_readers_see_one_version_only_forward_and_no_error_while_versions_are_swapped(
    tmp_path: Path, database: str
) -> None:
    copy(numbered(tmp_path / "data", 1), database)
    stop, seen, errors = threading.Event(), [], []

    def read() -> None:
        try:
            last = 0
            while not stop.is_set():
                with session(database) as cursor:
                    versions = set()
                    for mart in ("a", "b"):
                        cursor.execute(f"select version, count(*) from marts.{mart} group by version")  # noqa: S608
                        versions |= {tuple(row) for row in cursor.fetchall()}
                ((version, count),) = versions
                assert count == 2000
                assert version >= last
                last = version
                seen.append(version)
        except Exception as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(2, 6):
        copy(numbered(tmp_path / "data", number), database)
    time.sleep(0.3)
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert {1, 5} <= set(seen)


def test_a_transaction_that_has_read_is_waited_for_and_keeps_its_version(tmp_path: Path, database: str) -> None:
    copy(numbered(tmp_path / "data", 1), database)
    following = numbered(tmp_path / "data", 2)
    with session(database) as reader:
        reader.execute("select distinct version from marts.a")
        assert reader.fetchall() == [(1,)]
        with pytest.raises(TweetbenchError, match="readers held tables of schema marts for 1 seconds") as caught:
            copy(following, database, wait_seconds=1)
        assert caught.value.exit_code == Exit.BUSY
        reader.execute("select distinct version from marts.b")
        assert reader.fetchall() == [(1,)]
    assert ask(database, "select count(*) from pg_namespace where nspname like 'marts%'") == [(1,)]
    copy(following, database)
    assert ask(database, "select distinct version from marts.b") == [(2,)]


def test_a_copy_that_breaks_off_leaves_what_was_there(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(numbered(tmp_path / "data", 1), database)
    following = numbered(tmp_path / "data", 2)

    def end_the_session_then_swap(server: Any, *arguments: Any, **options: Any) -> None:
        ask(database, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
        swap_schemas(server, *arguments, **options)

    monkeypatch.setattr("pipeline.publish.postgres.swap_schemas", end_the_session_then_swap)
    with pytest.raises(TweetbenchError):
        copy(following, database)
    monkeypatch.undo()
    assert ask(database, "select distinct version from marts.a") == [(1,)]
    copy(following, database)
    assert ask(database, "select distinct version from marts.a") == [(2,)]
    assert ask(database, "select count(*) from pg_namespace where nspname like 'marts%'") == [(1,)]


def test_roles_that_could_read_keep_reading_and_get_new_marts_too(tmp_path: Path, database: str) -> None:
    with session(database) as cursor:
        for role in ("analyst", '"BI tool"'):
            cursor.execute(f"drop role if exists {role}")
            cursor.execute(f"create role {role}")
    copy(numbered(tmp_path / "data", 1), database, readers=("analyst",))
    with session(database) as cursor:
        cursor.execute('grant usage on schema marts to "BI tool"')
        cursor.execute('grant select on marts.a to "BI tool"')
    copy(
        publish_tables(tmp_path / "data", "create table a as select 1 as x", "create table new as select 2 as x"),
        database,
    )
    may = "select has_schema_privilege('{0}', 'marts', 'usage'), has_table_privilege('{0}', 'marts.a', 'select'), "
    may += "has_table_privilege('{0}', 'marts.new', 'select'), has_table_privilege('{0}', 'marts.a', 'insert')"
    assert tuple(ask(database, may.format("analyst"))[0]) == (True, True, True, False)
    assert tuple(ask(database, may.format("BI tool"))[0]) == (True, True, False, False)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("create schema marts; create table marts.salaries (x int)", "schema marts was not made by tweetbench"),
        ("create view public.mine as select * from marts.a", "public.mine would be lost"),
        ("create table marts.notes (x int)", "marts.notes would be lost"),
    ],
)
def test_nothing_of_anybody_else_is_dropped(tmp_path: Path, database: str, statement: str, words: str) -> None:
    settings = numbered(tmp_path / "data", 1)
    if "create schema" not in statement:
        copy(settings, database)
    with session(database) as cursor:
        for part in statement.split(";"):
            cursor.execute(part)
    with pytest.raises(TweetbenchError, match=words):
        copy(settings, database)
    assert ask(database, "select count(*) from pg_class where relname in ('salaries', 'mine', 'notes')") == [(1,)]


def test_the_password_is_in_no_message(tmp_path: Path, database: str) -> None:
    settings = numbered(tmp_path / "data", 1)
    wrong = database.replace("p%40ss", "s3cret%40word")
    for url in (wrong, wrong.replace("127.0.0.1:", "127.0.0.1:1"), wrong + "?nonsense=1&password=s3cret%40word"):
        with pytest.raises(TweetbenchError) as caught:
            copy(settings, url)
        assert caught.value.__cause__ is None
        assert "s3cret" not in str(caught.value)
        assert "127.0.0.1" in caught.value.where
