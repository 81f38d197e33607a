"""LinkedIn page, followers: the net gain of each day."""

from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.linkedin.export import ALL_TABLES, export_kind, read_export

NAME = "linkedin_followers"
DESCRIPTION = "LinkedIn page, followers: the net gain of each day"
TABLES: tuple[str, ...] = ALL_TABLES


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for a file whose tables make it this kind of LinkedIn's exports, in any sheet."""
    return export_kind(file) == NAME


def read(file: InputFile, request: Request) -> Reading:
    """Rows of all tables that the file fills.

    Raises:
        TweetbenchError: see `read_export`.
    """
    return read_export(file, request)
