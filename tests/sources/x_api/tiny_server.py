"""Accounts and posts of a test's own behind the HTTP of the demo platform. Holds no test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.sources.api.scripted import ScriptedServer


@dataclass
class TinyX(ScriptedServer):
    """What is served, by account id."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cap: int = 3_200

    def read_query(self, pairs: list[tuple[str, str]]) -> dict[str, str]:
        """Names are given once."""
        return dict(pairs)

    def note_served(self, body: Any) -> None:
        """X bills every object."""
        data = body.get("data", []) if isinstance(body, dict) else []
        items = data if isinstance(data, list) else [data]
        self.served += [item["id"] for item in items if isinstance(item, dict)]

    def answer(self, name: str, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        """The honest answer to a request; one without any data is an error only where a test says so."""
        return 200, self._body(name, query), {}

    def _body(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        parts = path.strip("/").split("/")
        if path == "/2/users/me":
            return {"data": next(iter(self.accounts.values()))}
        if path == "/2/users/by":
            by_handle = {item["username"].casefold(): item for item in self.accounts.values()}
            return _lookup(by_handle, query["usernames"].split(","), "usernames", "user", str.casefold)
        if path == "/2/users":
            return _lookup(self.accounts, query["ids"].split(","), "ids", "user", str)
        if path == "/2/tweets":
            by_id = {post["id"]: post for posts in self.posts.values() for post in posts}
            return _lookup(by_id, query["ids"].split(","), "ids", "tweet", str)
        return self._timeline(self.posts.get(parts[2], []), query)

    def _timeline(self, posts: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        newest = sorted(posts, key=lambda post: -int(post["id"]))[: self.cap]
        since, until = int(query.get("since_id", 0)), int(query.get("until_id", 2**63))
        window = [post for post in newest if since < int(post["id"]) < until]
        start = int(query.get("pagination_token", "t0")[1:])
        size = min(int(query.get("max_results", 10)), self.page_size)
        page = window[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(window):
            meta["next_token"] = f"t{start + size}"
        return {"data": page, "meta": meta} if page else {"meta": meta}


def _lookup(
    known: dict[str, dict[str, Any]], asked: list[str], parameter: str, kind: str, fold: Callable[[str], str]
) -> dict[str, Any]:
    found = [known[fold(key)] for key in asked if fold(key) in known]
    lost = [key for key in asked if fold(key) not in known]
    errors = [
        {
            "value": key,
            "resource_id": key,
            "parameter": parameter,
            "resource_type": kind,
            "title": "Not Found Error",
            "detail": f"Could not find {kind} with {parameter}: [{key}].",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }
        for key in lost
    ]
    return {**({"data": found} if found else {}), **({"errors": errors} if errors else {})}
