"""The file with a snapshot's personal data, which stands apart from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from api.services.desk.tokens import PERSONAL
from api.store.people_file import GROUP_ROWS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RECORD = {"leads": "lead_id", "reps": "rep_id", "history": "lead_id"}
"""Per table with personal data, the column with the id of whom it is about."""


def write_people(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write the personal data of tables, a row for each filled cell, sorted by record."""
    told = [
        frames[table][[RECORD[table], column]]
        .set_axis(["record", "value"], axis=1)
        .dropna()
        .drop_duplicates()
        .assign(table=table, column=column)
        for table, columns in PERSONAL.items()
        for column in columns
    ]
    people = pd.concat(told, ignore_index=True).sort_values(list(SCHEMA.names))
    table = pa.Table.from_pandas(people[list(SCHEMA.names)], SCHEMA, preserve_index=False)
    pq.write_table(table, path, row_group_size=GROUP_ROWS)
