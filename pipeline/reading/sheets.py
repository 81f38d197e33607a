"""Several sheets of one workbook that one reader knows, such as one for each year, as one reading.

Each sheet is read by itself; here is decided what rows of two sheets mean to each other. Which sheets those are is the
business of `recognition`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.files.periods import are_of_one_series
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.protocol import InputFile, Reading, Request, Source, issue_row
from pipeline.sources.lake_source import Row

# What makes two rows the same one. Tables that are not named here may repeat: their models drop repetitions.
_KEYS = {
    "accounts": ("platform", "account_id", "handle", "captured_at"),
    "account_registry": ("platform", "account_id", "handle"),
    "contacts": ("list_id", "contact_id"),
    "followers": ("platform", "handle", "follower_hash"),
}
_OF_PEOPLE = {"contacts", "followers"}


def read_sheets(source: Source, sheets: Sequence[InputFile], file: InputFile, request: Request) -> Reading:
    """All sheets as one reading; a sheet that cannot be read becomes an issue, and the others are used.

    Raises:
        TweetbenchError: none of them can be read.
    """
    if len(sheets) == 1:
        return source.read(sheets[0], request)
    readings: list[tuple[str, Reading]] = []
    failed: list[tuple[str, TweetbenchError]] = []
    for sheet in sheets:
        name = mask(str(sheet.sheet_name))
        try:
            readings.append((name, source.read(sheet, request)))
        except TweetbenchError as error:
            failed.append((name, error))
    if not readings:
        raise failed[0][1]
    _refuse_given_account(readings, file)
    issues = [
        _placed(row, file.shown_name, name) for name, reading in readings for row in reading.tables.get("issues", [])
    ]
    for name, refusal in failed:
        detail = "; ".join(filter(None, (f"the sheet {name!r} cannot be read: {refusal.what}", refusal.why)))
        issues.append(_issue(file, name, "sheet_not_read", detail, refusal.next_step, request))
    tables = {}
    repeated = 0
    for table in dict.fromkeys(table for _, reading in readings for table in reading.tables if table != "issues"):
        rows, table_issues, same = _merged(table, readings, file, request)
        if table == "accounts":
            _refuse_given_day(readings, len(table_issues), file)
        tables[table] = rows
        issues += table_issues
        repeated += same
    return _joined(readings, {**tables, "issues": issues}, repeated)


def _refuse_given_account(readings: Sequence[tuple[str, Reading]], file: InputFile) -> None:
    """Refuse sheets of one account each where one account is given for all of them.

    Raises:
        TweetbenchError: the account is not from the lines, and the names of the sheets are of no one series.
    """
    names = [name for name, _ in readings]
    if any("account" in reading.options for _, reading in readings) and not are_of_one_series(names):
        raise TweetbenchError(
            f"the workbook has {len(names)} readable sheets, and one account is given for all of them",
            where=file.shown_name,
            why=f"the sheets {', '.join(map(repr, names))} may be of different accounts, and their lines do not say",
            next_step="save the sheet you mean as its own workbook, then run: tweetbench ingest FILE; sheets "
            "that differ only by period (2025, 2026) are read together",
        )


def _refuse_given_day(readings: Sequence[tuple[str, Reading]], contradictions: int, file: InputFile) -> None:
    """Refuse sheets of one day each where one day is given for all of them.

    Raises:
        TweetbenchError: most accounts have another level in another sheet.
    """
    is_given = any("captured_at" in reading.options for _, reading in readings)
    smallest = min(len(reading.tables["accounts"]) for _, reading in readings)
    if is_given and contradictions * 2 > smallest:
        raise TweetbenchError(
            "the sheets of the workbook hold different levels of the same accounts, and one day is given for all",
            where=file.shown_name,
            why=f"{contradictions} lines contradict one of another sheet",
            next_step="add a column with the day to each sheet, or save each as its own workbook and run: "
            "tweetbench ingest FILE --captured-at DATE",
        )


def _joined(readings: Sequence[tuple[str, Reading]], tables: dict[str, list[Row]], repeated: int) -> Reading:
    parts = [reading for _, reading in readings]
    starts = [part.period_start for part in parts if part.period_start]
    ends = [part.period_end for part in parts if part.period_end]
    accounts = {part.account for part in parts}
    options: dict[str, str] = {}
    for part in parts:
        for key, value in part.options.items():
            options[key] = value if options.get(key, value) == value else f"{options[key]}|{value}"
    notes = [f"sheet {name!r}: {note}" for name, part in readings for note in part.notes]
    notes += [f"{repeated} rows occur in several sheets and count once"] if repeated else []
    return replace(
        parts[0],
        tables=tables,
        row_count=sum(part.row_count for part in parts),
        account=accounts.pop() if len(accounts) == 1 else None,
        period_start=min(starts, default=None),
        period_end=max(ends, default=None),
        notes=tuple(notes),
        options=options,
        public_columns=frozenset().union(*(part.public_columns for part in parts)),
        checked_columns=frozenset().union(*(part.checked_columns for part in parts)),
    )


def _merged(
    table: str, readings: Sequence[tuple[str, Reading]], file: InputFile, request: Request
) -> tuple[list[Row], list[Row], int]:
    """The rows of one table, an issue for each that two sheets contradict, and how many they repeat."""
    if table not in _KEYS:
        return [row for _, reading in readings for row in reading.tables.get(table, [])], [], 0
    kept: dict[tuple[Any, ...], tuple[str, Row]] = {}
    issues, same = [], 0
    for name, reading in readings:
        for row in reading.tables.get(table, []):
            key = _key(table, row)
            earlier_name, earlier = kept.get(key, (name, row))
            differing = [field for field, value in row.items() if field != "payload" and earlier.get(field) != value]
            if key in kept and not differing:
                same += 1
            elif key in kept:
                shown = "" if table in _OF_PEOPLE else f": {_changes(earlier, row, differing)}"
                detail = f"{_named(table, row)} is in the sheets {earlier_name!r} and {name!r} with other values, "
                detail += f"and the later sheet is used{shown}"
                remedy = "keep the right one of the two rows, then ingest the file again"
                issues.append(_issue(file, earlier_name, "contradicting_sheets", detail, remedy, request))
            if table == "contacts" and earlier["handle_hash"]:
                # As within one list: the handle that a row agreed to is kept.
                row = {**row, "has_consent": True, "handle_hash": earlier["handle_hash"]}
            kept[key] = name, row
    return [row for _, row in kept.values()], issues, same


def _key(table: str, row: Row) -> tuple[Any, ...]:
    """What tells rows apart; of an account its id, else its handle in any case."""
    fields = _KEYS[table]
    if "account_id" not in fields:
        return tuple(row[name] for name in fields)
    account = row["account_id"] or (row["handle"] or "").casefold()
    return (account, *(row[name] for name in fields if name not in ("account_id", "handle")))


def _named(table: str, row: Row) -> str:
    if table in _OF_PEOPLE:
        return "one person"
    name = f"@{row['handle']}" if row["handle"] else f"account {row['account_id']}"
    return f"{name} on {row['captured_at']:%Y-%m-%d}" if table == "accounts" else name


def _changes(earlier: Row, row: Row, differing: Sequence[str]) -> str:
    return ", ".join(f"{name} {earlier.get(name)!r} there, {row[name]!r} here" for name in differing)


def _placed(row: Row, file_name: str, sheet: str) -> Row:
    """The issue with the sheet in its subject: lines are counted in each sheet."""
    rest = str(row["subject"]).removeprefix(file_name)
    return {**row, "subject": f"{file_name}, sheet {sheet!r}{rest}"}


def _issue(file: InputFile, sheet: str, problem: str, detail: str, next_step: str, request: Request) -> Row:
    subject = f"{file.shown_name}, sheet {sheet!r}"
    return issue_row(subject, problem, detail=detail, next_step=next_step, request=request)
