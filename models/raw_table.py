"""A table as it was found: text cells (or typed columns) and the lines they stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from models.arrow_columns import plain_column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before validation.

    Attributes
    ----------
    name : "leads", "reps" ... or the name of a source file
    source : where it came from, for messages
    frame : one column per column of the source; text as `str` with "" for empty
    lines : (n,) int64, the physical line each record starts on; None for typed sources
    files : (n,) the file that holds each line, where the table was put together from others
    """

    name: str
    source: str
    frame: pd.DataFrame
    lines: NDArray[np.int64] | None = None
    files: pd.Categorical | None = None

    @classmethod
    def from_frame(cls, name: str, frame: pd.DataFrame, source: str = "data frame") -> RawTable:
        """Return a raw table of a data frame; a named index is a column, another is dropped."""
        named = [level for level in frame.index.names if level is not None]
        plain = frame.reset_index(named, allow_duplicates=True) if named else frame
        plain = plain.reset_index(drop=True).set_axis([str(c) for c in plain.columns], axis=1)
        for at, dtype in enumerate(plain.dtypes):
            if isinstance(dtype, pd.ArrowDtype):
                cells = pa.chunked_array(pa.array(plain.iloc[:, at]))
                plain.isetitem(at, plain_column(cells).array)
        return cls(name, source, plain)

    def line(self, position: int) -> int:
        """Return the line of a record: physical in a text file, else the 1-based record number."""
        return int(self.lines[position]) if self.lines is not None else position + 1

    def file(self, position: int) -> str:
        """Return the file that holds a record's line; "" where it is the table's own."""
        return "" if self.files is None else str(self.files[position])

    def take(self, positions: NDArray[np.intp]) -> RawTable:
        """Return a table of some of the records; its frame keeps their index."""
        return replace(
            self,
            frame=self.frame.iloc[positions],
            lines=None if self.lines is None else self.lines[positions],
            files=None if self.files is None else self.files[positions],
        )

    def __len__(self) -> int:
        return len(self.frame)
