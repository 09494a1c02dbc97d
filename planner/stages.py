"""The stages before the plan itself: books over a limit come down, fair totals are found, and
the smallest books are lifted.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.plan import MAX_MIN, OVERLOAD, REFERENCE, Stage
from planner.compile import compile_problem
from planner.engines.baselines.greedy import fill
from planner.engines.engine import Progress, Start
from planner.engines.registry import AUTO, SOLVERS, choose_engine
from planner.max_min import Lift, lifting_rule
from planner.overload import compiled_as_they_are, may_stay_overfull, settle, stage_problem
from planner.rule_prices import expected_value
from planner.rules.fairness import Mode
from planner.run import SMALL_PAIRS, run
from planner.start import carried, start_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from models.outcome import Limits, Outcome
    from models.plan import Plan
    from models.problem import Problem
    from models.settled import Settled
    from planner.compile import Compiled
    from planner.engines.engine import Watcher
    from planner.max_min import Run
    from planner.rules.fairness import Fairness

SHARE = 0.4
"""Of the time that is left, what a stage may take."""
REFERENCE_GAP = 5e-4
"""Enough for the plan that fair totals are taken from."""
LIFTING_SHARE = 0.6
"""Of the time that is left, what all stages that lift the smallest books may take."""
RUN_SHARE, LAST_SHARE = 0.6, 0.85
"""Of the time of such a stage, and of the plan's, what one run may take: another one may follow."""
STAGE_GAP = 5.0
"""Times the gap asked for: only 99.9 % of what such a stage reaches is kept."""


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
    lift : what lifted the smallest books, and keeps them; None where the policy does not ask for it
    """

    compiled: Compiled
    stages: tuple[Stage, ...] = ()
    start: Start | None = None
    reference: NDArray[np.int64] | None = None
    lift: Lift | None = None

    def may_begin_with(self, chosen: NDArray[np.int64]) -> bool:
        """Return whether an assignment, (n_rows,), keeps all that is settled."""
        if self.lift is not None:
            return self.lift.keeps(chosen)
        return self.compiled.problem.is_feasible(chosen)


class Stages:
    """Runs the stages that a policy needs.

    Parameters
    ----------
    engine : of the plan; one that is no solver makes the reference plan, too
    limits : of all stages and the plan together
    start : an earlier plan; None if there is none
    fair_totals : known ones, by label
    isolated : whether engines that may crash have child processes
    """

    def __init__(
        self,
        engine: str,
        limits: Limits,
        start: Plan | pd.DataFrame | None,
        watcher: Watcher,
        fair_totals: Mapping[str, float] | None = None,
        *,
        isolated: bool = True,
    ) -> None:
        self._engine, self._limits, self._start = engine, limits, start
        self._watcher, self._fair_totals = watcher, fair_totals or {}
        self._isolated = isolated
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
            totals = self._known_totals(compiled)
            staged = (
                self._with_fair_totals(staged) if totals is None else self._held(staged, totals)
            )
        rule = lifting_rule(staged.compiled) if is_solver else None
        return staged if rule is None else self._lifted(staged, rule)

    def last(self, staged: Staged, begin: Start | None) -> tuple[Compiled, Outcome]:
        """Return the problem of the plan itself, and what the engine makes of it."""
        lift = staged.lift
        if lift is None or begin is None:
            problem = staged.compiled.problem
            outcome = self._outcome(problem, self._engine, self.limits_left(), begin)
            return staged.compiled, outcome
        run_share = RUN_SHARE if lift.is_small else LAST_SHARE
        run_within = self._within(1.0, run_share, self._engine, self._limits.gap)
        outcome = lift.last(begin, run_within)
        return lift.compiled, outcome

    def limits_left(self) -> Limits:
        """Return the limits without the time that has passed."""
        if self._limits.seconds is None:
            return self._limits
        left = self._limits.seconds - (time.monotonic() - self._began)
        return replace(self._limits, seconds=max(left, 0.0))

    def _run(self, problem: Problem, engine: str, start: Start | None, gap: float = 0.0) -> Outcome:
        """Return what an engine makes of a stage.

        Parameters
        ----------
        gap : enough where the plan itself need not be exact
        """
        limits = self.limits_left()
        limits = replace(limits, gap=max(limits.gap, gap) if limits.gap > 0 else 0.0)
        if limits.seconds is not None:
            limits = replace(limits, seconds=SHARE * limits.seconds)
        return self._outcome(problem, engine, limits, start)

    def _outcome(
        self, problem: Problem, engine: str, limits: Limits, start: Start | None
    ) -> Outcome:
        return run(problem, engine, limits, start, self._watcher, isolated=self._isolated)

    def _within(self, share: float, run_share: float, engine: str, gap: float) -> Run:
        """Return how to run an engine, several times, within a share of the time that is left.

        Parameters
        ----------
        run_share : of the time that is left of that, what one run may take
        """
        seconds = self.limits_left().seconds
        end = None if seconds is None else time.monotonic() + share * seconds

        def run_once(problem: Problem, start: Start) -> Outcome:
            limits = replace(self._limits, gap=gap)
            if end is not None:
                left = max(0.0, end - time.monotonic())
                limits = replace(limits, seconds=run_share * left)
            return self._outcome(problem, engine, limits, start)

        return run_once

    def _lifted(self, staged: Staged, rule: Fairness) -> Staged:
        """Return the problem under what the smallest books can have."""
        compiled, start, reference = staged.compiled, staged.start, staged.reference
        if start is None or reference is None:
            return staged
        value = expected_value(compiled, reference)
        lift = Lift(compiled, rule, value, self._limits.threads)
        start, stages = Start(start.chosen), list(staged.stages)
        for number in range(1, lift.num_stages + 1):
            self._watcher.report(
                Progress(message=f"lifting the {number} smallest books", stage=MAX_MIN)
            )
            share = LIFTING_SHARE / (lift.num_stages - number + 1)
            # The plans of the first two break nothing that was reached.
            run_share = 1.0 if number <= 2 else RUN_SHARE
            run_within = self._within(share, run_share, AUTO, STAGE_GAP * self._limits.gap)
            outcome = lift.lift(number, start, run_within)
            start = Start(outcome.assignment())
            stages.append(
                Stage(
                    name=f"{MAX_MIN} {number}",
                    objective=lift.kept.sums[-1],
                    bound=max(outcome.bound, lift.kept.sums[-1]),
                    engine=outcome.engine,
                    reason=outcome.reason,
                )
            )
        return Staged(lift.compiled, tuple(stages), start, reference, lift)

    def _relieved(self, compiled: Compiled) -> Staged:
        """Return the problem under the limits that can be kept."""
        message = "bringing down books that are over a limit today"
        self._watcher.report(Progress(message=message, stage=OVERLOAD))
        snapshot, policy, threads = compiled.snapshot, compiled.policy, self._limits.threads
        stayed = compiled_as_they_are(compiled, threads)
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

    def _known_totals(self, compiled: Compiled) -> dict[str, float] | None:
        """Return the fair totals that are given; None where one is not, or a plan is needed, too.

        Books are lifted from the plan without fairness, of which they keep a part of the value.
        """
        rules = compiled.policy.fairness
        if any(rule.mode is Mode.MAX_MIN for rule in rules):
            return None
        if any(rule.label not in self._fair_totals for rule in rules):
            return None
        return {rule.label: self._fair_totals[rule.label] for rule in rules}

    def _held(self, staged: Staged, totals: dict[str, float]) -> Staged:
        """Return the problem with the bands around parts of given totals."""
        old = staged.compiled
        settled = old.settled.model_copy(update={"fair_totals": totals})
        compiled = compile_problem(
            old.snapshot, old.policy, settled=settled, threads=self._limits.threads
        )
        start = staged.start
        if start is not None and not compiled.problem.is_feasible(start.chosen):
            start = None
        return replace(staged, compiled=compiled, start=start)

    def _with_fair_totals(self, staged: Staged) -> Staged:
        """Return the problem with the bands around fair shares of what a plan without them has."""
        message = "planning without fairness, for the fair totals"
        self._watcher.report(Progress(message=message, stage=REFERENCE))
        compiled = staged.compiled
        start = staged.start if self._start is None else start_of(compiled, self._start)
        outcome = self._run(compiled.problem, self._engine, start, REFERENCE_GAP)
        chosen = outcome.assignment()
        rep_of_lead = compiled.rep_of_leads(chosen)
        settled = totals_of(compiled, rep_of_lead)
        last = compile_problem(
            compiled.snapshot, compiled.policy, settled=settled, threads=self._limits.threads
        )
        prices = carried(outcome.prices, compiled.problem, last.problem)
        stage = _stage(REFERENCE, compiled.problem, outcome)
        return Staged(last, (*staged.stages, stage), Start(chosen, prices), rep_of_lead)


def totals_of(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> Settled:
    """Return what is settled where an assignment, (n_leads,) reps, is the reference plan."""
    totals = {
        rule.label: rule.total(compiled.facts, compiled.valuation, rep_of_lead)
        for rule in compiled.policy.fairness
    }
    return compiled.settled.model_copy(update={"fair_totals": totals})


def _stage(name: str, problem: Problem, outcome: Outcome) -> Stage:
    return Stage(
        name=name,
        objective=problem.objective(outcome.assignment()),
        bound=outcome.bound,
        engine=outcome.engine,
        reason=outcome.reason,
    )
