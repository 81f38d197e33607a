"""When followers come: days around strong posts, and lags of weekly doses.

`estimate_days` gives the follows of each day from a week before a strong post to two weeks after it, `estimate_lags`
the growth of the weeks around a dose. Days and weeks before it are the check for the reverse order: what rises before
the post was not brought by it. Verdicts on quality and volume are in `growth`.
"""

from pipeline.analysis.timing.days import DAY_COLUMNS, TIMING, estimate_days
from pipeline.analysis.timing.weeks import LAGS, WEEK_COLUMNS, estimate_lags

__all__ = ["DAY_COLUMNS", "LAGS", "TIMING", "WEEK_COLUMNS", "estimate_days", "estimate_lags"]
