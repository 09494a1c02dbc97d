"""Which leads somebody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from api.services.access.roles import Right

if TYPE_CHECKING:
    from api.services.access.principal import Principal


def visible(who: Principal, leads: pa.Table) -> pa.Table:
    """Return the rows that somebody may see.

    A limit to teams shows leads of their reps, and those that nobody has; a limit to regions shows
    leads that lie in them; a rep without the right to read sees the own book, and what nobody has.

    Parameters
    ----------
    leads : with rep_id, team (of the rep) and region (of the lead), null where there is none
    """
    if who.sees_all:
        return leads
    nobody = pc.is_null(leads["rep_id"])
    mask = pa.chunked_array([pa.repeat(True, leads.num_rows)])
    if Right.READ not in who.rights:
        mask = pc.and_(mask, pc.or_(nobody, _is_in(leads["rep_id"], {who.rep_id} - {None})))
    if who.teams is not None:
        mask = pc.and_(mask, pc.or_(nobody, _is_in(leads["team"], who.teams)))
    if who.regions is not None:
        mask = pc.and_(mask, _lies_in(leads["region"], who.regions))
    return leads.filter(mask)


def _is_in(column: pa.ChunkedArray, names: set[str | None] | frozenset[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(str(name) for name in names), column.type))


def _lies_in(column: pa.ChunkedArray, regions: frozenset[str]) -> pa.ChunkedArray:
    inside = _is_in(column, regions)
    for region in sorted(regions):
        inside = pc.or_(inside, pc.fill_null(pc.starts_with(column, region + "/"), False))
    return inside
