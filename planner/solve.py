"""The front door: snapshot and policy in, checked plan out."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import NoPlanError
from models.outcome import Limits, Outcome, StopReason
from models.settled import NOTHING, Settled
from planner.assemble import assemble, judge, lead_scores
from planner.bound import zero_prices
from planner.compile import Compiled, compile_problem
from planner.diagnosis.impossible import with_reason
from planner.engines.engine import Progress, Silent
from planner.engines.prices.proven_prices import proven_prices
from planner.engines.registry import AUTO, BASELINES, SOLVERS, choose_engine
from planner.kpis import kpis
from planner.overload import compiled_as_they_are, may_stay_overfull
from planner.rule_prices import RulePrices, price_of_continuity, price_of_fairness
from planner.run import SMALL_PAIRS
from planner.stages import Stages, totals_of
from planner.start import positions, start_of
from planner.unreachable import why_bands_cannot_hold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from models.plan import Kpis, Plan
    from models.snapshot import Snapshot
    from planner.engines.engine import Start, Watcher
    from planner.policy import Policy
    from planner.stages import Staged

DEFAULT_LIMITS = Limits()
TOLD_AT_MOST = 5
COMPILE, SOLVE, CHECK, RULE_PRICES = "compile", "solve", "check", "rule prices"
"""Names of steps, in progress and timings."""
PRICE_SHARE = 0.25
"""What pricing a rule may take at most, as a share of the plan's own time limit."""


class Stopwatch:
    """Seconds per step."""

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        self.seconds = dict(known or {})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 6)


def make_plan(
    snapshot: Snapshot,
    policy: Policy,
    *,
    engine: str = AUTO,
    limits: Limits = DEFAULT_LIMITS,
    start: Plan | pd.DataFrame | None = None,
    watcher: Watcher | None = None,
    timings: Mapping[str, float] | None = None,
    baselines: Sequence[str] = (),
    rule_prices: bool = True,
    fair_totals: Mapping[str, float] | None = None,
    isolated: bool = True,
) -> Plan:
    """Return a checked plan.

    Parameters
    ----------
    engine : `auto` or the name of an engine
    start : an earlier plan, or its lead_id and rep_id; leads that are new start unassigned
    watcher : hears of progress, and may stop the run: the best plan so far is returned
    timings : seconds of steps done before, to be told in the plan
    baselines : simple policies to be told beside the plan; left out above two million pairs
    rule_prices : whether to tell what fairness and continuity cost; the latter takes one more solve
    fair_totals : what fair shares are parts of, by their labels, as an earlier plan settled them;
        found again, by a plan without fairness, where one is missing
    isolated : whether solvers, which may crash, have child processes; without, a plan needs no time
        to start them, and this process may be lost

    Raises
    ------
    PolicyError : the policy does not fit the snapshot
    EngineError : the engine does not exist or does not support the problem
    NoPlanError : infeasible, failed, or stopped before any plan was found; the text says why
    """
    clock = Stopwatch(timings)
    watcher = watcher or Silent()
    with clock.step(COMPILE):
        watcher.report(Progress(message="compiling the policy", stage=COMPILE))
        compiled = compile_problem(snapshot, policy, threads=limits.threads)
    stages = Stages(engine, limits, start, watcher, fair_totals, isolated=isolated)
    with clock.step("stages"):
        try:
            staged = stages.run(compiled)
        except NoPlanError as error:
            raise with_reason(error, snapshot, policy, limits, watcher) from error
    with clock.step(SOLVE):
        watcher.report(Progress(message="solving", stage=SOLVE))
        compiled, outcome = stages.last(staged, _begin(staged, start))
    if outcome.reason is StopReason.CANCELLED and not outcome.has_plan:
        raise NoPlanError("stopped before a plan was found")
    is_infeasible = outcome.reason is StopReason.INFEASIBLE
    if is_infeasible and (why := why_bands_cannot_hold(compiled, limits, watcher)):
        raise NoPlanError(f"infeasible: {why}", impossible=True)
    try:
        chosen = outcome.assignment()
    except NoPlanError as error:
        raise with_reason(error, snapshot, policy, limits, watcher) from error
    prices = outcome.prices
    if prices is None or outcome.engine in BASELINES:
        prices = proven_prices(compiled.problem)
        outcome = replace(outcome, prices=prices, bound=min(prices.bound, outcome.bound))
    with clock.step(CHECK):
        watcher.report(Progress(message="checking the plan independently", stage=CHECK))
        verdict = judge(compiled, compiled.rep_of_leads(chosen), prices)
    if verdict.violations and outcome.engine in SOLVERS:
        told = "; ".join(f"{v.rule}: {v.text}" for v in verdict.violations[:TOLD_AT_MOST])
        raise NoPlanError(
            f"the checker refuses the plan of engine {outcome.engine} "
            f"({len(verdict.violations)} breaches: {told}); this is a fault of ours"
        )
    with clock.step("baselines"):
        beside = _baseline_kpis(compiled, baselines, limits)
    with clock.step(RULE_PRICES):
        lost = RulePrices()
        if rule_prices and not (verdict.violations or watcher.should_stop()):
            lost = _rule_prices(staged, compiled, verdict.rep_of_lead, engine, limits, watcher)
    return assemble(compiled, outcome, verdict, limits, clock.seconds, beside, staged, lost)


