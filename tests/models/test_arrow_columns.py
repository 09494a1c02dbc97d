"""Arrow columns keep what pandas would lose."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from models.arrow_columns import plain_column

BIG = 2**53 + 1
MOMENT = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - columns without a zone hold such times


@pytest.mark.parametrize(
    ("cells", "dtype", "first"),
    [
        (pa.array([BIG, None]), "Int64", BIG),
        (pa.array([2**63, None], pa.uint64()), "UInt64", 2**63),
        (pa.array([3, None], pa.int8()), "Int64", 3),
        (pa.array([0.1, None]), "float64", 0.1),
        (pa.array([0.1, float("nan")]), "str", "0.1"),
        (pa.array([Decimal("0.10"), None]), "str", "0.10"),
        (pa.array([date(2026, 1, 2), None]), "str", "2026-01-02"),
        (pa.array(["a", None]).dictionary_encode(), "str", "a"),
        (pa.array([MOMENT, None], pa.timestamp("s")), "datetime64[us]", MOMENT),
        (pa.array([MOMENT, None], pa.timestamp("ns")), "datetime64[us]", MOMENT),
        (pa.array([10**15, None], pa.timestamp("s")), "str", None),
        (pa.array([True, None]), "object", True),
    ],
    ids=str,
)
def test_a_column_keeps_its_values(cells: Any, dtype: str, first: object) -> None:
    column = plain_column(pa.chunked_array([cells]))
    assert str(column.dtype) == dtype
    assert first is None or column.iat[0] == first
    assert bool(pd.isna(column.iloc[1])) == (cells[1].as_py() is None)
