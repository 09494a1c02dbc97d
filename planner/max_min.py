"""Books that have least are lifted, stage by stage, before the score counts (`mode: max_min`).

Stage k = 1, 2, ... maximizes the sum of the k smallest load / fair share,

    max over t of  k t - sum_r (t - load_r / share_r)+

(Ogryczak, Sliwinski 2006, "On direct methods for lexicographic min-max optimization",
doi:10.1007/11751595_85), and later ones keep 99.9 % of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.outcome import BoundSource, StopReason
from models.resource import Relief, Resource, slack
from models.settled import HeldSums
from planner.bound import best_of_rows
from planner.compile import compile_problem
from planner.engines.engine import Start
from planner.engines.prices.proven_prices import proven_prices, spread_loads
from planner.held_sums import at_least, has_shares, held
from planner.rules.fairness import Mode
from planner.start import carried

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Floats, Ints
    from models.outcome import Outcome, Prices
    from models.problem import Problem
    from planner.compile import Compiled
    from planner.rules.fairness import Fairness

    Run = Callable[[Problem, Start], Outcome]

WORTH = 1e4
"""Money of a stage's objective for each fair share that its books have on average."""
FEW_PAIRS = 5_000
"""Pairs of a small problem, at most."""
ROUNDS = 30
"""At most so many times."""
PROOFS = 20
"""At most so many times prices are found again for sets that the relaxation broke."""
VISIBLE = 1e-4
"""The relaxation breaks what is kept by at least this share of it."""
LEAST_CEILING = 1e-3
MARGIN = 2e-6
"""Limits on single reps are set higher by the tolerance of the limits that they stand for."""


def lifting_rule(compiled: Compiled) -> Fairness | None:
    """Return the rule with stages, where there is something to share; else None."""
    for rule in compiled.policy.fairness:
        total = compiled.settled.fair_totals.get(rule.label)
        if rule.mode is Mode.MAX_MIN and total is not None and compiled.problem.num_rows:
            return rule if has_shares(rule.shares(compiled.facts, total)) else None
    return None


