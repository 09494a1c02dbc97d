"""Compile: the arrays equal a slow construction that shares nothing with them but the tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

from models.errors import NoPlanError
from models.problem import NOBODY
from planner import eligibility as eligibility_module
from planner import pairs
from planner.compile import Compiled, compile_problem
from planner.eligibility import eligibility
from tests.companies import company, hand_made, random_company, seeds
from tests.planner.slow_compile import SlowCompiler, SlowProblem
from tests.policies import policy, random_policy, random_policy_of

if TYPE_CHECKING:
    from models.snapshot import Snapshot

CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-9}


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
        (row, rep)
        for row in range(len(rows))
        for rep in [*rep_ids, None]
        if (row, rep) in slow.score
    ]
    np.testing.assert_allclose(problem.score, [slow.score[pair] for pair in pairs], **CLOSE)
    with_rep = np.flatnonzero(problem.rep != NOBODY)
    assert len(problem.resources) == len(slow.limits) + len(slow.budgets)
    for resource, limit in zip(problem.resources, slow.limits, strict=False):
        labels = compiled.labels[slow.limits.index(limit)]
        assert sorted(labels) == sorted(limit.upper)
        np.testing.assert_allclose(resource.base, [limit.base[name] for name in labels], **CLOSE)
        np.testing.assert_allclose(resource.upper, [limit.upper[name] for name in labels], **CLOSE)
        assert not np.isfinite(resource.lower).any()
        assert np.isinf(resource.over_cost).all()
        (layer,) = resource.layers
        group = problem.pair_group(layer)
        held_by = [labels[group[at]] if group[at] >= 0 else None for at in with_rep]
        assert held_by == [limit.holder[rep] for _, rep in pairs if rep is not None]
        amount = problem.pair_amount(layer)
        expected = [
            limit.amount[row, rep] if limit.holder[rep] is not None else 0.0
            for row, rep in pairs
            if rep is not None
        ]
        np.testing.assert_allclose(amount[with_rep], expected, **CLOSE)
        assert not (amount * (group >= 0))[problem.rep == NOBODY].any()
    for number, budget in enumerate(slow.budgets, start=len(slow.limits)):
        resource, labels = problem.resources[number], compiled.labels[number]
        assert (resource.upper == budget.most).all()
        assert np.isinf(resource.over_cost).all()
        assert not np.isfinite(resource.lower).any()
        counts: list[dict[str, float]] = [{} for _ in pairs]
        for layer in resource.layers:
            amount, group = problem.pair_amount(layer), problem.pair_group(layer)
            for at in np.flatnonzero(group >= 0):
                label = labels[group[at]]
                counts[at][label] = counts[at].get(label, 0.0) + amount[at]
        assert counts == [budget.counts[pair] for pair in pairs]


@settings(max_examples=60)
@given(seeds(), seeds())
def test_the_arrays_equal_the_slow_construction(of_company: int, of_policy: int) -> None:
    snapshot, rules = company(of_company), random_policy_of(of_policy)
    slow = slow_problem(snapshot, of_policy)
    empty = [row for row in range(len(slow.rows)) if not any(row == pair[0] for pair in slow.score)]
    if not empty:
        assert_same(compile_problem(snapshot, rules), slow)
        return
    with pytest.raises(NoPlanError, match=r"^infeasible: no rep may work these") as caught:
        compile_problem(snapshot, rules)
    assert caught.value.impossible
    for row in empty[:5]:
        assert ", ".join(slow.rows[row][:5]) in str(caught.value)


@settings(max_examples=40)
@given(seeds(), seeds())
def test_every_rule_that_forbids_a_pair_is_named(of_company: int, of_policy: int) -> None:
    snapshot = company(of_company)
    rules = random_policy_of(of_policy).in_force(snapshot)
    facts = rules.facts(snapshot)
    eligible = eligibility(rules.eligibility(), facts, facts.row_of_lead)
    forbidden = slow_problem(snapshot, of_policy).forbidden
    for lead, lead_id in enumerate(snapshot.leads["lead_id"]):
        against_all = []
        for rep, rep_id in enumerate(snapshot.reps["rep_id"]):
            found = list(eligible.forbidding(lead, rep))
            # These need to know who may keep what: they come after the others.
            late = ("protect", "families")
            named = [name for name in forbidden[lead_id, rep_id] if name not in late]
            assert sorted(rule.name for rule in found) == sorted(named)
            against_all.append(set(map(id, found)))
        assert set(map(id, eligible.unpassed(lead))) == set.intersection(*against_all)


@settings(max_examples=20)
@given(seeds(), seeds(), seeds())
def test_the_order_of_records_changes_nothing(
    of_company: int, of_policy: int, of_order: int
) -> None:
    rules, rng = random_policy_of(of_policy), np.random.default_rng(of_order)
    made = random_company(np.random.default_rng(of_company), 8, 3, num_pins=0)
    mixed = {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for name, frame in made.frames.items()
    }
    try:
        one = compile_problem(made.snapshot(), rules)
    except NoPlanError:
        with pytest.raises(NoPlanError):
            compile_problem(replace(made, frames=mixed).snapshot(), rules)
        return
    other = compile_problem(replace(made, frames=mixed).snapshot(), rules)
    for name in ("indptr", "rep", "score", "row_key", "rep_key", "arrival"):
        np.testing.assert_array_equal(getattr(one.problem, name), getattr(other.problem, name))
    for resource, same in zip(one.problem.resources, other.problem.resources, strict=True):
        np.testing.assert_array_equal(resource.upper, same.upper)
        for layer, like in zip(resource.layers, same.layers, strict=True):
            np.testing.assert_array_equal(layer.amount, like.amount)


@settings(max_examples=20)
@given(seeds(), seeds())
def test_blocks_and_threads_change_nothing(of_company: int, of_policy: int) -> None:
    snapshot, rules = company(of_company), random_policy_of(of_policy)
    try:
        whole = compile_problem(snapshot, rules, threads=1)
    except NoPlanError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PAIRS_AT_ONCE", 3)
        patch.setattr(eligibility_module, "CLASSES_AT_ONCE", 2)
        parts = compile_problem(snapshot, rules, threads=3)
    np.testing.assert_array_equal(whole.problem.rep, parts.problem.rep)
    np.testing.assert_array_equal(whole.problem.score, parts.problem.score)


def test_rows_arrive_with_their_first_dated_lead() -> None:
    snapshot = hand_made(
        {
            "created": ["2026-03-01", None, "2026-01-01", "2026-02-01", "2026-01-01", "2026-04-01"],
            "family": [None, "F", None, "F", None, "F"],
            "grade": ["A", "B", "C", "D", "E", "F"],
        }
    )
    problem = compile_problem(snapshot, policy()).problem
    # L1 in March; L2, L4 and L6 in February; L3 and L5 on one day.
    assert problem.arrival is not None
    assert problem.arrival.tolist() == [3, 2, 0, 1]


def test_an_assignment_by_lead_is_the_pairs_and_back() -> None:
    snapshot = hand_made({"family": ["F", None, "F"], "amount": [1, 2, 3]})
    compiled = compile_problem(snapshot, policy())
    chosen = compiled.chosen_pairs(np.array([1, -1, 1]))
    assert chosen is not None
    assert chosen.tolist() == [1, 5]
    assert compiled.rep_of_leads(chosen).tolist() == [1, -1, 1]
    assert compiled.chosen_pairs(np.array([1, 0, 0])) is None  # a family apart
    pinned = hand_made(
        {"amount": [1]}, pins={"lead_id": ["L1"], "rep_id": ["R1"], "kind": ["fixed"]}
    )
    assert compile_problem(pinned, policy()).chosen_pairs(np.array([1])) is None
