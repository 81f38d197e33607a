"""Faults put into effect: answers that replace the platform's, and real answers with their content changed.

What happens to the bytes on the wire belongs to `server`.
"""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.simulate import problems
from pipeline.simulate.answers import Answer, Call
from pipeline.simulate.faults import Fault
from pipeline.simulate.paging import FROM_THE_TOP, encode_token
from pipeline.simulate.vocabulary import Json, spell

HTML = b"<!DOCTYPE html><html><head><title>Demo</title></head><body><h1>Over capacity</h1></body></html>"


def instead(fault: Fault, now: datetime) -> Answer:
    """The answer that a fault gives in place of the platform's."""
    fixed: dict[str, Answer] = {
        "status": Answer(fault.status, raw=fault.body.encode(), headers=dict(fault.headers)),
        "window_limit": Answer(429, problems.TOO_MANY, headers=_reset_headers(fault.reset, now, remaining=0)),
        "second_limit": Answer(429, problems.TOO_MANY, headers=_reset_headers("normal", now, remaining=299)),
        "usage_cap": Answer(429, problems.USAGE_CAP, headers=_reset_headers("normal", now, remaining=39_999)),
        "credits_depleted": Answer(402, problems.CREDITS_DEPLETED),
        "not_enrolled": Answer(403, problems.NOT_ENROLLED),
        "missing_endpoint": Answer(404, raw=b""),
        "server_json": Answer(fault.status, {"title": "Service Unavailable", "type": "about:blank"}),
        "server_html": Answer(fault.status, raw=HTML, content_type="text/html"),
        "server_list": Answer(fault.status, raw=b'[{"message":"Over capacity"}]'),
        "html": Answer(200, raw=HTML, content_type="text/html"),
        "json_list": Answer(200, raw=b'[{"unexpected":"list"}]'),
        "zero_bytes": Answer(200, raw=b""),
    }
    return fixed[fault.kind]


def _reset_headers(reset: str, now: datetime, *, remaining: int) -> dict[str, str | None]:
    values = {
        "normal": str(int((now + timedelta(minutes=15)).timestamp())),
        "absent": None,
        "past": str(int((now - timedelta(hours=1)).timestamp())),
        "far": str(int((now + timedelta(days=365)).timestamp())),
        "text": "soon",
    }
    return {"x-rate-limit-remaining": str(remaining), "x-rate-limit-reset": values[reset]}


class PageMemory:
    """Remembers the last data of each path, for the fault that sends it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, list[Json]] = {}

    def swap(self, path: str, data: list[Json]) -> list[Json]:
        """Remember this page and return the one before; this one, if there was none."""
        with self._lock:
            before = self._last.get(path, data)
            self._last[path] = data
            return before


def change(fault: Fault, call: Call, answer: Answer, before: list[Json]) -> Answer:
    """A real answer with its content changed; billed and logged for what it then holds."""
    body: Json = json.loads(json.dumps(answer.body))
    data, meta = body.get("data"), body.get("meta", {})
    here = call.params.get("pagination_token") or encode_token(call.path_id, FROM_THE_TOP)
    if fault.kind == "dialect":
        return replace(answer, body=spell(body, "tweet" if "post.fields" in call.params else "post"))
    if not isinstance(data, list):
        return answer
    if fault.kind == "duplicate_page":
        body["data"] = before
    elif fault.kind == "repeating_token":
        meta["next_token"] = here
    elif fault.kind == "empty_page":
        return replace(answer, body={"meta": {"result_count": 0, "next_token": here}}, resources=(), served=())
    elif fault.kind == "short_page":
        body["data"] = data[: fault.count]
        meta["next_token"] = encode_token(call.path_id, int(body["data"][-1]["id"]))
    elif fault.kind == "late_posts":
        body["data"] = data[:1] + data[1 + fault.count :]
    elif fault.kind == "out_of_order":
        body["data"] = data[len(data) // 2 :] + data[: len(data) // 2][::-1]
    elif fault.kind == "missing_field":
        for item in data:
            _drop(item, fault.field_path.split("."))
    elif fault.kind == "extra_field":
        body["data"] = [{**item, "demo_unknown": {"value": 1}} for item in data]
    return _settle(answer, body, meta)


def _settle(answer: Answer, body: Json, meta: Json) -> Answer:
    """Bring counts, served ids and billed resources in line with the objects that are left."""
    kept = [item["id"] for item in body["data"]]
    if "result_count" in meta:
        body["meta"] = {
            **meta,
            "result_count": len(kept),
            "newest_id": max(kept, key=int),
            "oldest_id": min(kept, key=int),
        }
    gone = set(answer.served) - set(kept)
    resources = tuple(resource for resource in answer.resources if resource.resource_id not in gone)
    return replace(answer, body=body, resources=resources, served=tuple(kept))


def _drop(item: Any, path: list[str]) -> None:
    for name in path[:-1]:
        item = item.get(name, {})
    item.pop(path[-1], None)