def _begin(staged: Staged, start: Plan | pd.DataFrame | None) -> Start | None:
    """Return what the plan begins with: an earlier plan, or the last stage's where that breaks a
    limit, and always the earlier one's prices.
    """
    if start is None:
        return staged.start
    begin = start_of(staged.compiled, start)
    if staged.start is None or staged.may_begin_with(begin.chosen):
        return begin
    return replace(staged.start, prices=begin.prices or staged.start.prices)


def _rule_prices(
    staged: Staged,
    compiled: Compiled,
    rep_of_lead: NDArray[np.int64],
    engine: str,
    limits: Limits,
    watcher: Watcher,
) -> RulePrices:
    watcher.report(Progress(message="telling what rules cost", stage=RULE_PRICES))
    fairness = price_of_fairness(compiled, rep_of_lead, staged.reference)
    if limits.seconds is not None:
        limits = replace(limits, seconds=PRICE_SHARE * limits.seconds)
    try:
        continuity = price_of_continuity(compiled, rep_of_lead, engine, limits, watcher)
    except NoPlanError:
        # Without a plan to compare with there is no price; the plan itself is there.
        continuity = None
    return RulePrices(fairness, continuity)


def evaluate(
    snapshot: Snapshot,
    policy: Policy,
    assignments: pd.DataFrame,
    *,
    name: str = "evaluate",
    settled: Settled = NOTHING,
    with_bound: bool = True,
    timings: Mapping[str, float] | None = None,
) -> Plan:
    """Return the plan record of an assignment made elsewhere; it may break rules (`feasible`).

    Parameters
    ----------
    assignments : lead_id, rep_id; an absent lead, or one without rep_id, is unassigned
    settled : what stages before a plan found, where it is one that is evaluated again
    with_bound : whether to look for the prices that tell how far the best plan may be away

    Raises
    ------
    PlanFileError : unknown ids, or a lead given twice; the text lists them
    PolicyError, NoPlanError : as `make_plan`
    """
    clock = Stopwatch(timings)
    with clock.step("compile"):
        compiled = compile_problem(snapshot, policy, settled=settled)
        if not settled.effective_limits and may_stay_overfull(compiled):
            # What no plan could bring down at once is no fault of who assigned.
            compiled = compiled_as_they_are(compiled)
        rep_of_lead = positions(compiled, assignments, strict=True)
        if compiled.policy.fairness and not settled.fair_totals:
            own = totals_of(compiled, rep_of_lead)
            compiled = compile_problem(snapshot, policy, settled=own)
    prices = (proven_prices if with_bound else zero_prices)(compiled.problem)
    with clock.step("check"):
        verdict = judge(compiled, rep_of_lead, prices, made_here=False)
    outcome = Outcome(
        engine=name,
        reason=StopReason.ITERATION_LIMIT,
        detail="an assignment made elsewhere",
        prices=prices,
        bound=prices.bound,
    )
    return assemble(compiled, outcome, verdict, DEFAULT_LIMITS, clock.seconds)


def _baseline_kpis(compiled: Compiled, names: Sequence[str], limits: Limits) -> dict[str, Kpis]:
    if compiled.problem.num_pairs > SMALL_PAIRS:
        return {}
    found = {}
    for name in names:
        outcome = choose_engine(name, compiled.problem).solve(
            compiled.problem, limits, None, Silent()
        )
        chosen = outcome.assignment()
        rep_of_lead = compiled.rep_of_leads(chosen)
        figures = kpis(compiled, rep_of_lead, lead_scores(compiled, rep_of_lead))
        broken = len(list(compiled.problem.breaches(chosen)))
        found[name] = figures.model_copy(update={"limits_broken": broken})
    return found
