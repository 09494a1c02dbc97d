"""The text of a typed cell: what the same cell would say in a CSV file."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

EXACT_FLOAT = 2.0**53
"""From here on, a float no longer tells neighbouring whole numbers apart."""


def cell_text(value: object, *, may_be_list: bool = False) -> str | None:
    """Return a typed value as text, "" for a missing one; None if it has no text of its own.

    >>> cell_text(7.0), cell_text(0.1), cell_text(True), cell_text({"a": 1})
    ('7', '0.1', 'True', None)
    >>> cell_text(["audit", "cloud"], may_be_list=True)
    'audit;cloud'
    """
    if isinstance(value, str):
        return value if _is_unicode(value) else None
    if isinstance(value, list | tuple | np.ndarray):
        return _list_text(value) if may_be_list else None
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        return _float_text(float(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return "" if value.is_nan() else str(value)
    return str(value) if isinstance(value, bool | int | np.integer | np.bool_) else None


def _list_text(values: list[object] | tuple[object, ...] | np.ndarray) -> str | None:
    """Return a list as our tables write it; None if a part is no text or would be cut in two."""
    parts = [cell_text(value) for value in values]
    texts = [part for part in parts if part and ";" not in part]
    return ";".join(texts) if len(texts) == len(parts) else None


def _float_text(value: float) -> str | None:
    if np.isnan(value):
        return ""
    if not value.is_integer():
        return repr(value)
    return str(int(value)) if abs(value) < EXACT_FLOAT else None


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written as UTF-8: Python also holds halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
