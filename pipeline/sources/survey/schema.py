"""The JSON Schema of survey mappings, for completion in editors.

Made from the model that checks mappings; the forms that its validators accept as well (lists, short forms) are added.
"""

import json
from pathlib import Path
from typing import Any

from pipeline.sources.survey.mapping import SurveyMapping

TARGET = Path(__file__).with_name("mapping.schema.json")


def render() -> str:
    """The schema as JSON text."""
    schema = SurveyMapping.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "tweetbench survey mapping"
    _allow_scalars(schema)
    for name in ("columns", "options", "scale"):
        _allow_list(schema["$defs"]["Question"]["properties"][name])
    segments = schema["properties"]["segments"]
    for inner in [*segments.get("patternProperties", {}).values(), segments.get("additionalProperties")]:
        if isinstance(inner, dict) and "$ref" in inner:
            inner["anyOf"] = [{"$ref": inner.pop("$ref")}, {"type": "string"}]
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _allow_scalars(part: Any) -> None:
    """A text may be written as a number or a date, which YAML tells apart and the mapping does not."""
    if isinstance(part, dict):
        if part.get("type") == "string" and "format" not in part and "enum" not in part and "const" not in part:
            part["type"] = ["string", "number"]
        for key, inner in part.items():
            if key not in ("required", "enum", "default"):
                _allow_scalars(inner)
    elif isinstance(part, list):
        for inner in part:
            _allow_scalars(inner)


def _allow_list(part: dict[str, Any]) -> None:
    part.setdefault("anyOf", []).append({"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1})
