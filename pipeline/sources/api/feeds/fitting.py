"""A value of JSON as the struct that it should be, whatever is in it: an odd value costs itself alone. Pure.

Answers are decoded into strict structs, which is fast and refuses what is odd; only what was refused comes here.
"""

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from pipeline.sources.api.json_values import count_of, json_of, text_of

Kind = TypeVar("Kind")


def fitted(value: Any, kind: type[Kind]) -> Kind:
    """The value as a struct of a kind, its fields empty where the value has something else.

    Texts are cleaned and counts read as everywhere; members of a list that do not fit are left out.
    """
    struct: Kind = _fit(value, _type_of(kind))  # type: ignore[arg-type]
    return kind() if struct is None else struct


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _fit(value: Any, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.UnionType):
        found = (_fit(value, each) for each in kind.types)
        return next((each for each in found if each is not None), None)
    if isinstance(kind, inspect.StructType):
        return _fit_struct(value, kind) if isinstance(value, dict) else None
    if isinstance(kind, inspect.ListType):
        members = [_fit(each, kind.item_type) for each in value] if isinstance(value, list) else None
        return None if members is None else [each for each in members if each is not None]
    if isinstance(kind, inspect.StrType):
        return text_of(value)
    if isinstance(kind, inspect.IntType):
        return count_of(value)
    if isinstance(kind, inspect.BoolType):
        return value if isinstance(value, bool) else None
    if isinstance(kind, inspect.RawType):
        return msgspec.Raw(json_of(value))
    return value if isinstance(kind, inspect.AnyType) else None


def _fit_struct(value: dict[str, Any], kind: inspect.StructType) -> Any:
    given = ((field, _fit(value.get(field.encode_name), field.type)) for field in kind.fields)
    return kind.cls(**{field.name: fit for field, fit in given if fit is not None})
