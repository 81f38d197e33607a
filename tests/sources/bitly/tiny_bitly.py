"""A small Bitly on loopback: groups, links and clicks of a test's own. Holds no test."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.sources.api.scripted import ScriptedServer

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class TinyBitly(ScriptedServer):
    """Links with their clicks by day; `shown_days`: how far the plan shows them; `lists_zeros`: names every day."""

    clicks: dict[str, dict[date, int]] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)
    today: date = date(2026, 11, 22)
    shown_days: int = 1_000
    lists_zeros: bool = False
    limits: tuple[int, int] | None = None
    page_size: int = field(default=2, kw_only=True)

    def answer(self, name: str, query: Any) -> tuple[int, Any, dict[str, str]]:
        fields, parts = dict(query), name.strip("/").split("/")
        if parts == ["v4", "groups"]:
            return 200, {"groups": [{"guid": "Bk1", "name": "acme", "is_active": True}]}, {}
        if parts == ["v4", "user", "platform_limits"]:
            limit = dict(zip(("limit", "count"), self.limits or (0, 0), strict=True))
            rows = [{"endpoint": "/v4/bitlinks/{bitlink}/clicks", "methods": [{"name": "GET", **limit}]}]
            return 200, {"platform_limits": rows if self.limits else []}, {}
        if parts[:2] == ["v4", "groups"]:
            return 200, self._links(int(fields.get("page", "1"))), {}
        bitlink = "/".join(parts[2:-1])
        if bitlink not in self.clicks:
            return 404, {"message": "NOT_FOUND", "description": "What you are looking for cannot be found"}, {}
        return 200, self._days(bitlink, fields), {}

    def _links(self, page: int) -> dict[str, Any]:
        names = list(self.clicks)[(page - 1) * self.page_size :]
        more = f"https://api-ssl.bitly.com/v4/groups/Bk1/bitlinks?{urlencode({'page': page + 1, 'size': 100})}"
        following = more if len(names) > self.page_size else ""
        links = [
            {
                "id": name,
                "link": f"https://{name}",
                "long_url": f"https://example.org/{name[-1]}?utm_source=s",
                "created_at": self.created.get(name, "2026-11-01T08:00:00+0000"),
            }
            for name in names[: self.page_size]
        ]
        return {"links": links, "pagination": {"next": following, "page": page, "total": len(self.clicks)}}

    def _days(self, bitlink: str, fields: dict[str, str]) -> dict[str, Any]:
        last = datetime.fromisoformat(fields["unit_reference"]).date()
        units = min(int(fields["units"]), self.shown_days)
        days = [last - timedelta(days=back) for back in range(units)]
        counts = [(day, self.clicks[bitlink].get(day, 0)) for day in days]
        shown = [{"date": f"{day}T00:00:00+0000", "clicks": n} for day, n in counts if n or self.lists_zeros]
        return {"link_clicks": shown, "units": units, "unit": "day", "unit_reference": fields["unit_reference"]}
