"""How much tables have in common with those that came before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

IDS = {"reps": "rep_id", "leads": "lead_id"}


class Shared(NamedTuple):
    """Of the records that a table had before, how many there are still."""

    before: int
    still: int


def shared_records(tables: Path, before: Path) -> dict[str, Shared]:
    """Return what reps and leads of earlier tables are still there, by ids alone.

    Parameters
    ----------
    tables, before : directories of kept tables
    """
    told = {}
    for name, column in IDS.items():
        known, now = (_ids(path / f"{name}.parquet", column) for path in (before, tables))
        still = known.filter(pc.is_in(known, value_set=now.combine_chunks()))
        told[name] = Shared(len(known), len(still))
    return told


def _ids(path: Path, column: str) -> pa.ChunkedArray:
    return pq.read_table(path, columns=[column])[column].cast("large_string")
