"""Makes a plan, as `fairlead plan` does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api.jobs.tasks.company import READ, read_company
from api.jobs.tasks.dress import dress
from api.jobs.tasks.pins import telling_pins
from api.jobs.tasks.task import Answer
from models.errors import NoPlanError
from models.files.plan_files import read_plan, write_plan
from planner.solve import make_plan

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.tasks.task import SolveTask
    from planner.engines.engine import Watcher

BESIDE = ("greedy", "round_robin")
"""Simple policies that are told beside a plan."""


def solve(task: SolveTask, out: Path, watcher: Watcher) -> Answer:
    """Make a plan and write it; one that is stopped keeps the best so far.

    Parameters
    ----------
    out : where the plan goes

    Raises
    ------
    FairleadError : there is no plan; the text says why
    """
    began = time.monotonic()
    snapshot, policy, left_out = read_company(task.company, watcher)
    start = None if task.start is None else read_plan(task.start)
    if watcher.should_stop():
        raise NoPlanError("stopped before a plan was found")
    try:
        plan = make_plan(
            snapshot,
            policy,
            engine=task.engine,
            limits=task.limits.limits(task.memory_mb),
            start=start,
            watcher=watcher,
            timings={READ: round(time.monotonic() - began, 6)},
            baselines=BESIDE,
            rule_prices=task.rule_prices,
            fair_totals=start.record.settled.fair_totals if start and task.holds_totals else None,
        )
    except NoPlanError as error:
        raise telling_pins(error, snapshot, policy, task.company.pins) from None
    write_plan(plan, out)
    dress(snapshot, plan, out)
    return Answer(reason=plan.record.reason, pins_left_out=left_out)
