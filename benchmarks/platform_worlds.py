"""How often the comparison of a company's platforms is right in worlds whose truth is known.

`python benchmarks/platform_worlds.py [--companies 1500]`. Coverage of the intervals of growth and reactions, of their
differences, and how often a platform is called ahead, without and with a true difference, by number of posts, their
skew and what moves whole weeks. Through the real SQL. Writes results/platform_worlds.json.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import write_result
from tests.marts.company_stand import MODELS, draw_companies
from tests.marts.stand import build_models, read_rows

# Log spread of a post, that of its week, posts in twelve weeks, and what is true of bluesky against x.
WORLDS = {
    "no_difference_20_posts": (1.0, 0.3, 20, 0.0, 1.0),
    "no_difference_60_posts": (1.0, 0.3, 60, 0.0, 1.0),
    "no_difference_120_posts": (1.0, 0.3, 120, 0.0, 1.0),
    "no_difference_skewed_posts": (1.4, 0.3, 60, 0.0, 1.0),
    "no_difference_even_posts": (0.6, 0.0, 60, 0.0, 1.0),
    "one_point_more_twice_the_reactions": (1.0, 0.3, 60, 0.01, 2.0),
    "two_points_more_three_times_the_reactions": (1.0, 0.3, 60, 0.02, 3.0),
}
BASE_GROWTH, BASE_RATE = 0.003, 5.0


def measure(name: str, companies: int, folder: Path) -> dict[str, Any]:
    """Coverage and answers in one world."""
    spread, week_spread, posts, more, ratio = WORLDS[name]
    parents = draw_companies(
        companies,
        spread=spread,
        week_spread=week_spread,
        posts=posts,
        growth=BASE_GROWTH,
        more_growth=more,
        ratio=ratio,
    )
    file = build_models(folder / name, parents, MODELS)
    truth = f"case platform when 'x' then {BASE_GROWTH} else {BASE_GROWTH + more} end"
    rate = f"case platform when 'x' then {BASE_RATE} else {BASE_RATE * ratio} end"
    (held,) = read_rows(
        file,
        f"select avg(({truth} between growth_rate_low and growth_rate_high)::int) as growth, "  # noqa: S608 - our numbers
        f"avg(({rate} between per_1000_followers_low and per_1000_followers_high)::int) as reactions, "
        "avg((engagement_status = 'ok')::int) as with_reactions from marts.company_platforms",
    )
    pairs = read_rows(
        file,
        f"select comparison, avg((case comparison when 'ratio' then {ratio} else {more} end "  # noqa: S608 - our numbers
        "between conf_low and conf_high)::int) as coverage, avg(is_distinct::int) as called_ahead "
        "from marts.company_platform_differences group by comparison order by comparison",
    )
    compared = {
        str(row["comparison"]): {key: round(float(str(row[key])), 4) for key in ("coverage", "called_ahead")}
        for row in pairs
    }
    return {**{key: round(float(str(value)), 4) for key, value in held.items()}, **compared}


def main() -> int:
    """Measure every world and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        worlds = {name: measure(name, options.companies, Path(folder)) for name in WORLDS}
    write_result("platform_worlds", {"companies": options.companies, "worlds": worlds})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
