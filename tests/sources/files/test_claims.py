"""Who reads a table: the reader that explains most of its columns, and a question where two explain it alike."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.claims import Claim, choose_claim
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FOLLOWERS = {"kind": "followers", "account": "ourbrand", "columns": {"handle": "username"}}
OWN = {
    "kind": "profile_snapshots",
    "account": {"handle": "ourbrand"},
    "columns": {"captured_at": "date", "follower_count": "followers", "following_count": "following"},
}
CONTACTS = {"kind": "contacts", "list_id": "crm", "columns": {"contact_id": "ref", "handle": "username"}}
PROFILES = "username,followers,following,date\nrival_a,52000,300,2026-11-01\nrival_b,800,35,2026-11-02\n"


def a_request(*mappings: dict[str, Any], **known: Any) -> Request:
    written = tuple(FileMapping(f"m{at}", fields, f"mappings/m{at}.yml") for at, fields in enumerate(mappings))
    return Request(now=NOW, mappings=written, pseudonym=lambda text: f"#{hash(text)}", **known)


def read(
    folder: Path, text: str, request: Request, kind: str | None = None, name: str = "a.csv"
) -> tuple[str, Reading]:
    (folder / name).write_text(text, encoding="utf-8")
    return do_task("read", InputFile(folder / name, name, ""), request, kind)


def levels(reading: Reading) -> list[tuple[str | None, int | None]]:
    return [(row["handle"], row["follower_count"]) for row in reading.tables["accounts"]]


def test_a_follower_list_mapping_leaves_a_table_of_profiles_to_its_reader_and_says_so(tmp_path: Path) -> None:
    name, reading = read(tmp_path, PROFILES, a_request(FOLLOWERS))
    assert (name, levels(reading)) == ("profile_snapshots", [("rival_a", 52_000), ("rival_b", 800)])
    assert reading.notes[-1] == (
        "read as profile_snapshots by its column names (4 of its 4 columns); "
        "if followers with mappings/m0.yml (1 of its 4 columns) was meant, use --as followers, "
        "or write file_name: PATTERN into that mapping"
    )


def test_a_follower_list_mapping_without_an_account_does_not_block_a_readable_table(tmp_path: Path) -> None:
    bare = {key: value for key, value in FOLLOWERS.items() if key != "account"}
    assert read(tmp_path, PROFILES, a_request(bare))[0] == "profile_snapshots"


def test_the_other_reading_is_named_where_the_better_one_fails(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, "username,followers_count\nrival,52000\n", a_request(FOLLOWERS))
    assert "--captured-at DATE" in caught.value.next_step
    other = "if followers with mappings/m0.yml (1 of its 2 columns) was meant, use --as followers"
    assert other in caught.value.next_step


@pytest.mark.parametrize("text", ["username\nann\nbob\n", "username,name,bio\nann,Ann,x\nbob,Bob,y\n"])
def test_a_list_of_handles_is_a_follower_list(tmp_path: Path, text: str) -> None:
    name, reading = read(tmp_path, text, a_request(FOLLOWERS))
    assert (name, len(reading.tables["followers"])) == ("followers", 2)


def test_a_registry_is_no_follower_list(tmp_path: Path) -> None:
    mapping = {**FOLLOWERS, "columns": {"handle": "handle"}}
    assert read(tmp_path, "handle,industry,is_own\nrival,retail,false\n", a_request(mapping))[0] == "account_registry"


def test_a_file_name_in_the_mapping_decides_for_good(tmp_path: Path) -> None:
    request = a_request({**FOLLOWERS, "file_name": "followers_*.csv"})
    assert read(tmp_path, PROFILES, request, name="followers_2026.csv")[0] == "followers"
    assert read(tmp_path, PROFILES, request, name="rivals.csv")[0] == "profile_snapshots"
    with pytest.raises(TweetbenchError, match="for files of another name"):
        read(tmp_path, "username\nann\n", request, name="other.csv")


def test_a_mapping_for_the_own_account_does_not_take_the_levels_of_others(tmp_path: Path) -> None:
    assert levels(read(tmp_path, PROFILES, a_request(OWN))[1]) == [("rival_a", 52_000), ("rival_b", 800)]
    (tmp_path / "own").mkdir()
    own = PROFILES.replace("rival_a", "OurBrand").replace("rival_b", "@ourbrand")
    assert {row["handle"] for row in read(tmp_path / "own", own, a_request(OWN))[1].tables["accounts"]} == {"ourbrand"}


@pytest.mark.parametrize("column", ["Konto", "Brand", "Who"])
@pytest.mark.parametrize("known", [{}, {"account": "ourbrand"}])
def test_accounts_in_a_column_of_another_name_are_not_counted_as_one(
    tmp_path: Path, column: str, known: dict[str, str]
) -> None:
    first, second = ("https://x.com/a", "https://x.com/b") if column == "Who" else ("Alpha Ltd", "Beta Inc")
    text = f"{column},followers,following,date\n{first},5,1,2026-11-01\n{second},6,1,2026-11-02\n"
    with pytest.raises(TweetbenchError, match="the file names accounts itself") as caught:
        read(tmp_path, text, a_request(*([] if known else [OWN]), **known))
    assert f"the column {column!r} names others, for example {first!r}" in caught.value.why


@pytest.mark.parametrize("known", [{}, {"account": "ourbrand"}])
def test_links_to_profiles_are_the_accounts_where_their_column_is_called_a_link(
    tmp_path: Path, known: dict[str, str]
) -> None:
    text = "Link,followers,date\nhttps://x.com/a,5,2026-11-01\nhttps://x.com/b,6,2026-11-02\n"
    reading = read(tmp_path, text, a_request(*([] if known else [OWN]), **known))[1]
    assert levels(reading) == [("a", 5), ("b", 6)]


def test_one_account_with_two_levels_a_day_is_refused_where_they_are_far_apart(tmp_path: Path) -> None:
    text = "line,date,followers,following\na,2026-11-01,52000,1\nb,2026-11-01,800,1\n"
    with pytest.raises(TweetbenchError, match="says different things about @ourbrand at the same time"):
        read(tmp_path, text, a_request(OWN))
    near = text.replace("52000", "805")
    assert levels(read(tmp_path, near, a_request(OWN))[1]) == [("ourbrand", 800)]


def test_one_day_told_for_all_lines_does_not_hide_that_they_are_of_several(tmp_path: Path) -> None:
    text = "handle,month,followers\na,2026-09,5000\na,2026-10,9000\nb,2026-09,7\n"
    with pytest.raises(TweetbenchError, match="no day that distinguishes them") as caught:
        read(tmp_path, text.replace("b,", "a,"), a_request(captured_at=NOW))
    assert "columns: {captured_at: COLUMN}" in caught.value.next_step


@pytest.mark.parametrize("columns", [{"captured_at": "date", "follower_count": "count"}, {"follower_count": "count"}])
def test_a_mapping_with_a_missing_column_never_blocks_a_file_that_known_names_read(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    name, reading = read(tmp_path, PROFILES, a_request({**OWN, "columns": columns}))
    assert (name, levels(reading)) == ("profile_snapshots", [("rival_a", 52_000), ("rival_b", 800)])


def test_a_wide_mapping_does_not_take_the_columns_of_a_profile_table_for_accounts(tmp_path: Path) -> None:
    wide = {"kind": "profile_snapshots", "layout": "wide", "date_column": "date"}
    assert levels(read(tmp_path, PROFILES, a_request(wide))[1]) == [("rival_a", 52_000), ("rival_b", 800)]


def test_a_mapping_that_only_adds_the_day_is_used(tmp_path: Path) -> None:
    mapping = {"kind": "profile_snapshots", "captured_at": "2026-11-01", "columns": {"follower_count": "fans"}}
    mapping["columns"] = {"handle": "username", "follower_count": "followers_count"}
    text = "id,username,followers_count,name,description\n77,acme,5,Acme,x\n"
    (row,) = read(tmp_path, text, a_request(mapping))[1].tables["accounts"]
    assert (row["handle"], row["follower_count"], row["captured_at"].date().isoformat()) == ("acme", 5, "2026-11-01")


def test_an_account_told_for_all_lines_does_not_replace_the_handles_of_the_file(tmp_path: Path) -> None:
    mapping = {"kind": "profile_snapshots", "columns": {"captured_at": "day", "follower_count": "fans"}}
    text = "username,fans,day\nrival_a,5,2026-11-01\nrival_b,6,2026-11-01\n"
    reading = read(tmp_path, text, a_request(mapping, account="ourbrand"))[1]
    assert levels(reading) == [("rival_a", 5), ("rival_b", 6)]


def test_lists_of_people_are_asked_about_before_they_are_read_as_something_else(tmp_path: Path) -> None:
    text = "ref,username,followers,following,date\n1,a,5,6,2026-11-01\n"
    with pytest.raises(TweetbenchError, match="can be read in 2 ways") as caught:
        read(tmp_path, text, a_request(CONTACTS))
    assert "contacts with mappings/m0.yml (2 of its 5 columns)" in caught.value.why
    assert "profile_snapshots by its column names (4 of its 5 columns)" in caught.value.why
    assert caught.value.next_step.startswith("run: tweetbench ingest FILE --as contacts   (or --as profile_snapshots)")
    assert read(tmp_path, text, a_request(CONTACTS), "profile_snapshots")[0] == "profile_snapshots"
    assert read(tmp_path, text, a_request(CONTACTS), "contacts")[0] == "contacts"


def test_a_survey_mapping_with_few_columns_of_a_profile_table_is_asked_about(tmp_path: Path) -> None:
    question = {"text": "How many?", "type": "number", "column": "followers"}
    survey = {"survey_id": "s", "title": "S", "respondent_id": "username", "questions": {"q": question}}
    with pytest.raises(TweetbenchError, match="can be read in 2 ways"):
        read(tmp_path, PROFILES, a_request(survey))


def one(kind: str, *columns: int, **facts: Any) -> Claim:
    return Claim(kind, frozenset(columns), **facts)


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ([], None),
        ([one("a", 1), one("b", 1, 2)], "b"),
        ([one("a", 1, 2, mapping="m"), one("b", 1, 2)], "a"),
        ([one("a", 1, 2, mapping="m", missing=("x",)), one("b", 1, 2)], "b"),
        ([one("a", 1, mapping="m", is_named=True), one("b", 1, 2, 3)], "a"),
        ([one("a", 1, 2, 3, mapping="m", is_of_people=True), one("b", 1, 2)], "a"),
    ],
)
def test_the_claim_that_explains_more_wins(claims: list[Claim], kind: str | None) -> None:
    chosen = choose_claim(claims, file_name="a.csv", width=3)
    assert (chosen and chosen.kind) == kind


@pytest.mark.parametrize(
    "claims",
    [
        [one("a", 1, 2, mapping="m"), one("b", 2, 3)],
        [one("a", 1, mapping="m"), one("b", 1, mapping="n")],
        [one("a", 1, 2, 3, mapping="m", missing=("x",)), one("b", 1, 2)],
        [one("a", 1, mapping="m", is_of_people=True), one("b", 1, 2)],
    ],
)
def test_comparable_claims_are_asked_about(claims: list[Claim]) -> None:
    with pytest.raises(TweetbenchError, match="nothing shows which one is meant"):
        choose_claim(claims, file_name="a.csv", width=3)
