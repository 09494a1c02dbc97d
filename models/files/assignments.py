"""Reads an assignment made elsewhere: lead_id, rep_id, or a table of leads with owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import InputError
from models.files.csv_writer import are_defused, fused_cells
from models.files.table_reader import read_table
from models.issues import IssueLog

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def read_assignments(path: Path) -> pd.DataFrame:
    """Return lead_id and rep_id as text ("" or NaN for nobody) of a CSV or Parquet file.

    A table of leads, which has `owner` and no rep_id, stands for its present owners.

    Raises
    ------
    InputError : the file is missing or malformed; every fault is named
    """
    issues = IssueLog()
    raw = read_table(path, path.name, issues)
    if raw is None or issues.errors():
        raise InputError(f"{path} cannot be read as an assignment", issues)
    if "owner" in raw.frame and "rep_id" not in raw.frame:
        return raw.frame.rename(columns={"owner": "rep_id"})
    return raw.frame if path.suffix == ".parquet" else _fused(raw.frame)


def _fused(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ids as they are where a file has them as ours for people do: each that a spreadsheet
    would run begins with '. A file in which one does not has them as they are.
    """
    ids = [name for name in ("lead_id", "rep_id") if name in frame]
    if not all(are_defused(frame[name]) for name in ids):
        return frame
    return frame.assign(**{name: fused_cells(frame[name]) for name in ids})
