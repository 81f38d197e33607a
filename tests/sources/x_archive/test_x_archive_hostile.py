"""ZIPs that are hostile, damaged or something else: refused with a message, never unpacked, never half believed."""

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.sources import x_archive
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.safe_zip import Limits, check_sizes

from .archive_builder import ACCOUNT, REQUEST, archive, manifest, problems, script, tweet


@pytest.mark.parametrize("name", ["../evil.js", "data/../../evil.js", "/etc/evil", "C:\\evil", "..\\evil"])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TweetbenchError) as caught:
        x_archive.read(archive(tmp_path, {name: "x"}, tweet()), REQUEST)
    assert "name" in caught.value.why


def test_links_passwords_and_bombs_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("data/tweets.js")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        zip_file.writestr(link, "/etc/passwd")
    with pytest.raises(TweetbenchError, match="link to another file"):
        x_archive.read(InputFile(path, "link.zip", ""), REQUEST)
    bomb = archive(tmp_path, {"data/tweets.js": "window.YTD.tweets.part0 = [" + " " * 5_000_000 + "]"})
    with pytest.raises(TweetbenchError, match="ZIP bomb"):
        x_archive.read(bomb, REQUEST)
    locked = bytearray(archive(tmp_path, None, tweet()).path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.find(signature) + offset] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(TweetbenchError, match="password"):
        x_archive.read(InputFile(tmp_path / "locked.zip", "locked.zip", ""), REQUEST)


def test_other_zips_are_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as zip_file:
        zip_file.write(archive(tmp_path, None, tweet()).path, "archive.zip")
        zip_file.writestr("a/b/data/direct-messages.js", "x = []")
    assert not x_archive.recognises(InputFile(path, "other.zip", ""), REQUEST)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=4), cut=st.floats(0, 1)
)
def test_a_damaged_zip_is_refused_in_words_or_read_without_wrong_posts(
    tmp_path: Path, places: list[tuple[float, int]], cut: float
) -> None:
    whole = archive(tmp_path, {"data/manifest.js": manifest("tweets.js")}, tweet()).path.read_bytes()
    data = bytearray(whole)
    for share, value in places:
        data[int(share * len(data))] = value
    path = tmp_path / "damaged.zip"
    path.write_bytes(data[: len(data) if cut > 0.5 else int(2 * cut * len(data))])
    file = InputFile(path, "damaged.zip", "")
    x_archive.recognises(file, REQUEST)
    try:
        texts = [post["text"] for post in x_archive.read(file, REQUEST).tables["posts"]]
    except TweetbenchError:
        texts = []
    assert texts in ([], ["hello"])


def test_a_part_with_a_flipped_byte_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "stored.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as zip_file:
        zip_file.writestr("data/account.js", script("account", [{"account": ACCOUNT}]))
        zip_file.writestr("data/tweets.js", script("tweets", [{"tweet": tweet(full_text="flip me")}]))
        zip_file.writestr("data/tweets-part1.js", script("tweets", [{"tweet": tweet("2")}]))
    path.write_bytes(path.read_bytes().replace(b"flip me", b"flap me"))
    reading = x_archive.read(InputFile(path, "stored.zip", ""), REQUEST)
    assert ([post["post_id"] for post in reading.tables["posts"]], problems(reading)) == (["2"], ["unreadable_part"])
    assert "CRC" in reading.tables["issues"][0]["detail"]


@pytest.mark.parametrize("limits", [Limits(member_bytes=100), Limits(total_bytes=100)])
def test_data_files_over_the_limits_are_refused_before_they_are_opened(tmp_path: Path, limits: Limits) -> None:
    with (
        zipfile.ZipFile(archive(tmp_path, None, tweet()).path) as zip_file,
        pytest.raises(TweetbenchError, match="bytes"),
    ):
        check_sizes(zip_file.infolist(), "archive.zip", limits)
