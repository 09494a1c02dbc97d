"""A table as it was found: text cells (or typed columns) and the lines they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
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
    """

    name: str
    source: str
    frame: pd.DataFrame
    lines: NDArray[np.int64] | None = None

    @classmethod
    def from_frame(cls, name: str, frame: pd.DataFrame, source: str = "data frame") -> RawTable:
        """Return a raw table of a data frame; its index is dropped."""
        plain = frame.reset_index(drop=True)
        return cls(name, source, plain.set_axis([str(column) for column in plain.columns], axis=1))

    def line(self, position: int) -> int:
        """Return the line of a record: physical in a text file, else the 1-based record number."""
        return int(self.lines[position]) if self.lines is not None else position + 1

    def __len__(self) -> int:
        return len(self.frame)
