"""The stages before the plan itself: books over a limit come down, fair totals are found."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.plan import OVERLOAD, REFERENCE, Stage
from planner.compile import compile_problem
from planner.engines.baselines.greedy import fill
from planner.engines.engine import Progress, Start
from planner.engines.registry import AUTO, SOLVERS, choose_engine
from planner.overload import as_they_are, may_stay_overfull, settle, stage_problem
from planner.run import SMALL_PAIRS, run
from planner.start import start_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.outcome import Limits, Outcome
    from models.plan import Plan
    from models.problem import Problem
    from models.settled import Settled
    from planner.compile import Compiled
    from planner.engines.engine import Watcher

SHARE = 0.4
"""Of the time that is left, what a stage may take."""


@dataclass(frozen=True, eq=False)
class Staged:
    """What the stages leave for the plan itself.

    Attributes
    ----------
    compiled : under what they settled
    stages : what they proved
    start : the last one's plan, and its prices
    reference : (n_leads,) position of each lead's rep in the plan without fairness; None where the
        policy has no fair shares
    """

    compiled: Compiled
    stages: tuple[Stage, ...] = ()
    start: Start | None = None
    reference: NDArray[np.int64] | None = None


class Stages:
    """Runs the stages that a policy needs.

    Parameters
    ----------
    engine : of the plan; one that is no solver makes the reference plan, too
    limits : of all stages and the plan together
    start : an earlier plan; None if there is none
    """

    def __init__(
        self,
        engine: str,
        limits: Limits,
        start: Plan | pd.DataFrame | None,
        watcher: Watcher,
    ) -> None:
        self._engine, self._limits, self._start = engine, limits, start
        self._watcher = watcher
        self._began = time.monotonic()

    def run(self, compiled: Compiled) -> Staged:
        """Return what the plan itself begins with.

        Raises
        ------
        NoPlanError : a stage found no plan, so there is none
        """
        staged = Staged(compiled)
        is_solver = choose_engine(self._engine, compiled.problem).name in SOLVERS
        if is_solver and may_stay_overfull(compiled):
            staged = self._relieved(compiled)
        if compiled.policy.fairness:
            staged = self._with_fair_totals(staged)
        return staged

    def limits_left(self) -> Limits:
        """Return the limits without the time that has passed."""
        if self._limits.seconds is None:
            return self._limits
        left = self._limits.seconds - (time.monotonic() - self._began)
        return replace(self._limits, seconds=max(left, 0.0))

    def _run(self, problem: Problem, engine: str, start: Start | None) -> Outcome:
        limits = self.limits_left()
        if limits.seconds is not None:
            limits = replace(limits, seconds=SHARE * limits.seconds)
        return run(problem, engine, limits, start, self._watcher)

    def _relieved(self, compiled: Compiled) -> Staged:
        """Return the problem under the limits that can be kept."""
        self._watcher.report(Progress(message="bringing down books that are over a limit today"))
        snapshot, policy, threads = compiled.snapshot, compiled.policy, self._limits.threads
        stayed = compile_problem(snapshot, policy, settled=as_they_are(compiled), threads=threads)
        problem = stage_problem(compiled, stayed)
        outcome = self._run(problem, AUTO, Start(self._least_excess(stayed, problem)))
        chosen = outcome.assignment()
        found = settle(compiled, problem, chosen)
        if found.effective_limits:
            compiled = compile_problem(snapshot, policy, settled=found, threads=threads)
        pairs = compiled.chosen_pairs(stayed.rep_of_leads(chosen))
        if pairs is not None and compiled.problem.num_pairs <= SMALL_PAIRS:
            pairs = fill(compiled.problem, pairs, self._limits.seed)
        stages = (_stage(OVERLOAD, problem, outcome),)
        return Staged(compiled, stages, None if pairs is None else Start(pairs))

    def _least_excess(self, stayed: Compiled, stage: Problem) -> NDArray[np.int64]:
        """Return (n_rows,) the present books, or the earlier plan's where these exceed less."""
        leads = stayed.snapshot.leads
        present = leads[["lead_id", "owner"]].set_axis(["lead_id", "rep_id"], axis=1)
        known = [present] if self._start is None else [present, self._start]
        choices = [start_of(stayed, each).chosen for each in known]
        feasible = [chosen for chosen in choices if stage.is_feasible(chosen)]
        return max(feasible, key=stage.objective, default=choices[0])

    def _with_fair_totals(self, staged: Staged) -> Staged:
        """Return the problem with the bands around fair shares of what a plan without them has."""
        self._watcher.report(Progress(message="planning without fairness, for the fair totals"))
        compiled = staged.compiled
        start = staged.start if self._start is None else start_of(compiled, self._start)
        outcome = self._run(compiled.problem, self._engine, start)
        chosen = outcome.assignment()
        rep_of_lead = compiled.rep_of_leads(chosen)
        settled = totals_of(compiled, rep_of_lead)
        last = compile_problem(
            compiled.snapshot, compiled.policy, settled=settled, threads=self._limits.threads
        )
        prices = None
        if outcome.prices is not None:
            known = dict(zip(_names(compiled), outcome.prices.by_resource, strict=True))
            prices = tuple(
                known.get(resource.name, np.zeros(resource.num_groups))
                for resource in last.problem.resources
            )
        stage = _stage(REFERENCE, compiled.problem, outcome)
        return Staged(last, (*staged.stages, stage), Start(chosen, prices), rep_of_lead)


def totals_of(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> Settled:
    """Return what is settled where an assignment, (n_leads,) reps, is the reference plan."""
    totals = {
        rule.label: rule.total(compiled.facts, compiled.valuation, rep_of_lead)
        for rule in compiled.policy.fairness
    }
    return compiled.settled.model_copy(update={"fair_totals": totals})


def _names(compiled: Compiled) -> list[str]:
    return [resource.name for resource in compiled.problem.resources]


def _stage(name: str, problem: Problem, outcome: Outcome) -> Stage:
    return Stage(
        name=name,
        objective=problem.objective(outcome.assignment()),
        bound=outcome.bound,
        engine=outcome.engine,
        reason=outcome.reason,
    )
