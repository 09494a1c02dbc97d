"""What a run is about, as its process needs it: texts, and the pins that hold now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import NotFoundError
from api.jobs.tasks.task import Company, Pin
from api.store.holding import holding_pins
from api.store.tables import PinRow, PolicyRow, ScenarioRow, SnapshotRow
from api.store.withdrawal import refuse_withdrawn

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.jobs.payload import Payload


def company_of(session: Session, payload: Payload, tables: Path, max_pairs: int) -> Company:
    """Return what a request is about.

    Parameters
    ----------
    tables : the directory of its snapshot
    max_pairs : how many leads x reps it may have

    Raises
    ------
    NotFoundError : its policy or scenario is gone
    WithdrawnError : its tables were withdrawn since it was asked for
    """
    refuse_withdrawn(session.get_one(SnapshotRow, payload.snapshot_id))
    policy = session.get(PolicyRow, payload.policy_id)
    if policy is None:
        raise NotFoundError(f"there is no policy {payload.policy_id!r}")
    scenario = None
    if payload.scenario_id is not None:
        scenario = session.get(ScenarioRow, payload.scenario_id)
        if scenario is None:
            raise NotFoundError(f"there is no scenario {payload.scenario_id!r}")
    return Company(
        tables=tables,
        policy=policy.text,
        policy_name=policy.name,
        scenario=None if scenario is None else scenario.text,
        pins=pins_in_force(session),
        max_pairs=max_pairs,
    )


def pins_in_force(session: Session) -> tuple[Pin, ...]:
    """Return the pins of the service that hold now, in an order that does not change."""
    rows = session.scalars(holding_pins(session).order_by(PinRow.created_at, PinRow.id))
    return tuple(map(pin_of, rows))


def pin_of(row: PinRow) -> Pin:
    """Return a pin as a run's process takes it."""
    return Pin(
        id=row.id,
        lead_id=row.lead_id,
        kind=row.kind,
        rep_id=row.rep_id,
        team=row.team,
        region=row.region,
        expires=row.expires_at,
        by=row.created_by,
    )
