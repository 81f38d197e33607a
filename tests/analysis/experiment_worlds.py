"""Plans of experiments over follows that no post moved."""

import numpy as np

from pipeline.analysis.experiment import draw_arms, judge_pairs, transform


def draw_null_p_values(plans: int) -> list[float]:
    """Follows are the same whatever is posted, with heavy tails, a trend and a season; only the order is drawn."""
    drawn = np.random.default_rng(11)
    weeks = np.arange(24)
    follows = np.round(30 + 2 * weeks + 15 * np.sin(weeks) + np.abs(drawn.standard_t(2, 24)) * 20)
    pairs = transform(follows.astype(float), "ratio").reshape(12, 2)
    p_values = []
    for plan in range(plans):
        is_b_first = (np.array(draw_arms(f"plan {plan}", 12)) == "b").reshape(12, 2)[:, 0]
        p_values.append(judge_pairs(np.where(is_b_first, pairs[:, 0] - pairs[:, 1], pairs[:, 1] - pairs[:, 0])).p_value)
    return p_values
