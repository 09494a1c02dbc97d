"""Small companies under policies with rules of every kind: plans equal what trying them all finds.

The stages before a plan are settled as `planner.stages` does it, by the engine under test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.errors import NoPlanError
from models.outcome import Limits
from planner.compile import Compiled, compile_problem
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from planner.engines.prices.engine import Prices
from planner.overload import as_they_are, may_stay_overfull, settle, stage_problem
from planner.policy import Policy, policy_from_text
from planner.solve import make_plan
from planner.stages import totals_of
from tests.brute_force import best_assignment
from tests.companies import company
from tests.policies import made_by, random_policy, yaml_text
from tests.watchers import EXACTLY, solve

PROBLEMS, PARTS, PLANS = 30, 10, 30
"""How many problems a part has, how many parts there are, how many plans `make_plan` makes.

An ordinary run tries one part and few plans, a hard one all of them: 300 problems.
"""
CENT = 0.011


def few(ordinary: int, hard: int) -> list[Any]:
    """Return numbers, of which only the first ones are tried in an ordinary run."""
    more = [pytest.param(number, marks=pytest.mark.hard) for number in range(ordinary, hard)]
    return [*range(ordinary), *more]


def policy_of(seed: int) -> Policy:
    """Return a random policy of every kind of rule, fairness included."""
    data = random_policy(np.random.default_rng(seed))
    maker = made_by(seed)
    bands: list[dict[str, Any]] = [
        {"mode": "soft", "cost": maker.one_of(0.5, 30.0)},
        {"mode": "hard"},
    ]
    rules = [maker.fair_share() | maker.band() | maker.one_of(*bands) for _ in range(2)]
    if maker.rng.random() < 0.2:
        lifted = maker.fair_share() | {"mode": "max_min", "stages": 2}
        rules = [lifted | maker.one_of({}, {"keep_value": "50%"})]
    same = [(rule["measure"], rule.get("where")) for rule in rules]
    data["fairness"] = rules[:1] if len(rules) > 1 and same[0] == same[1] else rules
    return policy_from_text(yaml_text(data))


def settled_problem(seed: int) -> Compiled | None:
    """Return the problem of the plan itself; None where there is none."""
    snapshot, rules = company(seed), policy_of(seed)
    try:
        compiled = compile_problem(snapshot, rules)
        if may_stay_overfull(compiled):
            stayed = compile_problem(snapshot, rules, settled=as_they_are(compiled))
            stage = stage_problem(compiled, stayed)
            found = settle(compiled, stage, solve(Exact(), stage).assignment())
            compiled = compile_problem(snapshot, rules, settled=found)
        reference, value = best_assignment(compiled.problem)
        outcome = solve(Exact(), compiled.problem)
    except (NoPlanError, ValueError):
        return None
    assert (outcome.objective is None) == (reference is None)
    if reference is None:
        return None
    assert outcome.objective == pytest.approx(value, abs=CENT, rel=1e-8)
    totals = totals_of(compiled, compiled.rep_of_leads(outcome.assignment()))
    return compile_problem(snapshot, rules, settled=totals)


@pytest.mark.parametrize("part", few(1, PARTS))
def test_engines_find_what_trying_all_finds(part: int) -> None:
    num_problems = num_plans = seed = 0
    while num_problems < PROBLEMS:
        compiled = settled_problem(1_000 * part + seed)
        seed += 1
        if compiled is None:
            continue
        num_problems += 1
        problem = compiled.problem
        chosen, value = best_assignment(problem)
        exact = solve(Exact(), problem)
        assert (exact.chosen is None) == (chosen is None), seed
        prices = solve(Prices(), problem, Limits(iterations=20))
        assert prices.bound >= value - CENT
        if chosen is None:
            continue
        num_plans += 1
        assert exact.objective == pytest.approx(value, abs=CENT, rel=1e-8), seed
        assert prices.objective is not None
        assert prices.objective <= value + CENT
        if Flow().unsupported(problem) is None:
            flow = solve(Flow(), problem)
            assert flow.objective == pytest.approx(value, abs=CENT, rel=1e-8), seed
    assert num_plans >= PROBLEMS / 2


@pytest.mark.parametrize("seed", few(2, PLANS))
def test_the_front_door_does_not_settle_for_less(seed: int) -> None:
    compiled = settled_problem(seed)
    if compiled is None:
        with pytest.raises(NoPlanError):
            make_plan(company(seed), policy_of(seed), limits=EXACTLY)
        return
    if compiled.policy.fairness[0].mode == "max_min":
        plan = make_plan(company(seed), policy_of(seed), limits=EXACTLY)
        assert plan.record.feasible
        return
    _, value = best_assignment(compiled.problem)
    if np.isneginf(value):
        with pytest.raises(NoPlanError):
            make_plan(company(seed), policy_of(seed), limits=EXACTLY)
        return
    plan = make_plan(company(seed), policy_of(seed), limits=EXACTLY)
    assert plan.record.feasible
    assert plan.record.objective is not None
    # Equal reference plans may have other totals; the bound holds for the plan's own.
    assert plan.record.bound - plan.record.objective <= CENT + 1e-8 * abs(plan.record.bound)
