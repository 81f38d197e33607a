"""What every source gives back, whether it reads files or asks an API: rows of lake tables, `issues` among them."""

import json
from datetime import datetime
from typing import Any, Protocol

Row = dict[str, Any]
# A detail quotes a cell, which may hold a million characters; all of it is in the payload.
LONGEST_DETAIL, CUT_AT = 1_000, 400


class LakeSource(Protocol):
    """Whatever fills lake tables, from files or from an interface."""

    NAME: str
    DESCRIPTION: str
    TABLES: tuple[str, ...]


def issue_at(
    moment: datetime,
    subject: str,
    problem: str,
    *,
    detail: str,
    next_step: str,
    original: object = None,
    platform: str = "x",
) -> Row:
    """A row of the `issues` lake table: one thing that was read and not used."""
    return {
        "platform": platform,
        "captured_at": moment,
        "subject": subject,
        "problem": problem,
        "detail": detail if len(detail) <= LONGEST_DETAIL else f"{detail[:CUT_AT]} ... {detail[-CUT_AT:]}",
        "next_step": next_step,
        "payload": as_payload(original),
    }


def as_payload(original: object) -> str | None:
    """The original record as JSON text, keys in the source's order."""
    return None if original is None else json.dumps(original, ensure_ascii=False, default=str)


BIGINT_MAX = 2**63 - 1
