"""Contact lists of a customer or newsletter system: segments and consent, identities as keyed hashes only.

Addresses, handles, names and ids are hashed or left out here, at the door; the key lies outside the lake. A handle is
kept (as a hash) only where the contact agreed to be matched: nobody is joined to an account without consent.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.errors import TweetbenchError
from pipeline.sources.contacts.mapping import ANY_FILLED, ContactMapping
from pipeline.sources.files.cell_values import is_rounded_id
from pipeline.sources.files.cells import DateOrder, counted, fold, infer_date_order, parse_time, tidy
from pipeline.sources.files.claims import Claim, has_claims
from pipeline.sources.files.column_mappings import choose, claims_of, positions
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.mapping_errors import parse
from pipeline.sources.files.numbers import is_not_reported
from pipeline.sources.files.options import LONGEST_OPTION, MOST_OPTIONS, OTHER
from pipeline.sources.files.personal_data import count_kinds, mask
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.repeated_headers import without_repeated_headers
from pipeline.sources.files.tabular import Record, Sheet
from pipeline.sources.files.yes_no import NO
from pipeline.sources.lake_source import Row

NAME = "contacts"
DESCRIPTION = "Contact list (CRM or newsletter), with a mapping of kind contacts in mappings/<id>.yml"
TABLES: tuple[str, ...] = ("contacts", "issues")
Get = Callable[[Record, str], str]


def recognises(file: InputFile, request: Request) -> bool:
    """True if a mapping of kind contacts names at least half of its columns in this file."""
    return has_claims(claims, file, request)


def claims(file: InputFile, request: Request) -> list[Claim]:
    """The columns of a contact list that each mapping of that kind names.

    Raises:
        TweetbenchError: the file is no table.
    """
    return [claim for claim, _ in claims_of(NAME, file, request)]


def read(file: InputFile, request: Request) -> Reading:
    """Contacts of one list, the last row of each, with what could not be used as issues.

    Raises:
        TweetbenchError: the mapping does not fit, segments hold personal data or free text, or nobody is in the list.
    """
    chosen = choose(NAME, file, request)
    mapping = parse(chosen, ContactMapping)
    at = positions(mapping.columns, file.sheet.header, chosen)
    issues = IssueList(file.shown_name, request)
    sheet = without_repeated_headers(file.sheet, issues)

    def get(record: Record, key: str) -> str:
        return record.cells[at[key]].strip() if key in at else ""

    for aside in sheet.set_aside:
        issues.add(f"line {aside.line}", aside.problem, aside.detail, "look for a stray separator on that line")
    labels = _segment_labels(sheet, at, mapping, file.shown_name)
    order = mapping.date_order or infer_date_order(get(record, "since") for record in sheet.records)
    rows: dict[str, Row] = {}
    problems: Counter[str] = Counter()
    for record in sheet.records:
        identity = get(record, "contact_id") or get(record, "email").casefold()
        if not identity or is_rounded_id(identity):
            problems["contact_without_id"] += 1
            continue
        key = request.pseudonym(f"contact:{mapping.list_id}:{identity}")
        earlier = rows.pop(key, None)
        row = {
            "platform": mapping.platform,
            "captured_at": request.captured_at or request.now,
            "payload": None,
            "list_id": mapping.list_id,
            "contact_id": key,
            "segment": labels.get(get(record, "segment")),
            **_details(record, get, mapping, request, order, problems),
        }
        # An explicit no after a yes is a withdrawal; a blank says nothing about what was agreed before.
        has_withdrawn = bool(get(record, "consent")) and not row["has_consent"]
        rows[key] = _merged(earlier, row, problems, has_withdrawn=has_withdrawn) if earlier else row
    _report(problems, issues, chosen.shown_name)
    _report_consent(sheet, at, mapping, issues, chosen.shown_name)
    if not rows:
        raise issues.nothing_usable(
            "nobody in the list can be used" if sheet.records else "the file has a header and no lines"
        )
    agreed = sum(bool(row["has_consent"]) for row in rows.values())
    return Reading(
        tables={"contacts": list(rows.values()), "issues": issues.rows},
        dialect=sheet.form,
        row_count=len(file.sheet.records) + len(sheet.set_aside),
        notes=(
            f"list {mapping.list_id}: {counted(len(rows), 'contact')}, {agreed:,} with consent",
            f"{counted(len(sheet.header) - len(set(at.values())), 'column')} not named in the mapping, not read",
            "addresses, handles and ids are stored as keyed hashes only",
        ),
        options={"mapping": mapping.digest("file_name")},
    )


def _details(
    record: Record, get: Get, mapping: ContactMapping, request: Request, order: DateOrder | None, problems: Counter[str]
) -> dict[str, Any]:
    """Consent, hashes and day of one contact."""
    has_consent = _agrees(get(record, "consent"), mapping) if mapping.columns.consent else None
    email, handle = get(record, "email").casefold(), get(record, "handle")
    if email and "@" not in email:
        problems["bad_email"] += 1
        email = ""
    handle_hash = None
    if handle and has_consent:
        try:
            handle_hash = hash_handle(handle, mapping.platform, request)
        except ValueError:
            problems["bad_handle"] += 1
    elif handle:
        problems["handle_without_consent"] += 1
    return {
        "since_date": _day(get(record, "since"), order, request, problems),
        "has_consent": has_consent,
        "email_hash": request.pseudonym(f"email:{email}") if email else None,
        "handle_hash": handle_hash,
    }


def _agrees(cell: str, mapping: ContactMapping) -> bool:
    if mapping.consent_values == ANY_FILLED:
        return not is_not_reported(cell) and fold(cell) not in NO
    return fold(cell) in {fold(value) for value in mapping.consent_values}


def _merged(earlier: Row, row: Row, problems: Counter[str], *, has_withdrawn: bool) -> Row:
    """The later of two rows of one contact, with the handle that an earlier row agreed to unless it was withdrawn."""
    problems["duplicate_contact"] += 1
    if has_withdrawn or not earlier["handle_hash"]:
        return row
    if row["handle_hash"] not in (None, earlier["handle_hash"]):
        problems["second_handle"] += 1
    return {**row, "has_consent": True, "handle_hash": earlier["handle_hash"]}


def _report_consent(
    sheet: Sheet, at: dict[str, int], mapping: ContactMapping, issues: IssueList, mapping_name: str
) -> None:
    """Values of consent_values that no cell holds: a list where nobody agrees is most often a mistyped value."""
    if "consent" not in at or mapping.consent_values == ANY_FILLED:
        return
    cells = {fold(record.cells[at["consent"]]) for record in sheet.records}
    absent = [value for value in mapping.consent_values if fold(value) not in cells]
    if absent:
        detail = f"no cell of the column {mask(sheet.header[at['consent']])!r} is {' or '.join(map(repr, absent))}"
        remedy = "correct consent_values; where any filled cell means yes, write consent_values: any"
        issues.add("", "consent_value_not_found", detail, f"{remedy} ({mapping_name})")


def hash_handle(handle: str, platform: str, request: Request) -> str:
    """Keyed hash of a handle, the same for contacts and followers.

    Raises:
        ValueError: not a handle of that platform.
    """
    return request.pseudonym(f"handle:{platform}:{normalise_handle(handle, platform).casefold()}")


def _segment_labels(sheet: Sheet, at: dict[str, int], mapping: ContactMapping, where: str) -> dict[str, str | None]:
    if "segment" not in at:
        return {}
    cells = [record.cells[at["segment"]].strip() for record in sheet.records]
    texts = {tidy(cell) for cell in cells if cell}
    if mapping.segments is not None:
        known = {fold(text): label for text, label in mapping.segments.items()}
        return {cell: known.get(fold(cell), OTHER) if cell else None for cell in cells}
    longest = max(map(len, texts), default=0)
    if len(texts) > MOST_OPTIONS or longest > LONGEST_OPTION:
        raise TweetbenchError(
            f"the segment column {mask(str(mapping.columns.segment))!r} has {len(texts):,} different values, the "
            f"longest of {longest:,} characters",
            where=where,
            why=f"every value becomes a published segment: at most {MOST_OPTIONS} of {LONGEST_OPTION} characters are "
            "taken as they are, because what people typed may be personal; nothing of this file was stored",
            next_step="group the values with segments: {cell: label} in the mapping (all others become "
            "one group), or choose another segment column; then run: tweetbench ingest FILE --check",
        )
    if kinds := count_kinds(texts):
        raise TweetbenchError(
            f"the segment column {mask(str(mapping.columns.segment))!r} holds personal data ({', '.join(kinds)})",
            where=where,
            why="segments are stored and published; nothing of this file was stored",
            next_step="choose another segment column, or write segments: {cell: label} in the mapping",
        )
    return {cell: tidy(cell) or None for cell in cells}


def _day(cell: str, order: DateOrder | None, request: Request, problems: Counter[str]) -> date | None:
    if not cell:
        return None
    try:
        return parse_time(cell, ZoneInfo("UTC"), order, latest=request.now).date()
    except ValueError:
        problems["bad_date"] += 1
        return None


_WORDS = {
    "contact_without_id": (
        "without contact id and e-mail address, or with a rounded id; left out",
        "complete the rows",
    ),
    "duplicate_contact": (
        "naming a contact again; the last row of each counts, with the handle that an earlier one agreed to",
        "nothing, if that is right",
    ),
    "second_handle": ("with another handle of a contact; the first that agreed is kept", "nothing, if that is right"),
    "bad_email": ("with an e-mail address without @; stored without it", "correct the addresses"),
    "bad_handle": ("with a handle that the platform cannot have; stored without it", "correct the handles"),
    "handle_without_consent": ("with a handle but without consent; the handle was not stored", "nothing: ask first"),
    "bad_date": ("with a date that cannot be read in one way only; stored without it", "set date_order in the mapping"),
}


def _report(problems: Counter[str], issues: IssueList, mapping_name: str) -> None:
    """One issue for each problem with the number of rows; never what was in them."""
    for problem, count in problems.items():
        if count:
            words, advice = _WORDS[problem]
            issues.add("", problem, f"{counted(count, 'row')} {words}", f"{advice} ({mapping_name})")
