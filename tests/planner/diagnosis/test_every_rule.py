"""Small companies under every kind of rule: there is a plan where trying them all finds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.diagnosis import Status
from models.errors import NoPlanError, PolicyError
from planner.compile import compile_problem
from planner.diagnosis.diagnose import find
from planner.overload import as_they_are, may_stay_overfull, stage_problem
from planner.policy import Policy, policy_from_text
from tests.brute_force import best_assignment
from tests.companies import company
from tests.planner.diagnosis.test_planted import LIMITS, assert_minimal, here
from tests.policies import random_policy, yaml_text
from tests.watchers import Notebook

if TYPE_CHECKING:
    from models.problem import Problem
    from models.snapshot import Snapshot

PART, ORDINARY, HARD = 12, 1, 25
"""How many companies a part has, and how many parts an ordinary run and a hard one try."""


def strict_policy(seed: int) -> Policy:
    """Return a random policy, which forbids leads without a rep more often than not."""
    data = random_policy(np.random.default_rng(seed))
    if seed % 3:
        data["unassigned"] = "forbidden"
    return policy_from_text(yaml_text(data))


def problem_of(snapshot: Snapshot, policy: Policy) -> Problem | None:
    """Return the problem that must have a plan; None where a row has no pair."""
    try:
        compiled = compile_problem(snapshot, policy)
        if not may_stay_overfull(compiled):
            return compiled.problem
        stayed = compile_problem(snapshot, policy, settled=as_they_are(compiled))
        return stage_problem(compiled, stayed)
    except NoPlanError:
        return None


def parts() -> list[Any]:
    """Return numbers, of which only the first ones are tried in an ordinary run."""
    hard = [pytest.param(part, marks=pytest.mark.hard) for part in range(ORDINARY, HARD)]
    return [*range(ORDINARY), *hard]


@pytest.mark.parametrize("part", parts())
def test_a_plan_exists_where_trying_all_finds_one(part: int) -> None:
    num_tried = num_without = seed = 0
    while num_tried < PART:
        seed += 1
        snapshot, policy = company(1_000 * part + seed), strict_policy(1_000 * part + seed)
        try:
            problem = problem_of(snapshot, policy)
            best = None if problem is None else best_assignment(problem)[0]
        except (ValueError, PolicyError):
            continue
        num_tried += 1
        found = find(snapshot, policy, limits=LIMITS, watcher=Notebook(), solve=here)
        expected = Status.INFEASIBLE if best is None else Status.FEASIBLE
        assert found.diagnosis.status is expected, (seed, found.diagnosis.text())
        if best is None:
            num_without += 1
            assert found.diagnosis.minimal, seed
            assert_minimal(found)
            assert found.diagnosis.ways
            assert found.diagnosis.text()
    assert 0 < num_without < num_tried
