"""X's exports as X writes them, and what spreadsheet programs make of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from tests.exporters.accounts.languages import BY_DAY, BY_TWEET, CONTENT, OVERVIEW, Language
from tests.exporters.accounts.truth import Expected
from tests.exporters.accounts.world import Post, draw_world

CONTENT_METRICS = (
    *("impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("reply_count", "repost_count", "profile_click_count", "detail_expand_count", "link_click_count"),
    *("hashtag_click_count", "permalink_click_count"),
)
OVERVIEW_METRICS = (
    *("impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("unfollow_count", "reply_count", "repost_count", "profile_click_count", "post_count", "video_view_count"),
    "media_view_count",
)
# Of the former Twitter; None: a figure that the lake has no column for.
TWEET_METRICS = (
    *("impression_count", "engagement_count", None, "repost_count", "reply_count", "like_count"),
    *("profile_click_count", "link_click_count", "hashtag_click_count", "detail_expand_count"),
    *("permalink_click_count", None, None, "new_follow_count", None, None, "media_view_count", None),
)


@dataclass(frozen=True)
class File:
    """An export with its truth. `handle`: whose it is."""

    tool: str
    name: str
    rows: list[list[object]]
    expected: tuple[Expected, ...]
    handle: str
    hazards: tuple[str, ...]


def content(rng: Random) -> File:
    """X Analytics, content: newest posts or biggest first, days as words in the exporter's zone."""
    is_cut = rng.random() < 0.01
    few = {"posts_from": 1_000, "posts_to": 1_000} if is_cut else {}
    world = draw_world(rng, year=2026, most_days=60, **few)
    language = rng.choice(CONTENT)
    hazards = [f"language {language.code}"] + (["cut at 1,000"] if len(world.posts) == 1_000 else [])
    print_day = _day_as_words(language)
    days = {post.post_id: post.created_at.astimezone(world.zone).date() for post in world.posts}
    write_id, id_hazard = _id_writer(rng)
    write, number_hazard = _number_writer(rng)
    if rng.random() < 0.12:
        print_day, rewritten = _rewritten_day(rng)
        hazards.append(rewritten)
    body: list[list[object]] = [
        [
            *(write_id(post.post_id), print_day(days[post.post_id]), post.text.replace("\n", " ")),
            f"https://x.com/{world.handle}/status/{post.post_id}",
            *(write(post.counts[name]) for name in CONTENT_METRICS),
        ]
        for post in rng.sample(world.posts, len(world.posts))
    ]
    if rng.random() < 0.15:
        hazards.append("undefined row")
        blank = ["", "", "", f"https://x.com/{world.handle}/status/undefined", *["0"] * len(CONTENT_METRICS)]
        body.insert(rng.randint(0, len(body)), blank)
    if rng.random() < 0.1:
        hazards.append("repeated rows")
        body += [list(row) for row in rng.sample(body, min(3, len(body)))]
    rows, moved = _move_columns(rng, [list(language.names), *body])
    hazards += [each for each in (id_hazard, number_hazard, moved) if each]
    named = dict(zip(CONTENT_METRICS, language.names[4:], strict=True))
    metrics = {(post.post_id,): {name: post.counts[name] for name in CONTENT_METRICS} for post in world.posts}
    posts = {
        (post.post_id,): {"created_at": post.created_at, "created_date": days[post.post_id], "handle": world.handle}
        for post in world.posts
    }
    is_rewritten = any("dates" in hazard for hazard in hazards)
    expected = (
        Expected("posts", ("post_id",), posts, {}, frozenset({"created_date"}) if is_rewritten else frozenset()),
        Expected("post_metrics", ("post_id",), metrics, named),
        Expected("post_daily", ("post_id",), metrics, named),
    )
    name = f"account_analytics_content_{world.first}_{world.last}.csv"
    return File("X content", name, rows, expected, world.handle, tuple(hazards))


def overview(rng: Random) -> File:
    """X Analytics, overview: newest day first; nothing in it says whose it is."""
    world = draw_world(rng, year=2026, most_days=90)
    language = rng.choice(OVERVIEW)
    hazards = [f"language {language.code}"]
    print_day = _day_as_words(language)
    write, number_hazard = _number_writer(rng)
    if rng.random() < 0.1:
        print_day, rewritten = _rewritten_day(rng)
        hazards.append(rewritten)
    body = [[print_day(day.date), *(write(day.counts[n]) for n in OVERVIEW_METRICS)] for day in reversed(world.days)]
    rows, moved = _move_columns(rng, [list(language.names), *body])
    hazards += [each for each in (number_hazard, moved) if each]
    truth = {(day.date,): {name: day.counts[name] for name in OVERVIEW_METRICS} for day in world.days}
    named = dict(zip(OVERVIEW_METRICS, language.names[1:], strict=True))
    expected = (Expected("account_daily", ("date",), truth, named),)
    return File("X overview", "account_overview_analytics.csv", rows, expected, world.handle, tuple(hazards))


