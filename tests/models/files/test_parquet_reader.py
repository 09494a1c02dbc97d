"""Parquet is read as it was written, wherever it lies, and cannot fill the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.files.parquet_reader import read_parquet
from models.issues import IssueLog

if TYPE_CHECKING:
    from pathlib import Path


def test_an_index_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    frame = pd.DataFrame({"lead_id": [2**60 + 1, None], "x": [1, 2]}, dtype="Int64")
    frame.set_index("lead_id").to_parquet(path)
    table = read_parquet(path, "leads", IssueLog())
    assert table is not None
    assert sorted(table.frame.columns) == ["lead_id", "x"]
    assert table.frame["lead_id"].iat[0] == 2**60 + 1


def test_the_folders_name_is_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "year=2026"
    folder.mkdir()
    pq.write_table(pa.table({"lead_id": ["L1"]}), folder / "leads.parquet")
    table = read_parquet(folder / "leads.parquet", "leads", IssueLog())
    assert table is not None
    assert list(table.frame.columns) == ["lead_id"]


def test_a_record_repeated_to_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path, issues = tmp_path / "leads.parquet", IssueLog()
    same = pa.table({"lead_id": pa.repeat(pa.scalar(7), 2_000_000)})
    with pq.ParquetWriter(path, same.schema) as writer:
        for _ in range(3):
            writer.write_table(same, row_group_size=2_000_000)
    assert read_parquet(path, "leads", issues) is None
    (issue,) = issues
    assert issue.got.startswith("6,000,000 records in ")
