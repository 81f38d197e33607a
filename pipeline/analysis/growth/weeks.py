"""Accounts and weeks of a panel: the columns that hold them, and the weeks whose effects a model takes out."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.panel.data import read_labels

UNIT, TIME = "account_key", "week_start_date"


def split_by_platform(weeks: pa.Table, platforms: dict[str, int] | None = None) -> pa.Table:
    """The table with whole numbers for weeks, ascending in time, of which no two platforms share one.

    A surge of one platform moves reactions and followers of all its accounts at once; with week effects for all
    platforms together it would pass for an effect of quality as soon as accounts of another are in the model. The
    platform is what an account key has before its first colon. An account alone on its platform in a week has nothing
    to be compared with there. `weeks` has account_key and week_start_date. Where it is a part of the accounts, the
    number of each platform is kept in `platforms`, which is the same for all parts.
    """
    codes, accounts = read_labels(weeks, UNIT)
    of_account = pc.replace_substring_regex(accounts.cast(pa.string()), pattern="^([^:]*:)?.*$", replacement="\\1")
    ranks, labels = read_labels(pa.table({UNIT: of_account}), UNIT)
    known = {} if platforms is None else platforms
    numbers = np.array([known.setdefault(label, len(known)) for label in labels.to_pylist()], np.int64)
    days = weeks[TIME].cast(pa.int32()).to_numpy().astype(np.int64)
    # 2^20 days are 2,800 years.
    split = pa.array((numbers[ranks][codes] << 20) + days)
    return weeks.set_column(weeks.column_names.index(TIME), TIME, split)
