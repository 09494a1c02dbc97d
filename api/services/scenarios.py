"""Scenarios: a base and named changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import InvalidRequestError, NotFoundError
from api.schemas.scenarios import ScenarioGiven
from api.services.references import References
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import ScenarioRow
from models.files.yaml_reader import MAX_BYTES
from models.files.yaml_writer import written
from scenarios.what_if.lead_changes import LeadsFrom
from scenarios.what_if.scenario_file import scenario_from_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.scenarios import NewScenario


def add_scenario(session: Session, new: NewScenario, actor: str) -> ScenarioRow:
    """Keep a scenario.

    Raises
    ------
    ScenarioError : with every fault of its changes
    InvalidRequestError : its base is not there, or it reads a file
    """
    text = text_of(new)
    references = References(session)
    references.snapshot(new.snapshot)
    references.policy(new.policy)
    references.refuse()
    scenario = scenario_from_text(text, new.name, is_data=True)
    if any(isinstance(change, LeadsFrom) for change in scenario.changes):
        # The path would be one on the worker's machine.
        raise InvalidRequestError(
            f"the scenario {new.name!r} has the change leads_from, which reads a file; send the "
            "leads as a snapshot of their own, and take that as the base"
        )
    row = ScenarioRow(
        id=new_id(),
        name=new.name,
        snapshot_id=new.snapshot,
        policy_id=new.policy,
        text=text,
        created_at=now(session),
        created_by=actor,
    )
    session.add(row)
    detail = {"name": row.name, "snapshot": row.snapshot_id, "policy": row.policy_id}
    append_audit(session, actor, "scenario_added", row.id, detail)
    return row


def text_of(new: NewScenario) -> str:
    """Return a scenario as its file; InvalidRequestError if it is too long for one."""
    told = {"name": new.name, "description": new.description, "changes": new.changes}
    try:
        text = written(told)
    except RecursionError:
        raise InvalidRequestError(
            f"the changes of the scenario {new.name!r} are nested too deeply; a change is "
            "{name: {parameters}}"
        ) from None
    if len(text.encode()) > MAX_BYTES:
        raise InvalidRequestError(
            f"the scenario has {len(text.encode()):,} bytes as YAML; at most {MAX_BYTES:,} are "
            "taken. Name records by a filter in place of one by one"
        )
    return text


def get_scenario(session: Session, scenario_id: str) -> ScenarioRow:
    """Return a scenario; NotFoundError if there is none."""
    row = session.get(ScenarioRow, scenario_id)
    if row is None:
        raise NotFoundError(f"there is no scenario {scenario_id!r}")
    return row


def told(row: ScenarioRow) -> ScenarioGiven:
    """Return a scenario with its changes in plain English."""
    sentences = scenario_from_text(row.text, row.name).sentences()
    return ScenarioGiven(
        id=row.id,
        name=row.name,
        snapshot_id=row.snapshot_id,
        policy_id=row.policy_id,
        text=row.text,
        sentences=list(sentences),
        created_at=row.created_at,
        created_by=row.created_by,
    )
