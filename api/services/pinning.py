"""Whether a pin makes sense: of what is in the newest tables, within the caller's teams, and
beside the pins that hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from api.jobs.about import pin_of
from api.jobs.tasks.pin_conflicts import FIXED, Staff, named, way_out
from api.jobs.tasks.task import Pin
from api.services.snapshots import newest_or_none
from api.services.turns import MovedError
from api.store.audit import lock_audit
from api.store.dialect import now
from api.store.holding import holding_pins
from api.store.tables import PinRow
from models.lists import lies_under
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from api.services.access.principal import Principal
    from api.services.service import Service
    from api.services.sight import Sight

FEW = 500
"""Members of a family that one statement names."""
REP_COLUMNS = ("rep_id", "active", "team", "regions")
PIN_COLUMNS = ("lead_id", "kind", "rep_id", "team", "region", "expires")


@dataclass(frozen=True)
class Around:
    """What the newest tables tell of a lead that is to be pinned.

    Attributes
    ----------
    newest : their id; None if there are none, and then nothing can be pinned
    is_known : whether they have the lead
    members : the leads of its family, itself included
    staff : the reps
    pins : those of the tables on these leads
    """

    newest: str | None
    is_known: bool
    members: frozenset[str]
    staff: Staff | None
    pins: tuple[Pin, ...]


def look_around(service: Service, lead_id: str) -> Around:
    """Return what the newest tables tell of a lead."""
    with service.database.reading() as session:
        newest = newest_or_none(session)
        moment = now(session)
    if newest is None:
        return Around(None, False, frozenset({lead_id}), None, ())
    tables = service.copies.directory(newest.id)
    is_known, members = _family(tables / "leads.parquet", lead_id)
    staff = Staff(_columns(tables / "reps.parquet", REP_COLUMNS).to_pandas())
    return Around(newest.id, is_known, members, staff, _pins(tables, members, moment))


def refuse_senseless(sight: Sight, around: Around, pin: Pin) -> None:
    """Look at a pin before it is kept, while nobody else keeps one.

    Raises
    ------
    NotFoundError : it names a rep of another team
    ForbiddenError : it reaches beyond the teams or regions of the caller
    InvalidRequestError : it names what is not in the newest tables, or has expired
    ConflictError : it contradicts pins that hold
    MovedError : there are newer tables
    """
    if pin.expires is not None and pin.expires <= now(sight.session):
        raise InvalidRequestError(
            f"the pin would hold nothing: expires_at is {pin.expires:%Y-%m-%d %H:%M} UTC, which is "
            "past; name a later moment, or leave it out"
        )
    if around.staff is None:
        raise InvalidRequestError(
            "the pin would hold nothing: there are no tables that tell leads and reps; send some "
            "to /v1/snapshots"
        )
    _refuse_beyond(around.staff, pin, sight.who)
    _refuse_unknown(around, around.staff, pin)
    refuse_contradicting(sight, around, pin)


def refuse_contradicting(sight: Sight, around: Around, pin: Pin) -> None:
    """Raise ConflictError if a pin and those that hold cannot all hold; MovedError if there are
    newer tables.
    """
    session = sight.session
    # The trail's lock, which every change takes, makes looking and adding one step.
    lock_audit(session)
    newest = newest_or_none(session)
    if (None if newest is None else newest.id) != around.newest:
        raise MovedError
    if around.staff is None or (pin.expires is not None and pin.expires <= now(session)):
        return
    query = holding_pins(session)
    if len(around.members) <= FEW:
        query = query.where(PinRow.lead_id.in_(around.members))
    held = (pin_of(row) for row in session.scalars(query))
    beside = [one for one in held if one.lead_id in around.members and one.id != pin.id]
    against = _against(around.staff, pin, [*beside, *around.pins])
    if against:
        raise ConflictError(
            _contradicted(sight, around.staff, pin, [one for one in against if one is not pin])
        )


def _contradicted(sight: Sight, staff: Staff, pin: Pin, others: Sequence[Pin]) -> str:
    """Return which pins contradict one, as far as the caller sees their leads, and what to do."""
    seen = sight.of({one.lead_id for one in others})
    told = [named(one) for one in others if one.lead_id in seen]
    if len(told) < len(others):
        told.append("another pin, of which you may not see more, contradicts it")
    family = "" if seen <= {pin.lead_id} else " (of one family)"
    is_own = all(one.lead_id in seen and _may_change(staff, one, sight.who) for one in others)
    advice = way_out(others) if is_own else "ask somebody without limits to take one back"
    causes = ", and ".join(told)
    return f"lead {pin.lead_id!r}{family} cannot be pinned so: {causes}. To go on, {advice}"


def _may_change(staff: Staff | None, pin: Pin, who: Principal) -> bool:
    """Return whether the caller could have set a pin, or did; without tables nobody knows whose
    reps it is of.
    """
    if not who.is_limited or pin.by == who.id:
        return True
    if staff is None:
        return False
    try:
        _refuse_beyond(staff, pin, who)
    except (NotFoundError, ForbiddenError):
        return False
    return True


def _against(staff: Staff, pin: Pin, beside: Sequence[Pin]) -> tuple[Pin, ...]:
    """Return a pin with those that it contradicts; none if it can hold."""
    for other in beside:
        if staff.contradicting((pin, other)):
            return pin, other
    # What others contradict among each other is no fault of this one.
    return () if staff.contradicting(beside) else staff.contradicting((pin, *beside))


def refuse_of_others(service: Service, row: PinRow, who: Principal) -> None:
    """Raise ForbiddenError for a pin that the caller could not have set, and did not: one of reps
    of other teams or regions, on a lead that both see.
    """
    if not who.is_limited:
        return
    staff = look_around(service, row.lead_id).staff
    if not _may_change(staff, pin_of(row), who):
        raise ForbiddenError(
            f"pin {row.id} reaches beyond your teams or regions; ask who set it, or somebody "
            "without limits"
        )


def _refuse_beyond(staff: Staff, pin: Pin, who: Principal) -> None:
    if who.teams is not None:
        mine = ", ".join(sorted(who.teams)) or "none"
        if pin.rep_id is not None and staff.team_of.get(pin.rep_id) not in who.teams:
            raise NotFoundError(f"there is no rep {pin.rep_id!r} in your teams: {mine}")
        if pin.rep_id is None and pin.team not in who.teams:
            raise ForbiddenError(
                f"your teams are {mine}, and the pin is of {pin.team or pin.region}; pin to one of "
                "them, or to a rep of them"
            )
    if who.regions is None or pin.region is None:
        return
    if not any(lies_under(pin.region, mine) for mine in who.regions):
        mine = ", ".join(sorted(who.regions)) or "none"
        raise ForbiddenError(f"your regions are {mine}, and the pin is of {pin.region}")


def _refuse_unknown(around: Around, staff: Staff, pin: Pin) -> None:
    faults = []
    if not around.is_known:
        faults.append(f"there is no lead {pin.lead_id!r} in the newest tables")
    if not staff.meant(pin):
        if pin.rep_id is not None:
            left = pin.rep_id in staff.every
            known = sorted(staff.team_of)
            faults.append(
                f"rep {pin.rep_id!r} is not active in the newest tables"
                if left
                else f"there is no rep {pin.rep_id!r} in the newest tables. "
                f"{nearest_advice(pin.rep_id, known)}".rstrip()
            )
        elif pin.team is not None:
            teams = sorted({team for team in staff.team_of.values() if team is not None})
            told = f"no active rep of the newest tables is in team {pin.team!r}. "
            faults.append(f"{told}{nearest_advice(pin.team, teams)}".rstrip())
        else:
            faults.append(f"no active rep of the newest tables covers region {pin.region!r}")
    # To keep a lead from somebody who has left does no harm.
    if faults and (pin.kind == FIXED or not around.is_known or pin.rep_id not in staff.every):
        raise InvalidRequestError(f"the pin would hold nothing: {'; '.join(faults)}")


def _family(path: Path, lead_id: str) -> tuple[bool, frozenset[str]]:
    """Return whether there is a lead, and the leads of its family, itself included."""
    has_family = "family" in pq.read_schema(path).names
    columns = ["lead_id", *(["family"] if has_family else [])]
    found = pq.read_table(path, columns=columns, filters=pc.field("lead_id") == lead_id)
    if not found.num_rows or not has_family or found["family"][0].as_py() is None:
        return bool(found.num_rows), frozenset({lead_id})
    same = pc.field("family") == found["family"][0].as_py()
    members = pq.read_table(path, columns=["lead_id"], filters=same)["lead_id"].to_pylist()
    return True, frozenset(members)


def _pins(tables: Path, members: frozenset[str], moment: datetime) -> tuple[Pin, ...]:
    path = tables / "pins.parquet"
    if not path.exists():
        return ()
    frame = _columns(path, PIN_COLUMNS).to_pandas()
    frame = frame[frame["lead_id"].isin(list(members))]
    frame = frame[~(pd.to_datetime(frame["expires"], utc=True) <= pd.Timestamp(moment))]
    rows = frame.drop(columns="expires").astype(object).where(frame.notna(), None)
    return tuple(Pin(id="", **row) for row in rows.to_dict("records"))


def _columns(path: Path, names: tuple[str, ...]) -> pa.Table:
    """Return columns of a table; those that it has not are empty."""
    there = pq.read_schema(path).names
    table = pq.read_table(path, columns=[name for name in names if name in there])
    for name in names:
        if name not in there:
            table = table.append_column(name, pa.nulls(table.num_rows))
    return table
