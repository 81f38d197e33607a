"""Lines and columns of a profile table that add up the others: set aside and said. The words are in `totals`."""

from collections import defaultdict

from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.tabular import Record
from pipeline.sources.profile_snapshots.rows import Table
from pipeline.sources.profile_snapshots.totals import is_summary_word, sums_up


def set_totals_aside(table: Table, issues: IssueList) -> set[int]:
    """Lines that add up the others: named like a total, and with the figure of one, or with no date or handle."""
    named = {record.line: label for record in table.sheet.records if (label := _summary_label(table, record))}
    if not named:
        return set()
    by_day: dict[str, list[int]] = defaultdict(list)
    for record in table.sheet.records:
        if record.line not in named and (count := _follower_count(table, record)) is not None:
            by_day[table.cell(record, "captured_at")].append(count)
    everybody = [count for counts in by_day.values() for count in counts]
    totals = set()
    block: list[int] = []  # the lines since the last total: what a subtotal adds up
    for record in table.sheet.records:
        label = named.get(record.line)
        if label is None:
            block += [count for count in [_follower_count(table, record)] if count is not None]
            continue
        above, block = block, []
        day, count = table.cell(record, "captured_at"), _follower_count(table, record)
        readings = (by_day.get(day, []), everybody, above)
        figure = None if count is None else next(filter(None, (sums_up(count, each) for each in readings)), None)
        if not figure and not _is_nobody(table, record, label, day):
            continue
        totals.add(record.line)
        detail = (
            f"{label!r} is the {figure} of the other lines and no account" if figure else f"{label!r} is no account"
        )
        remedy = f"nothing to do; if it is an account, write its handle as @{label.strip()}"
        issues.add(f"line {record.line}", "summary_line", detail, remedy, table.original(record), column=label)
    return totals


def _summary_label(table: Table, record: Record) -> str | None:
    """The word for a total where the account or the date should be."""
    fields = ("captured_at",) if "handle" not in table.layout.columns else ("handle", "name", "captured_at")
    cells = [table.cell(record, name) for name in fields]
    first = next((cell for cell in cells if cell), "")
    return first if is_summary_word(first) and not table.cell(record, "account_id") else None


def _is_nobody(table: Table, record: Record, label: str, day: str) -> bool:
    """True for a line that could not be a snapshot anyway: without a day, with an average of 5.5, with no handle."""
    if "captured_at" in table.layout.columns and (not day or day == label):
        return True
    if table.cell(record, "follower_count") and _follower_count(table, record) is None:
        return True
    try:
        return not normalise_handle(label)
    except ValueError:
        return True


def _follower_count(table: Table, record: Record) -> int | None:
    position = table.layout.columns.get("follower_count")
    try:
        return None if position is None else table.counts[position].read(record.cells[position])
    except ValueError:
        return None


def adds_up(table: Table, position: int) -> bool:
    """True if each figure of a column is the sum or mean of its line."""
    for record in table.sheet.records:
        counts = {}
        for at in table.layout.account_columns:
            try:
                counts[at] = table.counts[at].read(record.cells[at])
            except ValueError:
                counts[at] = None
        own = counts.pop(position)
        others = [count for count in counts.values() if count is not None]
        # A program sums nothing up to 0 on a day without figures.
        if own is not None and not sums_up(own, others) and (others or own):
            return False
    return True
