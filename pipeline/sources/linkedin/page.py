"""Whose page an export is of: LinkedIn writes the page into the name of the file and nowhere into the file itself."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.ownership import export_account
from pipeline.sources.files.protocol import InputFile, Request

PLATFORM = "linkedin"
# `acme-inc_content_1774355108388.xls`; the word is one of the exporter's language, the number a time of export in ms.
_UNTOUCHED = re.compile(r"(?P<page>.+)_(?P<kind>[^\W\d_]+)_(?P<ms>1\d{12})(?: ?\(\d+\))?\.\w+")
_COMPETITORS = re.compile(r"(?:(?P<page>.+?)_)?competitor_analytics_(?P<ms>1\d{12})(?: ?\(\d+\))?\.\w+")


def find_page(file: InputFile, request: Request) -> tuple[str, list[str]]:
    """The slug of the page that an export belongs to, and notes on where that is known from.

    Raises:
        TweetbenchError: the file is another page's, nothing tells whose it is, or --account is no page.
    """
    hint = _slug_in_name(file)
    slug, origin = export_account(
        [],
        request,
        file_name=file.shown_name,
        name_hint=hint,
        platform=PLATFORM,
        silence="LinkedIn's exports name no page",
    )
    notes = [f"page {slug}, {origin}"]
    if hint and hint != slug:
        notes.append(f"the file name says {hint}")
    return slug, notes


def named_page(file: InputFile) -> str | None:
    """The name of the page in the name that LinkedIn gives to an export of competitors."""
    match = _COMPETITORS.fullmatch(PurePath(file.shown_name).name)
    return match["page"] if match else None


def exported_on(file: InputFile) -> date | None:
    """The UTC day on which the file was exported, where its name is the one that LinkedIn gave it."""
    name = PurePath(file.shown_name).name
    match = _COMPETITORS.fullmatch(name) or _UNTOUCHED.fullmatch(name)
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(match["ms"]))).date() if match else None


def _slug_in_name(file: InputFile) -> str | None:
    name = PurePath(file.shown_name).name
    match = _UNTOUCHED.fullmatch(name)
    if match is None or _COMPETITORS.fullmatch(name):
        return None
    try:
        return normalise_handle(match["page"], PLATFORM)
    except ValueError:
        return None
