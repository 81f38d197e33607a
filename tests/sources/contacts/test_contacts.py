"""Contact and follower lists: keyed hashes at the door, consent before any match, nothing personal behind it."""

import csv
import hashlib
import hmac
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.sources import contacts
from pipeline.sources.contacts import followers
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONTACTS: dict[str, Any] = {
    "kind": "contacts",
    "list_id": "news",
    "columns": {
        "contact_id": "Id",
        "email": "E-mail",
        "handle": "X",
        "segment": "Group",
        "consent": "Agreed",
        "since": "Since",
    },
    "consent_values": ["yes"],
}
FOLLOWERS: dict[str, Any] = {"kind": "followers", "account": "@OurBrand", "columns": {"handle": "username"}}
LIST = """Id,Name,E-mail,X,Group,Agreed,Since
C1,Ann Example,Ann@Example.org,@AnnX,customer,yes,2024-05-06
C2,Bob Example,bob@example.org,https://x.com/bobx,prospect,no,2024-05-07
C3,Cid Example,,cidx,customer,Yes,
C4,Dee Example,dee,not a handle!,customer,yes,05/06/2024
,Eve Example,,evex,customer,yes,
C1,Ann Example,ann@example.org,annx,vip,yes,2024-05-06
"""


def a_request(*mappings: dict[str, Any], **known: Any) -> Request:
    return Request(
        now=NOW,
        mappings=tuple(FileMapping(f"m{at}", fields, f"mappings/m{at}.yml") for at, fields in enumerate(mappings)),
        pseudonym=lambda text: hmac.new(b"key", text.encode(), hashlib.sha256).hexdigest()[:32],
        **known,
    )


def a_file(folder: Path, text: str, name: str = "list.csv") -> InputFile:
    (folder / name).write_text(text)
    return InputFile(folder / name, name, "0" * 64)


def read(folder: Path, text: str = LIST, **changes: Any) -> Reading:
    file, request = a_file(folder, text), a_request({**CONTACTS, **changes})
    assert contacts.recognises(file, request)
    return contacts.read(file, request)


def test_contacts_become_hashes_segments_and_consent(tmp_path: Path) -> None:
    rows = {row["segment"]: row for row in read(tmp_path).tables["contacts"]}
    assert list(rows) == ["prospect", "customer", "vip"]
    assert rows["vip"]["has_consent"] is True
    assert rows["vip"]["since_date"] == date(2024, 5, 6)
    assert rows["prospect"]["has_consent"] is False
    assert rows["prospect"]["handle_hash"] is None
    assert rows["prospect"]["email_hash"] is not None
    for row in rows.values():
        assert row.keys() <= set(TABLES["contacts"].names)


def test_nothing_personal_leaves_the_source(tmp_path: Path) -> None:
    everything = repr(read(tmp_path)).casefold()
    for secret in ("ann", "bob", "cid", "dee", "eve", "example.org", "c1", "bobx"):
        assert f"'{secret}" not in everything
        assert f"{secret}@" not in everything


def test_what_was_left_out_is_counted_and_not_shown(tmp_path: Path) -> None:
    problems = {row["problem"]: row["detail"] for row in read(tmp_path).tables["issues"]}
    assert {name: detail.split()[0] for name, detail in problems.items()} == {
        "contact_without_id": "1",
        "duplicate_contact": "1",
        "bad_email": "1",
        "bad_handle": "1",
        "handle_without_consent": "1",
        "bad_date": "1",
    }


def test_an_explicit_no_after_a_yes_withdraws_the_handle(tmp_path: Path) -> None:
    text = "Id,E-mail,X,Agreed\n,a@b.example,@ada,yes\n,A@b.example,@ada,no\n"
    columns = {"contact_id": "Id", "email": "E-mail", "handle": "X", "consent": "Agreed"}
    (row,) = read(tmp_path, text, columns=columns).tables["contacts"]
    assert (row["has_consent"], row["handle_hash"]) == (False, None)


@pytest.mark.parametrize(("later", "second"), [("@eva,", 0), ("@eva,yes", 1), (",", 0)])
def test_a_contact_that_comes_twice_keeps_the_handle_it_agreed_to(tmp_path: Path, later: str, second: int) -> None:
    text = f"Id,E-mail,X,Agreed\n,a@b.example,@ada,yes\n,A@b.example,{later}\n"
    columns = {"contact_id": "Id", "email": "E-mail", "handle": "X", "consent": "Agreed"}
    reading = read(tmp_path, text, columns=columns)
    (row,) = reading.tables["contacts"]
    listed = followers.read(a_file(tmp_path, "username\nada\n"), a_request(FOLLOWERS))
    assert (row["has_consent"], row["handle_hash"]) == (True, listed.tables["followers"][0]["follower_hash"])
    details = {each["problem"]: each["detail"] for each in reading.tables["issues"]}
    assert details["duplicate_contact"].startswith("1 row naming a contact again")
    assert len([problem for problem in details if problem == "second_handle"]) == second


