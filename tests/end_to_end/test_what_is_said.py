"""What `ingest`, `run`, `status` and `init` say, and the codes they end with, in processes of their own."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.runtime.clock import utc_now
from tests.command import Said, Tweetbench
from tests.end_to_end.canaries import TOKEN
from tests.sources.api.scripted import Reply, serve
from tests.sources.x_api.stand import make_account, make_post
from tests.sources.x_api.tiny_server import TinyX

# Two counts that are none, a handle that is none, a line without a day; two lines can be used.
COUNTS = """handle,followers,following,date
shop_a,12,300,2026-11-01
shop_b,many,35,2026-11-01
shop_c,lots,35,2026-11-01
not a handle,5,3,2026-11-01
shop_d,980,1,
shop_e,77,10,2026-11-03
"""
OWN = "firm7"


def server_of(count: int) -> TinyX:
    """A platform with some accounts of three posts each."""
    now = utc_now()
    accounts = {str(1_000 + number): make_account(number) for number in range(1, count + 1)}
    posts = {
        account_id: [make_post(n, author=account_id, at=now - timedelta(hours=5 * n + 1)) for n in range(3)]
        for account_id in accounts
    }
    return TinyX(accounts=accounts, posts=posts, date=f"{now:%a, %d %b %Y %H:%M:%S} GMT")


@pytest.fixture(scope="module")
def tiny() -> Iterator[TinyX]:
    with serve(server_of(8)) as running:
        yield running


@pytest.fixture(scope="module")
def tweetbench(tmp_path_factory: pytest.TempPathFactory) -> Tweetbench:
    command = Tweetbench(tmp_path_factory.mktemp("person") / "data")
    assert command("init").code == 0
    with (command.data_dir / "accounts.csv").open("a") as registry:
        for number in range(1, 9):
            registry.write(f"x,firm{number},,Firm {number},,Tools,,b2b,,{f'firm{number}' == OWN},,\n".lower())
    return command


def run(tweetbench: Tweetbench, tiny: TinyX, *options: str) -> Said:
    with_x = {"TWEETBENCH_X_BEARER_TOKEN": TOKEN, "TWEETBENCH_X_API_BASE_URL": tiny.base_url}
    return tweetbench("run", *options, TWEETBENCH_SETTLE_SECONDS="0", **with_x)


@pytest.fixture(scope="module")
def first(tweetbench: Tweetbench, tiny: TinyX) -> Said:
    """A run for which the budget is too small, with a good file and a useless one in the inbox."""
    (tweetbench.data_dir / "inbox" / "counts.csv").write_text(COUNTS)
    (tweetbench.data_dir / "inbox" / "colours.csv").write_text("colour,size\nred,3\n")
    return run(tweetbench, tiny, "--json", "--max-usd", "0.05")


def test_a_budget_stop_is_reported_in_json_and_by_its_own_exit_code_and_the_rest_is_published(
    first: Said, tweetbench: Tweetbench, tiny: TinyX
) -> None:
    assert first.code == 3
    shown = first.json()
    assert shown["partial"] is True
    (reason,) = shown["reasons"]
    assert (reason["what"], reason["exit_code"]) == ("X was not read completely", 3)
    assert "3 of 8 accounts were not read: @firm5, @firm6, @firm8" in reason["why"]
    assert "--max-usd" in reason["next"]
    assert shown["published"]["version"] == 1
    assert tiny.served == ["1007", "1001", "1002", "1003", "1004"], "the own account first"
    assert "incomplete: X was not read completely" in first.err
    assert "published, but incomplete: everything else is in version 1 (exit code 3)" in first.err
    (row,) = tweetbench.rows("select count(*) as known from accounts where platform = 'x' and account_id is not null")
    assert row["known"] == 5


def test_a_run_says_of_each_file_what_became_of_it(first: Said) -> None:
    files = {entry["file"]: entry for entry in first.json()["files"]}
    assert {name: (entry["status"], entry["kind"]) for name, entry in files.items()} == {
        "accounts.csv": ("added", "account_registry"),
        "counts.csv": ("added", "profile_snapshots"),
        "colours.csv": ("refused", None),
    }
    assert sum(group["count"] for group in files["counts.csv"]["issues"]) == 4
    assert files["colours.csv"]["error"]["what"] == "this kind of file is not known"


def test_what_a_run_set_aside_is_the_same_as_in_the_table_of_issues(first: Said, tweetbench: Tweetbench) -> None:
    shown = first.json()
    groups = {group["problem"]: group["count"] for group in shown["issues"]}
    rows = [row for row in tweetbench.rows("from issues") if row["run_id"] == shown["run_id"]]
    lines: Counter[str] = Counter()
    for row in rows:
        lines[row["problem"]] += row["line_count"]
    assert groups == lines
    assert groups["not_a_count"] == 2, "two lines of one cause are one row of the table"
    examples = {(row["problem"], row["subject"], row["detail"], row["next_step"]) for row in rows}
    assert {(group["problem"], group["subject"], group["detail"], group["next_step"]) for group in shown["issues"]} <= (
        examples
    )
    (counts,) = (entry for entry in shown["files"] if entry["file"] == "counts.csv")
    for group in counts["issues"]:
        assert group in shown["issues"], "the summary of the run repeats what was said of the file"
    assert {"file_refused", "budget_reached"} <= groups.keys()
    assert list(groups.values()) == sorted(groups.values(), reverse=True)
    assert all(group["subject"] and group["detail"] and group["next_step"] for group in shown["issues"])


def test_status_says_how_the_last_run_ended_and_that_the_lake_is_ahead(
    first: Said, tweetbench: Tweetbench, tmp_path: Path
) -> None:
    (tmp_path / "later.csv").write_text("handle,followers,following,date\nshop_a,13,300,2026-11-02\n")
    assert "the lake is ahead" not in tweetbench("status").out
    said = tweetbench("ingest", tmp_path / "later.csv")
    assert said.code == 0, said.err
    status = tweetbench("status")
    assert f"last run {first.json()['run_id']}, " in status.out
    assert "published, but incomplete: X was not read completely: the budget of 0.05 USD is reached" in status.out
    assert "the lake is ahead of version 1: profile_snapshots 1, read after it was published" in status.out
    shown = tweetbench("status", "--json").json()
    assert shown["not_published"] == {"profile_snapshots": 1}
    assert shown["last_run"]["reasons"][0]["exit_code"] == 3
    assert {row["source"]: row["missing_days"] for row in shown["coverage"]}["x_api"] == 0


def test_where_x_gives_no_answer_the_run_ends_with_69_and_says_that_the_rest_was_published(
    first: Said, tweetbench: Tweetbench, tiny: TinyX
) -> None:
    assert first.code == 3
    tiny.script["*"] = [Reply(404, b"") for _ in range(200)]
    (tweetbench.data_dir / "inbox" / "counts.csv").write_text(COUNTS)
    (tweetbench.data_dir / "inbox" / "more.csv").write_text(COUNTS.replace("2026-11", "2026-10"))
    said = run(tweetbench, tiny)
    tiny.script.clear()
    assert said.code == 69
    assert "error: X could not be read at all" in said.err
    assert "published, but incomplete: everything else is in version 2 (exit code 69)" in said.err
    assert "  counts.csv: already known as profile_snapshots" in said.out
    assert "  more.csv: added as profile_snapshots" in said.out
    assert "accounts.csv" not in said.out.split("published version")[0], "it has not changed"
    assert " x not_a_count\n" in said.out
    assert "more.csv, line" in said.out
    assert "  to list all: " in said.out
    assert tweetbench.rows("select version from published") == [{"version": 2}]


def test_run_help_lists_the_codes_and_examples(tweetbench: Tweetbench) -> None:
    said = " ".join(tweetbench("run", "--help").out.split())
    for words in ("3 if it was published", "69 if X could not be read at all", "77 if it refuses", "--max-usd 0.50"):
        assert words in said


def test_check_shows_every_reason_with_its_example_because_nothing_is_stored(
    tweetbench: Tweetbench, tmp_path: Path
) -> None:
    (tmp_path / "counts.csv").write_text(COUNTS.replace("shop_e", "shop_f"))
    lake = sorted((tweetbench.data_dir / "lake").rglob("*"))
    said = tweetbench("ingest", "--check", tmp_path / "counts.csv")
    assert said.code == 0
    assert "  set aside: 4 items that could not be used as given" in said.out
    assert (
        "    2 x not_a_count\n        such as counts.csv, lines 3, 4: 2 lines: line 3: column 'followers'" in said.out
    )
    assert "    1 x no_account\n        counts.csv, line 5: 'not a handle' is not a handle" in said.out
    assert "        next: fill in the date of that line" in said.out
    assert "all of them" not in said.out
    (entry,) = tweetbench("ingest", "--check", "--json", tmp_path / "counts.csv").json()
    assert [(group["problem"], group["count"]) for group in entry["issues"]] == [
        ("not_a_count", 2),
        ("no_account", 1),
        ("no_captured_date", 1),
    ]
    assert sorted((tweetbench.data_dir / "lake").rglob("*")) == lake


def test_the_same_file_for_another_account_says_whose_rows_it_takes_away(
    tweetbench: Tweetbench, tmp_path: Path
) -> None:
    header = "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
    header += "Create Post,Video views,Media views\n"
    (tmp_path / "days.csv").write_text(header + '"Tue, Aug 26, 2025",10,1,2,0,0,3,1,0,0,4,1,0,0\n')
    days = tmp_path / "days.csv"
    assert tweetbench("ingest", days, "--account", "Brand_BR").code == 0
    again = tweetbench("ingest", days, "--account", "@brand_br")
    assert "already in the lake" in again.out, "handles have no case"
    moved = tweetbench("ingest", "--check", days, "--account", "other_brand")
    assert "the same file was read for @Brand_BR before: its rows now count for @other_brand instead" in moved.out


def test_init_from_a_foreign_folder_writes_no_env_there_and_makes_no_second_key(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "elsewhere").mkdir()
    at_home = Tweetbench(tmp_path / "home" / "data")
    said = at_home("init")
    assert f"written to {tmp_path / 'home' / '.env'}" in said.out
    assert (tmp_path / "home" / ".env").stat().st_mode & 0o777 == 0o600
    # The command runs in the folder above its data folder; here that is not where the data folder at home lies.
    abroad = Tweetbench(tmp_path / "elsewhere" / "data")
    there = {"TWEETBENCH_DATA_DIR": str(at_home.data_dir)}
    refused = abroad("init", **there)
    assert refused.code == 78
    assert "this data folder has pseudonyms made with another key" in refused.err
    assert "run from the folder whose .env holds the key" in refused.err
    assert not (tmp_path / "elsewhere" / ".env").exists()
    fresh = {"TWEETBENCH_DATA_DIR": str(tmp_path / "third" / "data")}
    said = abroad("init", **fresh)
    assert (said.code, (tmp_path / "elsewhere" / ".env").exists()) == (0, False)
    assert "not written" in said.out
    assert "tweetbench init --env-here" in said.out
    said = abroad("init", "--env-here", **fresh)
    assert f"written to {tmp_path / 'elsewhere' / '.env'}" in said.out


@pytest.mark.parametrize("options", [(), ("--only", "x_api")])
def test_g19_a_refused_token_ends_a_run_with_77_and_is_named_and_the_rest_is_published(
    first: Said, tweetbench: Tweetbench, tiny: TinyX, options: tuple[str, ...]
) -> None:
    assert first.code == 3
    waiting = tweetbench.data_dir / "inbox" / f"days{len(options)}.csv"
    waiting.write_text(COUNTS.replace("2026-11", f"2026-0{len(options) + 1}"))
    tiny.script["*"] = [Reply(401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})] * 9
    said = run(tweetbench, tiny, *options)
    tiny.script.clear()
    assert said.code == 77, said.err
    assert "error: X does not accept TWEETBENCH_X_BEARER_TOKEN" in said.err
    assert "tweetbench doctor" in said.err
    assert "published, but incomplete: everything else is in version" in said.err
    assert "Traceback" not in said.err + said.out
    assert waiting.exists() is bool(options), "a run of one source leaves the others' files where they are"
    assert "last run " in tweetbench("status").out
    shown = tweetbench("status", "--json").json()
    assert shown["last_run"]["reasons"][0]["exit_code"] == 77
