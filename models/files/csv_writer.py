"""Writes CSV that reads back as it was: UTF-8, LF, a field quoted only where it must be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import is_numeric_dtype, is_object_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

CHUNK_RECORDS = 200_000
# Spaces at the edge are quoted so that people see them; our reader keeps them either way.
QUOTED = r'[",\r\n]|^\s|\s$'
TEXT = pa.large_string()
FORMULA = r"^'*[ \t\r\n\x00]*[=+\-@\t\r\n\x00\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""Text that a spreadsheet may run: also behind spaces, and in full-width forms, which some turn
into plain ones. Text that looks defused already counts, so that `fused` gives every text back.
"""
_IN_PYTHON = re.sub(r"\\x\{(....)\}", r"\\u\1", FORMULA)


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


def csv_header(names: Sequence[str]) -> bytes:
    """Return the first line of a file for people."""
    return ",".join(_quoted(pa.array(names, TEXT), alone=False).to_pylist()).encode() + b"\n"


def csv_records(table: pa.Table) -> bytes:
    """Return the lines of a table for people: formulas are defused, numbers stay numbers."""
    if not table.num_rows:
        return b""
    alone = table.num_columns == 1
    columns = [
        _field(column.cast(TEXT), is_text=_is_text(column.type), alone=alone)
        for column in table.columns
    ]
    records = _concatenated(*columns, divider=",")
    return "\n".join(records.to_pylist()).encode() + b"\n"


def fused(text: str) -> str:
    """Return the text that was defused."""
    return text[1:] if text.startswith("'") and re.match(_IN_PYTHON, text[1:]) else text


def fused_cells(cells: pd.Series) -> pd.Series:
    """Return the texts that were defused; missing cells stay so."""
    # Few are, of many.
    marked = cells.str.startswith("'", na=False)
    return cells.where(~marked, cells[marked].map(fused)) if marked.any() else cells


def are_defused(cells: pd.Series) -> bool:
    """Return whether cells may stand in a file for people: no spreadsheet would run any."""
    text = pc.fill_null(pa.chunked_array(pa.array(cells, TEXT, from_pandas=True)), "")
    runs = pc.match_substring_regex(text, FORMULA)
    safe = pc.or_(pc.invert(runs), pc.starts_with(text, "'"))
    return bool(pc.all(safe, min_count=0).as_py())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _fields(cells: pd.Series, defuse: bool, *, alone: bool) -> pa.Array:
    text = pa.chunked_array(pa.array(cells.astype("str"), TEXT, from_pandas=True))
    if defuse and is_object_dtype(cells):
        # Numbers among texts stay numbers.
        is_text = pa.array([isinstance(cell, str) for cell in cells])
        defused = _field(text, is_text=True, alone=alone)
        return pc.if_else(is_text, defused, _field(text, is_text=False, alone=alone))
    return _field(text, is_text=defuse and not is_numeric_dtype(cells), alone=alone)


def _field(cells: pa.ChunkedArray, *, is_text: bool, alone: bool) -> pa.Array:
    """Return cells as the fields of a record; `is_text` defuses them."""
    text = pc.fill_null(cells, "").combine_chunks()
    if is_text:
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
