"""Which rows of a table of leads are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.services.access.visibility import lies_in

if TYPE_CHECKING:
    from pathlib import Path

LEAD_ID = "lead_id"


@dataclass(frozen=True)
class LeadFilter:
    """What leads must have; None does not matter.

    Attributes
    ----------
    rep, team : who works it; region : where it lies, or in what; grade : its grade
    moved : whether its owner does not keep it
    """

    rep: str | None = None
    team: str | None = None
    region: str | None = None
    grade: str | None = None
    moved: bool | None = None

    def mask(self, leads: pa.Table) -> pa.ChunkedArray:
        """Return which rows of a table with rep_id, team, region, grade and moved are meant."""
        mask = pa.chunked_array([pa.repeat(True, leads.num_rows)])
        for column, wanted in (("rep_id", self.rep), ("team", self.team), ("grade", self.grade)):
            if wanted is not None:
                mask = pc.and_(mask, pc.fill_null(pc.equal(leads[column], wanted), False))
        if self.region is not None:
            mask = pc.and_(mask, lies_in(leads["region"], frozenset({self.region})))
        if self.moved is not None:
            mask = pc.and_(mask, pc.equal(leads["moved"], self.moved))
        return mask


def find_lead(path: Path, lead_id: str) -> pa.Table:
    """Return the row of a lead in a file sorted by lead_id; an empty table if there is none.

    Only the group in which it must lie is read.
    """
    file = pq.ParquetFile(path)
    at = file.schema_arrow.names.index(LEAD_ID)
    for group in range(file.num_row_groups):
        known: Any = file.metadata.row_group(group).column(at).statistics
        if known is None or not known.has_min_max or known.min <= lead_id <= known.max:
            table = file.read_row_group(group)
            found = table.filter(pc.equal(table[LEAD_ID], lead_id))
            if found.num_rows:
                return found
    return file.schema_arrow.empty_table()
