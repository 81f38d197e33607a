"""Lines added to accounts.csv: what its owner wrote stays to the byte, what was added is read back as it was meant."""

import csv
import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.ingest.registry import add_accounts, registry_rows
from pipeline.settings import Settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = "platform,handle,account_id,name,company,industry,company_size,customer_focus,peer_group,is_own,since,notes"


def account(handle: str = "acme.bsky.social", **values: str) -> dict[str, str]:
    given = {"account_id": "", "name": "", "company": "", "is_own": "false", **values}
    return {"platform": "bluesky", "handle": handle, **given}


def folder_with(path: Path, data: bytes | None) -> Settings:
    chosen = Settings(_env_file=None, data_dir=path)
    chosen.make_folders()
    if data is not None:
        chosen.accounts_file.write_bytes(data)
    return chosen


def known(chosen: Settings) -> list[tuple[str, str | None, bool | None]]:
    return [
        (row["platform"], row["handle"] or row["account_id"], row["is_own"]) for row in registry_rows(chosen, now=NOW)
    ]


def test_a_list_is_made_where_there_is_none(tmp_path: Path) -> None:
    chosen = folder_with(tmp_path, None)
    assert add_accounts(chosen, [account(account_id="did:plc:aa", name="Acme", company="Acme Ltd")], now=NOW) == [True]
    assert chosen.accounts_file.read_text() == (
        f"{HEADER}\nbluesky,acme.bsky.social,did:plc:aa,Acme,Acme Ltd,,,,,false,,\n"
    )
    assert chosen.accounts_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (HEADER + "\n# mine\nx,Old,,,,,,,,true,,", "\nbluesky,acme.bsky.social,,,,,,,,false,,\n"),
        (HEADER + "\r\nx,Old,,,,,,,,true,,\r\n", "bluesky,acme.bsky.social,,,,,,,,false,,\r\n"),
        ("platform;handle;Is Own\nx;Old;yes\n", "bluesky;acme.bsky.social;false\n"),
        ("notes\tplatform\thandle\tis_own\nhi\tx\t@Old\t1\n", "\tbluesky\tacme.bsky.social\tfalse\n"),
        (HEADER + '\nx,Old,,,"two\nlines, one cell",,,,,true,,\n', "bluesky,acme.bsky.social,,,,,,,,false,,\n"),
    ],
)
def test_every_line_of_its_owner_stays_as_it_was(tmp_path: Path, before: str, added: str) -> None:
    chosen = folder_with(tmp_path, before.encode())
    assert add_accounts(chosen, [account()], now=NOW) == [True]
    assert chosen.accounts_file.read_bytes() == (before + added).encode()
    assert known(chosen) == [("x", "Old", True), ("bluesky", "acme.bsky.social", False)]


