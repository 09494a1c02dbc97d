"""Reasons: why each lead is where it is, and who came second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from models.errors import NoPlanError
from models.outcome import Prices
from planner.bound import zero_prices
from planner.compile import Compiled, compile_problem
from planner.reasons import Reason, reasons
from tests.companies import company, hand_made, seeds
from tests.policies import policy, random_policy_of

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.problem import Problem
    from models.snapshot import Snapshot


def prices(problem: Problem, *by_resource: Floats) -> Prices:
    """Return prices, whatever they prove."""
    return Prices(by_resource, 0.0) if by_resource else zero_prices(problem)


def told(
    snapshot: Snapshot, assignment: list[int], *by_resource: Floats, **parts: Any
) -> list[tuple[Any, ...]]:
    """Return reason, runner-up and its loss per lead of an assignment by position of the rep."""
    compiled = compile_problem(snapshot, policy(**parts))
    found = reasons(compiled, np.array(assignment), prices(compiled.problem, *by_resource))
    reps = [*snapshot.reps["rep_id"], ""]
    losses = [None if np.isnan(loss) else float(loss) for loss in found.runner_up_loss]
    return [
        (code, reps[rep], loss)
        for code, rep, loss in zip(found.code, found.runner_up, losses, strict=True)
    ]


PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}}]
SNAPSHOT = hand_made(
    {"industry": ["tech", "tech", None], "region": ["US", "US", "DE"]},
    {"industries": ["tech", "bank", "law"], "regions": ["US", "US", "US;DE"]},
)


def test_the_best_rep_and_one_under_limits() -> None:
    assert told(SNAPSHOT, [0, 1, 2], prefer=PREFER, must=[{"region": {}}]) == [
        ("best_value", "R2", pytest.approx(5)),
        ("best_under_limits", "R1", pytest.approx(-5)),
        ("only_rep", "", None),
    ]


def test_the_runner_up_is_the_best_under_the_prices() -> None:
    limit = [{"measure": "count", "at_most": 9}]
    # R1 costs 20 a lead, R2 10: the runner-up of R1 is R3, and R1 loses against it.
    worth = np.array([20.0, 10.0, 0.0])
    expected: list[object] = [
        ("best_value", "R3", pytest.approx(-15)),
        ("best_under_limits", "R2", pytest.approx(10)),
    ]
    found: list[object] = [*told(SNAPSHOT, [0, 2, 2], worth, prefer=PREFER, capacity=limit)[:2]]
    assert found == expected


def test_leads_without_a_rep() -> None:
    snapshot = hand_made({"region": ["US", "DE"]}, {"regions": ["US"]})
    assert told(snapshot, [-1, -1], must=[{"region": {}}]) == [
        ("no_room", "R1", pytest.approx(-100)),
        ("no_eligible_rep", "", None),
    ]


def test_pins() -> None:
    pins = {"lead_id": ["L1", "L2"], "rep_id": ["R2", "R2"], "kind": ["fixed", "forbidden"]}
    snapshot = hand_made({"amount": [1, 2]}, pins=pins)
    assert told(snapshot, [1, 0]) == [("pinned", "", None), ("only_rep", "", None)]
    # Assignments made elsewhere may break them.
    assert told(snapshot, [0, 1]) == [
        ("not_allowed", "R2", None),
        ("not_allowed", "R1", None),
    ]
    assert told(snapshot, [-1, -1])[0] == ("no_room", "R2", None)


def test_a_family_apart_is_not_allowed() -> None:
    snapshot = hand_made({"family": ["F", "F", None]})
    assert [code for code, _, _ in told(snapshot, [0, 1, 0])] == [
        *("not_allowed", "not_allowed", "best_value"),
    ]


def slow_reason(compiled: Compiled, row: int, pair: int, reduced: Floats) -> tuple[str, int]:
    """Return code and runner-up of a row that takes a pair, pins apart."""
    problem = compiled.problem
    pairs = range(problem.indptr[row], problem.indptr[row + 1])
    reps = [p for p in pairs if problem.rep[p] >= 0]
    others = [p for p in reps if p != pair]
    runner_up = problem.rep[max(others, key=lambda p: reduced[p])] if others else -1
    best = max((problem.score[p] for p in reps), default=-np.inf)
    if problem.rep[pair] < 0:
        if not reps:
            return Reason.NO_ELIGIBLE_REP, runner_up
        return (Reason.NO_VALUE if best < 0 else Reason.NO_ROOM), runner_up
    if not others:
        return Reason.ONLY_REP, runner_up
    is_best = problem.score[pair] >= best - 1e-9 * abs(best)
    return (Reason.BEST_VALUE if is_best else Reason.BEST_UNDER_LIMITS), runner_up


@settings(max_examples=60)
@given(seeds(), seeds(), seeds())
def test_reasons_equal_a_search_row_by_row(of_company: int, of_policy: int, of_plan: int) -> None:
    snapshot, rng = company(of_company), np.random.default_rng(of_plan)
    try:
        compiled = compile_problem(snapshot, random_policy_of(of_policy))
    except NoPlanError:
        assume(False)
    problem = compiled.problem
    worth = tuple(rng.choice([0.0, 10.0, 300.0], len(r.base)) for r in problem.resources)
    reduced = problem.score.copy()
    for resource, price in zip(problem.resources, worth, strict=True):
        for layer in resource.layers:
            group = problem.pair_group(layer)
            reduced -= np.append(price, 0.0)[group] * problem.pair_amount(layer)
    chosen = rng.integers(problem.indptr[:-1], problem.indptr[1:])
    found = reasons(compiled, compiled.rep_of_leads(chosen), prices(problem, *worth))
    pins = snapshot.rep_pins
    fixed = set(pins.loc[pins["kind"] == "fixed", "lead_id"])
    for lead, lead_id in enumerate(snapshot.leads["lead_id"]):
        row = int(compiled.row_of_lead[lead])
        pair = int(chosen[row])
        code, runner_up = slow_reason(compiled, row, pair, reduced)
        assert found.code[lead] == (Reason.PINNED if lead_id in fixed else code)
        loss = found.runner_up_loss[lead]
        assert np.isnan(loss) == (runner_up < 0) == (found.runner_up[lead] < 0)
        if runner_up >= 0:
            pairs = np.arange(problem.indptr[row], problem.indptr[row + 1])
            (other,) = pairs[problem.rep[pairs] == found.runner_up[lead]]
            (expected,) = pairs[problem.rep[pairs] == runner_up]
            assert reduced[other] == pytest.approx(reduced[expected], rel=1e-12, abs=1e-9)
            assert loss == pytest.approx(reduced[pair] - reduced[other], abs=1e-6)
