"""The checker passes sound plans, and refuses every mutant by the rule that it breaks."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings

from models.errors import NoPlanError
from planner import check as check_module
from planner.assemble import assignment_table
from planner.bound import zero_prices
from planner.check import check
from planner.compile import compile_problem
from planner.rules.at_most_moves import KINDS, REGION, TOTAL
from tests.companies import company, hand_made, seeds
from tests.planner.mutants import BASES, MUTATIONS, base
from tests.policies import policy, random_policy_of

if TYPE_CHECKING:
    from planner.rules.rule import Violation

FEW, MANY = 500, 2_000
"""How many mutants an ordinary and a hard run make, of all kinds together."""


@pytest.mark.parametrize("every_lead", [False, True], ids=["every rule", "every lead"])
def test_sound_plans_pass(every_lead: bool) -> None:
    for number in range(BASES):
        of = base(number, every_lead=every_lead)
        assert check(of.policy, of.snapshot, of.plan) == []


@pytest.mark.parametrize("num_mutants", [FEW, pytest.param(MANY, marks=pytest.mark.hard)])
@pytest.mark.parametrize("name", MUTATIONS)
def test_mutants_are_refused_by_the_rule_they_break(name: str, num_mutants: int) -> None:
    each = -(-num_mutants // len(MUTATIONS))
    rule, mutate = MUTATIONS[name]
    rng, refused = Random(name), 0  # noqa: S311
    for number in count():
        of = base(number % BASES, every_lead=rule == "unassigned")
        mutant = mutate(of, rng)
        if mutant is not None:
            found = check(of.policy, of.snapshot, mutant)
            assert rule in {one.rule for one in found}
            assert_told_apart(found)
            refused += 1
        if refused == each:
            return
        assert number < 20 * each, f"{name} applies too rarely"


def assert_told_apart(found: list[Violation]) -> None:
    """Assert that no two breaches are of the same, and that load and limit tell the amount."""
    keys = [(one.rule, one.sentence, one.lead_id, one.rep_id, one.group) for one in found]
    assert len(set(keys)) == len(keys)
    for one in found:
        assert (one.load is None) == (one.limit is None)
        if one.load is not None and one.limit is not None:
            assert one.amount == pytest.approx(abs(one.load - one.limit))


def rule_of(resource: str) -> str:
    """Return the rule that makes a resource."""
    if resource in KINDS.values():
        return "at_most_moves"
    if " by " in resource:
        return "concentration"
    return "returning" if resource == "leads gained after an absence" else "capacity"


@settings(max_examples=50)
@given(seeds(), seeds(), seeds())
def test_the_checker_and_the_problem_agree(of_company: int, of_policy: int, of_plan: int) -> None:
    snapshot, rules = company(of_company), random_policy_of(of_policy)
    try:
        compiled = compile_problem(snapshot, rules)
    except NoPlanError:
        assume(False)
    problem = compiled.problem
    chosen = np.random.default_rng(of_plan).integers(problem.indptr[:-1], problem.indptr[1:])
    table = assignment_table(compiled, compiled.rep_of_leads(chosen), zero_prices(problem))
    broken = {(found.rule, found.rep_id) for found in check(rules, snapshot, table)}
    breaches = set()
    for resource, group, _, _ in problem.breaches(chosen):
        number = problem.resources.index(resource)
        label = compiled.labels[number][group]
        by_rep = resource.name not in (KINDS[TOTAL], KINDS[REGION])
        by_rep &= not resource.name.endswith(" per team")
        breaches.add((rule_of(resource.name), label if by_rep else ""))
    assert broken == breaches
    assert table["score"].sum() == pytest.approx(problem.objective(chosen), rel=1e-9, abs=1e-6)


def told(assignment: pd.DataFrame) -> list[str]:
    """Return what is said of an assignment of leads L1, L2 to reps R1, R2."""
    found = check(policy(), hand_made({"amount": [100, 200]}), assignment)
    return [f"{f.rule}: {f.lead_id} {f.rep_id}: {f.text}: {f.amount:g}" for f in found]


def frame(*records: tuple[object, ...]) -> pd.DataFrame:
    """Return lead_id and rep_id and, where given, expected_value and score."""
    columns = ["lead_id", "rep_id", "expected_value", "score"][: len(records[0])]
    return pd.DataFrame(records, columns=columns)


def test_what_is_no_assignment_is_told() -> None:
    twice = frame(("L1", "R1"), ("L1", "R2"), ("L2", None), ("L1", None))
    assert told(twice) == ["one_owner: L1 : the lead stands 3 times in the assignment: 1"]
    strangers = frame(("L9", "R1"), ("L1", "R9"), (None, "R1"))
    assert told(strangers) == [
        "known_lead: L9 : the lead is unknown: 1",
        "known_lead:  : the lead is unknown: 1",
        "known_rep: L1 R9: the rep is unknown: 1",
    ]


def test_stated_money_is_derived_again() -> None:
    assert told(frame(("L1", "R1", 50, 50), ("L2", None, 0, -100))) == []
    assert told(frame(("L1", "R1", 50.004, 49), ("L2", None, 1, -90))) == [
        "score: L1 R1: score is stated as 49.00, but is 50.00: 1",
        "expected_value: L2 : expected_value is stated as 1.00, but is 0.00: 1",
        "score: L2 : score is stated as -90.00, but is -100.00: 10",
    ]
    assert told(frame(("L1", "R1", None, 50))) == [
        "expected_value: L1 R1: expected_value is stated as nan, but is 50.00: 50"
    ]


def test_the_cost_of_a_family_is_shared_by_its_leads() -> None:
    snapshot = hand_made({"family": ["F", "F"], "amount": [100, 300]})
    table = frame(("L1", None, 0, -100), ("L2", None, 0, -100))
    assert check(policy(), snapshot, table) == []


def test_unassigned_leads_beyond_a_limit_are_not_derived_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check_module, "PAIRS_READ", 3)
    wrong = frame(("L1", None, 0, -7), ("L2", None, 0, -7))
    assert [text.split(":")[1] for text in told(wrong)] == [" L1 "]


def test_an_empty_assignment_is_one() -> None:
    assert told(frame(("L1", None))[:0]) == []