def test_columns_that_are_needed_come_at_the_right_end_and_move_nothing(tmp_path: Path) -> None:
    lines = 'handle,industry,notes\nOld,Tools,"a, b"\n# a comment\nOther,,"x\ny"\n'
    chosen = folder_with(tmp_path, lines.encode())
    new = account(company="Acme, Ltd")
    assert add_accounts(chosen, [new], now=NOW) == [True]
    assert chosen.accounts_file.read_text() == (
        "handle,industry,notes,platform,company,is_own\n"
        'Old,Tools,"a, b",,,\n# a comment\nOther,,"x\ny",,,\nacme.bsky.social,,,bluesky,"Acme, Ltd",false\n'
    )
    assert known(chosen) == [("x", "Old", None), ("x", "Other", None), ("bluesky", "acme.bsky.social", False)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_of_the_file_stays_while_it_can_write_what_is_new(tmp_path: Path, encoding: str) -> None:
    chosen = folder_with(tmp_path, f"{HEADER}\nx,Old,,Café,,,,,,true,,\n".encode(encoding))
    add_accounts(chosen, [account(company="Über")], now=NOW)
    assert chosen.accounts_file.read_bytes().decode(encoding).splitlines()[1:] == [
        "x,Old,,Café,,,,,,true,,",
        "bluesky,acme.bsky.social,,,Über,,,,,false,,",
    ]
    add_accounts(chosen, [account("other.bsky.social", company="株式会社")], now=NOW)
    becomes = "utf-8-sig" if encoding == "cp1252" else encoding
    assert chosen.accounts_file.read_bytes().decode(becomes).splitlines()[3].split(",")[4] == "株式会社"
    assert len(known(chosen)) == 3


def test_what_is_listed_under_its_handle_or_its_id_is_not_listed_twice(tmp_path: Path) -> None:
    chosen = folder_with(
        tmp_path, f"{HEADER}\nbluesky,Acme.bsky.social,,,,,,,,true,,\nbluesky,,did:plc:bb,,,,,,,,,\n".encode()
    )
    before = chosen.accounts_file.read_bytes()
    twice = [account(account_id="did:plc:aa"), account("renamed.example", account_id="did:plc:bb")]
    assert add_accounts(chosen, twice, now=NOW) == [False, False]
    assert chosen.accounts_file.read_bytes() == before
    assert add_accounts(chosen, [account("new.example"), account("New.example")], now=NOW) == [True, False]


def test_a_handle_of_digits_is_no_id_and_a_name_is_no_formula(tmp_path: Path) -> None:
    chosen = folder_with(tmp_path, None)
    add_accounts(chosen, [{**account("1234567", name='=HYPERLINK("x")'), "platform": "x"}], now=NOW)
    assert known(chosen) == [("x", "1234567", False)]
    (_, cells) = csv.reader(io.StringIO(chosen.accounts_file.read_text()))
    assert cells[:4] == ["x", "@1234567", "", 'HYPERLINK("x")']


def test_a_name_from_a_platform_leaves_nothing_that_a_terminal_obeys_in_the_file(tmp_path: Path) -> None:
    chosen = folder_with(tmp_path, None)
    add_accounts(chosen, [account(name="A\x1b]0;title\x07\x1b[2J\x9b\0B 👩\u200d💻", company="\x1b=1+1")], now=NOW)
    text = chosen.accounts_file.read_text(encoding="utf-8")
    assert not any(unicodedata.category(each) == "Cc" and each != "\n" for each in text)
    assert "A]0;title[2JB 👩\u200d💻,1+1," in text


@pytest.mark.parametrize("end", ['x,old,"Old', 'x,"old\nx,other', '"', 'x,old,"a\n\n'])
def test_a_file_that_would_swallow_new_lines_is_left_alone_and_said(tmp_path: Path, end: str) -> None:
    data = f"platform,handle,name\nx,first,First\n{end}".encode()
    chosen = folder_with(tmp_path, data)
    with pytest.raises(TweetbenchError, match="cannot be added to"):
        add_accounts(chosen, [account()], now=NOW)
    assert chosen.accounts_file.read_bytes() == data


def test_two_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    chosen = folder_with(tmp_path, None)
    handles = [f"firm{number}.example" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda handle: add_accounts(chosen, [account(handle)], now=NOW), handles * 2))
    assert sorted(added) == [[False]] * 24 + [[True]] * 24
    assert sorted(handle or "" for _, handle, _ in known(chosen)) == sorted(handles)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"platform,account_id,is_own\nx,12345678,yes\n", "no column handle"),
        (b"what is this\n", "no line of this file names an account"),
    ],
)
def test_a_file_that_is_no_list_of_handles_is_left_alone(tmp_path: Path, data: bytes, why: str) -> None:
    chosen = folder_with(tmp_path, data)
    if why == "no column handle":
        with pytest.raises(TweetbenchError) as refusal:
            add_accounts(chosen, [account()], now=NOW)
        assert why in str(refusal.value)
    else:
        with pytest.raises(TweetbenchError):
            add_accounts(chosen, [account()], now=NOW)
    assert chosen.accounts_file.read_bytes() == data


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;#'), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(CELL, CELL), max_size=4), is_wide=st.booleans(), company=CELL)
def test_whatever_stands_in_the_other_cells_is_what_it_was(
    tmp_path: Path, cells: list[tuple[str, str]], is_wide: bool, company: str
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["handle", "notes", "industry", *(["platform", "company", "is_own"] if is_wide else [])])
    writer.writerows([f"a{n}", *row, *(["x", "", ""] if is_wide else [])] for n, row in enumerate(cells))
    chosen = folder_with(tmp_path, stream.getvalue().encode())
    before = [dict(row) for row in csv.DictReader(io.StringIO(stream.getvalue(), newline=""))]
    assert add_accounts(chosen, [account(company=company)], now=NOW) == [True]
    text = chosen.accounts_file.read_text(encoding="utf-8")
    after = [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert [{name: row[name] for name in one} for one, row in zip(before, after, strict=False)] == before
    assert len(after) == len(before) + 1
    assert (after[-1]["handle"], after[-1]["platform"]) == ("acme.bsky.social", "bluesky")
