"""Why no reader knows a file, in one message for each cause: what it is instead, and what to do about it.

Only for files that nobody reads; it opens nothing that the readers have not opened. Cells may be a contact list's: what
looks personal is masked.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.exports import CONTENT, is_post_link, most_rows_fit
from pipeline.sources.analytics.header import FEWEST_NAMES
from pipeline.sources.files.claims import fits_name
from pipeline.sources.files.other_exports import other_export
from pipeline.sources.files.periods import is_period_name
from pipeline.sources.files.personal_data import PRIVATE, mask
from pipeline.sources.files.profile_columns import (
    OF_DAYS,
    OTHER_TABLES,
    column_key,
    find_columns,
    find_in_table,
    names_accounts,
)
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from pipeline.sources.files.tabular import Sheet
from pipeline.sources.profile_snapshots.fit import is_written_as_handle

SHOWN = 6
_BEGINS_AS_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{][\s\[{]*(?:\"|$)")
_NAME_THE_KIND = (
    "for a survey run: tweetbench survey inspect FILE; otherwise name the kind with --as KIND, or write "
    "a mapping in mappings/ (see data/README.md)"
)
_AS_CSV = "open it in the program that made it, save it as CSV (UTF-8) or as .xlsx, then run: tweetbench ingest FILE"
_STARTS = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture, sound or film (RIFF)"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"SQLite f", "a SQLite database"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x7fELF", "a program"),
)
_MEMBERS = (
    ("Index/Document.iwa", "a Numbers or Pages document"),
    ("Index.zip", "a Numbers or Pages document"),
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint document"),
    ("content.xml", "an OpenDocument file (.ods)"),
)
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body|<table|<meta)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml", re.IGNORECASE)


def explain_unknown(file: InputFile, sheets: Sequence[InputFile], request: Request) -> TweetbenchError:
    """The refusal of a file that nobody reads, with the first cause that fits."""
    head = _head(file)
    if kind := next((kind for start, kind in _STARTS if head.startswith(start)), None):
        return _refused(file, f"this is {kind}, not a table", "", _AS_CSV)
    if _WEB_PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        why = "some tools save a web page under the name of a workbook or of a table (.xls, .csv)"
        return _refused(file, "this is a web page (HTML), not a table", why, _AS_CSV)
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return _refused(file, "this is an XML file, not a table", "", _AS_CSV)
    if file.is_zip:
        return _explain_zip(file)
    if mapping := _for_other_names(file, sheets[0].sheet, request):
        what = "a mapping names the columns of this file, and is for files of another name"
        next_step = "rename the file, or change file_name in the mapping; then run: tweetbench ingest FILE"
        why = f"{mapping.shown_name} has file_name: {mapping.fields['file_name']}"
        return _refused(file, what, why, next_step)
    return _explain_sheet(file, sheets[0].sheet, sheets, request)


def _for_other_names(file: InputFile, sheet: Sheet, request: Request) -> FileMapping | None:
    """A mapping of which the file has every column, and whose `file_name` it does not have."""
    header = {column_key(name) for name in sheet.header}
    for mapping in request.mappings:
        columns = mapping.fields.get("columns")
        if fits_name(mapping, file.shown_name) or not isinstance(columns, dict):
            continue
        if all(column_key(str(name)) in header for name in columns.values()):
            return mapping
    return None


def _explain_sheet(file: InputFile, sheet: Sheet, sheets: Sequence[InputFile], request: Request) -> TweetbenchError:
    if _BEGINS_AS_JSON.match(file.start):
        why = (
            "it begins as JSON and does not end as such: it was cut off, or holds a number or a nesting beyond measure"
        )
        return _refused(file, "this JSON cannot be read", why, "export or download it again")
    columns = _columns(sheet.header)
    if not sheet.records and not sheet.set_aside:
        what = "the file has a header and no lines below it"
        return _refused(file, what, f"its columns are {columns}", "export it again for a period that has data")
    if whose := other_export(sheet.header):
        what, why = f"this looks like an export of {whose}, which is not read", f"it has the columns {columns}"
        next_step = "for figures of X export them from X; a table with accounts of X that only looks like this needs a "
        next_step += "mapping with file_name: PATTERN in mappings/ (see data/README.md)"
        return _refused(file, what, why, next_step)
    if sheet.header and all(_is_value(name) for name in sheet.header if name.strip()):
        next_step = "write the names of the columns above it, for example date,followers; then run: tweetbench ingest "
        next_step += "FILE --account HANDLE"
        return _refused(file, "the file has no header: its first line holds values", f"it is {columns}", next_step)
    if line := _header_below(sheet):
        what = f"the column names are in line {line}, below a title"
        next_step = "delete the lines above the names of the columns, then run: tweetbench ingest FILE"
        return _refused(file, what, f"the first line is {columns}", next_step)
    named = CONTENT.names(sheet)
    links = [at for at, field in named.fields.items() if field == "link"]
    if len(named.fields) >= FEWEST_NAMES and links and most_rows_fit(sheet, {links[0]: is_post_link}):
        what = "the file has links to posts and few columns that are known from X's export"
        next_step = (
            "if it is that export, and columns were deleted, run: tweetbench ingest FILE --as x_analytics_content"
        )
        return _refused(file, what, f"its columns are {columns}; tables of other programs look the same", next_step)
    known = find_in_table(sheet)
    periods = [name for name in sheet.header if is_period_name(name)]
    others = [name for name in sheet.header if name.strip() and name not in periods]
    is_by_account = "handle" in known and "follower_count" not in known
    if len(periods) >= 2 and (is_by_account or len(periods) >= len(others)):
        what = f"the columns are days, months or years ({', '.join(periods[:3])} ...), and each line is an account"
        next_step = "turn the table: one line for each account and day, with the columns handle,date,followers"
        return _refused(file, what, "such a table does not say what its figures count", next_step)
    accounts = [name for name in sheet.header if is_written_as_handle(name)]
    if "captured_at" in known and accounts and len(accounts) * 2 >= len(others) - 1:
        what = f"each line is a day and each column an account ({', '.join(accounts[:3])})"
        date_column = mask(sheet.header[known["captured_at"]])
        next_step = "write a mapping in mappings/ with kind: profile_snapshots, layout: wide, "
        next_step += f"date_column: {date_column}, value: follower_count (see data/README.md)"
        return _refused(file, what, "such a table does not say what its figures count", next_step)
    foreign = {column_key(name) for name in sheet.header} & OTHER_TABLES
    is_of_posts = bool(foreign)
    if foreign and foreign <= OF_DAYS and "follower_count" in known:
        what = "the table has follower counts and daily figures, made by another program than X"
        why = f"it has the columns {columns}; what other programs call impressions is not what X does"
        next_step = "keep the columns with the day, the account and its followers, called date, handle and followers, "
        next_step += "and take the others out; then run: tweetbench ingest FILE"
        return _refused(file, what, why, next_step)
    if is_of_posts and "handle" in known:
        what = "this is a table of posts, made by another program than X"
        why = f"it has the columns {columns}; posts are read from the exports and the archive of X, and from its API"
        next_step = "for your own posts ingest the export or the archive of X; those of others are read by: "
        next_step += "tweetbench run"
        return _refused(file, what, why, next_step)
    is_mostly_known = len(known) * 2 >= len([name for name in sheet.header if name.strip()])
    if (
        "follower_count" in known
        and not {"handle", "account_id"} & known.keys()
        and is_mostly_known
        and not is_of_posts
    ):
        what = "the table has follower counts and does not say whose they are"
        next_step = "run: tweetbench ingest FILE --account HANDLE" + (
            "" if "captured_at" in known else " --captured-at DATE"
        )
        if holder := next((name for at, name in enumerate(sheet.header) if names_accounts(sheet, at)), None):
            next_step = f"the column {mask(holder)!r} names accounts: call it handle, then run: tweetbench ingest FILE"
        return _refused(file, what, f"it has the columns {columns}", next_step)
    private = next((name for name in sheet.header if PRIVATE.search(name)), None)
    if private and "follower_count" in known and not is_of_posts:
        what = f"the table has follower counts, and the column {mask(private)!r} is one of a list of persons"
        why = "a list of contacts must not be stored as accounts"
        next_step = "take the column out; or, if each line is the public profile of a business, run: tweetbench ingest "
        return _refused(file, what, why, f"{next_step}FILE --as profile_snapshots")
    if "handle" in known and len(known) > 1:
        what = "the table names accounts and holds no follower counts that are known"
        why = f"it has the columns {columns}; counts are known as followers, followers_count or follower_count"
        next_step = "rename the column, write a mapping in mappings/ (see data/README.md), or name the kind with "
        next_step += "--as KIND; for a survey run: tweetbench survey inspect FILE"
        return _refused(file, what, why, next_step)
    why, next_step = f"it begins with the columns {columns}", _NAME_THE_KIND
    if len(sheets) > 1:
        why += f"; the workbook has the sheets {', '.join(mask(str(each.sheet_name)) for each in sheets)}"
    if wide := _of_unnamed_accounts(sheet, request):
        why += f"; {wide.shown_name} is for days by accounts, and nothing shows that these columns are accounts"
        next_step = "if they are, write accounts: {COLUMN: HANDLE} or file_name: PATTERN into that mapping; if not, "
        next_step += _NAME_THE_KIND
    return _refused(file, "this kind of file is not known", why, next_step)


def _of_unnamed_accounts(sheet: Sheet, request: Request) -> FileMapping | None:
    """A mapping for days by accounts that names no account, with a date column that the table has."""
    header = {column_key(name) for name in sheet.header}
    for mapping in request.mappings:
        fields = mapping.fields
        is_open = fields.get("layout") == "wide" and not fields.get("accounts")
        if is_open and column_key(str(fields.get("date_column", ""))) in header:
            return mapping
    return None


def _explain_zip(file: InputFile) -> TweetbenchError:
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and "__MACOSX/" not in name]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        why = "a damaged or incomplete ZIP, or one of another kind"
        next_step = f"download or pack it again, then run: tweetbench ingest FILE; {_NAME_THE_KIND}"
        return _refused(file, "this kind of file is not known", why, next_step)
    if kind := next((kind for member, kind in _MEMBERS if member in names), None):
        return _refused(file, f"this is {kind}, which is not read", "", _AS_CSV)
    endings = Counter(name.rsplit(".", 1)[-1].casefold() if "." in name.rsplit("/", 1)[-1] else "" for name in names)
    counted = ", ".join(f"{count:,} .{ending}" if ending else f"{count:,} others" for ending, count in endings.items())
    listed = ", ".join(mask(name) for name in names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
    next_step = "unpack it and ingest the files that belong here one by one; an archive of X is read as the ZIP that X "
    next_step += "sent, not packed again"
    why = f"it holds {counted}: {listed}" if names else "it is empty"
    return _refused(file, "this kind of file is not known: a ZIP that is no archive of X", why, next_step)


def _header_below(sheet: Sheet) -> int | None:
    """The line of a row that is the header of a table of profiles, below the first."""
    for row in sheet.in_order()[:10]:
        found = find_columns(row.cells)
        if "follower_count" in found and len(found) > 1:
            return row.line
    return None


def _is_value(cell: str) -> bool:
    return re.fullmatch(r"[\d\s.,:/+-]*\d[\d\s.,:/+TZ-]*", cell.strip()) is not None


def _columns(header: Sequence[str]) -> str:
    return ", ".join(mask(name) for name in header[:8])


def _head(file: InputFile) -> bytes:
    with file.path.open("rb") as stream:
        return stream.read(512)


def _refused(file: InputFile, what: str, why: str, next_step: str) -> TweetbenchError:
    return TweetbenchError(what, where=file.shown_name, why=why, next_step=next_step)
