"""Follower tables as people keep them: a line per account and day, or days by accounts, with all their habits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.exporters.accounts.truth import Expected

HANDLES = ("acme_shop", "RivalInc", "brandbr", "nordwind24", "LaTienda", "kiosk_sued", "OurBrand", "zeta9")
HEADERS = (
    ("account_id", "handle", "captured_at", "follower_count", "following_count", "post_count"),
    ("User ID", "Username", "Date", "Followers", "Following", "Tweets"),
    ("id", "screen_name", "snapshot_date", "followers_count", "friends_count", "statuses_count"),
    ("twitter_id", "twitter_handle", "collected_at", "followers", "followings", "posts"),
)


@dataclass(frozen=True)
class Table:
    """A follower table with its truth. `mapping`: what the person wrote next to it, if anything."""

    tool: str
    name: str
    sheets: tuple[tuple[str, list[list[object]]], ...]
    expected: tuple[Expected, ...]
    hazards: tuple[str, ...]
    is_workbook: bool = False
    captured_at: datetime | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Style:
    """How a person writes numbers and days."""

    number: Callable[[int], str]
    day: Callable[[date], str]
    hazards: tuple[str, ...]


@dataclass(frozen=True)
class _Level:
    account_id: str
    handle: str
    day: date
    counts: tuple[int, int, int]  # followers, following, posts


def long(rng: Random) -> Table:
    """One line for each account and day."""
    levels, days = _draw(rng)
    style, is_short = _style(rng), rng.random() < 0.06
    header, hazards = rng.choice(HEADERS), list(style.hazards)
    has_id, is_dated, is_flag = rng.random() < 0.5, len(days) > 1 or rng.random() < 0.7, rng.random() < 0.08
    is_rounded = has_id and rng.random() < 0.2
    number = _abbreviated if is_short else style.number
    rows: list[list[object]] = [[*header[:1] * has_id, header[1], *header[2:3] * is_dated, *header[3:]]]
    for level in levels:
        account_id = f"{int(level.account_id):.5E}" if is_rounded else level.account_id
        following = rng.choice(["TRUE", "FALSE"]) if is_flag else number(level.counts[1])
        cells: list[object] = [account_id] * has_id + [level.handle] + [style.day(level.day)] * is_dated
        rows.append([*cells, number(level.counts[0]), following, number(level.counts[2])])
    names = {"rounded id": is_rounded, "TRUE/FALSE": is_flag, "K and M": is_short, "no date column": not is_dated}
    hazards += [name for name, is_there in names.items() if is_there]
    if is_dated and not is_short and rng.random() < 0.15:
        hazards.append("total line")
        rows += _totals(rng, levels, has_id=has_id, number=style.number)
    truth = {}
    for level in levels:
        followers, following, posts = (_rounded(count) if is_short else count for count in level.counts)
        counts = {"follower_count": followers, "following_count": None if is_flag else following, "post_count": posts}
        truth[(level.handle.casefold(), level.day)] = {
            **counts, "account_id": level.account_id if has_id and not is_rounded else None,
        }  # fmt: skip
    named = dict(zip(("follower_count", "following_count", "post_count"), header[3:], strict=True))
    optional = frozenset({"follower_count", "following_count", "post_count"}) if is_short else frozenset()
    expected = (Expected("accounts", ("handle", "captured_at"), truth, named, optional),)
    sheets, is_workbook = _sheets(rng, rows, style, hazards)
    day = levels[0].day
    at = None if is_dated else datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Table("followers long", "followers", sheets, expected, tuple(hazards), is_workbook, at)


def wide(rng: Random) -> Table:
    """One line for each day and one column for each account, with the mapping that such a table needs."""
    levels, days = _draw(rng)
    style = _style(rng)
    hazards = list(style.hazards)
    handles = list(dict.fromkeys(level.handle for level in levels))
    count_of = {(level.handle, level.day): level.counts[0] for level in levels}
    has_total = rng.random() < 0.2
    is_named = rng.random() < 0.5  # by the mapping; otherwise the columns are written as handles
    names = handles if is_named else [f"@{handle}" for handle in handles]
    rows: list[list[object]] = [["Date", *names, *["Total"] * has_total]]
    for day in days:
        counts = [count_of.get((handle, day)) for handle in handles]
        cells = ["" if count is None else style.number(count) for count in counts]
        rows.append([style.day(day), *cells, *[style.number(sum(count or 0 for count in counts))] * has_total])
    if rng.random() < 0.15:
        hazards.append("average line")
        means = [_mean([count_of[handle, day] for day in days if (handle, day) in count_of]) for handle in handles]
        rows.append(["Average", *map(style.number, means), *[style.number(sum(means))] * has_total])
    hazards += ["total column"] * has_total
    truth = {(level.handle.casefold(), level.day): {"follower_count": level.counts[0]} for level in levels}
    expected = (Expected("accounts", ("handle", "captured_at"), truth),)
    mapping: dict[str, object] = {"kind": "profile_snapshots", "layout": "wide", "date_column": "Date"}
    mapping |= {"value": "follower_count", **({"accounts": {name: name for name in handles}} if is_named else {})}
    is_mapped = rng.random() < 0.8
    hazards += [] if is_mapped else ["no mapping"]
    sheets, is_workbook = _sheets(rng, rows, style, hazards)
    return Table(
        "followers wide", "levels", sheets, expected, tuple(hazards), is_workbook, None, mapping if is_mapped else {}
    )


def _draw(rng: Random) -> tuple[list[_Level], list[date]]:
    """Levels of 2 to 6 accounts on 1 to 12 days, now and then with a missed day."""
    first = date(2026, rng.randint(1, 9), rng.randint(1, 28))
    days = [first + timedelta(days=7 * at) for at in range(rng.randint(1, 12))]
    levels = []
    for handle in rng.sample(HANDLES, rng.randint(2, 6)):
        account_id = str(rng.choice([rng.randint(10**7, 10**9), rng.randint(10**17, 2 * 10**18)]))
        count, following, posts = rng.choice([40, 900, 12_000, 630_000, 4_000_000]), rng.randint(0, 3_000), 100
        for day in days:
            count = max(0, count + rng.choice([-7, 0, 12, 1_000, 35]))
            posts += rng.randint(0, 40)
            if rng.random() < 0.95:
                levels.append(_Level(account_id, handle, day, (count, following, posts)))
    return sorted(levels, key=lambda level: level.day), days


def _style(rng: Random) -> _Style:
    number, hazard = rng.choice(
        [
            (str, ""),
            (str, ""),
            (str, ""),
            (lambda value: f"{value:,}", "thousands by comma"),
            (lambda value: f"{value:,}".replace(",", "."), "thousands by point"),
            (lambda value: f"{value:,}".replace(",", " "), "thousands by blank"),
            (lambda value: f"{value:,}".replace(",", "'"), "thousands by apostrophe"),
        ]
    )
    form, day_hazard = rng.choice(
        [*[("%Y-%m-%d", "")] * 7, ("%d.%m.%Y", "day first"), ("%d/%m/%Y", "day first"), ("%m/%d/%Y", "month first")]
    )
    return _Style(number, lambda day: day.strftime(form), tuple(each for each in (hazard, day_hazard) if each))


def _totals(rng: Random, levels: list[_Level], *, has_id: bool, number: Callable[[int], str]) -> list[list[object]]:
    """A line of sums or means below the accounts, as spreadsheets have them."""
    name = rng.choice(["Total", "Sum", "Average", "Summe", "Gesamt", "Moyenne"])
    columns = list(zip(*(level.counts for level in levels), strict=True))
    figures = [_mean(column) if name in ("Average", "Moyenne") else sum(column) for column in columns]
    blank: list[object] = [""] if rng.random() < 0.3 else []
    return [blank * 5, [*[""] * has_id, name, "", *map(number, figures)]][1 - bool(blank) :]


def _mean(counts: list[int] | tuple[int, ...]) -> int:
    return round(sum(counts) / max(len(counts), 1))


def _abbreviated(value: int) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:.1f}M"
    return f"{value / 1_000:.1f}K" if value >= 10_000 else str(value)


def _rounded(value: int) -> int:
    """What an abbreviated number says."""
    text = _abbreviated(value)
    scale = {"K": 1_000, "M": 1_000_000}.get(text[-1], 1)
    return round(float(text.rstrip("KM")) * scale)


def _sheets(
    rng: Random, rows: list[list[object]], style: _Style, hazards: list[str]
) -> tuple[tuple[tuple[str, list[list[object]]], ...], bool]:
    """The table as one sheet, or cut in two sheets of a workbook."""
    if style.hazards or rng.random() < 0.75:
        return (("Sheet1", rows),), False
    if len(rows) < 6 or rng.random() < 0.5:
        hazards.append("xlsx")
        return (("Followers", rows),), True
    hazards.append("several sheets")
    middle = len(rows) // 2
    return (("2025", rows[:middle]), ("2026", [rows[0], *rows[middle:]])), True
