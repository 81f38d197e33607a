"""accounts.csv: handles as people write them, one row per account, an issue with a remedy for the rest."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources import account_registry
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.issue_summary import line_count

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = Request(now=NOW)
HEADER = "platform,handle,account_id,name,industry,company_size,customer_focus,is_own,since,notes"


def table(folder: Path, *lines: str) -> InputFile:
    path = folder / "accounts.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return InputFile(path, "accounts.csv", "0" * 64)


def read(folder: Path, *lines: str) -> Reading:
    file = table(folder, *lines)
    assert account_registry.recognises(file, REQUEST)
    return account_registry.read(file, REQUEST)


def handles(reading: Reading) -> list[str | None]:
    return [row["handle"] for row in reading.tables["account_registry"]]


def test_a_full_line_is_read_and_fits_the_lake(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, "x,@Acme,12,Acme Ltd,Retail,1-10,B2B,yes,2026-01-02,hello", ",other,,,,,,,,")
    first, second = reading.tables["account_registry"]
    assert (first["handle"], first["account_id"], first["customer_focus"], first["is_own"]) == (
        "Acme",
        "12",
        "b2b",
        True,
    )
    assert (first["since_date"], first["captured_at"], first["notes"]) == (date(2026, 1, 2), NOW, "hello")
    assert (second["platform"], second["is_own"], second["industry"]) == ("x", None, None)
    assert (reading.tables["issues"], reading.row_count) == ([], 2)
    Lake(tmp_path / "lake").commit(reading.tables, source="account_registry", run_id="r1", now=NOW)


def test_lines_whose_empty_last_cells_were_left_out_are_read_in_their_place(tmp_path: Path) -> None:
    lines = ["x,Acme,12,Acme Ltd,Retail", "# x,gone", "bluesky,b.example", ",mid,,,,,b2b,yes,,", ",c,,,,,,,,,a,note"]
    reading = read(tmp_path, HEADER, *lines, "our rivals", "x")
    assert [(row["platform"], row["handle"], row["industry"]) for row in reading.tables["account_registry"]] == [
        ("x", "Acme", "Retail"),
        ("bluesky", "b.example", None),
        ("x", "mid", None),
    ]
    problems = [row["problem"] for row in reading.tables["issues"]]
    assert problems == ["ragged_row", "unknown_platform", "no_account"]


def test_a_peer_group_is_a_known_column_and_stays_in_the_payload(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER + ",Peer Group,mood", "x,Acme,,,,,,,,,Rivals; neighbours,fine")
    (row,) = reading.tables["account_registry"]
    assert json.loads(row["payload"])["peer_group"] == "Rivals; neighbours"
    assert reading.notes[1:] == ("columns not read: mood",)


def test_comments_of_its_owner_are_no_accounts_and_no_problems(tmp_path: Path) -> None:
    lines = ("# watched since the fair, see mail", "x,Acme,,,,,,,,", "#x,Old,,,,,,,,", "# moved, asked again, twice")
    reading = read(tmp_path, HEADER, *lines)
    assert (handles(reading), reading.tables["issues"], reading.row_count) == (["Acme"], [], 1)
    assert read(tmp_path, HEADER, "# nobody yet").tables["account_registry"] == []


def test_a_list_without_lines_is_an_empty_list(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER)
    assert (reading.tables["account_registry"], reading.row_count) == ([], 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("handle,industry", True),
        ("account_id,is_own", True),
        ("Handle;Customer Focus", True),
        ("handle,name", False),
        ("industry,notes", False),
        ("handle,industry,follower_count", False),
        ("id,handle,followers_count,notes", False),
        ("handle,notes,email", False),
    ],
)
def test_only_registries_are_recognised(tmp_path: Path, header: str, expected: bool) -> None:
    assert account_registry.recognises(table(tmp_path, header, "a" + "," * header.count(",")), REQUEST) is expected


@pytest.mark.parametrize(
    "written",
    [
        "acme",
        "@acme",
        "  acme ",
        "@ acme",
        "https://x.com/acme",
        "http://www.twitter.com/acme/",
        "twitter.com/acme?lang=en",
        "https://mobile.twitter.com/acme/status/12",
        "https://twitter.com/#!/acme",
        "ａｃｍｅ",
        "＠acme",
        "acme\u200b",
        "\u202aacme\u202c",
    ],
)
def test_handles_are_taken_from_the_ways_in_which_people_write_them(written: str) -> None:
    assert normalise_handle(written) == "acme"


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("аcme", "CYRILLIC SMALL LETTER A"),
        ("a_handle_far_too_long", "21 characters"),
        ("two words", "not a handle"),
        ("name@example.com", "characters"),
        ("https://x.com/home", "page"),
        ("https://x.com/", "page"),
        ("https://notx.com/acme", "another place"),
        ("", "not a handle"),
    ],
)
def test_what_only_looks_like_a_handle_is_refused_in_words(written: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        normalise_handle(written)


def test_handles_of_other_platforms_are_read() -> None:
    assert normalise_handle("https://bsky.app/profile/Acme.bsky.social", "bluesky") == "acme.bsky.social"
    assert normalise_handle("https://mastodon.example/@acme", "mastodon") == "acme@mastodon.example"
    assert normalise_handle("https://mastodon.example/@my-shop.eu/113", "mastodon") == "my-shop.eu@mastodon.example"
    for platform in ("bluesky", "mastodon"):
        with pytest.raises(ValueError, match="is not a"):
            normalise_handle("acme", platform)


def test_lines_that_cannot_be_used_are_named_with_a_remedy(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "platform,handle,account_id,customer_focus,is_own,since",
        "x,acme,,b2b,true,",
        "x,ACME,,b2b,true,",
        "x,https://x.com/acme,,,,",
        "x,two words,,,,",
        "x,,,,,",
        "myspace,acme,,,,",
        "x,378197959,,,,",
        "x,other,1.2E+18,people,perhaps,1/2/2026",
        "x,renamed,378197959,,,",
    )
    assert handles(reading) == ["acme", None, "other"]
    assert [row["account_id"] for row in reading.tables["account_registry"]] == [None, "378197959", None]
    # Lines that share a cause are one issue, which says how many they are.
    assert {row["problem"]: line_count(row) for row in reading.tables["issues"]} == {
        "duplicate_account": 3,
        "bad_handle": 1,
        "no_account": 1,
        "unknown_platform": 1,
        "id_in_handle_column": 1,
        "damaged_id": 1,
        "unknown_customer_focus": 1,
        "unreadable_flag": 1,
        "unreadable_date": 1,
    }
    assert all(row["next_step"] and row["subject"].startswith("accounts.csv, line") for row in reading.tables["issues"])
    (repeated,) = [row for row in reading.tables["issues"] if row["problem"] == "duplicate_account"]
    assert repeated["subject"] == "accounts.csv, lines 3, 4, 10"
    assert repeated["detail"].startswith("3 lines: line 3: @ACME is already named in line 2")


def test_two_ids_under_one_handle_are_two_accounts(tmp_path: Path) -> None:
    lines = ["new_shop,2000000004,shops", "new_shop,2000000009,shops", "NEW_SHOP,,shops", "other,2000000009,shops"]
    reading = read(tmp_path, "handle,account_id,industry", *lines)
    assert [(row["handle"], row["account_id"]) for row in reading.tables["account_registry"]] == [
        ("new_shop", "2000000004"),
        ("new_shop", "2000000009"),
    ]
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], issue["subject"]) == ("duplicate_account", "accounts.csv, lines 4, 5")


def test_a_handle_without_an_id_is_named_once(tmp_path: Path) -> None:
    reading = read(tmp_path, "handle,account_id,industry", "acme,,a", "Acme,,b", "acme,2000000004,c")
    assert [(row["handle"], row["account_id"]) for row in reading.tables["account_registry"]] == [("acme", None)]
    assert [line_count(row) for row in reading.tables["issues"]] == [2]


def test_customer_focus_is_one_of_three_words(tmp_path: Path) -> None:
    reading = read(tmp_path, "handle,customer_focus", "a,B2B", "b,b2c", "c,Mixed", "d,both", "e,B-2-C", "f,")
    assert [row["customer_focus"] for row in reading.tables["account_registry"]] == [
        "b2b",
        "b2c",
        "both",
        "both",
        "b2c",
        None,
    ]


def test_a_list_of_which_no_line_can_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="names an account") as caught:
        read(tmp_path, HEADER, "x,two words,,,,,,,,")
    assert caught.value.where == "accounts.csv, line 2"


def test_own_handles_are_those_of_own_accounts_by_platform_in_lower_case(tmp_path: Path) -> None:
    lines = ["x,Acme,,true", "x,rival,,false", "x,third,,", "x,,12345678,true", "bluesky,acme.bsky.social,,true"]
    reading = read(tmp_path, "platform,handle,account_id,is_own", *lines)
    assert account_registry.own_handles(reading.tables["account_registry"]) == {
        "x": frozenset({"acme"}),
        "bluesky": frozenset({"acme.bsky.social"}),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["a", "A", "@a", "b", " b", "https://x.com/B", "two words", "123456789", ""]), max_size=12)
)
def test_every_line_is_a_row_or_an_issue_and_no_account_comes_twice(tmp_path: Path, written: list[str]) -> None:
    reading = read(tmp_path, "handle,account_id,is_own", "good,1,true", *[f"{each},,true" for each in written])
    refused = sum(line_count(row) for row in reading.tables["issues"] if row["problem"] != "id_in_handle_column")
    assert len(reading.tables["account_registry"]) + refused == len(written) + 1
    named = [row["account_id"] or row["handle"].casefold() for row in reading.tables["account_registry"]]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(
    ("cell", "handle"),
    [
        ("x.xn--p1ai", "x.xn--p1ai"),
        ("shop.xn--80ak6aa92e.com", "shop.xn--80ak6aa92e.com"),
        ("@Acme.t2", "acme.t2"),
        ("https://bsky.app/profile/acme.example/post/3kxyz", "acme.example"),
        ("https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz", "did:plc:ewvi7nxzyoun6zhxrhs64oiz"),
    ],
)
def test_handles_of_bluesky_are_domain_names_of_any_top_level_or_the_did_of_a_link(cell: str, handle: str) -> None:
    assert normalise_handle(cell, "bluesky") == handle


@pytest.mark.parametrize(
    "cell", ["handle.invalid", "acme", "acme.4u", "-acme.example", "a b.example", f"{'a' * 64}.com"]
)
def test_what_is_no_handle_of_bluesky_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"not a Bluesky handle|does not resolve"):
        normalise_handle(cell, "bluesky")
