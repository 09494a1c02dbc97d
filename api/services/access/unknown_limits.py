"""Teams and regions that a key is limited to, and that the tables do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.services.access.visibility import is_in, lies_in
from api.services.snapshots import newest_or_none

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.schemas.keys import NewKey
    from api.store.copies import Copies


def unknown_limits(session: Session, copies: Copies, new: NewKey) -> list[str]:
    """Return in sentences what of a new key's limits the newest tables do not have.

    They are no faults: a key may be made before the tables come that have them.
    """
    if new.teams is None and new.regions is None and new.rep_id is None:
        return []
    newest = newest_or_none(session)
    if newest is None:
        return ["there are no tables yet, so the key's limits could not be looked up"]
    directory = copies.directory(newest.id)
    reps = _column(directory / "reps.parquet", "rep_id")
    teams = _column(directory / "reps.parquet", "team")
    regions = _column(directory / "leads.parquet", "region")
    missing = [
        (noun, name)
        for noun, names, there in (("rep", [new.rep_id], reps), ("team", new.teams, teams))
        for name in names or ()
        if name is not None and not pc.any(is_in(there, frozenset({name}))).as_py()
    ]
    missing += [
        ("region", name)
        for name in new.regions or ()
        if not pc.any(lies_in(regions, frozenset({name}))).as_py()
    ]
    return [
        f"the newest tables have no {noun} {name!r}: the key shows nothing of it until they do"
        for noun, name in missing
    ]


def _column(path: Path, name: str) -> pa.ChunkedArray:
    """Return the different cells of a column; none where the table has no such column."""
    if name not in pq.read_schema(path).names:
        return pa.chunked_array([], pa.string())
    cells = pq.read_table(path, columns=[name])[name].cast(pa.string())
    return pa.chunked_array([pc.unique(cells)])
