"""Small panels with a known truth, in the shape of int_account_week_panel."""

import datetime

import numpy as np
import pyarrow as pa

MONDAY = datetime.date(2026, 1, 5)


def draw_panel(
    seed: int,
    *,
    accounts: int = 24,
    weeks: int = 30,
    quality: float = 0.0,
    volume: float = 0.0,
    feedback: float = 0.0,
    noise: float = 0.01,
    reading_noise: float = 0.0,
    fades_beyond: float | None = None,
) -> pa.Table:
    """Growth = account + week + quality * quality before + volume * ln(1 + posts before) + noise.

    `feedback` lets growth raise the quality of the week after. `reading_noise` blurs every follower count, of the
    outcome and of the audience adjustment alike. `fades_beyond` turns the effect of volume around
    at that ln(1 + posts).
    """
    rng = np.random.default_rng(seed)
    shape = (accounts, weeks + 2)
    posts = rng.poisson(np.exp(rng.normal(1.2, 0.5, accounts))[:, None] * np.exp(rng.normal(0, 0.5, shape)))
    loudness = np.log1p(posts)
    effect = loudness if fades_beyond is None else -((loudness - fades_beyond) ** 2)
    latent = rng.normal(0, 0.5, shape)
    growth = rng.normal(0, 0.004, accounts)[:, None] + rng.normal(0, 0.003, shape[1]) + rng.normal(0, noise, shape)
    for week in range(1, shape[1]):
        growth[:, week] += quality * latent[:, week - 1] + volume * effect[:, week - 1]
        if week + 1 < shape[1]:
            latent[:, week + 1] += feedback * growth[:, week]
    true_level = rng.normal(8, 1, accounts)[:, None] + np.cumsum(growth, axis=1)
    read_level = true_level + rng.normal(0, reading_noise, shape)
    growth[:, 1:] = np.diff(read_level, axis=1)
    # Clicks follow the true audience of the week before, the adjustment knows only the one that was read.
    adjusted = latent.copy()
    adjusted[:, 1:] += 0.6 * (true_level - read_level)[:, :-1]
    following = rng.normal(0, 0.01, shape)
    row, column = (part.ravel() for part in np.indices((accounts, weeks)))
    now, before, after = column + 1, column, column + 2
    outcome = growth[row, now]
    columns = {
        "account_key": [f"x:{number:03d}" for number in row],
        "week_start_date": [MONDAY + datetime.timedelta(weeks=int(week)) for week in column],
        "growth_rate": outcome,
        "winsorised_growth_rate": np.clip(outcome, -0.05, 0.05),
        "new_follow_count": pa.nulls(len(row), pa.int64()),
        "quality_basis": ["clicks_per_link_post"] * len(row),
        "quality_same": adjusted[row, now],
        "quality_lag": adjusted[row, before],
        "quality_lead": pa.array(adjusted[row, np.minimum(after, weeks)], mask=after > weeks),
        "volume_same": loudness[row, now],
        "volume_lag": loudness[row, before],
        "original_post_count_lag": posts[row, before],
        "following_change_lag": following[row, before],
        "follower_level_lag": read_level[row, before],
        "growth_lag": pa.array(growth[row, before], mask=before == 0),
    }
    # Every week has a post with a measure.
    columns |= {f"is_silent_{week}": pa.array([False] * len(row)) for week in ("same", "lag", "lead")}
    table = pa.table(columns)
    is_in = pa.array(before > 0)
    table = table.append_column("is_in_panel", is_in).append_column("is_in_volume_panel", is_in)
    reasons = pa.array([None if week else "no_earlier_growth" for week in before], pa.string())
    return table.append_column("exclusion_reason", reasons)


def draw_segments(accounts: int = 24) -> pa.Table:
    """Half of the accounts are b2b, half b2c; all are on x; nine are software."""
    names = [f"x:{number:03d}" for number in range(accounts)]
    rows = [(name, "customer_focus", "b2b" if number % 2 else "b2c") for number, name in enumerate(names)]
    rows += [(name, "platform", "x") for name in names]
    rows += [(name, "industry", "software") for name in names[:9]]
    keys, dimensions, segments = zip(*rows, strict=True)
    return pa.table({"account_key": keys, "segment_dimension": dimensions, "segment": segments})
