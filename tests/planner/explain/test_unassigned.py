"""Leads that no rep may work, told by the rules that would have to give way."""

from __future__ import annotations

from planner.compile import compile_problem
from planner.explain.bans import relaxations
from planner.explain.unassigned import without_reps
from tests.companies import hand_made
from tests.planner.explain.cases import cases
from tests.policies import policy


def test_leads_that_the_same_rules_bar_stand_together() -> None:
    snapshot = hand_made(
        {
            "amount": [10, 20, 500, 40, 50],
            "industry": ["arms", "arms", "bank", "tech", "arms"],
            "needs": ["", "", "audit", "", "audit"],
        },
        {"industries": ["tech", "tech;bank"], "skills": ["audit", ""]},
    )
    rules = policy(must=[{"match": {"lead": "industry", "rep": "industries"}}, {"skills": {}}])
    found = without_reps(compile_problem(snapshot, rules))
    told = [(group.lead_ids, [each.rules for each in group.relaxations]) for group in found]
    # R1 and R2 score alike, so that rules stand in their order; R2 lists no skill that L5 needs.
    assert told == [
        (("L3",), [("skills",), ("match",)]),
        (("L1", "L2", "L5"), [("match",)]),
    ]
    assert [group.amount for group in found] == [500, 80]
    assert found[1].relaxations[0].rep_ids == ("R1", "R2")


def test_every_lead_that_no_rep_may_work_is_in_one_group() -> None:
    seen = 0
    for planned in cases(40):
        compiled = planned.compiled
        counts = compiled.eligibility.counts()[compiled.row_of_lead]
        barred = set(compiled.snapshot.leads["lead_id"][counts == 0])
        found = without_reps(compiled)
        assert sorted(barred) == sorted(lead for group in found for lead in group.lead_ids)
        for group in found:
            seen += 1
            for lead_id in group.lead_ids:
                lead = planned.lead(lead_id)
                family = planned.leads_of(int(compiled.row_of_lead[lead]))
                own = relaxations(compiled, family, lead)
                sentences = [each.sentences for each in group.relaxations]
                assert sorted(each.sentences for each in own) == sorted(sentences)
    assert seen > 10
