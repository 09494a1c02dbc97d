"""Validates leads that came after a snapshot: as leads of the company, and against its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from models.columns import column_names
from models.errors import InputError
from models.issues import IssueLog, label
from models.raw_table import RawTable
from models.snapshot import LAST_YEAR
from models.validation.customers import find_duplicates
from models.validation.references import check_new_leads
from models.validation.reporter import Reporter
from models.validation.tables import ReadTable, read_table_cells, similar_column

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from models.snapshot import Snapshot

LEADS = "leads"
LATEST = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class NewLeads:
    """Validated leads without owners, in the order of their source.

    Attributes
    ----------
    frame : every known column, as in the snapshot's leads
    duplicates : (n_leads,) int64; leads with the same number are exact duplicates
    present : the columns that the source had
    issues : remarks and warnings
    """

    frame: pd.DataFrame
    duplicates: NDArray[np.int64]
    present: frozenset[str]
    issues: IssueLog

    def __len__(self) -> int:
        return len(self.frame)


def validate_new_leads(
    raw: RawTable,
    company: Snapshot,
    issues: IssueLog,
    *,
    keep: Collection[str] = (),
) -> NewLeads | None:
    """Return new leads, or None if an error blocks them; `issues` gets every fault.

    Parameters
    ----------
    company : the snapshot that they are new to
    keep : further columns to keep: those a policy names
    """
    # They came after the snapshot: when is for the outside world to say.
    header = company.header.model_copy(update={"as_of": LATEST})
    read = read_table_cells(raw, header, keep, issues)
    if read is None:
        return None
    check_new_leads(read, _silently(company.reps), header)
    _report_known_ids(read, company)
    _report_owners(read)
    duplicates = find_duplicates(read)
    if issues.errors():
        return None
    return NewLeads(read.frame, duplicates, frozenset(raw.frame.columns), issues)


def new_lead_of(
    lead: Mapping[str, Any], company: Snapshot, *, keep: Collection[str] = ()
) -> NewLeads:
    """Return the new lead that a program gives, which leaves out what is empty.

    So a name that is nearly that of a column left out is a fault here: nobody reads warnings.

    Raises
    ------
    InputError : with every fault
    """
    issues, known = IssueLog(), {*column_names(LEADS), *keep}
    absent = sorted(known - set(lead))
    for name in sorted(set(lead) - known):
        if near := similar_column(name, absent):
            issues.add("misspelt_field", LEADS, column=label(name), allowed=near)
    frame = pd.DataFrame([{**dict.fromkeys(keep), **lead}])
    return checked_new_leads(RawTable.from_frame(LEADS, frame), company, issues, keep=keep)


def new_leads_of(frame: pd.DataFrame, company: Snapshot, *, keep: Collection[str] = ()) -> NewLeads:
    """Return the new leads of a data frame.

    Raises
    ------
    InputError : with every fault
    """
    return checked_new_leads(RawTable.from_frame(LEADS, frame), company, IssueLog(), keep=keep)


def checked_new_leads(
    raw: RawTable, company: Snapshot, issues: IssueLog, *, keep: Collection[str] = ()
) -> NewLeads:
    """Return the new leads of a raw table; raises InputError with every fault."""
    found = validate_new_leads(raw, company, issues, keep=keep)
    if found is None:
        count = len(issues.errors())
        noun = "error" if count == 1 else "errors"
        raise InputError(f"the new leads of {raw.source} cannot be used: {count} {noun}", issues)
    return found


def _silently(reps: pd.DataFrame) -> ReadTable:
    """Return reps that were validated before, whose remarks have been told."""
    raw = RawTable.from_frame("reps", reps)
    return ReadTable(reps, Reporter(IssueLog(), raw, reps["rep_id"]))


def _report_known_ids(read: ReadTable, company: Snapshot) -> None:
    ids = read.frame["lead_id"]
    known = (pd.Index(company.leads["lead_id"]).get_indexer(ids) >= 0) & ids.notna().to_numpy()
    read.reporter.cells(
        "duplicate_id", "lead_id", known, ids, allowed="an id that no lead of the plan has"
    )


def _report_owners(read: ReadTable) -> None:
    owner = read.frame["owner"]
    read.reporter.cells("owned_new_lead", "owner", owner.notna().to_numpy(), owner)
