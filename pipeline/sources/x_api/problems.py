"""The `errors` items of an answer: whom they are about, and what they say of the account or post that was asked for.

X gives suspended accounts the type of missing ones, so title and detail decide, not the type; and items about side
objects (a pinned post, a mentioned account) say nothing about what was asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pipeline.sources.api import responses
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.values import records_of

ASKED_PARAMETERS = frozenset({"id", "ids", "username", "usernames"})
# First match wins; the words are looked for in title and detail together.
STATUS_WORDS = (
    ("suspended", "suspended"),
    ("deactivated", "deactivated"),
    ("withheld", "withheld"),
    ("not authorized to see", "protected"),
    ("not authorised to see", "protected"),
    ("authorization error", "protected"),
    ("could not find", "not_found"),
    ("not found", "not_found"),
)
NEXT_STEPS = {
    "suspended": "nothing to do: the account's status is kept and it is asked for again in the next run",
    "not_found": "check the handle in accounts.csv; a renamed account needs its account_id there",
    "protected": "nothing to do: only approved followers see this account's posts",
}


@dataclass(frozen=True)
class Problem:
    """One error item. `is_primary`: it is about an object that the request asked for."""

    subject: str
    parameter: str
    status: str
    detail: str
    is_primary: bool
    is_about_account: bool
    original: Mapping[str, Any]


def read_problems(body: Mapping[str, Any], *, asks_for_accounts: bool) -> list[Problem]:
    """The error items of an answer, classified.

    Args:
        body: the answer.
        asks_for_accounts: what the request asked for, where an item does not say what kind it is about.
    """
    return [_problem(item, asks_for_accounts) for item in records_of(body, "errors")]


def issue_rows(problems: Iterable[Problem], *, endpoint: str, at: datetime) -> list[Row]:
    """One row of `issues` for each error item; those about side objects say so."""
    return [
        api_issue(
            f"{'account' if problem.is_about_account else 'post'} {problem.subject}",
            f"api_{problem.status}" if problem.is_primary else "api_side_object",
            detail=f"{endpoint}: {problem.detail} (parameter {problem.parameter or 'not given'})",
            next_step=NEXT_STEPS.get(problem.status, "nothing to do: the item is kept here for reference")
            if problem.is_primary
            else "nothing to do: it concerns another object than the one requested",
            at=at,
            original=problem.original,
        )
        for problem in problems
    ]


api_issue = partial(responses.api_issue, platform="x")


def _problem(item: Mapping[str, Any], asks_for_accounts: bool) -> Problem:
    title, detail = str(item.get("title") or ""), str(item.get("detail") or item.get("message") or "")
    parameter = str(item.get("parameter") or "")
    words = f"{title} {detail}".casefold()
    kind = item.get("resource_type")
    return Problem(
        subject=str(item.get("value") or item.get("resource_id") or "not named"),
        parameter=parameter,
        status=next((status for word, status in STATUS_WORDS if word in words), "unknown"),
        detail=f"{title}: {detail}".strip(": "),
        is_primary=parameter in ASKED_PARAMETERS and item.get("section") != "includes" and "field" not in item,
        is_about_account=kind == "user" if kind else asks_for_accounts,
        original=item,
    )
