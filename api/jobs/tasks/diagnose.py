"""Tells whether there is a plan, why not, and what to relax, as `fairlead diagnose` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.tasks.company import read_company
from api.jobs.tasks.task import DIAGNOSE, Answer
from models.diagnosis import Status
from planner.compile import compile_problem
from planner.diagnosis.diagnose import diagnose as diagnosed
from planner.engines.engine import Progress
from planner.explain.unassigned import without_reps

if TYPE_CHECKING:
    from api.jobs.tasks.task import DiagnoseTask
    from models.explanation import WithoutRep
    from planner.engines.engine import Watcher


def diagnose(task: DiagnoseTask, watcher: Watcher) -> Answer:
    """Return a diagnosis, and where there is a plan, the leads that no rep may work.

    Raises
    ------
    FairleadError : the policy does not fit the tables
    """
    snapshot, policy, left_out = read_company(task.company, watcher)
    watcher.report(Progress(message="looking for contradictions", stage=DIAGNOSE))
    limits = task.limits.limits(task.memory_mb)
    found = diagnosed(snapshot, policy, limits=limits, watcher=watcher)
    groups: tuple[WithoutRep, ...] = ()
    if found.status is Status.FEASIBLE:
        groups = without_reps(compile_problem(snapshot, policy, threads=limits.threads))
    told = found.model_dump(mode="json", by_alias=True)
    told["without_rep"] = [group.model_dump(mode="json") for group in groups]
    told["text"] = found.text()
    return Answer(reason=found.status, pins_left_out=left_out, diagnosis=told)
