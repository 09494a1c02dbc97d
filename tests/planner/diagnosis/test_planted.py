"""Planted causes are named, nothing else is, and the way out leads to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.diagnosis import Diagnosis, Status
from models.outcome import Limits
from models.settled import NOTHING, Settled
from planner.compile import compile_problem
from planner.diagnosis.diagnose import Finding, find, with_bands
from planner.engines.conflict import Conflicts
from planner.engines.limit_set import LimitSet
from planner.engines.second_opinion import second_opinion
from planner.stages import totals_of
from tests.brute_force import best_assignment
from tests.planner.diagnosis.planted import KINDS, Firm, Plant, relaxed
from tests.watchers import Notebook

if TYPE_CHECKING:
    from models.outcome import Outcome
    from models.problem import Problem
    from planner.engines.engine import Watcher

ORDINARY, HARD = 2, 29
"""How many firms of each kind are tried in an ordinary run, and in a hard one: 203."""
LIMITS = Limits(seconds=60.0)


def here(problem: Problem, limits: Limits, watcher: Watcher) -> Outcome:
    """Run the engine in this process, which saves starting another one."""
    return Conflicts().solve(problem, limits, None, watcher)


def settled_of(firm: Firm) -> Settled:
    """Return the totals of fair shares, from the best plan without bands by trying them all."""
    snapshot, policy = firm.snapshot(), firm.policy()
    if not policy.fairness:
        return NOTHING
    compiled = compile_problem(snapshot, policy)
    chosen, _ = best_assignment(compiled.problem)
    assert chosen is not None
    return totals_of(compiled, compiled.rep_of_leads(chosen))


def examined(firm: Firm, settled: Settled) -> Finding:
    """Return what is found of a firm; bands stay as they were settled."""
    snapshot, policy = firm.snapshot(), firm.policy()
    if policy.fairness:
        return with_bands(snapshot, policy, settled, LIMITS, Notebook(), here)
    return find(snapshot, policy, limits=LIMITS, watcher=Notebook(), solve=here)


def has_plan(firm: Firm, settled: Settled) -> bool:
    """Return whether a firm has a plan, by CP-SAT, whose assignment is verified."""
    compiled = compile_problem(firm.snapshot(), firm.policy(), settled=settled)
    return second_opinion(compiled.problem).chosen is not None


def plants(kind: Any, part: int) -> Plant:
    """Return a plant of a kind whose firm has a plan without it."""
    for seed in range(1000):
        plant: Plant = kind(np.random.default_rng([part, seed]))
        if has_plan(plant.before, NOTHING):
            return plant
    raise AssertionError("no firm had a plan before anything was planted")


def assert_minimal(found: Finding) -> None:
    """Fail unless the causes contradict, and without any one of them the others do not."""
    conflict = found.outcome.conflict
    assert conflict is not None
    limits = LimitSet(found.elastic.problem)
    sides = np.concatenate(conflict.sides)
    members = np.concatenate([sides & 1, sides & 2]) > 0
    assert members.sum() == len(found.diagnosis.causes)
    assert second_opinion(limits.hardened(members)).answer == "infeasible"
    for at in np.flatnonzero(members):
        fewer = members.copy()
        fewer[at] = False
        assert second_opinion(limits.hardened(fewer)).chosen is not None


def few() -> list[Any]:
    """Return numbers, of which only the first ones are tried in an ordinary run."""
    hard = [pytest.param(part, marks=pytest.mark.hard) for part in range(ORDINARY, HARD)]
    return [*range(ORDINARY), *hard]


@pytest.mark.parametrize("part", few())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_planted_causes_are_named_and_the_way_out_is_one(kind: Any, part: int) -> None:
    plant = plants(kind, part)
    settled = settled_of(plant.firm)
    found = examined(plant.firm, settled)
    diagnosis: Diagnosis = found.diagnosis
    assert diagnosis.status is Status.INFEASIBLE
    assert diagnosis.minimal
    assert plant.names(diagnosis.causes), diagnosis.text()
    assert_minimal(found)
    assert diagnosis.ways
    for way in diagnosis.ways:
        assert has_plan(relaxed(plant.firm, way.steps), settled), way.text()
