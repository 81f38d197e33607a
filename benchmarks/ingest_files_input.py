"""Files from people in any number of rows: an export of posts as analytics.twitter.com wrote it, and a survey.

The same seed makes the same bytes. Text is invented; ids rise with time as X's do.
"""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST = datetime(2021, 1, 1, tzinfo=UTC)
METRICS = (
    *("impressions", "engagements", "engagement rate", "retweets", "replies", "likes", "user profile clicks"),
    *("url clicks", "hashtag clicks", "detail expands", "permalink clicks", "app opens", "app installs", "follows"),
    *("email tweet", "dial phone", "media views", "media engagements"),
)
SEGMENTS = {
    "How many employees does your company have?": ("1-9", "10-49", "50-249", "250-999", "1000+"),
    "Which industry are you in?": ("Retail", "Software", "Media", "Health", "Finance"),
    "Who are your customers?": ("B2B", "B2C", "Both"),
}
AGREEMENT = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
KINDS = ("Alpha", "Beta", "Gamma", "Delta")
OPTIONS, SCALES, SINGLES = 20, 10, 4  # options of a question with several choices; questions with one choice


def write_posts(path: Path, rows: int) -> None:
    """One row per post, a post every two minutes."""
    rng = random.Random(1)  # noqa: S311 - repeatable, not secret
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        promoted = [f"promoted {name}" for name in METRICS]
        writer.writerow(["Tweet id", "Tweet permalink", "Tweet text", "time", *METRICS, *promoted])
        for at in range(rows):
            moment = FIRST + timedelta(minutes=2 * at)
            post_id = (int(moment.timestamp() * 1000) - 1_288_834_974_657) << 22 | at % 4096
            parts = [rng.randrange(20) for _ in range(7)]
            seen = sum(parts) + rng.randrange(2_000)
            shown = [seen, sum(parts), sum(parts) / max(seen, 1), *parts[:7], parts[0], 0, 0, 0, 0, 0, 0, 0]
            link = f"https://twitter.com/brand/status/{post_id}"
            text = f"Post {at} on how we plan the week, with a link https://t.co/{at:010x}"
            row = [post_id, link, text, f"{moment:%Y-%m-%d %H:%M} +0000", *shown[: len(METRICS)]]
            writer.writerow([*row, *["-"] * len(METRICS)])


def write_profiles(path: Path, rows: int) -> None:
    """One row per account and day, as people keep them: ten thousand accounts a day, and two columns of their own."""
    rng = random.Random(3)  # noqa: S311 - repeatable, not secret
    accounts = 10_000
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["platform", "account_id", "handle", "captured_at", "followers", "following", "tweets", "region", "notes"]
        )
        for at in range(rows):
            day, account = divmod(at, accounts)
            moment = f"{FIRST + timedelta(days=day):%Y-%m-%d}T06:00:00Z"
            counts = [rng.randrange(100_000), rng.randrange(5_000), rng.randrange(20_000)]
            writer.writerow(["x", 1_000_000 + account, f"shop_{account}", moment, *counts, "north", f"line {at}"])


def write_survey(path: Path, rows: int, columns: int) -> None:
    """One row per respondent: id, times, three segments, ticks in columns of their own, scales, single choices."""
    rng = random.Random(2)  # noqa: S311 - repeatable, not secret
    ticks = columns - 3 - len(SEGMENTS) - SCALES - SINGLES
    names = [f"Which of group {at // OPTIONS + 1} do you use? [Option {at % OPTIONS + 1}]" for at in range(ticks)]
    names += [f"How much do you agree with statement {at + 1}?" for at in range(SCALES)]
    names += [f"Which one is best of kind {at + 1}?" for at in range(SINGLES)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Respondent ID", "Start Date", "End Date", *SEGMENTS, *names])
        for at in range(rows):
            day = f"2026-{1 + at % 9:02}-{1 + at % 28:02}"
            row = [str(100_000 + at), f"{day} 09:{at % 60:02}:00", f"{day} 10:{at % 60:02}:00"]
            row += [rng.choice(groups) for groups in SEGMENTS.values()]
            row += rng.choices(("Yes", "No"), (3, 7), k=ticks)
            writer.writerow([*row, *rng.choices(AGREEMENT, k=SCALES), *rng.choices(KINDS, k=SINGLES)])
