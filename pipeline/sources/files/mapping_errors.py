"""A mapping checked by its model: what pydantic says about it, in the words of a person who wrote one."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.protocol import FileMapping

SHOWN_FAULTS = 3
# Parts of a sampling design, by the words that survey packages use for them.
DESIGN = re.compile(r"strat|cluster|psu|ssu|fpc|sampling|population", re.IGNORECASE)
Model = TypeVar("Model", bound=BaseModel)


def parse(mapping: FileMapping, model: type[Model]) -> Model:
    """The mapping with every field checked.

    Raises:
        TweetbenchError: a key is unknown, missing or not usable; the message names its path, the file and the remedy.
    """
    try:
        return model.model_validate(dict(mapping.fields))
    except ValidationError as error:
        what, why, remedy, path = _explain(error, model)
        raise TweetbenchError(
            what,
            where=mapping.place(path),
            why=why,
            next_step=f"{remedy}, then run: tweetbench ingest FILE --check",
            exit_code=Exit.CONFIGURATION,
        ) from None


def _explain(error: ValidationError, model: type[BaseModel]) -> tuple[str, str, str, str]:
    """What is wrong first, what else is wrong, the remedy of the first fault and its place as a dotted path."""
    faults = error.errors(include_url=False, include_context=True)
    described = [_describe(fault, model) for fault in faults]
    others = [what for what, _ in described[1 : SHOWN_FAULTS + 1]]
    more = len(described) - 1 - len(others)
    why = "also: " + "; ".join(others) + (f"; and {more} more" if more else "") if others else ""
    place = ".".join(str(part) for part in faults[0]["loc"] if part != "[key]")
    return described[0][0], why, described[0][1], place


def _describe(fault: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    location = [part for part in fault["loc"] if part != "[key]"]
    if "[key]" in fault["loc"] and fault["type"] == "value_error":
        location[-1] = "(a key)"  # YAML has changed it already; its spelling in the file is not known
    path = ".".join(str(part) for part in location)
    kind = fault["type"]
    if kind == "extra_forbidden" and len(location) == 1 and DESIGN.search(str(location[0])):
        return (
            f"{path} describes how respondents were drawn; of a mapping only weight is read, and intervals and tests "
            "are those of respondents drawn one by one",
            "remove it if that will do; otherwise estimate with pipeline.analysis.survey.segment_shares and "
            "association_test, which take strata, clusters and finite populations",
        )
    if kind == "extra_forbidden":
        known = _known_keys(location[:-1], model)
        close = difflib.get_close_matches(str(location[-1]), known, n=1)
        remedy = f"did you mean {close[0]}? Otherwise remove the key" if close else "remove it"
        return f"{path} is not a key that a mapping knows", f"{remedy} (known here: {', '.join(known)})"
    if kind == "missing":
        return f"{path} is missing", f"add {location[-1]} to the mapping"
    if kind in ("model_type", "dict_type"):
        return f"{path} is not a list of names and values", f"write them below {path}, one name: value on each line"
    reason = str(fault.get("ctx", {}).get("error") or fault["msg"])
    what = f"{path}: {reason}" if path else reason
    if kind == "literal_error":
        return (
            f"{what.replace('Input should be', 'must be')}, not {fault['input']!r}",
            f"write one of these values at {path}",
        )
    if kind == "string_pattern_mismatch":
        return f"{path}: only letters, digits, _ and - are allowed in this name, lower case where names are columns", (
            f"rename it, for example {_plain_name(location[-1])}"
        )
    return what.replace("Input should be", "must be"), f"correct {path or 'the mapping'}"


def _known_keys(location: list[Any], model: type[BaseModel]) -> list[str]:
    """The keys allowed at a place: questions.<id> and segments.<dimension> have their own."""
    fields = model.model_fields
    if location and str(location[0]) in fields:
        inner = _models(fields[str(location[0])].annotation)
        if inner:
            return list(inner[0].model_fields)
    return list(fields)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]


def _plain_name(text: object) -> str:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in str(text).casefold())
    return plain.strip("_") or "name"
