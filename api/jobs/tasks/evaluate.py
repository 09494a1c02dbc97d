"""Scores an assignment made elsewhere, as `fairlead evaluate` does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api.jobs.tasks.company import READ, read_company
from api.jobs.tasks.dress import dress
from api.jobs.tasks.task import EVALUATE, Answer
from models.files.assignments import read_assignments
from models.files.plan_files import write_plan
from planner.engines.engine import Progress
from planner.solve import evaluate as evaluate_assignment

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.tasks.task import EvaluateTask
    from planner.engines.engine import Watcher

EVALUATED = "evaluated"
"""Why it stopped: there was nothing to search for."""


def evaluate(task: EvaluateTask, out: Path, watcher: Watcher) -> Answer:
    """Write what an assignment is worth as a plan, which may break rules.

    Parameters
    ----------
    out : where the plan goes

    Raises
    ------
    FairleadError : the assignment cannot be read, or is not of these leads and reps
    """
    began = time.monotonic()
    snapshot, policy, left_out = read_company(task.company, watcher)
    given = read_assignments(task.assignments)
    watcher.report(Progress(message="scoring the assignment", stage=EVALUATE))
    timings = {READ: round(time.monotonic() - began, 6)}
    plan = evaluate_assignment(snapshot, policy, given, timings=timings)
    write_plan(plan, out)
    dress(snapshot, plan, out)
    return Answer(reason=EVALUATED, pins_left_out=left_out)
