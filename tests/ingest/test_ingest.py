"""Files from people: recognised by content, committed once, refused with a message; and the inbox around them."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.ingest.inbox import ingest_inbox, ready_files
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input, printable
from tests.conftest import NOW

HEADER = "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
HEADER += "Create Post,Video views,Media views\n"
PROFILES = "platform,account_id,handle,captured_at,follower_count,following_count\n"


def overview(*days: str) -> str:
    return HEADER + "".join(f'"{day}",10,1,2,0,0,3,1,0,0,4,1,0,0\n' for day in days)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    made.make_folders()
    return made


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings.lake_dir)


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, lake: Lake, settings: Settings, check: bool = False, **known: object) -> object:
    request = build_request(settings, now=NOW, **known)
    return ingest_file(path, lake, settings, request, run_id="run-1", check=check)


def test_the_kind_comes_from_the_content_not_from_the_name(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path, "holiday_photos.txt", overview("Tue, Aug 26, 2025"))
    outcome = read(path, lake, settings, account="brand")
    assert (outcome.status, outcome.source) == ("added", "x_analytics_overview")
    assert outcome.found["account"] == "brand"


def test_check_reads_everything_and_changes_nothing(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", overview("Tue, Aug 26, 2025"))
    before = sorted(settings.data_dir.rglob("*"))
    request = build_request(settings, now=NOW, account="brand", check=True)
    assert len(request.pseudonym("somebody")) == 32
    outcome = ingest_file(path, lake, settings, request, run_id="run-1", check=True)
    assert (outcome.status, outcome.found["rows_by_table"]) == ("checked", {"account_daily": 1})
    assert sorted(settings.data_dir.rglob("*")) == before


def test_same_bytes_twice_add_nothing_under_any_name(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    text = PROFILES + "x,7,brand,2026-11-01,100,10\n"
    assert read(write(tmp_path, "a.csv", text), lake, settings).status == "added"
    assert read(write(tmp_path, "b.csv", text), lake, settings).status == "already_known"
    assert lake.read("accounts").num_rows == 1


def test_the_same_bytes_with_another_date_replace_their_first_reading(
    lake: Lake, settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.csv", "id,username,followers_count,following_count\n7,brand,100,10\n")
    assert read(path, lake, settings, captured_at=NOW - timedelta(days=9)).status == "added"
    assert read(path, lake, settings, captured_at=NOW - timedelta(days=2)).status == "added"
    assert lake.read("accounts").column("captured_at").to_pylist() == [NOW - timedelta(days=2)]
    assert len(list(lake.commits())) == 2


def test_another_accounts_export_is_refused_unless_it_is_told(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    settings.accounts_file.write_text("platform,handle,is_own\nx,ourbrand,true\n")
    text = "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements\n"
    text += '1886483849795768598,"Mon, Feb 3, 2025",hello,https://x.com/rival/status/1886483849795768598,9,1,2\n'
    path = write(tmp_path, "a.csv", text)
    refused = read(path, lake, settings)
    assert refused.status == "refused"
    assert "belongs to @rival" in refused.error.what
    assert "--account rival" in refused.error.next_step
    assert read(path, lake, settings, account="rival").status == "added"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n \n", "the file is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PAR1....", "a Parquet file"),
        (b"PK\x03\x04 torn", "not known"),
        (bytes(100_000), "nothing but zero bytes"),
        (b"colour,size\nred,3\n", "this kind of file is not known"),
        (HEADER.encode(), "no"),
    ],
)
def test_files_of_no_use_are_refused_with_a_reason(
    content: bytes, words: str, lake: Lake, settings: Settings, tmp_path: Path
) -> None:
    outcome = read(write(tmp_path, "a.csv", content), lake, settings, account="brand")
    assert outcome.status == "refused"
    assert words in str(outcome.error)
    assert list(lake.commits()) == []


def test_links_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.csv", overview("Tue, Aug 26, 2025"))
    (tmp_path / "link.csv").symlink_to(secret)
    with pytest.raises(TweetbenchError, match="a link to another file"):
        open_input(tmp_path / "link.csv", 1)
    with pytest.raises(TweetbenchError, match="not a file"):
        open_input(tmp_path, 1)
    with pytest.raises(TweetbenchError, match="cannot be opened") as caught:
        open_input(tmp_path / "nothing.csv", 1)
    assert caught.value.exit_code == Exit.USAGE


def test_a_file_over_the_size_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="at most 1 MB are read"):
        open_input(write(tmp_path, "big.csv", b"x" * 1_000_001), 1)


def test_the_inbox_sorts_good_from_bad_and_loses_neither(lake: Lake, settings: Settings) -> None:
    write(settings.inbox_dir, "good.csv", PROFILES + "x,7,brand,2026-11-01,100,10\n")
    write(settings.inbox_dir, "bad.csv", "colour,size\nred,3\n")
    (settings.inbox_dir / "link.csv").symlink_to("/etc/passwd")
    outcomes = list(ingest_inbox(lake, settings, build_request(settings, now=NOW), run_id="run-1"))
    assert sorted(outcome.status for outcome in outcomes) == ["added", "refused", "refused"]
    assert [path.name for path in (settings.inbox_dir / "done").iterdir()] == ["20261122T120000-good.csv"]
    kept = sorted(path.name for path in settings.quarantine_dir.iterdir())
    assert kept == [
        "20261122T120000-bad.csv",
        "20261122T120000-bad.csv.why.md",
        "20261122T120000-link.csv",
        "20261122T120000-link.csv.why.md",
    ]
    note = (settings.quarantine_dir / "20261122T120000-bad.csv.why.md").read_text()
    assert "this kind of file is not known" in note
    assert "--as KIND" in note
    assert lake.read("issues").column("problem").to_pylist() == ["file_refused", "file_refused"]
    assert ready_files(settings) == []


def test_a_file_that_is_still_being_copied_waits(settings: Settings) -> None:
    patient = settings.model_copy(update={"settle_seconds": 60})
    path = write(settings.inbox_dir, "a.csv", "half")
    for name in ("b.csv.part", "c.crdownload", ".hidden.csv"):
        write(settings.inbox_dir, name, "half")
    assert ready_files(patient) == []
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
    assert ready_files(patient) == [path]


def test_limiting_a_run_to_one_source_leaves_the_other_files_in_the_inbox(lake: Lake, settings: Settings) -> None:
    write(settings.inbox_dir, "a.csv", PROFILES + "x,7,brand,2026-11-01,100,10\n")
    write(settings.inbox_dir, "b.csv", "colour,size\nred,3\n")
    request = build_request(settings, now=NOW)
    assert list(ingest_inbox(lake, settings, request, run_id="r", kinds={"x_archive"})) == []
    (outcome,) = ingest_inbox(lake, settings, request, run_id="r", kinds={"profile_snapshots"})
    assert outcome.status == "added"
    assert [path.name for path in ready_files(settings)] == ["b.csv"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.csv", "a\nb.csv", "\u202egpj.csv", "." * 300, "x" * 400])
def test_names_are_shown_and_moved_without_control_or_path_characters(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert "/" not in shown
    assert 0 < len(shown) <= 200
    assert not shown.startswith(".")


def test_a_mapping_that_names_a_key_twice_or_is_no_yaml_says_where(settings: Settings) -> None:
    path = write(settings.mappings_dir, "brand.yml", "kind: profile_snapshots\nkind: survey\n")
    (broken,) = build_request(settings, now=NOW).broken_mappings
    assert broken.where == "mappings/brand.yml, line 1"
    assert "'kind' is written twice" in broken.why
    path.write_text("just a sentence")
    (broken,) = build_request(settings, now=NOW).broken_mappings
    assert "named fields" in broken.why


def test_the_pseudonym_key_is_made_once_and_kept_for_the_owner_only(settings: Settings) -> None:
    first = build_request(settings, now=NOW).pseudonym("someone")
    assert build_request(settings, now=NOW).pseudonym("someone") == first
    assert settings.hash_key_file.stat().st_mode & 0o777 == 0o600
    # A second key for the same folder would make two people of one: it is refused, and no longer used in silence.
    other = Settings(_env_file=None, data_dir=settings.data_dir, hash_key="another key of its own")
    with pytest.raises(TweetbenchError, match="pseudonyms made with another key") as caught:
        build_request(other, now=NOW).pseudonym("someone")
    assert caught.value.exit_code is Exit.CONFIGURATION
    elsewhere = Settings(_env_file=None, data_dir=settings.data_dir / "elsewhere", hash_key="another key of its own")
    assert build_request(elsewhere, now=NOW).pseudonym("someone") != first


def test_a_data_folder_knows_the_key_that_the_settings_held_for_it(settings: Settings) -> None:
    keyed = settings.model_copy(update={"hash_key": SecretStr("the first key of this folder")})
    first = build_request(keyed, now=NOW).pseudonym("someone")
    assert build_request(keyed, now=NOW).pseudonym("someone") == first
    for stranger in (settings, settings.model_copy(update={"hash_key": SecretStr("another key of its own")})):
        with pytest.raises(TweetbenchError, match="pseudonyms made with another key"):
            build_request(stranger, now=NOW).pseudonym("someone")
    assert not settings.hash_key_file.exists()
