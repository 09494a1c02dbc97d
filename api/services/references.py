"""Ids that a request names: whether they are there, with every fault at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from api.errors import InvalidRequestError
from api.store.tables import PlanRow, PolicyRow, ScenarioRow, SnapshotRow
from api.store.withdrawal import refuse_withdrawn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Row = TypeVar("Row", SnapshotRow, PolicyRow, ScenarioRow, PlanRow)


class References:
    """Looks ids up and collects those that name nothing that can be used."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._faults: list[str] = []

    def snapshot(self, snapshot_id: str) -> SnapshotRow | None:
        """Return a snapshot whose tables are there, or note a fault; WithdrawnError if nothing may
        go by them.
        """
        row = self._row(SnapshotRow, "snapshot", snapshot_id)
        if row is None:
            return None
        refuse_withdrawn(row)
        if row.removed_at is not None:
            self._faults.append(
                f"the tables of snapshot {snapshot_id!r} were removed on "
                f"{row.removed_at:%Y-%m-%d}; send them again"
            )
            return None
        return row

    def policy(self, policy_id: str) -> PolicyRow | None:
        """Return a policy, or note a fault."""
        return self._row(PolicyRow, "policy", policy_id)

    def scenario(self, scenario_id: str) -> ScenarioRow | None:
        """Return a scenario, or note a fault."""
        return self._row(ScenarioRow, "scenario", scenario_id)

    def plan(self, plan_id: str) -> PlanRow | None:
        """Return a plan, or note a fault."""
        return self._row(PlanRow, "plan", plan_id)

    def refuse(self) -> None:
        """Raise InvalidRequestError with every fault, if there is any."""
        if self._faults:
            raise InvalidRequestError("; ".join(self._faults))

    def _row(self, table: type[Row], noun: str, row_id: str) -> Row | None:
        row = self._session.get(table, row_id)
        if row is None:
            self._faults.append(f"there is no {noun} {row_id!r}")
        return row
