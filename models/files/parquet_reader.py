"""Reads Parquet into a raw table whose columns say what they said in the file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.arrow_columns import plain_column
from models.files.csv_reader import MAX_COLUMNS
from models.raw_table import RawTable

if TYPE_CHECKING:
    from pathlib import Path

    from models.issues import IssueLog


RECORDS_PER_BYTE = 200
"""No real table packs more: one that does holds the same record over and over, to fill memory."""


def read_parquet(path: Path, name: str, issues: IssueLog) -> RawTable | None:
    """Return the table of a Parquet file; None if it cannot be used (see `issues`)."""
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_columns > MAX_COLUMNS:
                got = f"{file.metadata.num_columns:,} columns"
                issues.add("too_many_columns", name, got=got)
                return None
            if file.metadata.num_rows > RECORDS_PER_BYTE * path.stat().st_size:
                got = f"{file.metadata.num_rows:,} records in {path.stat().st_size:,} bytes"
                issues.add("unreadable_file", name, got=got)
                return None
            table = file.read()
        columns = [plain_column(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        issues.add("unreadable_file", name, got=reason.rstrip("."), allowed="a Parquet file")
        return None
    names = [column.strip() for column in table.column_names]
    repeated = [column for column, count in Counter(names).items() if count > 1]
    for column in repeated:
        issues.add("duplicate_column", name, column=column)
    if repeated:
        return None
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)), index=range(table.num_rows))
    return RawTable(name, path.name, frame)
