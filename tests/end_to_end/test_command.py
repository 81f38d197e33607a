"""The command line on a small synthetic data folder, from `init` to `sql`, in processes of its own."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.runtime.clock import utc_now
from tests.command import Tweetbench
from tests.end_to_end.canaries import PERSONAL, TOKEN, brand_on_x, drop_canaries, places_of_canaries
from tests.sources.api.scripted import serve
from tests.sources.x_api.stand import make_account, make_post

PROFILES = "platform,account_id,handle,captured_at,follower_count,following_count\n"
CONTENT = "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,"
CONTENT += "Reposts,Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks\n"
# Ids of 2026-01-06 12:00:00.000 UTC, of an hour later and of a day after that, as X counts.
POSTS = {2008508846699446272: "Tue, Jan 6, 2026", 2008523946193846272: "Tue, Jan 6, 2026"}
LATER = {**POSTS, 2008886334059446272: "Wed, Jan 7, 2026"}


def content(days: dict[int, str], likes: int) -> str:
    """A content export of the given posts."""
    link = "https://x.com/ourbrand/status/"
    rows = (
        f'{post_id},"{day}",hello https://t.co/a,{link}{post_id},100,{likes},9,0,0,1,0,2,0,0,4,0,0\n'
        for post_id, day in days.items()
    )
    return CONTENT + "".join(rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("person")


@pytest.fixture(scope="module")
def tweetbench(folder: Path) -> Tweetbench:
    command = Tweetbench(folder / "data")
    said = command("init")
    assert said.code == 0, said.err
    with (command.data_dir / "accounts.csv").open("a") as registry:
        registry.write("x,ourbrand,7,Our Brand,,Tools,10-49,b2b,,true,,\n")
    days = "".join(f"x,7,ourbrand,2026-01-{day:02d}T06:00:00Z,{1000 + day},{900}\n" for day in range(1, 20))
    (folder / "profiles.csv").write_text(PROFILES + days)
    (folder / "posts.csv").write_text(content(POSTS, likes=5))
    said = command("ingest", folder / "profiles.csv", folder / "posts.csv")
    assert said.code == 0, said.err
    drop_canaries(command.data_dir)
    with serve(brand_on_x("ourbrand", "7", followers=1019, following=900)) as tiny:
        with_x = {"TWEETBENCH_X_BEARER_TOKEN": TOKEN, "TWEETBENCH_X_API_BASE_URL": tiny.base_url}
        said = command("--debug", "run", TWEETBENCH_SETTLE_SECONDS="0", **with_x)
    assert said.code == 0, said.err
    assert tiny.requests
    assert [text for text in (TOKEN, *PERSONAL) if text in said.out + said.err] == []
    return command


def test_init_explains_every_folder_and_keeps_what_is_there(tweetbench: Tweetbench) -> None:
    said = tweetbench("init")
    assert "accounts.csv   kept: " in said.out
    assert "daily_refresh" in said.out
    assert (tweetbench.data_dir.parent / ".env").stat().st_mode & 0o777 == 0o600
    assert "ourbrand" in (tweetbench.data_dir / "accounts.csv").read_text()


def test_g34_g32_after_a_whole_run_no_file_holds_a_token_or_personal_data_raw_or_unpacked(
    tweetbench: Tweetbench,
) -> None:
    found = places_of_canaries(tweetbench.data_dir)
    # What people dropped lies where they can find it again, as it was; nothing that was made of it holds any of it.
    as_dropped = {path: hits for path, hits in found.items() if path.endswith(".csv")}
    assert {path: hits for path, hits in found.items() if path not in as_dropped} == {}
    assert {path.split("/")[0] for path in as_dropped} == {"inbox", "quarantine"}
    assert set().union(*as_dropped.values()) == set(PERSONAL), "the search finds them, and the token is in none"
    (row,) = tweetbench.rows("select count(*) as contacts from contact_activation")
    assert row["contacts"] > 0
    assert tweetbench.rows("select distinct survey_id from survey_segments") == [{"survey_id": "plans"}]


def test_run_publishes_and_says_where(tweetbench: Tweetbench) -> None:
    (row,) = tweetbench.rows("select version, is_demo from published")
    assert row["version"] >= 1
    assert row["is_demo"] is False
    (style,) = tweetbench.rows("select ratio_style, size_tier, follower_count from ratio_styles")
    assert style == {"ratio_style": "interpersonal", "size_tier": "mid", "follower_count": 1019}


def test_a_run_with_nothing_new_keeps_the_version_and_says_so(tweetbench: Tweetbench) -> None:
    before = tweetbench.rows("from published")
    said = tweetbench("run", TWEETBENCH_SETTLE_SECONDS="0")
    assert said.code == 0, said.err
    assert said.out.startswith(f"nothing new: version {before[0]['version']} of ")
    assert "asset check" not in said.err
    assert tweetbench.rows("from published") == before


def test_posts_carry_the_time_of_their_ids_and_reported_metrics_only(tweetbench: Tweetbench) -> None:
    rows = tweetbench.rows("select post_id, created_at, like_count, quote_count, has_link from posts order by post_id")
    assert rows[0]["created_at"].startswith("2026-01-06 12:00:00")
    assert [(row["post_id"], row["like_count"], row["quote_count"], row["has_link"]) for row in rows] == [
        (str(post_id), 5, None, True) for post_id in POSTS
    ]


def test_the_refused_inbox_file_is_an_issue_and_lies_in_quarantine(tweetbench: Tweetbench) -> None:
    rows = tweetbench.rows("from issues where problem = 'file_refused'")
    assert [row["subject"] for row in rows] == ["nonsense.csv"]
    assert [path.name.split("-")[1] for path in tweetbench.data_dir.glob("quarantine/*.csv")] == ["nonsense.csv"]


def test_a_later_export_revises_what_it_covers_though_the_registry_was_emptied(
    tweetbench: Tweetbench, folder: Path
) -> None:
    # A mart of an earlier version of the project, which is published no more.
    with duckdb.connect(str(tweetbench.data_dir / "warehouse" / "build.duckdb")) as connection:
        connection.execute("create table marts.removed as select 1 as a")
    (folder / "later.csv").write_text(content(LATER, likes=8))
    assert tweetbench("ingest", folder / "later.csv").code == 0
    registry = tweetbench.data_dir / "accounts.csv"
    before = registry.read_text()
    registry.write_bytes(b"\xef\xbb\xbf\r\n")
    said = tweetbench("run", "--json")
    assert said.code == 0, said.err
    (entry,) = said.json()["files"]
    assert (entry["file"], entry["status"]) == ("accounts.csv", "refused")
    assert entry["error"]["what"] == "accounts.csv is empty"
    assert "  accounts.csv   the accounts to watch" in tweetbench("init").out
    assert registry.read_text().startswith("platform,handle,")
    registry.write_text(before)
    rows = tweetbench.rows("select like_count from posts order by created_at")
    assert [row["like_count"] for row in rows] == [8, 8, 8]
    assert "removed" not in {row["name"] for row in tweetbench.rows("show tables")}


def test_sql_speaks_json_csv_and_words(tweetbench: Tweetbench) -> None:
    assert tweetbench("sql", "select '=1+1' as \"@cell\"", "--csv").out == "'@cell\n'=1+1\n"
    wrong = tweetbench("sql", "select * from nothing")
    assert wrong.code == 2
    assert "Table with name nothing does not exist" in wrong.err
    assert "next: tweetbench sql 'show tables'" in wrong.err
    assert "Traceback" not in wrong.err
    assert "Traceback" in tweetbench("--debug", "sql", "select * from nothing").err


def test_status_and_doctor_speak_json_and_find_nothing_wrong(tweetbench: Tweetbench) -> None:
    status = tweetbench("status", "--json").json()
    assert {row["source"] for row in status["lake"]} >= {"profile_snapshots", "x_analytics_content", "inbox"}
    checks = {check["name"]: check for check in tweetbench("doctor", "--json").json()}
    assert [name for name, check in checks.items() if not check["is_good"]] == []
    assert "absent" in checks["X token"]["found"]


def test_doctor_says_that_a_folder_is_missing_and_makes_none(tweetbench: Tweetbench, tmp_path: Path) -> None:
    mistyped = tmp_path / "datta"
    said = tweetbench("doctor", TWEETBENCH_DATA_DIR=str(mistyped))
    assert "FIX  data folder      missing: datta" in said.out
    assert (said.code, mistyped.exists()) == (78, False)


def test_ingest_check_and_refusals_have_their_exit_codes(tweetbench: Tweetbench, folder: Path) -> None:
    (folder / "empty.csv").write_text("")
    said = tweetbench("ingest", folder / "empty.csv", folder / "profiles.csv", "--json")
    assert said.code == 65
    assert [entry["status"] for entry in json.loads(said.out)] == ["refused", "already_known"]
    assert tweetbench("ingest", folder / "profiles.csv", "--as", "nonsense").code == 2
    assert tweetbench("ingest", folder / "profiles.csv", "--captured-at", "yesterday").code == 2
    assert tweetbench("plan").code == 78
    assert tweetbench("run", TWEETBENCH_THREADS="many").code == 78


def test_g14_backfill_missing_reads_what_x_still_serves_while_a_reader_has_the_version_before_open(
    tweetbench: Tweetbench,
) -> None:
    with (tweetbench.data_dir / "accounts.csv").open("a") as registry:
        registry.write("x,never_read,8,Never read,,Tools,10-49,b2b,,false,,\n")
    shown = tweetbench("backfill", "--json").json()
    assert [
        (gap["account"], gap["kind"], gap["is_recoverable"]) for gap in shown if gap["account"] == "never_read"
    ] == [("never_read", "posts", True)]
    assert tweetbench("backfill", "--missing").code == 77, "without a token"
    file = tweetbench.data_dir / "published" / "current" / "warehouse.duckdb"
    with (
        duckdb.connect(str(file), read_only=True) as connection,
        serve(brand_on_x("ourbrand", "7", followers=1019, following=900)) as tiny,
    ):
        tiny.accounts["8"] = make_account(2, id="8", username="never_read")
        tiny.posts["8"] = [make_post(number, author="8", at=utc_now() - timedelta(days=number)) for number in (1, 2, 3)]
        with_x = {"TWEETBENCH_X_BEARER_TOKEN": TOKEN, "TWEETBENCH_X_API_BASE_URL": tiny.base_url}
        said = tweetbench("backfill", "--missing", **with_x)
        assert said.code == 0, said.err
        assert connection.execute("select count(*) from marts.accounts").fetchone() == (1,)
    assert tweetbench.rows("select count(*) as posts from posts where account_key = 'x:8'") == [{"posts": 3}]
    left = tweetbench("backfill", "--json").json()
    assert [gap for gap in left if gap["account"] == "never_read" and gap["is_recoverable"]] == []
