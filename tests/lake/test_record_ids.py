"""Ids as people write them and as texts name them: X's digits, DIDs and at:// addresses, ids of Mastodon servers."""

import pyarrow as pa
import pytest

from pipeline.comply.request import read_lines
from pipeline.lake.record_ids import ids_in, is_account_id, is_id_on, is_post_id
from pipeline.lake.tombstones import Tombstone, Tombstones
from pipeline.schemas import TABLES
from tests.conftest import NOW

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
POST = f"at://{DID}/app.bsky.feed.post/3l4oky6tsvk2t"
TOOT = "mastodon.example/111222333444555666"
STONE = Tombstone("deleted", NOW.isoformat(), "receipt")


def test_a_list_names_posts_and_accounts_of_every_platform() -> None:
    lines = [
        "1849990000000000001",
        f"post:{POST}",
        POST,
        f"account:{DID}",
        "account: did:web:acme.example",
        f"POST: {TOOT}",
    ]
    wanted = read_lines(lines)
    assert set(wanted.posts) == {"1849990000000000001", POST, TOOT}
    assert set(wanted.accounts) == {DID, "did:web:acme.example"}
    assert wanted.unusable == ()
    assert set(read_lines([DID, "mastodon.example/7"], are_accounts=True).accounts) == {DID, "mastodon.example/7"}


@pytest.mark.parametrize("line", [f"post:{DID}", f"account:{POST}", "user:5", "post:", "at://x/y", "two words", "-5"])
def test_what_is_no_id_of_its_kind_is_unusable(line: str) -> None:
    assert read_lines([line]).unusable == ("line 1",)


def test_an_id_of_digits_is_of_x_and_every_other_says_whose_it_is() -> None:
    assert [is_post_id("1"), is_account_id(TOOT), is_post_id("1" * 21)] == [True, True, False]
    assert [is_id_on(platform, "7") for platform in ("x", None, "linkedin")] == [True, True, False]
    assert [is_id_on(platform, POST) for platform in ("x", "bluesky")] == [False, True]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"post {POST}: the record is odd", {POST, DID}),
        (f'{{"uri": "{POST}", "author": {{"did": "{DID}"}}}}', {POST, DID}),
        (f"account {DID}.", {DID}),
        (f"status {TOOT}, twice", {TOOT}),
        (f"https://bsky.app/profile/{DID}/post/3l4oky6tsvk2t?ref=1", {POST, DID}),
        ("https:\\/\\/bsky.app\\/profile\\/acme.example\\/post\\/3l4oky6tsvk2t", {"post/3l4oky6tsvk2t"}),
        ("see https://Mastodon.example/@acme/111222333444555666.", {TOOT}),
        ("https://mastodon.example/users/acme/statuses/111222333444555666,7", {TOOT}),
        ("https://pleroma.example/@a.b@other.example/AbCd9", {"pleroma.example/AbCd9"}),
        ("tweet 1849990000000000001 of 42", {"1849990000000000001", "42"}),
    ],
)
def test_ids_are_found_in_the_words_of_an_issue(text: str, named: set[str]) -> None:
    assert named <= ids_in(text)


def test_a_tombstone_reaches_the_rows_of_its_platform_alone() -> None:
    tombstones = Tombstones({POST: STONE, "7000": STONE}, {DID: STONE})
    base = {"captured_at": NOW, "text": "words", "availability": "available"}
    rows = [
        {**base, "platform": "bluesky", "post_id": POST, "account_id": "did:plc:other"},
        {**base, "platform": "bluesky", "post_id": "at://x", "account_id": DID},
        {**base, "platform": "x", "post_id": "7000", "account_id": "1"},
        {**base, "platform": "linkedin", "post_id": "7000", "account_id": "acme"},
    ]
    table = pa.Table.from_pylist(rows, schema=TABLES["posts"])
    assert tombstones.clean_table("posts", table)["text"].to_pylist() == [None, None, None, "words"]
    issue = {
        "platform": "bluesky",
        "captured_at": NOW,
        "subject": f"post {POST}",
        "problem": "p",
        "detail": "its words",
    }
    assert tombstones.clean_row("issues", issue)["detail"] != "its words"
