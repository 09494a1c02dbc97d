"""Why a lead is where it is: the parts add up, and the named cause is the cause."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from models.errors import PlanFileError, UsageError
from planner.explain.alternatives import alternative
from planner.explain.why import why
from planner.planned import Planned
from planner.solve import evaluate, make_plan
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.planner.explain.cases import cases, without_limits
from tests.policies import policy
from tests.watchers import EXACTLY

CENT = 0.011


def test_what_a_lead_scores_is_the_sum_of_its_parts() -> None:
    seen = 0
    for planned in cases():
        problem = planned.compiled.problem
        for lead_id in planned.compiled.snapshot.leads["lead_id"]:
            told = why(planned, lead_id)
            own = planned.chosen[planned.compiled.row_of_lead[planned.lead(lead_id)]]
            assert told.score == pytest.approx(problem.score[own])
            if told.rep_id is not None:
                seen += 1
                assert sum(part.money for part in told.parts) == pytest.approx(told.score)
                assert told.parts[0].money == pytest.approx(told.expected_value)
            paid = sum(charge.money for charge in told.charges)
            assert told.score - paid == pytest.approx(planned.reduced[own], abs=1e-6)
            assert told.text.startswith(lead_id)
            assert told.text.endswith(".")
    assert seen > 100


def test_without_the_named_limits_the_plan_would_be_another() -> None:
    """A rep who would bring more is held back by exactly the limits that are named."""
    held_back = 0
    for planned in cases():
        problem = planned.compiled.problem
        best = problem.objective(planned.chosen)
        for row in range(problem.num_rows):
            for pair in planned.pairs_of(row):
                if pair == planned.chosen[row]:
                    continue
                other = alternative(planned, row, int(pair))
                chosen = planned.chosen.copy()
                chosen[row] = pair
                assert problem.is_feasible(chosen) == (not other.obstacles)
                assert problem.objective(chosen) - best == pytest.approx(other.gain, abs=1e-6)
                if other.gain <= CENT or held_back > 60:
                    continue
                # The plan is the best one, so something stands against it.
                assert other.obstacles
                held_back += 1
                named = {
                    (each.limit, planned.compiled.labels[number].index(each.group))
                    for each in other.obstacles
                    for number, resource in enumerate(problem.resources)
                    if resource.name == each.limit
                }
                freed = without_limits(problem, named)
                assert freed.is_feasible(chosen)
                assert best_assignment(freed)[1] >= best + other.gain - CENT
    assert held_back > 20


def test_a_lead_without_a_rep_tells_what_would_help() -> None:
    """A relaxation names all rules that keep its reps away, and no others."""
    seen = 0
    for planned in cases():
        compiled = planned.compiled
        for lead_id in compiled.snapshot.leads["lead_id"]:
            told = why(planned, lead_id)
            assert bool(told.relaxations) == (told.num_allowed == 0)
            leads = planned.leads_of(int(compiled.row_of_lead[planned.lead(lead_id)]))
            for relaxation in told.relaxations:
                seen += 1
                for rep_id in relaxation.rep_ids[:2]:
                    forbidding = {
                        rule.told()
                        for lead in leads
                        for rule in compiled.eligibility.forbidding(int(lead), planned.rep(rep_id))
                    }
                    if relaxation.rules != ("families",) and forbidding:
                        assert forbidding == set(relaxation.sentences)
    assert seen > 20


POLICY: dict[str, Any] = {
    "must": [{"match": {"lead": "industry", "rep": "industries"}}, {"skills": {}}],
    "prefer": [{"steer": {"reps": {"level": 2}, "bonus": "20%"}}],
    "capacity": [{"measure": "count", "at_most": "max_leads"}],
}
SNAPSHOT = hand_made(
    {
        "amount": [100, 80, 60, 50, 10],
        "industry": ["tech", "tech", "bank", "arms", "bank"],
        "needs": ["", "", "audit", "", ""],
    },
    {
        "industries": ["tech", "tech;bank"],
        "skills": ["", "cloud"],
        "max_leads": [1, 1],
        "level": [1, 2],
    },
)


def test_sentences() -> None:
    rules = policy(**POLICY)
    planned = Planned(SNAPSHOT, rules, make_plan(SNAPSHOT, rules, limits=EXACTLY))
    texts = [why(planned, lead_id).text for lead_id in SNAPSHOT.leads["lead_id"]]
    assert texts == [
        "L1 goes to R2, with whom it scores most; R1 would bring 10 USD less.",
        "L2 goes to R1; R2 would bring 8.00 USD more, but R2 has 1 of 1 lead (count), 1 lead too "
        "few, for which the plan's prices ask 12 USD.",
        "L3 stays without a rep: no rep passes all rules; without skills, R2 could work it.",
        "L4 stays without a rep: no rep passes all rules; without match, R2 or another could work "
        "it.",
        "L5 stays without a rep; R2 would bring 12 USD more, but R2 has 1 of 1 lead (count), 1 "
        "lead too few, for which the plan's prices ask 12 USD.",
    ]


def test_whom_rules_leave_no_choice() -> None:
    rules = policy(**POLICY)
    pins = {"lead_id": ["L2"], "rep_id": ["R1"], "kind": ["fixed"]}
    snapshot = hand_made(
        {"industry": ["bank", "tech"], "needs": ["", ""]},
        {"industries": ["tech", "bank"], "skills": ["", ""], "max_leads": [9, 9], "level": [1, 2]},
        pins={name: list(cells) for name, cells in pins.items()},
    )
    planned = Planned(snapshot, rules, make_plan(snapshot, rules, limits=EXACTLY))
    assert [why(planned, lead_id).text for lead_id in ("L1", "L2")] == [
        "L1 goes to R2, the only one whom the rules allow.",
        "L2 goes to R1, to whom a pin fixes it.",
    ]


def test_a_plan_that_prices_cannot_explain_is_refused() -> None:
    rules = policy(**POLICY)
    plan = make_plan(SNAPSHOT, rules, limits=EXACTLY)
    both = pd.DataFrame({"lead_id": ["L1", "L2"], "rep_id": ["R1", "R1"]})
    with pytest.raises(PlanFileError, match="breaks rules"):
        Planned(SNAPSHOT, rules, evaluate(SNAPSHOT, rules, both))
    with pytest.raises(PlanFileError, match="tables have changed"):
        Planned(hand_made({"amount": [1]}), rules, plan)
    planned = Planned(SNAPSHOT, rules, plan)
    with pytest.raises(UsageError, match=r"no lead 'L11' in the tables\. The nearest is 'L1'"):
        why(planned, "L11")
