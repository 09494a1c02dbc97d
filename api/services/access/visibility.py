"""What somebody who is limited sees of leads and of reps: the one rule.

Of a lead counts who has it in what is asked for: a plan, a publication, a book.

- Its row is seen by who is not kept from the rep who has it, nor from its region. What nobody has
  is seen in all teams, for it may be claimed there.
- Its names and contacts are told to who is not kept from the rep who has it now. Claiming needs
  none, so a limit to teams keeps those of the pool.
- A rep outside of somebody's limits may be named, where a lead comes from there or goes there; the
  rep's loads, limits, prices and money are not told.
- Figures of the whole company are told only to who sees all of it: less the own ones, they would be
  those of others. How good a plan is (its gap, the rules that it breaks) is told to all.
"""

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


def is_told(who: Principal, leads: pa.Table) -> pa.ChunkedArray:
    """Return of which rows somebody may be told names and contacts.

    Parameters
    ----------
    leads : as `is_visible` takes them, with who has them now
    """
    mask = is_visible(who, leads)
    if who.reads and who.teams is None:
        return mask
    return pc.and_(mask, pc.is_valid(leads["rep_id"]))


def reps_within(who: Principal, reps: pa.Table, leads: pa.Table) -> frozenset[str]:
    """Return the reps within somebody's limits: of the own teams, with a lead in the own regions;
    the own self to who has no right to read.

    Parameters
    ----------
    reps : with rep_id and team
    leads : with rep_id and region
    """
    if who.teams is not None:
        reps = reps.filter(is_in(reps["team"], who.teams))
    found = frozenset(reps["rep_id"].to_pylist())
    if who.regions is not None:
        inside = leads.filter(lies_in(leads["region"], who.regions))
        found &= frozenset(inside["rep_id"].to_pylist())
    return found if who.reads else found & {who.rep_id}


def is_in(column: pa.ChunkedArray, names: set[str | None] | frozenset[str]) -> pa.ChunkedArray:
    """Return which cells are one of some names."""
    return pc.is_in(column, value_set=pa.array(sorted(str(name) for name in names), column.type))


def lies_in(column: pa.ChunkedArray, regions: frozenset[str]) -> pa.ChunkedArray:
    """Return which cells are one of some regions, or lie in it."""
    inside = is_in(column, regions)
    for region in sorted(regions):
        inside = pc.or_(inside, pc.fill_null(pc.starts_with(column, region + "/"), False))
    return inside
