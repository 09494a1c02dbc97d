"""What a simple policy makes of a snapshot, under the rules of ours and scored like a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from models.errors import EngineError
from models.outcome import Limits, Outcome, StopReason
from planner.assemble import assemble, judge
from planner.compile import compile_problem
from planner.engines.baselines.routers import ROUTERS
from planner.engines.prices.proven_prices import proven_prices
from planner.intake import OWNER, Leads, intake_of
from planner.overload import compiled_as_they_are, may_stay_overfull
from planner.solve import Stopwatch
from planner.stages import totals_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.engines.baselines.routers import Router
    from planner.policy import Policy


class Batch(TypedDict):
    """The options of `intake_of`."""

    leads: Leads
    capped: bool
    field: str


def make_baselines(
    snapshot: Snapshot,
    policy: Policy,
    names: Sequence[str],
    *,
    leads: Leads = Leads.ALL,
    capped: bool = True,
    field: str = OWNER,
    seed: int = 0,
    timings: Mapping[str, float] | None = None,
) -> dict[str, Plan]:
    """Return the plan of each simple policy by name; one may break rules (`feasible`).

    Parameters
    ----------
    names : of ROUTERS
    leads : all, as if nobody owned any, or the new ones alone
    capped : whether a rep without room under the policy's limits is passed over
    field : the column of leads that names a rep, for `frappe_by_field`
    seed : breaks ties
    timings : seconds of steps done before, to be told in the plans

    Raises
    ------
    EngineError : no simple policy has such a name
    UsageError : leads have no such column
    PolicyError, NoPlanError : as `planner.solve.make_plan`
    """
    if unknown := [name for name in names if name not in ROUTERS]:
        raise EngineError(
            f"no simple policy is called {unknown[0]!r}; there are {', '.join(ROUTERS)}"
        )
    batch = Batch(leads=leads, capped=capped, field=field)
    clock, plans, prices = Stopwatch(timings), {}, None
    with clock.step("compile"):
        compiled = compile_problem(snapshot, policy)
        if may_stay_overfull(compiled):
            # Nobody who routes leads one by one brings a book down: those over a limit stay so.
            compiled = compiled_as_they_are(compiled)
    for name in names:
        own, step = compiled, Stopwatch(clock.seconds)
        with step.step("route"):
            rep_of_lead = _routed(own, ROUTERS[name], batch, seed)
            if policy.fairness:
                # Its own plan without fairness is the reference, as in any other plan.
                own = compile_problem(snapshot, policy, settled=totals_of(own, rep_of_lead))
                rep_of_lead = _routed(own, ROUTERS[name], batch, seed)
        with step.step("prices"):
            if prices is None or policy.fairness:
                prices = proven_prices(own.problem)
        with step.step("check"):
            verdict = judge(own, rep_of_lead, prices, made_here=False)
        outcome = Outcome(
            engine=name,
            reason=StopReason.ITERATION_LIMIT,
            detail=_detail(leads, capped=capped),
            prices=prices,
            bound=prices.bound,
        )
        plans[name] = assemble(own, outcome, verdict, Limits(seed=seed), step.seconds)
    return plans


def _routed(compiled: Compiled, router: Router, batch: Batch, seed: int) -> NDArray[np.int64]:
    """Return (n_leads,) position of each lead's rep; -1 for nobody."""
    intake = intake_of(compiled, **batch)
    reps = intake.problem.rep[router.route(intake, seed)]
    return reps[compiled.row_of_lead].astype(np.int64)


def _detail(leads: Leads, *, capped: bool) -> str:
    which = "all leads" if leads is Leads.ALL else "leads without an owner"
    limits = "within the limits" if capped else "whatever the limits say"
    return f"{which} handed out one after the other, {limits}"