@pytest.mark.parametrize(
    ("cell", "agreed"),
    [
        ("2024-05-01 10:00:00", True),
        ("yes", True),
        ("", False),
        ("-", False),
        ("no", False),
        ("Nein", False),
        ("0", False),
    ],
)
def test_any_filled_cell_can_mean_yes_and_a_no_never_does(tmp_path: Path, cell: str, agreed: bool) -> None:
    text = f"Id,E-mail,X,Group,Agreed,Since\nC1,a@b.example,@ada,g,{cell},\n"
    (row,) = read(tmp_path, text, consent_values="any").tables["contacts"]
    assert (row["has_consent"], row["handle_hash"] is not None) == (agreed, agreed)


def test_any_in_a_list_is_a_cell_and_another_word_is_no_list(tmp_path: Path) -> None:
    text = "Id,E-mail,X,Group,Agreed,Since\nC1,a@b.example,@ada,g,any,\nC2,c@d.example,@cid,g,yes,\n"
    rows = read(tmp_path, text, consent_values=["any"]).tables["contacts"]
    assert [row["has_consent"] for row in rows] == [True, False]
    with pytest.raises(TweetbenchError, match="write a list of cells, such as") as caught:
        read(tmp_path, text, consent_values="yes")
    assert caught.value.where == "mappings/m0.yml"


def test_a_header_in_the_middle_of_a_list_is_nobody(tmp_path: Path) -> None:
    header, *people = LIST.splitlines()
    reading = read(tmp_path, "\n".join([header, people[0], header, people[1], ""]))
    assert (len(reading.tables["contacts"]), reading.row_count) == (2, 3)
    assert "repeated_header" in {row["problem"] for row in reading.tables["issues"]}
    listed = followers.read(a_file(tmp_path, "username\nann\nusername\n\n"), a_request(FOLLOWERS))
    assert len(listed.tables["followers"]) == 1


@pytest.mark.parametrize("source", [contacts, followers])
def test_a_list_with_a_header_and_no_lines_is_refused_as_that(tmp_path: Path, source: Any) -> None:
    file = a_file(tmp_path, LIST.splitlines()[0].replace("Name", "username") + "\n")
    with pytest.raises(TweetbenchError, match="a header and no lines"):
        source.read(file, a_request(CONTACTS, FOLLOWERS))


def test_a_consent_value_that_no_cell_holds_is_reported(tmp_path: Path) -> None:
    text = "Id,E-mail,X,Group,Agreed,Since\nC1,a@b.example,@ada,g,TRUE,\n"
    found = {row["problem"]: row for row in read(tmp_path, text).tables["issues"]}
    assert found["consent_value_not_found"]["detail"] == "no cell of the column 'Agreed' is 'yes'"
    assert "consent_values: any" in found["consent_value_not_found"]["next_step"]


def test_240_segments_are_refused_in_words_for_contacts(tmp_path: Path) -> None:
    lines = [f"C{number},,,Country {number},," for number in range(240)]
    with pytest.raises(TweetbenchError, match="the segment column 'Group' has 240 different values") as caught:
        read(tmp_path, "\n".join(["Id,E-mail,X,Group,Agreed,Since", *lines, ""]))
    assert "segments: {cell: label}" in caught.value.next_step
    assert "survey" not in str(caught.value)


def test_two_lists_with_the_same_columns_are_told_apart_by_their_file_names(tmp_path: Path) -> None:
    lists = [{**CONTACTS, "list_id": name, "file_name": f"{name}_*.csv"} for name in ("news", "shop")]
    for name in ("news", "shop"):
        reading = contacts.read(a_file(tmp_path, LIST, f"{name}_2026.csv"), a_request(*lists))
        assert {row["list_id"] for row in reading.tables["contacts"]} == {name}
    assert not contacts.recognises(a_file(tmp_path, LIST, "other.csv"), a_request(*lists))
    bare = [{**CONTACTS, "list_id": name} for name in ("news", "shop")]
    with pytest.raises(TweetbenchError, match="several mappings of kind contacts fit") as caught:
        contacts.read(a_file(tmp_path, LIST), a_request(*bare))
    assert "file_name: PATTERN" in caught.value.next_step


def test_without_a_consent_column_no_handle_is_kept(tmp_path: Path) -> None:
    columns = {key: name for key, name in CONTACTS["columns"].items() if key != "consent"}
    rows = read(tmp_path, columns=columns, consent_values=[]).tables["contacts"]
    assert {row["has_consent"] for row in rows} == {None}
    assert {row["handle_hash"] for row in rows} == {None}


