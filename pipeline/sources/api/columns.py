"""Columns of lake tables from values of many posts at once, for sources that read their answers in columns. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.schemas.columns import MOMENT, TEXT
from pipeline.schemas.row_streams import unstamped_schema
from pipeline.sources.api.json_values import REAL_YEARS, real_time_of

Columns = Mapping[str, pa.Array]
_FIRST, _LAST = (pa.scalar(datetime(year, 1, 1, tzinfo=UTC), MOMENT) for year in (REAL_YEARS.start, REAL_YEARS.stop))
_USUAL_LENGTH = len("2026-11-21T12:01:00.000Z")


def joined(texts: Sequence[bytes | msgspec.Raw]) -> pa.Array:
    """Texts that are known to be UTF-8 as one Arrow array."""
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([memoryview(text).nbytes for text in texts], out=offsets[1:])
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(b"".join(texts)))


def moments_of(texts: Sequence[str | None]) -> pa.Array:
    """Times as `real_time_of` reads each; those of the usual form, 2026-11-21T12:01:00.000Z, all at once."""
    given = pa.array(texts, TEXT)
    is_usual = pc.and_(pc.equal(pc.binary_length(given), _USUAL_LENGTH), pc.ends_with(given, "Z"))
    if not pc.all(pc.drop_null(is_usual), min_count=0).as_py():
        return pa.array([real_time_of(text) for text in texts], MOMENT)
    try:
        moments = given.cast(MOMENT)
    except pa.ArrowInvalid:
        return pa.array([real_time_of(text) for text in texts], MOMENT)
    is_real = pc.and_(pc.greater_equal(moments, _FIRST), pc.less(moments, _LAST))
    return pc.if_else(is_real, moments, None)


def table_of(name: str, columns: Mapping[str, Any], size: int, *, platform: str) -> pa.Table:
    """Columns in the lake's order and types, the others empty; all but `source` and `run_id`."""
    schema = unstamped_schema(name)
    given = {**columns, "platform": pa.repeat(platform, size)}
    arrays = [
        pa.nulls(size, field.type) if (values := given.get(field.name)) is None else _as_array(values, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _as_array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, kind)
