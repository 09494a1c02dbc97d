"""The ledger believes nothing that it has not computed itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.outcome import BoundSource, Limits, StopReason
from models.problem import Problem
from models.resource import Resource
from planner.bound import zero_prices
from planner.engines.ledger import Ledger
from planner.engines.messages import EngineFault
from planner.knapsack_bound import reason_against
from tests.brute_force import best_assignment
from tests.problems import problems, random_choice

# Two leads, one rep with room for one: 100 + 60 is promised, 100 - 10 can be had.
SMALL = Problem(
    np.array([0, 2, 4]),
    np.array([0, -1, 0, -1], np.int32),
    np.array([100.0, -20.0, 60.0, -10.0]),
    1,
    (Resource.at_most("count", np.ones(2), np.ones(1)),),
)
# Two leads of 3 hours, one rep who has 5: half the second lead is only on paper.
HOURS = Problem(
    np.array([0, 2, 4]),
    np.array([0, -1, 0, -1], np.int32),
    np.array([30.0, 0.0, 20.0, 0.0]),
    1,
    (Resource.at_most("hours", np.full(2, 3.0), np.full(1, 5.0)),),
)
BEST, WORSE, BROKEN = np.array([0, 3]), np.array([1, 2]), np.array([0, 2])


def ledger_of(problem: Problem = SMALL, gap: float = 0.0) -> Ledger:
    """Return an empty ledger."""
    return Ledger(problem, Limits(gap=gap), "engine")


@given(problems(), st.integers(0, 2**32 - 1))
def test_best_feasible_assignment_and_lowest_bound_are_kept(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ledger = ledger_of(problem)
    offered = []
    for _ in range(10):
        chosen = random_choice(rng, problem)
        if problem.is_feasible(chosen):
            offered.append(problem.objective(chosen))
            assert ledger.add_assignment(chosen) == (
                offered[-1] > max(offered[:-1], default=-np.inf)
            )
        else:
            with pytest.raises(EngineFault, match="an assignment that breaks a limit"):
                ledger.add_assignment(chosen)
        ledger.add_prices([rng.normal(0, 5, item.num_groups) for item in problem.resources])
    outcome = ledger.outcome(StopReason.TIME_LIMIT)
    assert outcome.objective == max(offered, default=None)
    _, best = best_assignment(problem)
    # The tolerance of a limit is worth at most its price: 20 times 1e-6 of a limit below 100.
    assert best - 0.01 <= outcome.bound <= zero_prices(problem).bound


@given(problems(feasible=True), st.floats(-1e4, 1e4))
def test_bound_is_never_above_the_prices_nor_refuted(problem: Problem, claim: float) -> None:
    chosen, objective = best_assignment(problem)
    assume(chosen is not None)
    ledger = ledger_of(problem)
    assert chosen is not None
    ledger.add_assignment(chosen)
    proven = ledger.outcome(StopReason.TIME_LIMIT).bound
    ledger.add_bound(claim)
    outcome = ledger.outcome(StopReason.TIME_LIMIT)
    assert outcome.bound <= proven <= ledger.prices.bound
    is_used = objective - 0.01 <= claim < proven
    assert (outcome.bound_source is BoundSource.SOLVER) == is_used


def test_lower_bound_of_the_prices_wins() -> None:
    ledger = ledger_of()
    ledger.add_bound(150.0)
    ledger.add_bound(155.0)
    assert ledger.outcome(StopReason.TIME_LIMIT).bound_source is BoundSource.SOLVER
    assert ledger.add_prices([np.array([70.0])])
    outcome = ledger.outcome(StopReason.TIME_LIMIT)
    assert (outcome.bound, outcome.bound_source) == (90.0, BoundSource.PRICES)
    assert not ledger.add_prices([np.array([0.0])])


@pytest.mark.parametrize(
    ("claimed", "bound", "gap", "reason"),
    [
        (StopReason.OPTIMAL, 90.0, 0.0, StopReason.OPTIMAL),
        (StopReason.OPTIMAL, 91.0, 0.0, StopReason.ITERATION_LIMIT),
        (StopReason.OPTIMAL, 91.0, 0.01, StopReason.GAP_REACHED),
        (StopReason.GAP_REACHED, 91.0, 0.01, StopReason.GAP_REACHED),
        (StopReason.GAP_REACHED, 91.1, 0.01, StopReason.ITERATION_LIMIT),
        (StopReason.CANCELLED, 90.0, 0.0, StopReason.CANCELLED),
    ],
)
def test_reason_is_borne_out(
    claimed: StopReason, bound: float, gap: float, reason: StopReason
) -> None:
    # The gap counts the scores of pairs with a rep: 100.
    ledger = ledger_of(gap=gap)
    ledger.add_assignment(BEST)
    ledger.add_bound(bound)
    outcome = ledger.outcome(claimed, "the engine's words.", 7)
    assert (outcome.reason, outcome.iterations) == (reason, 7)
    doubt = f"; the engine said {claimed}, which its figures do not prove"
    assert outcome.detail == "the engine's words" + (doubt if reason != claimed else "")


def test_refuted_bound_is_dropped() -> None:
    ledger = ledger_of()
    ledger.add_assignment(WORSE)
    ledger.add_bound(39.0)
    outcome = ledger.outcome(StopReason.OPTIMAL)
    assert (outcome.bound, outcome.reason) == (160.0, StopReason.ITERATION_LIMIT)
    assert outcome.detail == (
        "the solver's bound of 39.00 lies below the objective 40.00 of a verified plan and was "
        "dropped; the engine said optimal, which its figures do not prove"
    )


def test_multipliers_count_by_what_they_prove_here() -> None:
    ledger = ledger_of(HOURS)
    ledger.add_assignment(np.array([0, 3]))
    assert ledger.add_prices([np.array([20 / 3])])
    assert ledger.prices.bound == pytest.approx(130 / 3)
    # Both leads take 3 of the 5 hours, so one of them is all that fits.
    assert ledger.add_multipliers(0, np.zeros(2), [np.zeros(1)])
    assert not ledger.add_multipliers(0, np.zeros(2), [np.zeros(1)])
    assert not ledger.add_multipliers(0, np.ones(2), [np.zeros(1)])
    outcome = ledger.outcome(StopReason.OPTIMAL)
    assert (outcome.bound, outcome.bound_source) == (30.0, BoundSource.KNAPSACK)
    assert outcome.reason is StopReason.OPTIMAL
    assert outcome.multipliers is not None
    assert outcome.prices is outcome.multipliers.prices
    assert outcome.prices.bound == 50.0
    assert ledger.prices.bound == pytest.approx(130 / 3)


def test_multipliers_of_no_knapsacks_are_a_fault() -> None:
    free = replace(HOURS.resources[0], upper=np.full(1, np.inf), over_cost=np.zeros(1))
    ledger = ledger_of(replace(HOURS, resources=(free,)))
    with pytest.raises(EngineFault, match="takes hard upper limits; hours has none"):
        ledger.add_multipliers(0, np.zeros(2), [np.zeros(1)])


def test_absurd_multipliers_prove_nothing() -> None:
    ledger = ledger_of(HOURS)
    for value in (1e308, -1e308):
        assert not ledger.add_multipliers(0, np.full(2, value), [np.full(1, 1e308)])
    assert ledger.outcome(StopReason.TIME_LIMIT).bound == 50.0


@given(problems(), st.integers(0, 2**32 - 1))
def test_no_multipliers_prove_less_than_the_best(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ledger = ledger_of(problem)
    for resource in range(len(problem.resources)):
        if reason_against(problem, resource) is None:
            prices = [rng.normal(0, 5, item.num_groups) for item in problem.resources]
            ledger.add_multipliers(resource, rng.normal(20, 30, problem.num_rows), prices)
    _, best = best_assignment(problem)
    assert ledger.outcome(StopReason.TIME_LIMIT).bound >= best - 0.01


def test_faults_name_what_is_wrong() -> None:
    with pytest.raises(EngineFault, match="resource 'count', group 0 has 2 where 1 is allowed"):
        ledger_of().add_assignment(BROKEN)
    with pytest.raises(EngineFault, match="gives row 1 a pair of another row: 1"):
        ledger_of().add_assignment(np.array([0, 1]))


def test_nothing_is_proven_without_a_plan() -> None:
    assert ledger_of().outcome(StopReason.OPTIMAL).reason is StopReason.ITERATION_LIMIT


@pytest.mark.parametrize("reason", [StopReason.INFEASIBLE, StopReason.FAILED])
def test_outcome_without_a_plan_by_its_reason(reason: StopReason) -> None:
    ledger = ledger_of()
    ledger.add_assignment(BEST)
    assert not ledger.outcome(reason).has_plan
    assert ledger.outcome(StopReason.TIME_LIMIT).has_plan


def test_claims_of_a_failed_engine_are_forgotten() -> None:
    ledger = ledger_of()
    ledger.add_bound(95.0)
    ledger.forget_claims()
    outcome = ledger.outcome(StopReason.TIME_LIMIT)
    assert outcome.bound == 160.0
    assert [bound for _, _, bound in outcome.trace] == [160.0]
