"""What fairness and continuity cost: the expected value that a plan without them has more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.settled import Settled
from planner.compile import compile_problem
from planner.engines.engine import Start
from planner.run import run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Limits
    from planner.compile import Compiled
    from planner.engines.engine import Watcher


class RulePrices(NamedTuple):
    """Money of expected value lost to rules; None where the policy has none, or nobody asked."""

    fairness: float | None = None
    continuity: float | None = None


def price_of_fairness(
    compiled: Compiled, rep_of_lead: NDArray[np.int64], reference: NDArray[np.int64] | None
) -> float | None:
    """Return the price of fairness; None where the reference plan is no better than the plan.

    Parameters
    ----------
    rep_of_lead, reference : (n_leads,) position of each lead's rep in the plan, and in the one
        without fairness; None where there is none
    """
    if reference is None:
        return None
    with_it, without = compiled.chosen_pairs(rep_of_lead), compiled.chosen_pairs(reference)
    score = compiled.problem.score
    if with_it is None or without is None or score[without].sum() < score[with_it].sum():
        return None
    return expected_value(compiled, reference) - expected_value(compiled, rep_of_lead)


def price_of_continuity(
    compiled: Compiled,
    rep_of_lead: NDArray[np.int64],
    engine: str,
    limits: Limits,
    watcher: Watcher,
) -> float | None:
    """Return the price of continuity: one more solve, under the same fair totals.

    It is None where that solve did not come as far as the plan.

    Parameters
    ----------
    rep_of_lead : (n_leads,) position of each lead's rep in the plan, with which the solve begins

    Raises
    ------
    NoPlanError : the solve left no plan
    """
    policy = compiled.policy
    if not (policy.switching_cost or policy.at_most_moves or policy.protect):
        return None
    if not (compiled.ownership.owner >= 0).any():
        return 0.0
    free = replace(policy, switching_cost=None, at_most_moves=None, protect=())
    fair = compiled.settled
    settled = Settled(fair_totals=fair.fair_totals, max_min=fair.max_min)
    without = compile_problem(compiled.snapshot, free, settled=settled, threads=limits.threads)
    held = without.chosen_pairs(rep_of_lead)
    start = None if held is None else Start(held)
    outcome = run(without.problem, engine, limits, start, watcher)
    if watcher.should_stop():
        return None
    chosen = outcome.assignment()
    if held is not None and without.problem.is_feasible(held):
        least = without.problem.objective(held)
        if without.problem.objective(chosen) < least:
            return None
    return expected_value(without, without.rep_of_leads(chosen)) - expected_value(
        compiled, rep_of_lead
    )


def expected_value(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> float:
    """Return the expected value of an assignment, money."""
    lead = np.flatnonzero(rep_of_lead >= 0)
    return float(compiled.valuation.expected_value(lead, rep_of_lead[lead]).sum())
