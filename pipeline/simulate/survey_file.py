"""An invented survey of businesses about their social media, with known differences between segments.

Columns of the CSV, one row per respondent, UTF-8, comma, header first:
    response_id       D0001, D0002, ...
    started_at, submitted_at   ISO times, UTC; submitted_at is empty where somebody gave up
    is_complete       yes or no
    company_size      1-9, 10-49, 50-249, 250-999, 1000+; sometimes empty
    industry          the eight industries of the demo world
    customer_focus    b2b, b2c or both; sometimes empty
    channels_<name>   one column per channel (microblog, professional_network, video, blog, webinar, reviews, podcast):
                      yes if used, empty if not; channels_none is yes if no channel is used
    roi_metric        main measure of success, may be empty: leads, sales, site_visits, followers, reactions,
                      not_measured
    effectiveness     1 (not at all) to 5 (very), how well social media works; may be empty
    hours_per_week    whole hours spent on it; may be empty
    weight            survey weight, mean about 1

What is built in: b2b uses webinars and the professional network more and measures leads, b2c uses video and measures
sales; large companies use more channels; effectiveness is half a point higher where success is measured at all.
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.simulate.effects import FOCUSES
from pipeline.simulate.words import COMPANY_SIZES, INDUSTRIES

RESPONDENTS = 800
CHANNELS = ("microblog", "professional_network", "video", "blog", "webinar", "reviews", "podcast")
# Share of users by focus (b2b, b2c, both), in the order of CHANNELS.
CHANNEL_SHARES = np.array(
    [
        [0.62, 0.78, 0.30, 0.50, 0.66, 0.25, 0.22],
        [0.60, 0.30, 0.64, 0.42, 0.18, 0.58, 0.14],
        [0.61, 0.52, 0.45, 0.47, 0.40, 0.41, 0.18],
    ]
)
ROI_METRICS = ("leads", "sales", "site_visits", "followers", "reactions", "not_measured")
ROI_SHARES = np.array(
    [
        [0.42, 0.10, 0.18, 0.10, 0.06, 0.14],
        [0.08, 0.40, 0.16, 0.12, 0.10, 0.14],
        [0.24, 0.24, 0.18, 0.12, 0.08, 0.14],
    ]
)
BLANK_SHARE = 0.04
_FIELD_START = datetime(2026, 8, 3, 8, 0, tzinfo=UTC)


def write_survey(path: Path, world_seed: int) -> None:
    """Write the survey CSV; the same seed gives the same bytes."""
    rng = np.random.default_rng([world_seed, 91])
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                *("response_id", "started_at", "submitted_at", "is_complete"),
                *("company_size", "industry", "customer_focus"),
                *(f"channels_{channel}" for channel in (*CHANNELS, "none")),
                *("roi_metric", "effectiveness", "hours_per_week", "weight"),
            ]
        )
        writer.writerows(_respondent(rng, number) for number in range(1, RESPONDENTS + 1))


def _respondent(rng: np.random.Generator, number: int) -> list[str]:
    size, industry = int(rng.choice(5, p=[0.34, 0.27, 0.20, 0.11, 0.08])), int(rng.integers(0, len(INDUSTRIES)))
    focus = int(rng.choice(3, p=[0.55, 0.25, 0.20] if industry in {0, 1, 3} else [0.25, 0.50, 0.25]))
    started = _FIELD_START + timedelta(minutes=int(rng.integers(0, 40 * 24 * 60)))
    minutes, gives_up = int(rng.integers(4, 25)), bool(rng.random() < 0.05)
    uses = rng.random(len(CHANNELS)) < np.clip(CHANNEL_SHARES[focus] + 0.05 * (size - 2), 0.02, 0.98)
    roi = int(rng.choice(len(ROI_METRICS), p=ROI_SHARES[focus]))
    level = rng.normal(3.0 + 0.15 * uses.sum() / 2 - (0.5 if ROI_METRICS[roi] == "not_measured" else 0.0), 0.9)
    hours = int(rng.poisson(2 + 1.5 * uses.sum()))
    weight = float(np.round(np.exp(rng.normal(-0.03, 0.25)), 3))
    blanks = rng.random(5) < BLANK_SHARE
    answers = [ROI_METRICS[roi], str(int(np.clip(round(level), 1, 5))), str(hours)]
    return [
        f"D{number:04d}",
        started.isoformat(),
        "" if gives_up else (started + timedelta(minutes=minutes)).isoformat(),
        "no" if gives_up else "yes",
        "" if blanks[0] else COMPANY_SIZES[size],
        INDUSTRIES[industry],
        "" if blanks[1] else FOCUSES[focus],
        *("yes" if used else "" for used in uses),
        "" if uses.any() else "yes",
        # Who gives up leaves the last questions open.
        *("" if blank or gives_up else answer for blank, answer in zip(blanks[2:], answers, strict=True)),
        str(weight),
    ]
