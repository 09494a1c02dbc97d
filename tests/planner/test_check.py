"""The checker passes sound plans, and refuses every mutant by the rule that it breaks."""

from __future__ import annotations

from itertools import count
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from models.errors import NoPlanError
from planner.check import check
from planner.compile import compile_problem
from tests.companies import company, hand_made, seeds
from tests.planner.mutants import BASES, MUTATIONS, base
from tests.policies import policy, random_policy_of

MUTANTS = 2_000
EACH = -(-MUTANTS // len(MUTATIONS))


@pytest.mark.parametrize("every_lead", [False, True], ids=["every rule", "every lead"])
def test_sound_plans_pass(every_lead: bool) -> None:
    for number in range(BASES):
        of = base(number, every_lead=every_lead)
        assert check(of.policy, of.snapshot, of.plan) == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutants_are_refused_by_the_rule_they_break(name: str) -> None:
    rule, mutate = MUTATIONS[name]
    rng, refused = Random(name), 0  # noqa: S311
    for number in count():
        of = base(number % BASES, every_lead=rule == "unassigned")
        mutant = mutate(of, rng)
        if mutant is not None:
            assert rule in {found.rule for found in check(of.policy, of.snapshot, mutant)}
            refused += 1
        if refused == EACH:
            return
        assert number < 20 * EACH, f"{name} applies too rarely"
