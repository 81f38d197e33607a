"""Values of a mapping as people write them in YAML: texts, lists, labels, scales. Keys belong to each `mapping`."""

import hashlib
import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipeline.sources.files.cells import fold, tidy


def as_text(value: object) -> str:
    if isinstance(value, bool):
        raise ValueError("without quotes YAML reads yes, no, on and off as true and false; write it in quotes")
    if value is None:
        raise ValueError("this is empty; for an empty cell write ''")
    if isinstance(value, str | int | float | date):
        return tidy(str(value))
    raise ValueError("must be a text")


def as_labelled(value: object) -> object:
    """A list as a mapping of each entry to an empty label."""
    if not isinstance(value, list):
        return value
    texts = [as_text(entry) for entry in value]
    if len(set(texts)) != len(texts):
        raise ValueError("names an entry twice")
    return dict.fromkeys(texts, "")


def as_options(value: object) -> object:
    labelled = as_labelled(value)
    return {text: text for text in labelled} if isinstance(value, list) and isinstance(labelled, dict) else value


def as_scale(value: object) -> object:
    labelled = as_labelled(value)
    if isinstance(value, list) and isinstance(labelled, dict):
        return {text: position for position, text in enumerate(labelled, start=1)}
    return value


Text = Annotated[str, BeforeValidator(as_text)]
Filled = Annotated[str, BeforeValidator(as_text), StringConstraints(min_length=1)]
Texts = tuple[Text, ...]
Columns = tuple[Filled, ...]
Dimension = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
QuestionId = Annotated[str, BeforeValidator(as_text), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Labels = Annotated[dict[Text, Filled], Field(min_length=1)]
ListId = Annotated[str, BeforeValidator(as_text), StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Platform = Literal["x", "bluesky", "mastodon", "linkedin"]


class MappingPart(BaseModel):
    """A mapping or a part of one: a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def digest(self, *left_out: str) -> str:
        """SHA-256 of what it says but for some keys; comments and the order of keys do not matter."""
        said = self.model_dump(mode="json", exclude_defaults=True, exclude=set(left_out))
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def refuse_equal(labels: dict[str, Any], key: str) -> None:
    seen: set[str] = set()
    for text in labels:
        if fold(text) in seen:
            raise ValueError(f"{key} has {text!r} twice; letter case and blanks do not tell labels apart")
        seen.add(fold(text))