def test_a_handle_has_one_hash_however_it_is_written_and_in_both_lists(tmp_path: Path) -> None:
    reading = followers.read(a_file(tmp_path, "username\n@ANNX\nx.com/annx\nzoe\n!\n"), a_request(FOLLOWERS))
    hashes = {row["follower_hash"] for row in reading.tables["followers"]}
    ann = next(row for row in read(tmp_path).tables["contacts"] if row["segment"] == "vip")
    assert ann["handle_hash"] in hashes
    assert len(hashes) == 2
    assert {row["handle"] for row in reading.tables["followers"]} == {"ourbrand"}
    assert [row["detail"] for row in reading.tables["issues"]] == ["1 cell that cannot be a handle; left out"]
    assert "annx" not in repr(reading)


@pytest.mark.parametrize(
    "text",
    [
        "id,username,text,retweet_count\n1,ann,hello,5\n2,bob,hi,1\n",  # posts
        "username,day\nann,2026-11-01\nann,2026-11-02\n",  # days of one account
        "username,e-mail,role\nann,a@b.example,admin\n",  # members
    ],
)
def test_other_tables_with_a_column_of_handles_are_no_list_of_followers(tmp_path: Path, text: str) -> None:
    file = a_file(tmp_path, text)
    assert not followers.recognises(file, a_request(FOLLOWERS))
    assert followers.recognises(file, a_request({**FOLLOWERS, "file_name": f"{file.shown_name[:2]}*"}))


def test_whose_followers_they_are_is_told_or_asked_for(tmp_path: Path) -> None:
    bare = {key: value for key, value in FOLLOWERS.items() if key != "account"}
    file = a_file(tmp_path, "username\nann\n")
    assert followers.read(file, a_request(bare, own_handles=frozenset({"mybrand"}))).account == "mybrand"
    assert followers.read(file, a_request(bare, account="other")).account == "other"
    elsewhere = {"own_handles": frozenset({"mybrand"}), "own_handles_elsewhere": {"bluesky": frozenset({"my.example"})}}
    on_bluesky = a_request({**bare, "platform": "bluesky"}, **elsewhere)
    assert followers.read(a_file(tmp_path, "username\nann.bsky.social\n"), on_bluesky).account == "my.example"
    with pytest.raises(TweetbenchError, match="whose followers"):
        followers.read(file, a_request(bare))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"list_id": "My List"}, "list_id"),
        ({"colums": {}}, "did you mean columns"),
        ({"columns": {"handle": "X"}}, "columns needs contact_id or email"),
        ({"consent_values": []}, "go together"),
        ({"columns": {**CONTACTS["columns"], "segment": "Grp"}}, "names the column 'Grp'"),
    ],
)
def test_a_mistake_in_the_mapping_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, **changes)
    assert words in f"{caught.value}"
    assert caught.value.where.startswith("mappings/m0.yml")


def test_a_segment_column_that_holds_addresses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="holds personal data") as caught:
        read(tmp_path, columns={**CONTACTS["columns"], "segment": "E-mail"})
    assert "@" not in str(caught.value)


def test_a_workbook_is_a_contact_list_as_well_and_no_byte_of_the_lake_is_personal(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    settings.make_folders()
    mapping = "kind: contacts\nlist_id: crm\ncolumns: {email: E-mail, handle: X, segment: Group, consent: Agreed}\n"
    (settings.mappings_dir / "crm.yml").write_text(mapping + 'consent_values: ["yes"]\n')
    with xlsxwriter.Workbook(str(tmp_path / "crm.xlsx")) as book:
        sheet = book.add_worksheet("People")
        for at, cells in enumerate(csv.reader(io.StringIO(LIST))):
            sheet.write_row(at, 0, cells)
    lake = Lake(settings.lake_dir)
    outcome = ingest_file(tmp_path / "crm.xlsx", lake, settings, build_request(settings, now=NOW), run_id="run-1")
    assert (outcome.status, outcome.source) == ("added", "contacts")
    assert lake.read("contacts").num_rows == 3
    for path in settings.lake_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            assert not any(secret in data for secret in (b"example.org", b"annx", b"ann example")), path.name


@settings(deadline=None, max_examples=40)  # each example writes a file
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "a@b.example", "x"]), st.booleans()),
        max_size=10,
    )
)
def test_every_row_becomes_a_contact_or_is_counted(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str, bool]]
) -> None:
    rows = [("0", "z@b.example", True), *people]
    text = "Id,E-mail,X,Group,Agreed,Since\n" + "".join(f"{a},{b},ann,g,{'yes' if c else ''},\n" for a, b, c in rows)
    reading = read(tmp_path_factory.mktemp("any"), text)
    problems = {row["problem"]: int(row["detail"].split()[0]) for row in reading.tables["issues"]}
    left_out = problems.get("contact_without_id", 0) + problems.get("duplicate_contact", 0)
    assert len(reading.tables["contacts"]) + left_out == len(rows) == reading.row_count
    assert all(row["handle_hash"] is None for row in reading.tables["contacts"] if not row["has_consent"])
