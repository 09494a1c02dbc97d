"""The file of a snapshot that holds its personal data: what it is called, and reading a part of it.

Its rows are sorted by table and record, so that a few groups of rows tell whatever is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.store.files import PEOPLE_FILE
from api.store.stored_file import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

SCHEMA = pa.schema([(name, pa.string()) for name in ("table", "record", "column", "value")])
GROUP_ROWS = 20_000
Place = tuple[str, str]
"""A table and a record."""
LAST = "\U0010ffff"
"""Behind every id."""


def open_people(session: Session, snapshot_id: str) -> pq.ParquetFile:
    """Return the file of a snapshot; NotFoundError if retention took it away."""
    stream = pa.PythonFile(StoredFile(session, snapshot_id, PEOPLE_FILE), mode="r")
    return pq.ParquetFile(stream)


def groups_from(file: pq.ParquetFile, place: Place) -> Iterator[pa.Table]:
    """Yield the groups of rows that may hold a place or one after it, in their order."""
    for number in range(file.num_row_groups):
        if _place(file, number, "max") >= place:
            yield group_of(file, number)


def group_of(file: pq.ParquetFile, number: int) -> pa.Table:
    """Return a group of rows."""
    # The transaction that it is read in belongs to one thread.
    return file.read_row_group(number, use_threads=False)


def may_hold(file: pq.ParquetFile, number: int, place: Place) -> bool:
    """Return whether a group of rows may hold a place."""
    return _place(file, number, "min") <= place <= _place(file, number, "max")


def is_of(rows: pa.Table, place: Place) -> pa.ChunkedArray:
    """Return the mask of the rows of a place."""
    table, record = place
    return pc.and_(pc.equal(rows["table"], table), pc.equal(rows["record"], record))


def _place(file: pq.ParquetFile, number: int, end: str) -> Place:
    """Return a bound of the places of a group of rows; it need not be one of them."""
    group = file.metadata.row_group(number)
    tables, records = (group.column(column).statistics for column in (0, 1))
    table = getattr(tables, end)
    # The bounds of a column are not those of a pair of columns, and very long ids have none.
    if tables.min != tables.max or not records.has_min_max:
        return table, "" if end == "min" else LAST
    return table, getattr(records, end)
