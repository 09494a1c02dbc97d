"""Which leads somebody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from api.services.access.roles import Right

if TYPE_CHECKING:
    from api.services.access.principal import Principal


def visible(who: Principal, leads: pa.Table) -> pa.Table:
    """Return the rows that somebody may see; see `is_visible`."""
    return leads if who.sees_all else leads.filter(is_visible(who, leads))


def is_visible(
    who: Principal, leads: pa.Table, *, rep: str = "rep_id", team: str = "team"
) -> pa.ChunkedArray:
    """Return which rows somebody may see.

    A limit to teams shows leads of their reps, and those that nobody has; a limit to regions shows
    leads that lie in them; a rep without the right to read sees the own book, and what nobody has.

    Parameters
    ----------
    leads : with rep_id, team (of the rep) and region (of the lead), null where there is none
    rep, team : the columns that tell who has a lead and that rep's team
    """
    mask = pa.chunked_array([pa.repeat(True, leads.num_rows)])
    nobody = pc.is_null(leads[rep])
    if Right.READ not in who.rights:
        mask = pc.and_(mask, pc.or_(nobody, is_in(leads[rep], {who.rep_id} - {None})))
    if who.teams is not None:
        mask = pc.and_(mask, pc.or_(nobody, is_in(leads[team], who.teams)))
    if who.regions is not None:
        mask = pc.and_(mask, lies_in(leads["region"], who.regions))
    return mask


def is_in(column: pa.ChunkedArray, names: set[str | None] | frozenset[str]) -> pa.ChunkedArray:
    """Return which cells are one of some names."""
    return pc.is_in(column, value_set=pa.array(sorted(str(name) for name in names), column.type))


def lies_in(column: pa.ChunkedArray, regions: frozenset[str]) -> pa.ChunkedArray:
    """Return which cells are one of some regions, or lie in it."""
    inside = is_in(column, regions)
    for region in sorted(regions):
        inside = pc.or_(inside, pc.fill_null(pc.starts_with(column, region + "/"), False))
    return inside
