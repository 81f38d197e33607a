"""People's own tables lose the records that name what was erased on Bluesky and Mastodon: by id, by link, by handle."""

from pathlib import Path

import pytest

from pipeline.comply.copies import Traces, erase_copies
from pipeline.lake.handle_spans import HandleSpan
from pipeline.lake.record_ids import spelled
from pipeline.settings import Settings

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
KEY = "3l4oky6tsvk2t"
TOOT = "mastodon.example/111222333444555666"
HANDLES = ("gone.example", "gone@mastodon.example")
GONE = [
    f"at://{DID}/app.bsky.feed.post/{KEY}",
    f"https://bsky.app/profile/{DID}/post/{KEY}",
    f"https://bsky.app/profile/renamed.example/post/{KEY}?ref=mail",
    TOOT,
    "https://mastodon.example/@renamed/111222333444555666",
    "https://mastodon.example/users/renamed/statuses/111222333444555666",
    DID,
    "gone.example",
    "@gone@mastodon.example",
    "https://bsky.app/profile/Gone.example",
    "https://mastodon.example/@gone",
]
STAYS = [
    f"at://did:plc:other/app.bsky.feed.post/{KEY}x",
    f"https://bsky.app/profile/{DID}x/post/3l4oky6tsvk2u",
    "https://other.example/@renamed/111222333444555666",
    "mastodon.example/1112223334445556667",
    "gone.example.org",
    "https://bsky.app/profile/gone.example.org",
    "https://mastodon.example/@gone@far.example",
    "https://other.example/@gone",
]


@pytest.mark.parametrize("spelling", ["{}", '"{}"'])
def test_records_that_name_an_erased_post_or_account_go_and_their_neighbours_stay(
    tmp_path: Path, spelling: str
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    settings.make_folders()
    folder = settings.inbox_dir / "done"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},{spelling.format(text)},5" for number, text in enumerate(line for line in [*GONE, *STAYS])]
    path = Path(folder, "posts.csv")
    path.write_text("\n".join(["row,account link,likes", *lines]) + "\n")
    ids = spelled([f"at://{DID}/app.bsky.feed.post/{KEY}", TOOT, DID])
    done = erase_copies(
        settings, Traces(ids, frozenset(), frozenset(HandleSpan(each) for each in HANDLES)), delete_files=False
    )
    assert path.read_text().splitlines() == ["row,account link,likes", *lines[len(GONE) :]]
    assert done.changed == ["inbox/done/posts.csv"]
