"""Columns of text made from numpy codes and times, without a Python loop over the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence


def words(choices: Sequence[str | None], codes: np.ndarray) -> pa.Array:
    """Return ``choices[code]`` for each code; empty where the code is negative."""
    indices = pa.array(codes, mask=codes < 0)
    return pa.array(choices, pa.string()).take(indices)


def numbered(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    """Return the prefix followed by each number, padded with zeros to a width."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return concatenated(prefix, digits)


def concatenated(*parts: str | pa.Array) -> pa.Array:
    """Return the parts of each row put together."""
    return pc.binary_join_element_wise(*parts, "")


def times(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return ISO 8601 times in UTC of times that numpy keeps; empty where missing."""
    stamps = pa.array(seconds.astype("datetime64[s]"), mask=missing)
    return pc.strftime(stamps, "%Y-%m-%dT%H:%M:%SZ")


def dates(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return ISO 8601 dates of dates that numpy keeps; empty where missing."""
    return pa.array(days.astype("datetime64[D]"), mask=missing).cast(pa.string())


def numbers(values: np.ndarray) -> pa.Array:
    """Return a column of numbers; empty where nan."""
    return pa.array(values, from_pandas=True)


def constant(text: str, num_rows: int) -> pa.Array:
    """Return the same text in every row."""
    return pa.repeat(pa.scalar(text, pa.string()), num_rows)


def company_words(number: np.ndarray, seed: int, vocabulary: Sequence[Sequence[str]]) -> pa.Array:
    """Return a distinct company name for each distinct number, at most 2^40.

    Multiplying by a number without a common divisor permutes the names, so that neighbours in
    number do not look alike; when the names run out, a counter follows them.
    """
    first, second, last = vocabulary
    num_names = len(first) * len(second) * len(last)
    stride = next(s for s in range(num_names * 5 // 13, num_names) if np.gcd(s, num_names) == 1)
    name = (number * stride + seed * 7919) % num_names
    name, last_code = np.divmod(name, len(last))
    first_code, second_code = np.divmod(name, len(second))
    text = concatenated(
        words(first, first_code), words(second, second_code), " ", words(last, last_code)
    )
    rounds = number // num_names
    counter = pc.if_else(
        pa.array(rounds > 0), concatenated(" ", pa.array(rounds + 1).cast(pa.string())), ""
    )
    return concatenated(text, counter)
