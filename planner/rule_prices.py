"""What fairness and continuity cost: the expected value that a plan without them has more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.settled import Settled
from planner.compile import compile_problem
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
    """Return the price of fairness.

    Parameters
    ----------
    rep_of_lead, reference : (n_leads,) position of each lead's rep in the plan, and in the one
        without fairness; None where there is none
    """
    if reference is None:
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
    free = replace(policy, switching_cost=None, at_most_moves=None, protect=())
    settled = Settled(fair_totals=compiled.settled.fair_totals)
    without = compile_problem(compiled.snapshot, free, settled=settled, threads=limits.threads)
    outcome = run(without.problem, engine, limits, None, watcher)
    best = without.rep_of_leads(outcome.assignment())
    return expected_value(without, best) - expected_value(compiled, rep_of_lead)


def expected_value(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> float:
    """Return the expected value of an assignment, money."""
    lead = np.flatnonzero(rep_of_lead >= 0)
    return float(compiled.valuation.expected_value(lead, rep_of_lead[lead]).sum())
