"""Which account stands for a company on a platform does not depend on the order in which anything was read."""

import random
from pathlib import Path

import pyarrow as pa
import pytest

from tests.marts.company_stand import MONDAY
from tests.marts.stand import build_models, read_rows

# Company, account, followers, status, bridged, own. Ties, spellings, copies, and companies that share a handle.
ACCOUNTS = [
    ("Acme Ltd", "x:1", 900, "active", False, False),
    ("acme  ltd", "x:2", 900, "active", False, True),
    ("ACME LTD", "x:3", 5_000, "suspended", False, False),
    ("Acme  Ltd", "bluesky:did:plc:b", 40, "active", False, False),
    ("Acme Ltd", "bluesky:did:plc:a", 70, "active", True, False),
    ("Acme Ltd", "mastodon:m.example/1", None, "moved", False, False),
    ("Acme Ltd", "mastodon:m.example/2", None, "active", False, False),
    ("Zeta", "mastodon:m.example/9", 3, "active", True, False),
    ("Zeta", "linkedin:zeta", 3, "active", False, False),
    ("", "x:9", 10, "active", False, False),
    (None, "x:8", 10, "active", False, False),
]
# Of ties the first key; a copy or a dead account only where there is nothing else.
STANDS_FOR = {
    ("acme ltd", "x"): ("x:1", 3, 3, True, "ACME LTD"),
    ("acme ltd", "bluesky"): ("bluesky:did:plc:b", 2, 3, True, "ACME LTD"),
    ("acme ltd", "mastodon"): ("mastodon:m.example/2", 2, 3, True, "ACME LTD"),
    ("zeta", "mastodon"): ("mastodon:m.example/9", 1, 2, False, "Zeta"),
    ("zeta", "linkedin"): ("linkedin:zeta", 1, 2, False, "Zeta"),
}


def _tables(accounts: list[tuple[object, ...]]) -> dict[str, pa.Table]:
    keys = ("company", "account_key", "follower_count", "status", "is_bridged", "is_own")
    rows = [dict(zip(keys, account, strict=True)) for account in accounts]
    shown = [
        {
            **{name: row[name] for name in ("account_key", "follower_count", "status", "is_bridged", "is_own")},
            "platform": str(row["account_key"]).partition(":")[0],
            "company": row["company"],
            "first_captured_at": MONDAY,
            "last_captured_at": MONDAY,
        }
        for row in rows
    ]
    known = [{"account_key": row["account_key"], "company": row["company"]} for row in reversed(rows)]
    return {"marts.accounts": pa.Table.from_pylist(shown), "int_accounts_registered": pa.Table.from_pylist(known)}


@pytest.mark.parametrize("order", ["as listed", "backwards", "by platform", "7", "8"])
def test_the_order_of_accounts_and_platforms_changes_nothing(tmp_path: Path, order: str) -> None:
    accounts = list(ACCOUNTS)
    if order == "backwards":
        accounts.reverse()
    elif order == "by platform":
        accounts.sort(key=lambda account: str(account[1]), reverse=True)
    elif order.isdigit():
        random.Random(int(order)).shuffle(accounts)  # noqa: S311 - an order, not a secret
    warehouse = build_models(tmp_path, _tables(accounts), ["int_company_platforms"])
    rows = read_rows(warehouse, "from intermediate.int_company_platforms")
    found = {
        (row["company_key"], row["platform"]): (
            row["account_key"], row["account_count"], row["platform_count"], row["is_own"], row["company"]
        )
        for row in rows
    }  # fmt: skip
    assert len(rows) == len(found)
    assert found == STANDS_FOR
