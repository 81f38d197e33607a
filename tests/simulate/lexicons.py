"""Whether a JSON value is what a lexicon of the AT Protocol says. Holds no test.

Properties that a lexicon does not name are faults here, though clients must bear them: a server of ours has none.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMATS = {
    "did": r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]",
    "handle": r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "at-uri": r"at://did:[a-z]+:[A-Za-z0-9._:%-]+(/[a-zA-Z0-9.-]+(/[A-Za-z0-9._:~-]+)?)?",
    "cid": r"baf[a-z2-7]{50,}",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "uri": r"[a-z]+:\S+",
    "language": r"[a-z]{2,3}(-\w+)*",
}
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


class Lexicons:
    """The lexicons of a folder; `faults` names each place of a value that does not fit one of them."""

    def __init__(self, folder: Path) -> None:
        files = (json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json"))
        self._defs = {lexicon["id"]: lexicon["defs"] for lexicon in files}

    def faults_of_answer(self, body: Any, method: str) -> list[str]:
        """Faults of the answer of a query."""
        return list(self._check(body, self._defs[method]["main"]["output"]["schema"], method, ""))

    def _check(self, value: Any, schema: dict[str, Any], home: str, place: str) -> Iterator[str]:
        kind = schema["type"]
        if kind in {"ref", "union"}:
            yield from self._check_reference(value, schema, home, place)
            return
        if kind not in KINDS:
            return
        if not isinstance(value, KINDS[kind]) or (kind == "integer" and isinstance(value, bool)):
            yield f"{place} is no {kind}: {value!r}"
            return
        if kind == "object":
            known = schema.get("properties", {})
            yield from (f"{place}.{name} is missing" for name in schema.get("required", ()) if name not in value)
            yield from (f"{place}.{name} is unknown" for name in value if name not in known and name != "$type")
            for name in known.keys() & value.keys():
                yield from self._check(value[name], known[name], home, f"{place}.{name}")
        elif kind == "array":
            if len(value) > schema.get("maxLength", len(value)):
                yield f"{place} has {len(value)} items"
            for item in value:
                yield from self._check(item, schema["items"], home, f"{place}[]")
        elif kind == "string":
            if len(value) > schema.get("maxGraphemes", len(value)):
                yield f"{place} is too long"
            pattern = FORMATS.get(schema.get("format", ""))
            if pattern and not re.fullmatch(pattern, value):
                yield f"{place} is no {schema['format']}: {value!r}"

    def _check_reference(self, value: Any, schema: dict[str, Any], home: str, place: str) -> Iterator[str]:
        named = schema.get("ref") or (value.get("$type") if isinstance(value, dict) else None)
        full = [_full(ref, home) for ref in schema.get("refs", ())]
        if not named or (full and _full(named, home) not in full):
            yield f"{place} is none of {full}: {named}"
            return
        lexicon, _, part = _full(named, home).partition("#")
        found = self._defs.get(lexicon, {}).get(part or "main")
        if found:
            yield from self._check(value, found.get("record", found), lexicon, place)

    def faults_of_record(self, record: Any, lexicon: str) -> list[str]:
        """Faults of a record."""
        return list(self._check(record, self._defs[lexicon]["main"]["record"], lexicon, ""))


def _full(name: str, home: str) -> str:
    return home + name if name.startswith("#") else name
