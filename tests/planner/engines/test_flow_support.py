"""What flow takes and what it does not, with the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.resource import NOT_COUNTED, Layer, Resource
from planner.engines.flow import Flow
from tests.oracles import milp_objective
from tests.problems import flow_problem
from tests.watchers import solve

PROBLEM = flow_problem(np.random.default_rng(0), 12, 4)
(COUNT,) = PROBLEM.resources
ONE = np.ones(4)


@pytest.mark.parametrize(
    "count",
    [
        COUNT,
        replace(COUNT, base=3 * ONE, upper=4.5 * ONE),
        replace(COUNT, over_cost=ONE),
        replace(COUNT, lower=0 * ONE, under_cost=ONE),
        replace(COUNT, lower=0 * ONE, over_cost=ONE, under_cost=ONE),
        # A hard cost of an absent limit is none.
        replace(COUNT, under_cost=np.inf * ONE),
        replace(COUNT, layers=(Layer(np.ones(PROBLEM.num_pairs)),)),
        replace(COUNT, layers=(Layer(np.ones(12), PROBLEM.rep),)),
        # What nobody would use counts nowhere.
        replace(COUNT, layers=(Layer(np.where(PROBLEM.rep < 0, 7.0, 1.0)),)),
    ],
)
def test_takes_whatever_counts_leads_per_rep(count: Resource) -> None:
    problem = replace(PROBLEM, resources=(count,))
    assert Flow().unsupported(problem) is None
    assert solve(Flow(), problem).objective == pytest.approx(milp_objective(problem))


def test_takes_a_problem_without_limits() -> None:
    free = replace(PROBLEM, resources=())
    assert Flow().unsupported(free) is None
    assert solve(Flow(), free).objective == pytest.approx(milp_objective(free))


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ((COUNT, COUNT), "flow takes one limit per rep; the problem has 2"),
        (
            (replace(COUNT, lower=0 * ONE, under_cost=np.inf * ONE),),
            "flow takes no hard lower limit, as count has",
        ),
        (
            (replace(COUNT, layers=2 * COUNT.layers),),
            "flow takes no resource of several layers, as count is",
        ),
        (
            (replace(COUNT, layers=()),),
            "flow takes no resource of several layers, as count is",
        ),
        (
            (replace(COUNT, layers=(Layer(np.ones(12), PROBLEM.rep // 2),)),),
            "flow takes limits per rep only; count is grouped otherwise",
        ),
        (
            (replace(COUNT, layers=(Layer(np.ones(12), np.full_like(PROBLEM.rep, NOT_COUNTED)),)),),
            "flow takes limits per rep only; count is grouped otherwise",
        ),
        (
            (replace(COUNT, layers=(Layer(np.full(12, 2.0)),)),),
            "flow takes amounts of 1 only; count has others",
        ),
        (
            (replace(COUNT, layers=(Layer(np.append(np.ones(11), 1.0 + 1e-9)),)),),
            "flow takes amounts of 1 only; count has others",
        ),
    ],
)
def test_says_what_it_cannot_take(resources: tuple[Resource, ...], reason: str) -> None:
    assert Flow().unsupported(replace(PROBLEM, resources=resources)) == reason


def test_more_groups_than_reps() -> None:
    wide = Resource.at_most("count", np.ones(12), np.ones(5))
    wide = replace(wide, layers=(Layer(np.ones(12), PROBLEM.rep),))
    problem = replace(PROBLEM, resources=(wide,))
    assert Flow().unsupported(problem) == (
        "flow takes limits per rep only; count is grouped otherwise"
    )
