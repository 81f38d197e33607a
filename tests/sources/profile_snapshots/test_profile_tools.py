"""Follower tables as other tools write them: several networks in one file, links to profiles, figures of a period."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Reading, Request
from tests.conftest import NOW

DAY = datetime(2026, 11, 1, tzinfo=UTC)
OWNED = Request(NOW, account="acme")
DATED = Request(NOW, captured_at=DAY)


def read(tmp_path: Path, text: str, request: Request) -> Reading:
    path = tmp_path / "table.csv"
    path.write_text(text)
    _, reading = do_task("read", open_input(path, 1), request)
    return reading


def levels(reading: Reading) -> list[tuple[str, int, int | None]]:
    return [(row["handle"], row["follower_count"], row.get("post_count")) for row in reading.tables["accounts"]]


def problems(reading: Reading) -> list[str]:
    return [issue["problem"] for issue in reading.tables["issues"]]


def test_lines_of_another_network_never_count_as_those_of_x(tmp_path: Path) -> None:
    sprout = "Date,Network,Profile,Followers,Net Follower Growth\n2026-10-31,X,@acme,12345,5\n"
    sprout += "2026-11-01,Facebook,Acme,99350,5\n"
    reading = read(tmp_path, sprout, OWNED)
    assert levels(reading) == [("acme", 12345, None)]
    assert problems(reading) == ["unknown_platform"]
    rival = "Company,Channel,Handle,Followers\nAcme,X (Twitter),acme,100\nAcme,Instagram,acme,900\n"
    rival += "Other,Facebook,otherinc,9\n"
    assert levels(read(tmp_path, rival, DATED)) == [("acme", 100, None)]


def test_a_channel_that_names_no_network_is_none(tmp_path: Path) -> None:
    text = "Channel,Handle,Followers\nRetail,acme,100\nTwitter,other,9\n"
    assert levels(read(tmp_path, text, DATED)) == [("acme", 100, None), ("other", 9, None)]


@pytest.mark.parametrize("column", ["Profile URL", "Account link", "profile_url", "Perfil"])
def test_links_to_profiles_name_the_accounts_whatever_their_column_is_called(tmp_path: Path, column: str) -> None:
    text = f"Profile name,{column},Followers\nAcme,https://twitter.com/acme,12345\n"
    text += "Other,https://x.com/otherinc,900\nAverage,,6622\n"
    reading = read(tmp_path, text, DATED)
    assert levels(reading) == [("acme", 12345, None), ("otherinc", 900, None)]
    assert problems(reading) == ["no_account"]


def test_links_to_other_places_name_nobody(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError):
        read(tmp_path, "Name,Website URL,Followers\nAcme,https://acme.example,12345\n", DATED)


@pytest.mark.parametrize("column", ["Followers Change", "Engagement Total", "Avg. Likes", "Follower growth"])
def test_posts_beside_figures_of_a_period_are_no_level(tmp_path: Path, column: str) -> None:
    reading = read(tmp_path, f"Handle,Followers,{column},Posts\nacme,100,7,33\n", DATED)
    assert levels(reading) == [("acme", 100, None)]
    assert any(note.startswith("columns not read: ") and note.endswith("Posts") for note in reading.notes)


def test_posts_of_a_profile_are_a_level(tmp_path: Path) -> None:
    assert levels(read(tmp_path, "Handle,Followers,Tweets\nacme,100,3300\n", DATED)) == [("acme", 100, 3300)]


def test_one_profile_is_read_where_account_and_day_are_given(tmp_path: Path) -> None:
    request = Request(NOW, account="acme", captured_at=DAY)
    assert levels(read(tmp_path, "Followers,Following,Posts\n1234,30,4000\n", request)) == [("acme", 1234, 4000)]
    days = read(tmp_path, "time,followers\n2026-10-01 00:00:00,1200\n2026-10-02 00:00:00,1201\n", request)
    assert [row["captured_at"].day for row in days.tables["accounts"]] == [1, 2], "the file says the days itself"


def test_impressions_of_another_program_are_refused_by_their_name(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as refused:
        read(tmp_path, "Date,Profile,Followers,Impressions\n2026-10-31,@acme,12345,5\n", Request(NOW))
    assert refused.value.what == "the table has follower counts and daily figures, made by another program than X"
