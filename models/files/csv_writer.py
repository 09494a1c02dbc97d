"""Writes CSV that reads back as it was: UTF-8, LF, a field quoted only where it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

CHUNK_RECORDS = 200_000
# Spaces at the edge are quoted so that people see them; our reader keeps them either way.
QUOTED = r'[",\r\n]|^\s|\s$'
TEXT = pa.large_string()
FORMULA = r"^[=+\-@\t\r]"


def write_csv(frame: pd.DataFrame, path: Path, *, defuse: bool = False) -> None:
    """Write a frame of text or numbers as CSV; missing cells are empty.

    Parameters
    ----------
    defuse : put ' before text that a spreadsheet would run as a formula; for files that people
        open, as it changes the text (OWASP, "CSV Injection")
    """
    with path.open("wb") as file:
        header = _quoted(pa.array([str(name) for name in frame.columns], TEXT), alone=False)
        file.write(",".join(header.to_pylist()).encode() + b"\n")
        for start in range(0, len(frame), CHUNK_RECORDS):
            part = frame.iloc[start : start + CHUNK_RECORDS]
            columns = [_fields(part[name], defuse, alone=part.shape[1] == 1) for name in part]
            records = _concatenated(*columns, divider=",")
            file.write("\n".join(records.to_pylist()).encode() + b"\n")


def _fields(cells: pd.Series, defuse: bool, *, alone: bool) -> pa.Array:
    chunks = pa.chunked_array(pa.array(cells.astype("str"), TEXT, from_pandas=True))
    text = pc.fill_null(chunks, "").combine_chunks()
    if defuse:
        runs = pc.match_substring_regex(text, FORMULA)
        text = pc.if_else(runs, _concatenated("'", text), text)
    return _quoted(text, alone=alone)


def _quoted(text: pa.Array, *, alone: bool) -> pa.Array:
    """Return fields as CSV; where a field stands alone, an empty one would be a blank line."""
    must = pc.match_substring_regex(text, QUOTED)
    if alone:
        must = pc.or_(must, pc.equal(text, ""))
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(must, _concatenated('"', doubled, '"'), text)


def _concatenated(*parts: pa.Array | str, divider: str = "") -> pa.Array:
    return pc.binary_join_element_wise(
        *[pa.scalar(part, TEXT) if isinstance(part, str) else part for part in (*parts, divider)]
    )
