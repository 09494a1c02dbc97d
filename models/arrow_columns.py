"""Turns typed Arrow columns into pandas ones from which nothing has been lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

INTEGERS = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
NATURALS = (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
# An integer column with empty cells would become float, and long ids would lose digits.
PANDAS_TYPES = {
    **dict.fromkeys(INTEGERS, pd.Int64Dtype()),
    **dict.fromkeys(NATURALS, pd.UInt64Dtype()),
}


def plain_column(cells: Any) -> pd.Series:
    """Return a pyarrow.ChunkedArray as a pandas column that still says what it said.

    Dates, decimals and columns with NaN become text: pandas would make the date an instant, the
    decimal an object and NaN an empty cell. Text that is not UTF-8 becomes bytes, which no column
    accepts; an instant too far away for microseconds becomes text, which is no time.
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    kind = cells.type
    if pa.types.is_date(kind) or pa.types.is_decimal(kind) or _has_nan(cells):
        cells = cells.cast(pa.large_string())
    elif pa.types.is_timestamp(kind):
        cells = _in_microseconds(cells)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        cells = _checked_text(cells)
    column: pd.Series = cells.to_pandas(types_mapper=PANDAS_TYPES.get)
    return column


def _has_nan(cells: Any) -> bool:
    return pa.types.is_floating(cells.type) and bool(pc.any(pc.is_nan(cells)).as_py())


def _in_microseconds(cells: Any) -> Any:
    in_microseconds = pa.timestamp("us", cells.type.tz)
    if cells.type.unit == "ns":
        return cells.cast(in_microseconds, safe=False)
    try:
        return cells.cast(in_microseconds)
    except pa.ArrowInvalid:
        return cells.cast(pa.large_string())


def _checked_text(cells: Any) -> Any:
    try:
        cells.validate(full=True)
    except pa.ArrowInvalid:
        return cells.cast(pa.binary() if pa.types.is_string(cells.type) else pa.large_binary())
    return cells
