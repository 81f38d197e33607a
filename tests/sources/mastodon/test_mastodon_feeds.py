"""Statuses of Mastodon: what they are, how far a feed is read, and what becomes of them."""

from pathlib import Path

from .stand import HOME, LOCAL, acme_world, make_status

FEED = f"/api/v1/accounts/{LOCAL}/statuses"


def test_a_feed_is_read_by_the_links_to_the_end_and_a_short_page_does_not_end_it(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(130)], page_size=30) as stand:
        result = stand.run()
        assert len(set(stand.ids())) == len(stand.ids()) == 130
        assert (stand.problems(), result.shortfalls) == ([], ())
        assert stand.tiny.calls().count(FEED) == 5
    assert stand.ids()[0] == f"{HOME}/900000"
