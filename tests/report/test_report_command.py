"""`tweetbench report`: which kept version it takes, where it writes, and what it says when it cannot."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli.report import choose_version
from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.reader import KeptVersion, kept_versions
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.report.stand import publish_rows, settings_for

DAYS = [NOW - timedelta(days=days) for days in (9, 5, 0)]


def kept() -> list[KeptVersion]:
    return [KeptVersion(number, day, Path(f"v{number}")) for number, day in enumerate(DAYS, start=3)]


@pytest.mark.parametrize(
    ("as_of", "version", "expected"),
    [
        (None, None, 5),
        ("2026-11-22", None, 5),
        ("2026-11-21", None, 4),
        ("2026-11-17", None, 4),
        ("2026-11-16", None, 3),
        (None, 3, 3),
    ],
)
def test_a_day_means_the_version_that_was_current_at_its_end(
    as_of: str | None, version: int | None, expected: int
) -> None:
    day = None if as_of is None else datetime.fromisoformat(as_of)
    assert choose_version(kept(), as_of=day, version=version).version == expected


def test_what_is_not_kept_is_said_with_what_is() -> None:
    with pytest.raises(TweetbenchError, match="no version of 2026-01-01 or earlier is kept") as caught:
        choose_version(kept(), as_of=datetime(2026, 1, 1), version=None)  # noqa: DTZ001 - a day, as typer gives it
    assert caught.value.where == "kept versions: v3 (2026-11-13), v4 (2026-11-17), v5 (2026-11-22)"
    assert "--version 3" in caught.value.next_step
    with pytest.raises(TweetbenchError, match="version 9 is not kept"):
        choose_version(kept(), as_of=None, version=9)
    with pytest.raises(TweetbenchError, match="both choose") as caught:
        choose_version(kept(), as_of=NOW, version=3)
    assert caught.value.exit_code == Exit.USAGE
    with pytest.raises(TweetbenchError, match="nothing has been published yet"):
        choose_version([], as_of=None, version=None)


def test_the_command_rebuilds_an_older_version_elsewhere_and_leaves_the_version_alone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", versions_kept=3)
    for number, day in enumerate(DAYS):
        named = {"account_key": "x:1", "handle": f"name_{number}", "account_label": f"name_{number}"}
        accounts = [{**named, "follower_count": 10, "following_count": 10}]
        styles = [{"account_key": "x:1", "follower_count": 10, "following_count": 10, "ratio_style": "too_small"}]
        publish_rows(settings, {"accounts": accounts, "ratio_styles": styles}, now=day)
    before = {path: path.stat().st_mtime_ns for path in settings.published_dir.rglob("*")}
    tweetbench = Tweetbench(settings.data_dir)
    said = tweetbench("report", "--as-of", "2026-11-18", "--json")
    assert said.code == 0, said.err
    assert (said.json()["version"], said.json()["problems"]) == (2, [])
    page = Path(said.json()["page"])
    assert page == settings.data_dir / "reports" / "v2" / "index.html"
    assert "name_1" in page.read_text(encoding="utf-8")
    assert {path: path.stat().st_mtime_ns for path in settings.published_dir.rglob("*")} == before
    assert [each.version for each in kept_versions(settings)] == [1, 2, 3]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep me")
    refused = tweetbench("report", "--out", mine)
    assert refused.code == 2
    assert "something other than a report" in refused.err
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
