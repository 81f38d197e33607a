"""A small AppView on loopback: profiles, feeds and posts of a test's own. Holds no test."""

from dataclasses import dataclass, field
from typing import Any

from tests.sources.api.scripted import ScriptedServer

HTML_403 = b"<html><head><title>403 Forbidden</title></head><body>openresty</body></html>"
Query = list[tuple[str, str]]


@dataclass
class TinyAppView(ScriptedServer):
    """What is served: profiles by DID, feeds by DID, refusals by DID or handle as (error, message)."""

    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    feeds: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def calls(self, name: str) -> list[Query]:
        """Queries of one call, in order."""
        return [query for path, query, _ in self.requests if path == name]

    def name_of(self, path: str) -> str:
        """The call's name."""
        return path.removeprefix("/xrpc/")

    def script_keys(self, name: str, query: Query) -> list[str]:
        """A call about one account may have a script of its own: `name actor`."""
        return [f"{name} {dict(query).get('actor')}", name, "*"]

    def note_served(self, body: Any) -> None:
        """Posts of feeds and of lists, and profiles."""
        fields = body if isinstance(body, dict) else {}
        posts = [
            *(entry["post"] for entry in fields.get("feed", []) if isinstance(entry, dict)),
            *fields.get("posts", []),
        ]
        self.served += [str(post.get("uri")) for post in posts if isinstance(post, dict)]
        self.served += [str(each.get("did")) for each in fields.get("profiles", []) if isinstance(each, dict)]

    def answer(self, name: str, query: Query) -> tuple[int, Any, dict[str, str]]:
        """The honest answer to a request."""
        return *self._answer(name, query), {}

    def _answer(self, name: str, query: Query) -> tuple[int, Any]:
        fields, values = dict(query), [value for _, value in query]
        if name == "app.bsky.actor.getProfiles":
            found = (self._profile(actor) for actor in values)
            return 200, {"profiles": [profile for profile in found if profile]}
        if name == "app.bsky.actor.getProfile":
            return self._refusal(fields["actor"]) or (200, self._profile(fields["actor"]))
        if name == "com.atproto.identity.resolveHandle":
            profile = self._by_name(fields["handle"])
            return (200, {"did": profile["did"]}) if profile else _refused("InvalidRequest", "Unable to resolve handle")
        if name == "app.bsky.feed.getPosts":
            posts = [entry["post"] for feed in self.feeds.values() for entry in feed if "reason" not in entry]
            return 200, {"posts": [post for post in posts if post["uri"] in values and post["uri"] not in self.gone]}
        return self._refusal(fields["actor"]) or (200, self._feed(fields))

    def _feed(self, fields: dict[str, str]) -> dict[str, Any]:
        profile = self._by_name(fields["actor"])
        feed = [
            entry
            for entry in self.feeds.get(profile["did"] if profile else "", [])
            if entry.get("post", {}).get("uri") not in self.gone
        ]
        start, size = int(fields.get("cursor", "0")), min(self.page_size, int(fields["limit"]))
        more = {"cursor": str(start + size)} if start + size < len(feed) else {}
        return {"feed": feed[start : start + size], **more}

    def _profile(self, actor: str) -> dict[str, Any] | None:
        return None if self._refusal(actor) else self._by_name(actor)

    def _by_name(self, actor: str) -> dict[str, Any] | None:
        by_handle = {profile.get("handle"): profile for profile in self.profiles.values()}
        return self.profiles.get(actor) or by_handle.get(actor)

    def _refusal(self, actor: str) -> tuple[int, Any] | None:
        if actor in self.refusals:
            return _refused(*self.refusals[actor])
        return None if self._by_name(actor) else _refused("InvalidRequest", "Profile not found")


def _refused(error: str, message: str) -> tuple[int, Any]:
    return 400, {"error": error, "message": message}
