"""Columns of text as Arrow arrays, on which patterns and comparisons are quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Text = Any
    """A pyarrow.ChunkedArray of large_string; null where a cell is missing."""

MISSING = pa.scalar(None, pa.large_string())


def to_text(cells: pd.Series) -> Text:
    """Return a `str` column as an Arrow array."""
    return pa.chunked_array(pa.array(cells, pa.large_string(), from_pandas=True))


def matches(text: Text, pattern: str) -> NDArray[np.bool_]:
    """Return (n,) whether a pattern is found in each cell; a missing cell holds none.

    The syntax is RE2's, in which \\d is 0 to 9 and $ the end of the text.
    """
    return to_mask(pc.match_substring_regex(text, pattern))


def is_present(text: Text) -> NDArray[np.bool_]:
    """Return (n,) whether each cell holds something."""
    return to_mask(pc.is_valid(text))


def only(text: Text, kept: NDArray[np.bool_]) -> Text:
    """Return the text in which all other cells are missing."""
    return pc.if_else(pa.array(kept), text, MISSING)


def to_mask(flags: Any) -> NDArray[np.bool_]:
    """Return (n,) whether each flag of an Arrow array is set; a missing one is not."""
    return np.asarray(pc.fill_null(flags, fill_value=False), dtype=bool)
