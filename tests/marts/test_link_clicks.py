"""Clicks on tracked links from a table, joined to posts: to the click, each once, and never a competitor's."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.reading.recognition import do_task
from pipeline.sources.files.protocol import InputFile, Reading, Request
from tests.marts.stand import build_from_raw, read_rows

NOW = datetime(2026, 4, 1, tzinfo=UTC)
FIRST = date(2026, 3, 2)
# Link: clicks a day from the first, written down by hand. `twice` is on two platforms on one day.
CLICKS = {
    "bit.ly/again": [40, 9, 0, 3, 1, 1, 1, 20, 5, 0, 0, 2, 1, 1],
    "bit.ly/twice": [10, 10, 0, 0, 0, 0, 0],
    "bit.ly/mail": [7, 7, 7],
    "go.acme.com/theirs": [3, 0, 1],
}
POSTS = [
    ("bluesky", "own", "b1", FIRST, ["https://bit.ly/again"]),
    ("linkedin", "own", "l1", FIRST + timedelta(days=7), ["http://www.bit.ly/again/"]),
    ("mastodon", "own", "m1", FIRST, ["https://bit.ly/twice", "https://example.org"]),
    ("x", "own", "x1", FIRST, ["https://bit.ly/twice"]),
    ("bluesky", "rival", "r1", FIRST, ["https://bit.ly/mail", "https://go.acme.com/theirs"]),
]


def clicks_table(folder: Path) -> Reading:
    lines = [f"{link},{FIRST + timedelta(days=at)},{n}" for link, days in CLICKS.items() for at, n in enumerate(days)]
    (folder / "clicks.csv").write_text("link,date,clicks\n" + "\n".join(lines) + "\n")
    name, reading = do_task("read", InputFile(folder / "clicks.csv", "clicks.csv", "0" * 64), Request(now=NOW))
    assert name == "link_clicks"
    assert isinstance(reading, Reading)
    return reading


def test_every_click_is_counted_once_and_belongs_to_one_own_post_or_to_none(tmp_path: Path) -> None:
    posts = [
        {
            "platform": platform,
            "account_id": owner,
            "post_id": post_id,
            "created_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            "captured_at": NOW,
            "post_kind": "original",
            "link_urls": links,
        }
        for platform, owner, post_id, day, links in POSTS
    ]
    registry = [
        {"platform": platform, "account_id": owner, "captured_at": NOW, "is_own": owner == "own"}
        for platform, owner in {(platform, owner) for platform, owner, *_ in POSTS}
    ]
    # The same export again, as ingested a day later with a longer file, replaces and does not add up.
    rows = [{"source": "link_clicks", **row} for row in clicks_table(tmp_path).tables["link_clicks"]]
    again = [{**row, "lake_sequence": 2} for row in rows]
    file = build_from_raw(
        tmp_path / "data",
        {"posts": posts, "account_registry": registry, "link_clicks": [*rows, *again]},
        ["+link_clicks", "+int_post_link_clicks"],
    )
    total = sum(map(sum, CLICKS.values()))
    assert total == 129
    by_post = read_rows(
        file, "select platform, post_key, sum(click_count)::int as clicks from marts.link_clicks group by all"
    )
    assert {row["post_key"]: row["clicks"] for row in by_post} == {
        "bluesky:b1": 40 + 9 + 0 + 3 + 1 + 1 + 1,
        "linkedin:l1": 20 + 5 + 0 + 0 + 2 + 1 + 1,
        None: 20 + 21 + 4,
    }
    assert sum(int(str(row["clicks"])) for row in by_post) == total
    shared = read_rows(file, "from marts.link_clicks where link_id = 'bit.ly/twice'")
    assert {(row["platform"], row["carrying_post_count"]) for row in shared} == {(None, 2)}
    measured = read_rows(file, "from intermediate.int_post_link_clicks order by post_key")
    assert measured == [
        {"post_key": "bluesky:b1", "link_click_count": 55},
        {"post_key": "linkedin:l1", "link_click_count": 29},
    ]
