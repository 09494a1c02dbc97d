"""Reads new leads from a file, by the same rules as the table of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import InputError
from models.files.table_reader import read_table
from models.issues import IssueLog
from models.validation.new_leads import LEADS, checked_new_leads

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from models.snapshot import Snapshot
    from models.validation.new_leads import NewLeads


def read_new_leads(path: Path, company: Snapshot, *, keep: Collection[str] = ()) -> NewLeads:
    """Return the new leads of a CSV or Parquet file.

    Parameters
    ----------
    company : the snapshot that they are new to
    keep : further columns to keep: those a policy names

    Raises
    ------
    InputError : the file cannot be read, or its leads are at fault; every fault is named
    """
    issues = IssueLog()
    raw = read_table(path, LEADS, issues)
    if raw is None:
        raise InputError(f"{path} cannot be read as new leads", issues)
    return checked_new_leads(raw, company, issues, keep=keep)
