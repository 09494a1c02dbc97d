"""Vectors that cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ProblemError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


def frozen(values: Any, dtype: Any) -> NDArray[Any]:
    """Return `values` as a read-only, contiguous array of `dtype` (a view where possible).

    Raises
    ------
    ProblemError : an integer `dtype` cannot hold the values as they are
    """
    given = np.asarray(values)
    with np.errstate(invalid="ignore"):
        array = np.ascontiguousarray(given, dtype=dtype).view()
    # numpy cuts fractions off and wraps large numbers round without a word.
    if array.dtype.kind in "iu" and given.dtype != array.dtype and (array != given).any():
        raise ProblemError(f"{array.dtype} cannot hold {given[array != given][0]}")
    array.flags.writeable = False
    return array
