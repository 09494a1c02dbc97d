"""Makes a plan from the current assignment, and judges it by acceptance rules."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api.jobs.tasks.company import READ, read_company
from api.jobs.tasks.dress import dress
from api.jobs.tasks.pins import telling_pins
from api.jobs.tasks.solve import BESIDE
from api.jobs.tasks.task import Answer, Judged
from models.errors import NoPlanError
from models.files.own_parquet import read_frame
from models.files.plan_files import write_plan
from planner.solve import evaluate, make_plan
from scenarios.acceptance import judge
from scenarios.acceptance_file import rules_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from api.jobs.tasks.task import RebalanceTask
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.engines.engine import Watcher
    from planner.policy import Policy
    from scenarios.acceptance import Rule


def rebalance(task: RebalanceTask, out: Path, watcher: Watcher) -> Answer:
    """Make a plan and write it, and tell what each acceptance rule says of it.

    Parameters
    ----------
    out : where the plan goes

    Raises
    ------
    FairleadError : there is no plan, or a rule cannot be judged; the text says why
    """
    began = time.monotonic()
    rules = () if task.acceptance is None else rules_from_text(task.acceptance, "acceptance")
    snapshot, policy, left_out = read_company(task.company, watcher)
    current = None if task.current is None else _known(read_frame(task.current), snapshot)
    if watcher.should_stop():
        raise NoPlanError("stopped before a plan was found")
    try:
        plan = make_plan(
            snapshot,
            policy,
            limits=task.limits.limits(task.memory_mb),
            start=current,
            watcher=watcher,
            timings={READ: round(time.monotonic() - began, 6)},
            baselines=BESIDE,
        )
    except NoPlanError as error:
        raise telling_pins(error, snapshot, policy, task.company.pins) from None
    write_plan(plan, out)
    dress(snapshot, plan, out)
    judged = _judged(rules, plan, snapshot, policy, current)
    return Answer(reason=plan.record.reason, pins_left_out=left_out, judged=judged)


def _known(current: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Return an assignment without leads that are gone; those of reps who left have nobody."""
    there = current[current["lead_id"].isin(snapshot.leads["lead_id"])]
    works = there["rep_id"].isin(snapshot.reps["rep_id"])
    return there.assign(rep_id=there["rep_id"].where(works))


def _judged(
    rules: Sequence[Rule],
    plan: Plan,
    snapshot: Snapshot,
    policy: Policy,
    current: pd.DataFrame | None,
) -> tuple[Judged, ...]:
    if not rules:
        return ()
    base = None
    if any(rule.needs_base for rule in rules):
        if current is None:
            raise NoPlanError(
                "acceptance rules compare with the current publication, and there is none yet; "
                "publish a plan by hand first"
            )
        base = evaluate(snapshot, policy, current, with_bound=False)
    return tuple(
        Judged(text=verdict.text, passed=verdict.passed) for verdict in judge(rules, plan, base)
    )