def by_tweet(rng: Random) -> File:
    """analytics.twitter.com, by tweet: doubles as Java prints them, every cell quoted, times in UTC."""
    world = draw_world(rng, year=rng.choice([2016, 2019, 2022]), most_days=30)
    language = rng.choice(BY_TWEET)
    hazards = [f"language {language.code}"]
    write_id, id_hazard = _id_writer(rng)
    names = list(language.names)
    is_old = language.code == "en" and rng.random() < 0.2
    if is_old:
        hazards.append("favorites")
        names[names.index("likes")] = "favorites"
        names[names.index("promoted likes")] = "promoted favorites"
    body = [
        [
            write_id(post.post_id), f"https://twitter.com/{world.handle}/status/{post.post_id}", post.text,
            f"{post.created_at:%Y-%m-%d %H:%M} +0000", *_doubles(post), *["-"] * 18,
        ]
        for post in reversed(world.posts)
    ]  # fmt: skip
    hazards += [id_hazard] if id_hazard else []
    if any("E" in str(cell) for row in body for cell in row[4:]):
        hazards.append("Java exponent")
    named = {name: text for name, text in zip(TWEET_METRICS, names[4:22], strict=True) if name}
    metrics = {(post.post_id,): {n: post.counts[n] for n in TWEET_METRICS if n} for post in world.posts}
    posts = {(post.post_id,): {"created_at": post.created_at, "handle": world.handle} for post in world.posts}
    expected = (Expected("posts", ("post_id",), posts), Expected("post_metrics", ("post_id",), metrics, named))
    name = f"tweet_activity_metrics_{world.handle}_{world.first:%Y%m%d}_{world.last:%Y%m%d}_{language.code[:2]}.csv"
    return File("Twitter by tweet", name, [names, *body], expected, world.handle, tuple(hazards))


def by_day(rng: Random) -> File:
    """analytics.twitter.com, by day. Its follows are those of single tweets, not all new followers of the account."""
    world = draw_world(rng, year=rng.choice([2016, 2019, 2022]), most_days=31)
    language = rng.choice(BY_DAY)
    body: list[list[object]] = [
        [str(day.date), str(day.counts["post_count"]), *_whole(day.counts), *["-"] * 18] for day in world.days
    ]
    kept = ("post_count", *(name for name in TWEET_METRICS if name and name != "new_follow_count"))
    truth = {(d.date,): {**{n: d.counts[n] for n in kept}, "new_follow_count": None} for d in world.days}
    named = {name: text for name, text in zip(TWEET_METRICS, language.names[2:20], strict=True) if name}
    expected = (Expected("account_daily", ("date",), truth, named),)
    name = f"daily_tweet_activity_metrics_{world.handle}_{world.first:%Y%m%d}_{world.last:%Y%m%d}_{language.code}.csv"
    return File(
        "Twitter by day", name, [list(language.names), *body], expected, world.handle, (f"language {language.code}",)
    )


def _doubles(post: Post) -> list[str]:
    """Figures of a tweet: the first eleven as doubles, the later ones whole, the rate a fraction."""
    rate = post.counts["engagement_count"] / max(post.counts["impression_count"], 1)
    cells = []
    for at, name in enumerate(TWEET_METRICS):
        value: float = rate if at == 2 else float(post.counts[name]) if name else 0.0
        cells.append(java_double(value) if at < 11 else f"{value:.0f}")
    return cells


def _whole(counts: Mapping[str, int]) -> list[str]:
    rate = counts["engagement_count"] / max(counts["impression_count"], 1)
    return [str(rate) if at == 2 else str(counts[name] if name else 0) for at, name in enumerate(TWEET_METRICS)]


def java_double(value: float) -> str:
    """A double as Java prints it: from ten million on and below a thousandth with an exponent, always a fraction."""
    if 1e-3 <= abs(value) < 1e7 or value == 0:
        return repr(value)
    mantissa, power = f"{Decimal(repr(value)).normalize():E}".split("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(power)}"


def _day_as_words(language: Language) -> Callable[[date], str]:
    if language.code == "en until 2025":
        return lambda day: f"{day:%a %b %d %Y}"
    return lambda day: f"{day:%a}, {day:%b} {day.day}, {day.year}"


def _rewritten_day(rng: Random) -> tuple[Callable[[date], str], str]:
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y"]
    form = rng.choice(forms)
    return lambda day: day.strftime(form), "dates rewritten"


def _id_writer(rng: Random) -> tuple[Callable[[str], str], str]:
    """Ids as they are, or rounded by a spreadsheet program, whose links stay whole."""
    drawn = rng.random()
    if drawn < 0.08:
        return lambda post_id: f"{int(post_id):.5E}", "rounded id"
    if drawn < 0.12:
        return lambda post_id: f"{int(post_id):.5E}".replace(".", ","), "rounded id"
    if drawn < 0.16:
        return lambda post_id: post_id[:15] + "0" * (len(post_id) - 15), "rounded id"
    return str, ""


def _number_writer(rng: Random) -> tuple[Callable[[int], str], str]:
    """Counts as X writes them, or with the marks of a spreadsheet program."""
    drawn = rng.random()
    if drawn < 0.05:
        return lambda value: f"{value:,}", "thousands by comma"
    if drawn < 0.1:
        return lambda value: f"{value:,}".replace(",", "."), "thousands by point"
    if drawn < 0.13:
        return lambda value: f"{value:,}".replace(",", "\u202f"), "thousands by blank"
    if drawn < 0.16:
        return lambda value: f"{value}.0", "counts with .0"
    return str, ""


def _move_columns(rng: Random, rows: list[list[object]]) -> tuple[list[list[object]], str]:
    """The columns in another order, or one of them left out, as people do."""
    drawn, width = rng.random(), len(rows[0])
    if drawn < 0.06:
        order = rng.sample(range(width), width)
        return [[row[at] for at in order] for row in rows], "columns moved"
    if drawn < 0.1:
        one, other = rng.sample(range(width), 2)
        order = list(range(width))
        order[one], order[other] = order[other], order[one]
        return [[row[at] for at in order] for row in rows], "columns moved"
    return rows, ""
