"""The tables of a plan, as somebody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from api.errors import NotFoundError
from api.jobs.tasks.dress import LEADS_FILE
from api.schemas.plans import AssignmentGiven, MoveGiven, PriceGiven, UnassignedGiven
from api.services.access.visibility import is_in, is_visible
from api.services.plans.figures import is_seen
from api.services.tables.leads import LeadFilter, find_lead
from api.services.tables.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.access.principal import Principal
    from api.services.tables.rows import Change

EVERYTHING = LeadFilter()


def assignment_rows(
    directory: Path,
    who: Principal,
    wanted: LeadFilter = EVERYTHING,
    columns: tuple[str, ...] = tuple(AssignmentGiven.model_fields),
    add: Change | None = None,
) -> Rows:
    """Return who works each lead.

    Parameters
    ----------
    columns, add : as `Rows` takes them
    """

    def where(leads: pa.Table) -> pa.ChunkedArray:
        return pc.and_(is_visible(who, leads), wanted.mask(leads))

    return Rows(directory / LEADS_FILE, where=where, columns=columns, add=add)


def unassigned_rows(directory: Path, who: Principal, wanted: LeadFilter = EVERYTHING) -> Rows:
    """Return the leads that nobody works."""

    def where(leads: pa.Table) -> pa.ChunkedArray:
        meant = pc.and_(is_visible(who, leads), wanted.mask(leads))
        return pc.and_(meant, pc.is_null(leads["rep_id"]))

    return Rows(directory / LEADS_FILE, where=where, columns=tuple(UnassignedGiven.model_fields))


def move_rows(directory: Path, who: Principal, wanted: LeadFilter = EVERYTHING) -> Rows:
    """Return the owned leads that their owner does not keep, as they come and as they go."""

    def where(leads: pa.Table) -> pa.ChunkedArray:
        comes, goes = is_visible(who, leads), is_visible(who, leads, rep="owner", team="owner_team")
        return pc.and_(pc.and_(leads["moved"], pc.or_(comes, goes)), wanted.mask(leads))

    return Rows(directory / LEADS_FILE, where=where, columns=tuple(MoveGiven.model_fields))


def rep_rows(directory: Path, who: Principal) -> Rows:
    """Return the reps' loads, limits and prices."""
    if who.sees_all:
        return Rows(directory / "reps.parquet")
    seen = visible_reps(directory, who)
    return Rows(directory / "reps.parquet", where=lambda reps: is_in(reps["rep_id"], seen))


def price_rows(directory: Path, who: Principal) -> Rows:
    """Return the prices of limits; who is limited sees those of the own reps, teams and regions."""
    columns = tuple(PriceGiven.model_fields)
    if who.sees_all:
        return Rows(directory / "prices.parquet", columns=columns)
    names = {*visible_reps(directory, who), *(who.teams or ()), *(who.regions or ())}

    def where(prices: pa.Table) -> pa.ChunkedArray:
        return is_in(prices["label"], frozenset(names))

    return Rows(directory / "prices.parquet", where=where, columns=columns)


def visible_reps(directory: Path, who: Principal) -> frozenset[str]:
    """Return the reps whom somebody sees: of the own teams, with leads in the own regions."""
    found: set[str] = set()
    for reps in Rows(directory / "reps.parquet", columns=("rep_id", "team")):
        pairs = zip(reps["rep_id"].to_pylist(), reps["team"].to_pylist(), strict=True)
        found |= {rep for rep, team in pairs if is_seen(who, "team", team or "")}
    if who.regions is not None:
        there: set[str] = set()
        for leads in assignment_rows(directory, who):
            there |= set(pc.unique(leads["rep_id"]).to_pylist())
        found &= there
    return frozenset(found)


def refuse_hidden_lead(directory: Path, who: Principal, lead_id: str) -> None:
    """Raise NotFoundError unless the plan has a lead that somebody sees.

    Who has no right to read sees the own book only.
    """
    lead = find_lead(directory / LEADS_FILE, lead_id)
    seen = is_visible(who, lead)
    if not who.reads:
        seen = pc.and_(seen, is_in(lead["rep_id"], {who.rep_id} - {None}))
    if not pc.any(seen).as_py():
        raise NotFoundError(f"the plan has no lead {lead_id!r} that you may see")


def refuse_unknown_rep(directory: Path, rep_id: str) -> None:
    """Raise NotFoundError unless the plan has a rep."""
    reps = Rows(directory / "reps.parquet", columns=("rep_id",))
    if not any(rep_id in table["rep_id"].to_pylist() for table in reps):
        raise NotFoundError(f"the plan has no rep {rep_id!r}")


def visible_leads(directory: Path, who: Principal, lead_ids: frozenset[str]) -> frozenset[str]:
    """Return those of some leads that somebody sees."""
    found: set[str] = set()
    for leads in assignment_rows(directory, who):
        found |= set(leads.filter(is_in(leads["lead_id"], lead_ids))["lead_id"].to_pylist())
    return frozenset(found)
