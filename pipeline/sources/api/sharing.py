"""Which accounts, and which posts that are due again, one of several readers asks for.

An account belongs to the part that its line in accounts.csv says: by its id, or by its handle where it has none there.
So it stays in its part whatever a run learns of it, and every reader with the same accounts.csv agrees.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.runtime.shard import Shard
from pipeline.sources.lake_source import Row


@dataclass(frozen=True)
class AccountShare:
    """The part of one platform's accounts; `rows` are all of them."""

    shard: Shard
    rows: Sequence[Row]

    def own_rows(self) -> list[Row]:
        """Lines of accounts.csv that belong to this part."""
        return [row for row in self.rows if self.shard.holds(_key(row))]

    def own_posts(self, due: pa.Table, state: Mapping[str, Any]) -> pa.Table:
        """The posts (account_id among the columns) of accounts of this part; accounts that are no longer listed belong
        to the part of their id."""
        ids = due["account_id"].to_pylist()
        keys = dict(self._keys(state))
        return due.filter(pa.array([self.shard.holds(keys.get(each, each or "")) for each in ids], pa.bool_()))

    def _keys(self, state: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """The key of each listed account by its id, as far as the id is known."""
        found = {
            name.removeprefix("handle:").casefold(): value.get("account_id")
            for name, value in state.items()
            if name.startswith("handle:") and isinstance(value, dict)
        }
        for row in self.rows:
            if account_id := row.get("account_id") or found.get(_key(row)):
                yield account_id, _key(row)


def _key(row: Row) -> str:
    return str(row.get("account_id") or str(row.get("handle") or "").strip().removeprefix("@").casefold())
