"""Runs that tests ask for, as the service's routes do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.payload import DiagnosePayload, EvaluatePayload, SolvePayload
from api.jobs.queue import add_run
from api.jobs.run import NewRun
from api.jobs.tasks.task import LimitsAsked
from api.store.files import store_files

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service

QUICK = LimitsAsked(seconds=20, iterations=50)
sqlite_only = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
"""What is the same on both databases is tested on one."""


def ask_plan(
    service: Service, snapshot_id: str, policy_id: str, *, publishes: bool = False, **more: Any
) -> str:
    """Ask for a plan; return the run's id."""
    told = {"limits": QUICK, **more}
    payload = SolvePayload(snapshot_id=snapshot_id, policy_id=policy_id, **told)
    return _ask(service, "solve", payload, publishes=publishes)


def ask_diagnosis(service: Service, snapshot_id: str, policy_id: str) -> str:
    """Ask for a diagnosis; return the run's id."""
    payload = DiagnosePayload(snapshot_id=snapshot_id, policy_id=policy_id, limits=QUICK)
    return _ask(service, "diagnose", payload)


def ask_evaluation(service: Service, snapshot_id: str, policy_id: str, file: Path) -> str:
    """Ask for the worth of an assignment; return the run's id."""
    payload = EvaluatePayload(
        snapshot_id=snapshot_id, policy_id=policy_id, limits=QUICK, file=file.name, sha256="0" * 64
    )
    return _ask(service, "evaluate", payload, file)


def _ask(
    service: Service,
    kind: str,
    payload: SolvePayload | DiagnosePayload | EvaluatePayload,
    *files: Path,
    publishes: bool = False,
) -> str:
    told = payload.model_dump(mode="json", exclude={"kind"})
    new = NewRun(kind, told, "key:test", publishes=publishes)
    with service.database.writing() as session:
        row = add_run(session, new)
        session.flush()
        store_files(session, row.id, files)
        return row.id
