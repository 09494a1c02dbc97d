"""Reads Parquet that this package wrote, as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

SMALL_BYTES = 1 << 20
"""Below it one thread reads: handing over to others, as Arrow does even to read a file, costs more
than the work, and much more where the processors are busy.
"""


def read_frame(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of a file, or some columns of it.

    Raises
    ------
    OSError, ValueError, pyarrow.ArrowException : it cannot be read
    """
    threads = path.stat().st_size >= SMALL_BYTES
    with pq.ParquetFile(path if threads else pa.BufferReader(path.read_bytes())) as file:
        table = file.read(None if columns is None else list(columns), use_threads=threads)
    if columns is not None:
        missing = set(columns) - set(table.column_names)
        if missing:
            raise ValueError(f"{path.name} has no column {', '.join(sorted(missing))}")
        table = table.select(list(columns))
    frame: pd.DataFrame = table.to_pandas(use_threads=threads)
    return frame
