"""Small Mastodon servers on loopback, many behind one address: accounts and statuses of a test's own. Holds no test."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.sources.api.scripted import ScriptedServer

Query = list[tuple[str, str]]
Answer = tuple[int, Any, dict[str, str]]
NOT_FOUND: Answer = (404, {"error": "Record not found"}, {})
NO_ROUTE: Answer = (404, b"<html>The page you are looking for does not exist</html>", {})


@dataclass
class TinyServer:
    """One server: accounts and statuses by id, newest statuses first; `aliases`: domains whose handles live here."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    has_batches: bool = True
    has_links: bool = True
    robots: str | None = None

    def answer(self, path: str, query: Query, page_size: int) -> Answer:
        """Status, body and headers of a call below /api/v1."""
        fields, (_, *parts) = dict(query), path.split("/")
        if parts == ["accounts", "lookup"]:
            by_name = {account["username"].casefold(): account for account in self.accounts.values()}
            found = by_name.get(fields["acct"].casefold())
            return (200, found, {}) if found else NOT_FOUND
        if parts == ["accounts"]:
            ids = [value for name, value in query if name == "id[]"]
            shown = [account for key in ids if (account := self.accounts.get(key)) and not account.get("suspended")]
            return (200, shown, {}) if self.has_batches else NO_ROUTE
        if parts[0] == "accounts" and (len(parts) == 2 or parts[1] not in self.accounts):
            found = self.accounts.get(parts[1])
            return (200, found, {}) if found else NOT_FOUND
        if parts[0] == "accounts":
            return self._page(parts[1], fields, page_size)
        posts = {each["id"]: each for feed in self.statuses.values() for each in feed if each["id"] not in self.gone}
        if parts == ["statuses"]:
            ids = [value for name, value in query if name == "id[]"]
            return (200, [posts[key] for key in ids if key in posts], {}) if self.has_batches else NO_ROUTE
        return (200, posts[parts[1]], {}) if parts[1] in posts else NOT_FOUND

    def _page(self, account_id: str, fields: dict[str, str], page_size: int) -> Answer:
        feed = [each for each in self.statuses.get(account_id, []) if each["id"] not in self.gone]
        if "max_id" in fields:
            feed = [each for each in feed if int(each["id"]) < int(fields["max_id"])]
        size = min(page_size, int(fields["limit"]))
        page = feed[:size]
        if not (self.has_links and len(feed) > size):
            return 200, page, {}
        following = urlencode({**fields, "max_id": page[-1]["id"]})
        return (
            200,
            page,
            {"Link": f'<https://any.example/x?{following}>; rel="next", <https://any.example/y>; rel="prev"'},
        )


@dataclass
class TinyFediverse(ScriptedServer):
    """Servers by host; `homes`: host by the domain of handles that are served elsewhere.

    A path is asked for as `host/path`; the script may name it so, or by its host or its path alone.
    """

    servers: dict[str, TinyServer]
    homes: dict[str, str] = field(default_factory=dict)

    def calls(self) -> list[str]:
        """Paths that were asked for, in order, without their hosts."""
        return [path[path.index("/") :] for path in self.paths()]

    def name_of(self, path: str) -> str:
        return path.removeprefix("/")

    def script_keys(self, name: str, query: Any) -> list[str]:
        del query
        host, _, path = name.partition("/")
        return [name, host, f"/{path}", "*"]

    def answer(self, name: str, query: Query) -> Answer:
        host, _, path = name.partition("/")
        if host not in self.servers and host not in self.homes:
            return 404, b"", {}
        if path == ".well-known/webfinger":
            return self._webfinger(host, dict(query)["resource"])
        server = self.servers[host]
        if path == "robots.txt":
            return (404, b"", {}) if server.robots is None else (200, server.robots.encode(), {})
        return server.answer(path.removeprefix("api/v1"), query, self.page_size)

    def _webfinger(self, host: str, resource: str) -> Answer:
        name, _, domain = resource.removeprefix("acct:").partition("@")
        home = self.homes.get(domain, domain)
        if home != host:
            location = f"https://{home}/.well-known/webfinger?{urlencode({'resource': resource})}"
            return 301, b"", {"Location": location}
        known = {account["username"].casefold() for account in self.servers[home].accounts.values()}
        link = {"rel": "self", "type": "application/activity+json", "href": f"https://{home}/users/{name}"}
        found = {"subject": f"acct:{name}@{domain}", "links": [link]}
        return (200, found, {}) if name.casefold() in known else (404, b"", {})
