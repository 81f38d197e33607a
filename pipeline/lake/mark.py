"""The note in a lake's folder that it is the mirror of a bucket."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARK = "_bucket.json"  # whose mirror the folder is, and which version of each object it holds


def read_mark(root: Path) -> Mapping[str, Any]:
    """What the folder says of the bucket whose mirror it is; empty where it is a lake of its own."""
    try:
        found = json.loads((root / MARK).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