class Lift:
    """The stages of one rule.

    Parameters
    ----------
    compiled : with fair totals
    rule : whose stages they are
    reference_value : money, the expected value of the plan without fairness
    threads : to compile with

    Attributes
    ----------
    compiled : under what was reached so far
    """

    def __init__(
        self, compiled: Compiled, rule: Fairness, reference_value: float, threads: int
    ) -> None:
        self.compiled, self._rule, self._threads = compiled, rule, threads
        share = rule.shares(compiled.facts, compiled.settled.fair_totals[rule.label])
        self._share, self._counted = share, np.flatnonzero(~np.isnan(share))
        self.kept = HeldSums(reference_value=reference_value)
        self._keep(self.kept)

    @property
    def num_stages(self) -> int:
        """How many stages there are: no more than reps with a fair share."""
        return min(self._rule.stages, len(self._counted))

    @property
    def is_small(self) -> bool:
        """Whether the problem is solved again and again with the sets that its plans broke."""
        return self.compiled.problem.num_pairs <= FEW_PAIRS

    def sums(self, chosen: Ints) -> Floats:
        """Return (n_stages,) what the 1, 2, ... smallest books of an assignment add up to."""
        return np.cumsum(np.sort(self._ratios(chosen)))[: self.num_stages]

    def keeps(self, chosen: Ints) -> bool:
        """Return whether an assignment is feasible and keeps all that was reached."""
        if not self.compiled.problem.is_feasible(chosen):
            return False
        return not self._broken(self._ratios(chosen))

    def lift(self, number: int, start: Start, run: Run) -> Outcome:
        """Return the outcome of a stage, in fair shares; what it reached is kept from now on."""
        outcome = self.solve(lambda problem: self._stage_problem(problem, number), start, run)
        reached = float(self.sums(outcome.assignment())[number - 1])
        self._keep(self.kept.model_copy(update={"sums": (*self.kept.sums, reached)}))
        return replace(outcome, objective=reached, bound=outcome.bound * number / WORTH)

    def solve(self, objective: Callable[[Problem], Problem], start: Start, run: Run) -> Outcome:
        """Return the outcome of a problem under all that was reached.

        Parameters
        ----------
        objective : of the problem as it is compiled, what is solved
        start : what to begin with
        """
        problem = objective(self.compiled.problem)
        for _ in range(ROUNDS if self.is_small else 1):
            outcome = run(problem, start)
            sets = self._broken(self._ratios(outcome.assignment()))
            if not sets:
                return outcome
            if _is_over(outcome):
                break
            self._keep_sets(sets)
            known, problem = problem, objective(self.compiled.problem)
            start = Start(start.chosen, carried(outcome.prices, known, problem))
        inner = self._with_floors(problem, start.chosen)
        return self._with_best(problem, outcome, start, run(inner, start).assignment())

    def last(self, start: Start, run: Run) -> Outcome:
        """Return the outcome of the plan itself under all that was reached."""
        outcome = run(self._with_floors(self.compiled.problem, start.chosen), start)
        if self.is_small:
            known = None if outcome.prices is None else outcome.prices.by_resource
            return self.solve(lambda problem: problem, Start(outcome.assignment(), known), run)
        prices = self._prove(outcome.prices)
        whole = replace(
            outcome,
            prices=prices,
            bound=prices.bound,
            bound_source=BoundSource.PRICES,
            multipliers=None,
        )
        return self._with_best(self.compiled.problem, whole, start, outcome.assignment())

    def _with_best(self, problem: Problem, outcome: Outcome, start: Start, found: Ints) -> Outcome:
        """Return an outcome with the better of two assignments, which no engine made for it."""
        best = max(
            (chosen for chosen in (start.chosen, found) if self.keeps(chosen)),
            key=problem.objective,
            default=found,
        )
        reason, detail = outcome.reason, outcome.detail
        if reason in (StopReason.OPTIMAL, StopReason.GAP_REACHED):
            reason = StopReason.ITERATION_LIMIT
            detail = "the search among plans that keep each lifted book came to its end"
        objective = problem.objective(best)
        return replace(outcome, chosen=best, objective=objective, reason=reason, detail=detail)

    def _prove(self, known: Prices | None) -> Prices:
        """Return prices of the problem, after adding sets that its relaxation breaks.

        Parameters
        ----------
        known : close to them, of a problem with the same limits
        """
        problem = self.compiled.problem
        prices = proven_prices(problem, None if known is None else known.by_resource)
        for _ in range(PROOFS):
            loads = spread_loads(problem, prices)[self._loads(problem)][self._counted]
            sets = self._broken(loads, VISIBLE)
            if not sets:
                break
            self._keep_sets(sets)
            before, problem = problem, self.compiled.problem
            prices = proven_prices(problem, carried(prices, before, problem))
        return prices

    def _keep_sets(self, sets: tuple[tuple[str, ...], ...]) -> None:
        self._keep(self.kept.model_copy(update={"sets": (*self.kept.sets, *sets)}))

    def _keep(self, kept: HeldSums) -> None:
        """Compile under what was reached."""
        self.kept = kept
        old = self.compiled
        settled = old.settled.model_copy(update={"max_min": {self._rule.label: kept}})
        self.compiled = compile_problem(
            old.snapshot, old.policy, settled=settled, threads=self._threads
        )

    def _loads(self, problem: Problem) -> int:
        names = [resource.name for resource in problem.resources]
        return names.index(self._rule.label)

    def _ratios(self, chosen: Ints) -> Floats:
        """Return (n_counted,) load / share of the reps with a fair share."""
        problem = self.compiled.problem
        return problem.loads(chosen)[self._loads(problem)][self._counted]

    def _broken(self, ratios: Floats, share: float = 0.0) -> tuple[tuple[str, ...], ...]:
        """Return sets of reps with the smallest books, where these break what was reached.

        Parameters
        ----------
        ratios : (n_counted,) load / share
        share : of what must be kept, by which it is broken at least
        """
        order = np.argsort(ratios, kind="stable")
        rep_ids = self.compiled.snapshot.reps["rep_id"].astype(str).to_numpy()[self._counted]
        least = np.array([held(reached) for reached in self.kept.sums])
        have = np.cumsum(ratios[order])[: len(least)]
        broken = np.flatnonzero(have < least - np.maximum(slack(least), share * np.abs(least)))
        sets = (tuple(sorted(rep_ids[order[: at + 1]])) for at in broken)
        return tuple(each for each in sets if each not in self.kept.sets)

    def _stage_problem(self, problem: Problem, number: int) -> Problem:
        """Return the problem whose objective is the sum of the smallest books, in money."""
        loads = problem.resources[self._loads(problem)]
        ceiling = self._ceiling(problem, loads, number)
        worth = WORTH / number
        counts = ~np.isnan(self._share)
        lifted = Resource(
            name=f"{loads.name}, lifted",
            layers=loads.layers,
            base=loads.base,
            lower=np.where(counts, ceiling, -np.inf),
            upper=np.full(len(counts), np.inf),
            under_cost=np.where(counts, worth, 0.0),
            over_cost=np.zeros(len(counts)),
            relief=Relief(counts.astype(np.float64), number * worth),
        )
        # All that the ceiling costs too much is given back, whatever is chosen.
        score = np.full(problem.num_pairs, WORTH * ceiling / problem.num_rows)
        return replace(problem, score=score, resources=(*problem.resources, lifted))

    def _ceiling(self, problem: Problem, loads: Resource, number: int) -> float:
        """Return what the book of a place, from the smallest on, never exceeds, in fair shares."""
        (layer,) = loads.layers
        amount, group = problem.pair_amount(layer), problem.pair_group(layer)
        counts = group >= 0
        share = np.append(np.where(np.isnan(self._share), 0.0, self._share), 0.0)
        # No book has more than all that its rep may get, and all together not more than there is.
        most = loads.base + np.bincount(
            group[counts], np.maximum(amount[counts], 0.0), minlength=loads.num_groups
        )
        of_rows = float(best_of_rows(problem, np.maximum(amount * share[group], 0.0)).sum())
        total = of_rows + float((loads.base * share[:-1]).sum())
        others = np.sort(self._share[self._counted])[: len(self._counted) - number + 1]
        of_reps = float(np.sort(most[self._counted])[number - 1])
        # Where there is nothing to get, the ceiling must still lie above the floor.
        return max(min(of_reps, total / float(others.sum())), LEAST_CEILING)

    def _with_floors(self, problem: Problem, chosen: Ints) -> Problem:
        """Return a problem in which every rep keeps so much that all sums are kept.

        Who has least in an assignment keeps that; who has more keeps as much as the last of them.
        """
        ratios = self._ratios(chosen)
        least = np.array([held(reached) for reached in self.kept.sums])
        order = np.argsort(ratios, kind="stable")
        floor = np.minimum(ratios[order], ratios[order[len(least) - 1]])
        sums = np.cumsum(floor)[: len(least)]
        if (sums > 0).all():
            floor *= min(1.0, float((least / sums).max()) + MARGIN * len(least))
        at = self._loads(problem)
        lower = np.array(problem.resources[at].lower)
        lower[self._counted[order]] = floor
        resources = list(problem.resources)
        resources[at] = at_least(resources[at], lower)
        return replace(problem, resources=tuple(resources))


def _is_over(outcome: Outcome) -> bool:
    return outcome.reason in (StopReason.TIME_LIMIT, StopReason.CANCELLED)
