"""Compile: the arrays equal a slow construction that shares nothing with them but the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

from models.errors import NoPlanError
from models.problem import NOBODY
from planner.compile import Compiled, compile_problem
from planner.policy import policy_from_text
from tests.companies import Company, company, seeds
from tests.planner.slow_compile import SlowCompiler, SlowProblem
from tests.policies import random_policy, random_policy_of

if TYPE_CHECKING:
    from models.snapshot import Snapshot

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def slow_problem(snapshot: Snapshot, seed: int) -> SlowProblem:
    """Return the slow problem of a random policy."""
    return SlowCompiler(random_policy(np.random.default_rng(seed)), snapshot).problem()


def assert_same(compiled: Compiled, slow: SlowProblem) -> None:
    """Hold the arrays against the slow problem."""
    problem, snapshot = compiled.problem, compiled.snapshot
    lead_ids, rep_ids = (snapshot.leads["lead_id"].to_numpy(), snapshot.reps["rep_id"].tolist())
    rows = [tuple(lead_ids[compiled.row_of_lead == row]) for row in range(problem.num_rows)]
    assert rows == slow.rows
    pairs = [
        (int(row), rep_ids[rep] if rep != NOBODY else None)
        for row, rep in zip(problem.pair_rows(), problem.rep, strict=True)
    ]
    # Reps in their order, nobody last.
    assert pairs == [
        (row, rep) for row in range(len(rows)) for rep in [*rep_ids, None] if (row, rep) in slow.score
    ]
    np.testing.assert_allclose(problem.score, [slow.score[pair] for pair in pairs], **CLOSE)
    with_rep = np.flatnonzero(problem.rep != NOBODY)
    for resource, limit in zip(problem.resources, slow.limits, strict=True):
        np.testing.assert_allclose(resource.base, [limit.base[rep] for rep in rep_ids], **CLOSE)
        np.testing.assert_allclose(resource.upper, [limit.upper[rep] for rep in rep_ids], **CLOSE)
        assert not np.isfinite(resource.lower).any()
        assert np.isinf(resource.over_cost).all()
        (layer,) = resource.layers
        assert layer.group is None
        amount = problem.pair_amount(layer)
        expected = [limit.amount[pair] for pair in pairs if pair[1] is not None]
        np.testing.assert_allclose(amount[with_rep], expected, **CLOSE)
        assert not amount[problem.rep == NOBODY].any()


@given(seeds(), seeds())
def test_the_arrays_equal_the_slow_construction(of_company: int, of_policy: int) -> None:
    snapshot, policy = company(of_company), random_policy_of(of_policy)
    slow = slow_problem(snapshot, of_policy)
    empty = [row for row in range(len(slow.rows)) if not any(row == pair[0] for pair in slow.score)]
    try:
        compiled = compile_problem(snapshot, policy)
    except NoPlanError as error:
        assert empty
        assert error.impossible
        for row in empty[:5]:
            assert ", ".join(slow.rows[row][:5]) in str(error)
        return
    assert not empty
    assert_same(compiled, slow)


@given(seeds(), seeds())
def test_every_rule_that_forbids_a_pair_is_named(of_company: int, of_policy: int) -> None:
    ...
