"""The tables of a plan, as somebody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.errors import NotFoundError
from api.jobs.tasks.dress import LEADS_FILE
from api.schemas.plans import AssignmentGiven, MoveGiven, PriceGiven, UnassignedGiven
from api.services.access.visibility import is_in, is_visible, reps_within
from api.services.tables.leads import LeadFilter, find_lead
from api.services.tables.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.access.principal import Principal
    from api.services.tables.rows import Change

EVERYTHING = LeadFilter()
REPS_FILE = "reps.parquet"


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

    amend = _without_money_of_others(directory, who)
    return Rows(directory / LEADS_FILE, amend=amend, where=where, columns=columns, add=add)


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

    columns, amend = tuple(MoveGiven.model_fields), _without_money_of_others(directory, who)
    return Rows(directory / LEADS_FILE, amend=amend, where=where, columns=columns)


def rep_rows(directory: Path, who: Principal) -> Rows:
    """Return the reps' loads, limits and prices."""
    if who.sees_all:
        return Rows(directory / REPS_FILE)
    seen = visible_reps(directory, who)
    return Rows(directory / REPS_FILE, where=lambda reps: is_in(reps["rep_id"], seen))


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
    """Return the reps of a plan within somebody's limits; see `reps_within`."""
    reps = pq.read_table(directory / REPS_FILE, columns=["rep_id", "team"])
    return reps_within(
        who, reps, pq.read_table(directory / LEADS_FILE, columns=["rep_id", "region"])
    )


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


def refuse_hidden_rep(directory: Path, who: Principal, rep_id: str) -> None:
    """Raise NotFoundError unless the plan has a rep, within somebody's limits."""
    if rep_id not in visible_reps(directory, who):
        raise NotFoundError(f"the plan has no rep {rep_id!r} that you may see")


def visible_leads(directory: Path, who: Principal, lead_ids: frozenset[str]) -> frozenset[str]:
    """Return those of some leads that somebody sees."""
    found: set[str] = set()
    for leads in assignment_rows(directory, who):
        found |= set(leads.filter(is_in(leads["lead_id"], lead_ids))["lead_id"].to_pylist())
    return frozenset(found)


def _without_money_of_others(directory: Path, who: Principal) -> Change | None:
    """Return what takes from rows of leads the money that reps outside of somebody's limits would
    bring.
    """
    if who.sees_all:
        return None
    seen = visible_reps(directory, who)

    def amend(leads: pa.Table) -> pa.Table:
        for rep, name in (("rep_id", "expected_value"), ("runner_up", "runner_up_loss")):
            column = leads[name]
            is_told = pc.or_(pc.is_null(leads[rep]), is_in(leads[rep], seen))
            column = pc.if_else(is_told, column, pa.scalar(None, column.type))
            leads = leads.set_column(leads.schema.get_field_index(name), name, column)
        return leads

    return amend
