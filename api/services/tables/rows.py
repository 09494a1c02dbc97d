"""Rows of a Parquet file, of which only a group is in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Where = Callable[[pa.Table], pa.ChunkedArray]
Change = Callable[[pa.Table], pa.Table]


class Rows:
    """Some rows and columns of a file, in its order.

    The file is opened at once, so that it may be removed from its directory afterwards.

    Parameters
    ----------
    amend : makes of some rows as many others of the same columns, before all else
    where : says of each row of a table with all columns whether it is meant; all if not given
    columns : to give; all of the file if not given. One that the file lacks is empty text
    add : makes more columns, of the rows that are given only
    """

    def __init__(
        self,
        path: Path,
        *,
        amend: Change | None = None,
        where: Where | None = None,
        columns: Sequence[str] | None = None,
        add: Change | None = None,
    ) -> None:
        self._file = pq.ParquetFile(path)
        self._amend = amend
        self._where = where
        self._add = add
        names = self._file.schema_arrow.names if columns is None else columns
        self._columns = [name for name in names if not name.startswith("__index")]

    @property
    def schema(self) -> pa.Schema:
        """The columns that are given, and their types."""
        return self._given(self._file.schema_arrow.empty_table()).schema.remove_metadata()

    def __iter__(self) -> Iterator[pa.Table]:
        """Give the rows in tables, none of them empty."""
        for _, table, chosen in self._groups():
            if len(chosen):
                yield self._given(table.take(chosen))

    def page(self, start: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return rows from a place on, and the place of the next page; None if there is none.

        Parameters
        ----------
        start : number of a row of the file, from 0
        """
        found: list[dict[str, Any]] = []
        for first, table, chosen in self._groups(start):
            inside = chosen[chosen >= start - first]
            room = limit - len(found)
            found += without_infinity(self._given(table.take(inside[:room]))).to_pylist()
            if len(inside) > room:
                return found, first + int(inside[room])
        return found, None

    def _groups(self, start: int = 0) -> Iterator[tuple[int, pa.Table, np.ndarray]]:
        """Give the number of each group's first row, its table, and which rows are meant."""
        first = 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            if first + size > start:
                # A group is small: handing its columns over to other threads costs more.
                table = self._file.read_row_group(group, use_threads=False)
                if self._amend is not None:
                    table = self._amend(table)
                yield first, table, self._chosen(table)
            first += size

    def _chosen(self, table: pa.Table) -> np.ndarray:
        if self._where is None:
            return np.arange(table.num_rows)
        mask = pc.fill_null(self._where(table), False)
        return np.flatnonzero(mask.combine_chunks().to_numpy(zero_copy_only=False))

    def _given(self, table: pa.Table) -> pa.Table:
        if self._add is not None:
            table = self._add(table)
        there = set(table.column_names)
        empty = pa.nulls(table.num_rows, pa.large_string())
        return pa.table(
            {name: table[name] if name in there else empty for name in self._columns}
        ).replace_schema_metadata()


def without_infinity(table: pa.Table) -> pa.Table:
    """Return a table in which numbers that JSON does not know are empty: no limit, or no number."""
    for at, name in enumerate(table.column_names):
        column = table[name]
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
            table = table.set_column(at, name, column)
    return table
