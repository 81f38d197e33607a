"""`tweetbench watch`: asks real HTTP servers on loopback, lists what exists, and says what does not and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import jinja2
import pytest

from pipeline.report.definitions import ratio_style
from pipeline.settings import PROJECT_DIR
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import draw_elsewhere
from pipeline.simulate.server import serve as serve_demo
from pipeline.simulate.world import World
from tests.command import Said, Tweetbench
from tests.sources.api.scripted import Reply, serve
from tests.sources.bluesky.stand import ACME, make_entry, make_profile
from tests.sources.bluesky.tiny_appview import HTML_403, TinyAppView
from tests.sources.mastodon.stand import HOME
from tests.sources.mastodon.stand import make_account as make_mastodon_account
from tests.sources.mastodon.tiny_server import TinyFediverse, TinyServer
from tests.sources.x_api.stand import TOKEN, make_account
from tests.sources.x_api.tiny_server import TinyX

HEADER = "platform,handle,account_id,name,company,industry,company_size,customer_focus,peer_group,is_own,since,notes"
MADE = "2026-05-31T00:00:00Z"


@dataclass
class Stand:
    """The command with all platforms on loopback."""

    command: Tweetbench
    bluesky: TinyAppView
    mastodon: TinyFediverse
    x: TinyX

    def __call__(self, *words: str, token: bool = False, **environment: str) -> Said:
        given = {
            "TWEETBENCH_BLUESKY_API_BASE_URL": self.bluesky.base_url,
            "TWEETBENCH_MASTODON_API_BASE_URL": self.mastodon.base_url,
            "TWEETBENCH_X_API_BASE_URL": self.x.base_url,
            "TWEETBENCH_NOW": "2026-11-22T12:00:00+00:00",
            **({"TWEETBENCH_X_BEARER_TOKEN": TOKEN} if token else {}),
        }
        return self.command(*words, **{**given, **environment})

    def lines(self) -> list[str]:
        return (self.command.data_dir / "accounts.csv").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    profile = make_profile(followersCount=1_200, followsCount=100, postsCount=50, createdAt=MADE)
    feed = {ACME: [make_entry(number) for number in range(2)]}
    refusals = {"gone.example": ("AccountTakedown", "Account has been suspended")}
    home = TinyServer({"1": make_mastodon_account("1", followers_count=300, following_count=300)})
    with (
        serve(TinyAppView({ACME: profile}, feed, refusals)) as bluesky,
        serve(TinyFediverse({HOME: home})) as mastodon,
        serve(TinyX()) as x,
    ):
        x.accounts = {"1001": make_account(1, created_at="2026-11-15T12:00:00Z")}
        yield Stand(Tweetbench(tmp_path / "data"), bluesky, mastodon, x)


def test_accounts_are_listed_with_what_their_platforms_say_of_them(stand: Stand) -> None:
    said = stand(
        "watch", "https://bsky.app/profile/Acme.bsky.social", "@FIRM1", "--company", "Acme Ltd", "--own", token=True
    )
    assert (said.code, said.err) == (0, "")
    assert stand.lines() == [
        HEADER,
        f"bluesky,acme.bsky.social,{ACME},Acme,Acme Ltd,,,,,true,,",
        "x,firm1,1001,Firm 1,Acme Ltd,,,,,true,,",
    ]
    table = [line.split("\t") for line in said.out.splitlines()[1:3]]
    # 1,200 followers for 100 followed; 50 posts in the 25 weeks since the last of May.
    bluesky = ["Bluesky", "acme.bsky.social", "Acme", "1,200", "100", "Broadcast", "2.0", "2026-05-31", "added"]
    # 101 followers for 50 followed; 10 posts in the one week since.
    assert table == [bluesky, ["X", "firm1", "Firm 1", "101", "50", "In between", "10.0", "2026-11-15", "added"]]
    assert "next: tweetbench plan" in said.out


def test_what_is_listed_already_is_said_and_not_doubled(stand: Stand) -> None:
    stand("watch", "acme.bsky.social")
    before = stand.lines()
    said = stand("watch", ACME, "@acme.bsky.social", "--json")
    assert (said.code, stand.lines()) == (0, before)
    assert [each["is_added"] for each in said.json()["accounts"]] == [False, False]


def test_what_cannot_be_used_is_refused_in_words_and_the_rest_is_added(stand: Stand) -> None:
    said = stand("watch", "acme", "nobody.example", "acme.bsky.social", "sales@acme.example")
    assert said.code == 2
    assert "'acme' could be on any platform: write @acme for X" in said.err
    assert "could be an e-mail address" in said.err
    assert "nobody.example does not exist on Bluesky" in said.err
    assert [line.split(",")[1] for line in stand.lines()[1:]] == ["acme.bsky.social"]
    assert stand("watch", "nobody.example").code == 65


def test_x_without_a_token_is_not_asked_and_listed_all_the_same(stand: Stand) -> None:
    said = stand("watch", "@acme", f"@acme@{HOME}")
    assert (said.code, stand.x.requests) == (0, [])
    assert "acme: X needs a token to be read: set TWEETBENCH_X_BEARER_TOKEN in .env" in said.out
    assert stand.lines()[1].startswith("x,acme,,,,")


def test_an_account_on_mastodon_is_asked_for_at_its_home(stand: Stand) -> None:
    said = stand("watch", f"https://{HOME}/@acme", f"@nobody@{HOME}")
    assert (said.code, stand.lines()[1:]) == (65, [f"mastodon,acme@{HOME},{HOME}/1,Acme,,,,,,false,,"])
    assert said.out.splitlines()[1].split("\t")[3:6] == ["300", "300", "About one to one"]
    assert f"nobody@{HOME} does not exist on Mastodon" in said.err


def test_a_suspended_account_is_listed_with_its_status(stand: Stand) -> None:
    said = stand("watch", "gone.example")
    assert said.code == 0
    assert "gone.example: suspended (AccountTakedown: Account has been suspended)" in said.out
    assert stand.lines()[1] == "bluesky,gone.example,,,,,,,,false,,"


def test_a_platform_that_does_not_answer_leaves_the_account_listed_and_says_so(stand: Stand) -> None:
    stand.bluesky.script["*"] = [Reply(403, HTML_403) for _ in range(9)]
    said = stand("watch", "acme.bsky.social", ACME)
    assert said.code == 69
    assert "nothing could be read of acme.bsky.social" in said.err
    assert [line.split(",")[1:3] for line in stand.lines()[1:]] == [["acme.bsky.social", ""], ["", ACME]]


def test_a_refused_token_leaves_the_account_listed_and_says_so(stand: Stand) -> None:
    stand.x.script["*"] = [Reply(401, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401})]
    said = stand("watch", "@firm1", "acme.bsky.social", token=True)
    assert said.code == 77
    assert "X does not accept TWEETBENCH_X_BEARER_TOKEN" in said.err
    assert TOKEN not in said.err + said.out
    assert [line.split(",")[1] for line in stand.lines()[1:]] == ["firm1", "acme.bsky.social"]


def test_a_list_that_cannot_be_added_to_is_refused_before_anything_is_asked_or_paid(stand: Stand) -> None:
    stand("watch", "acme.bsky.social", "--company", "Acme,\n  Ltd")
    assert '"Acme, Ltd"' in stand.lines()[1]
    (stand.command.data_dir / "accounts.csv").write_text("name,email\nBob,b@example.org\n")
    stand.bluesky.requests.clear()
    said = stand("watch", "@firm1", "acme.bsky.social", token=True)
    assert (said.code, stand.x.requests, stand.bluesky.requests) == (65, [], [])
    assert "no line of this file names an account" in said.err
    assert stand.lines() == ["name,email", "Bob,b@example.org"]


def test_the_budget_holds_for_looking_up_too(stand: Stand) -> None:
    said = stand("watch", "@firm1", token=True, TWEETBENCH_MAX_USD_PER_RUN="0.005")
    assert (said.code, stand.x.requests) == (69, [])
    assert "the budget of 0.005 USD" in said.err


def test_an_account_that_asks_not_to_be_shown_is_named_without_its_figures(stand: Stand) -> None:
    stand.bluesky.profiles[ACME]["labels"] = [{"val": "!no-unauthenticated", "src": ACME}]
    said = stand("watch", "acme.bsky.social")
    assert said.code == 0
    assert "asks not to be shown to readers without a login: it is read only where is_own is true" in said.out
    assert "1,200" not in said.out


def test_accounts_of_mastodon_are_asked_for_at_their_home_servers(stand: Stand) -> None:
    world = World(7, 20, 60)
    sites = draw_elsewhere(world)
    with serve_demo(world, clock=DemoClock(world.end), elsewhere=sites) as running:
        own, moved = (sites[1].world.account_state(account, world.end) for account in (0, 2))
        name, _, host = moved.handle.partition("@")
        words = ("watch", f"@{own.handle}", f"https://{host}/@{name}", "@news@closed.demo.example", f"@nobody@{host}")
        here = {"TWEETBENCH_MASTODON_API_BASE_URL": running.base_url}
        said = stand(*words, **here)
        other = stand("watch", f"@{sites[1].world.handle(3, world.end)}", **here)
    assert "a rule of its server: Ask us before you crawl or archive posts" in other.out
    assert said.code == 69
    rows = [line.split("\t") for line in said.out.splitlines()[1:4]]
    assert [row[:5] for row in rows] == [
        ["Mastodon", own.handle, own.name, f"{own.follower_count:,}", f"{own.following_count:,}"],
        ["Mastodon", moved.handle, moved.name, f"{moved.follower_count:,}", f"{moved.following_count:,}"],
        ["Mastodon", "news@closed.demo.example", "", "", ""],
    ]
    assert f"{moved.handle}: moved (moved to {sites[1].world.handle(3, world.end)})" in said.out
    assert "a rule of its server" not in said.out, "neither of these servers has one on programs that read"
    assert "nothing could be read of news@closed.demo.example" in said.err
    assert "This API requires an authenticated user" in said.err
    assert f"@nobody@{host} does not exist on Mastodon" in said.err
    assert [line.split(",")[2] for line in stand.lines()[1:4]] == [own.account_id, moved.account_id, ""]


def test_what_was_listed_is_planned_without_any_token(stand: Stand) -> None:
    assert stand("watch", "acme.bsky.social").code == 0
    plan = stand("plan", "--json").json()
    assert (plan["usd"], plan["not_read"], plan["refused"]) == (0.0, [], [])
    assert {line["source"]: line["usd"] for line in plan["lines"]} == {"bluesky": 0.0}
    assert plan["request_count"] == 2  # profiles, and the first page of one feed
    assert plan["minutes"] > 0


def test_the_plan_says_which_lines_of_the_registry_nobody_will_be_asked_about(stand: Stand) -> None:
    lines = ["platform,handle,is_own", "bluesky,acme.bsky.social", "mastodon,zuck@threads.net", "tiktok,acme", "x,a b"]
    stand.command.data_dir.mkdir()
    (stand.command.data_dir / "accounts.csv").write_text("\n".join(lines))
    refused = stand("plan", "--json").json()["refused"]
    assert [(each["subject"], each["detail"][:20]) for each in refused] == [
        ("accounts.csv, line 4", "'tiktok' is not a kn"),
        ("accounts.csv, line 5", "'a b' is not a handl"),
        ("account zuck@threads.net", "Mastodon holds a cop"),
    ]
    assert "not used: accounts.csv, line 4: 'tiktok' is not a known platform" in stand("plan").out


def test_the_style_is_the_one_of_the_marts() -> None:
    macros = "".join(
        (PROJECT_DIR / "dbt_project" / "macros" / f"{name}.sql").read_text()
        for name in ("ratio_style", "divide", "threshold")
    )
    template = macros + "select {{ ratio_style('a', 'b') }} from pairs"  # noqa: S608 - our own macros
    query = jinja2.Template(template).render(ref=str)
    seed = PROJECT_DIR / "dbt_project" / "seeds" / "thresholds.csv"
    edges = [(500, 100), (499, 100), (125, 100), (126, 100), (80, 100), (79, 100), (100, 0), (99, 0), (0, 99), (0, 100)]
    with duckdb.connect() as connection:
        connection.execute(f"create table thresholds as from '{seed}'")
        connection.execute("create table pairs (a bigint, b bigint)")
        connection.executemany("insert into pairs values (?, ?)", [*edges, (None, 3), (3, None)])
        styles = [row[0] for row in connection.execute(query).fetchall()]
    assert [ratio_style(*pair) for pair in [*edges, (None, 3), (3, None)]] == styles
    assert set(styles) == {"mass_communication", "transitional", "interpersonal", "net_follower", "too_small", None}
