"""Faults put into effect: a page that is no answer, and real answers with their content changed.

What happens to the bytes on the wire belongs to `wire`.
"""

import json
import threading
from dataclasses import replace

from pipeline.simulate.faults import Fault
from pipeline.simulate.paging import FROM_THE_TOP, encode_token
from pipeline.simulate.responses import Call, Page, Response
from pipeline.simulate.vocabulary import Json, spell

HTML = b"<!DOCTYPE html><html><head><title>Demo</title></head><body><h1>Over capacity</h1></body></html>"
HTML_PAGE = Response(200, raw=HTML, content_type="text/html")


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


def change(fault: Fault, call: Call, answer: Response, before: list[Json]) -> Response:
    """A real answer with its content changed; billed and logged for what it then holds."""
    if answer.page is not None:
        return _change_page(fault, answer, answer.page, before)
    body: Json = json.loads(json.dumps(answer.body))
    data, meta = body.get("data"), body.get("meta", {})
    here = call.params.get("pagination_token") or encode_token(call.path_id, FROM_THE_TOP)
    if fault.kind == "dialect":
        return replace(answer, body=spell(body, "tweet" if "post.fields" in call.params else "post"))
    if not isinstance(data, list):
        return answer
    if fault.kind == "duplicate_page":
        body["data"] = before
    elif fault.kind == "empty_page":
        return replace(answer, body={"meta": {"result_count": 0, "next_token": here}}, resources=(), served=())
    elif fault.kind == "short_page":
        body["data"] = data[: fault.count]
        meta["next_token"] = encode_token(call.path_id, int(body["data"][-1]["id"]))
    elif fault.kind == "out_of_order":
        body["data"] = data[len(data) // 2 :] + data[: len(data) // 2][::-1]
    return _settle(answer, body, meta)


def _change_page(fault: Fault, answer: Response, page: Page, before: list[Json]) -> Response:
    """The same where the answer says what it is made of."""
    items, lead = page.items, page.following
    changed = {
        "duplicate_page": (before, lead),
        "empty_page": ([], page.here),
        "short_page": (items[: fault.count], page.leads[min(fault.count, len(items)) - 1] if items else lead),
        "out_of_order": (items[len(items) // 2 :] + items[: len(items) // 2][::-1], lead),
    }.get(fault.kind, (items, lead))
    composed = page.compose(*changed)
    return replace(answer, body=composed.body, raw=composed.raw, served=composed.served, headers=composed.headers)


def _settle(answer: Response, body: Json, meta: Json) -> Response:
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
