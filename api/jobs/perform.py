"""Performs a run: fetches what it needs, has a process do it, and keeps what that leaves."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from api.jobs.about import company_of
from api.jobs.messages import ChildFault
from api.jobs.payload import PAYLOADS, EvaluatePayload, SolvePayload
from api.jobs.plans import Origin, add_plan
from api.jobs.process import CHILD, perform_task
from api.jobs.run import Done
from api.jobs.tasks.task import PLAN, DiagnoseTask, EvaluateTask, SolveTask
from models.errors import UsageError
from models.files.plan_files import RECORD
from models.plan import PlanRecord
from planner.engines.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.context import Context
    from api.jobs.payload import AnyPayload
    from api.jobs.run import Held
    from api.jobs.tasks.task import Answer, Base
    from api.settings import Settings
    from api.store.copies import Copies
    from api.store.database import Database

PREFIX = "fairlead-run-"
UNLIMITED_SECONDS = 600.0
"""What reading, checking and writing may take, for which a run has no limit of its own."""


@dataclass(frozen=True)
class Performer:
    """Performs runs of a database, one after another.

    Attributes
    ----------
    copies : of the files of snapshots and plans, on this machine
    scratch : where each run has a directory while it lasts
    child : the module of its process; tests have worse ones
    """

    database: Database
    copies: Copies
    scratch: Path
    settings: Settings
    child: str = CHILD

    def __call__(self, held: Held, context: Context) -> Done:
        """Return what is to be kept of a run.

        Raises
        ------
        ChildFault : its process was lost; another attempt may end otherwise
        FairleadError : it cannot be done; the text says why
        """
        payload = _payload(held)
        directory = context.cleaning.enter_context(workspace(self.scratch, PREFIX))
        given, work = directory / "given", directory / "work"
        given.mkdir()
        work.mkdir()
        task = self._task(held, payload, given)
        answer = perform_task(task, work, context, longest=self._longest, child=self.child)
        result = result_of(answer)
        if answer.diagnosis is not None:
            return Done(answer.reason, result=result)
        record_of(work / PLAN)
        origin = Origin(
            payload.snapshot_id,
            payload.policy_id,
            payload.scenario_id,
            further={"pins": [pin.model_dump(mode="json") for pin in task.company.pins]},
        )
        return Done(answer.reason, result, partial(add_plan, directory=work / PLAN, origin=origin))

    @property
    def _longest(self) -> float:
        return 2 * self.settings.max_run_seconds + UNLIMITED_SECONDS

    def _task(self, held: Held, payload: AnyPayload, given: Path) -> Base:
        """Return what the process is asked, with links to the files that it needs.

        Copies that nobody has asked for lately may be removed; what is linked stays.
        """
        tables = self._linked(payload.snapshot_id, given / "tables")
        with self.database.reading() as session:
            company = company_of(session, payload, tables, self.settings.max_pairs)
        limits, memory_mb = payload.limits, self.settings.run_memory_mb
        if isinstance(payload, SolvePayload):
            start = payload.from_plan and self._linked(payload.from_plan, given / "start")
            return SolveTask(
                company=company,
                limits=limits,
                memory_mb=memory_mb,
                start=start or None,
                holds_totals=payload.holds_totals,
                engine=payload.engine,
                rule_prices=payload.rule_prices,
            )
        if isinstance(payload, EvaluatePayload):
            file = self._linked(held.id, given / "input") / payload.file
            return EvaluateTask(
                company=company, limits=limits, memory_mb=memory_mb, assignments=file
            )
        return DiagnoseTask(company=company, limits=limits, memory_mb=memory_mb)

    def _linked(self, owner_id: str, target: Path) -> Path:
        shutil.copytree(self.copies.directory(owner_id), target, copy_function=os.link)
        return target


def _payload(held: Held) -> AnyPayload:
    try:
        payload = PAYLOADS.validate_python(held.payload | {"kind": held.kind})
    except ValidationError as error:
        raise UsageError(
            f"run {held.id} of kind {held.kind!r} was asked for by another version: "
            f"{error.error_count()} faults. Ask again"
        ) from None
    return payload


def result_of(answer: Answer) -> dict[str, object] | None:
    """Return what is told of a run besides its plan; None if there is nothing."""
    told: dict[str, object] = {}
    if answer.diagnosis is not None:
        told["diagnosis"] = answer.diagnosis
    if answer.pins_left_out:
        told["pins_left_out"] = list(answer.pins_left_out)
    if answer.judged:
        told["acceptance"] = [judged.model_dump() for judged in answer.judged]
    return told or None


def record_of(plan: Path) -> PlanRecord:
    """Return what a run's process says of the plan that it left; ChildFault if it is damaged."""
    try:
        return PlanRecord.model_validate_json((plan / RECORD).read_bytes())
    except (OSError, ValidationError):
        raise ChildFault("the run's process left a plan that cannot be read") from None
