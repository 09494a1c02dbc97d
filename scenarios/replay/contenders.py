"""Those who assign the leads of a week: the plan, simple policies, and who did in truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError
from planner.baseline import make_baselines
from planner.engines.baselines.routers import ROUTERS
from planner.intake import Leads
from planner.solve import evaluate, make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from models.outcome import Limits
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy

PLAN, RECORDED = "plan", "recorded"


def contenders(against: Sequence[str]) -> tuple[str, ...]:
    """Return who takes part, the recorded assignment first.

    Raises
    ------
    UsageError : no simple policy has such a name, or one is named twice
    """
    unknown = [name for name in against if name not in ROUTERS]
    if unknown or len(set(against)) < len(against):
        told = f"no simple policy is called {unknown[0]!r}" if unknown else "one is named twice"
        raise UsageError(f"{told}; there are {', '.join(ROUTERS)}")
    return (RECORDED, PLAN, *against)


def assigned(
    name: str, snapshot: Snapshot, policy: Policy, recorded: pd.DataFrame, limits: Limits
) -> Plan:
    """Return what a contender makes of a week; only that of the plan surely keeps the rules.

    A simple policy hands out the leads that have no owner, as the systems do that work by it; the
    others stay. The plan may move any, as its rules on moves allow.

    Parameters
    ----------
    snapshot : the tables, whose owners are the contender's own
    recorded : lead_id, rep_id of who worked the leads in truth

    Raises
    ------
    PolicyError, NoPlanError : as `planner.solve.make_plan`
    """
    if name == PLAN:
        return make_plan(snapshot, policy, limits=limits, rule_prices=False)
    if name == RECORDED:
        return evaluate(snapshot, policy, recorded, name=RECORDED, with_bound=False)
    return make_baselines(snapshot, policy, [name], leads=Leads.NEW, seed=limits.seed)[name]
