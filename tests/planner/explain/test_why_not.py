"""Why a lead is not with a rep: the rules against it, or an interval that holds the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from models.explanation import Answer
from models.problem import NOBODY
from planner.check import check
from planner.explain.repair import repaired
from planner.explain.why_not import why_not
from planner.planned import Planned
from planner.solve import make_plan
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.planner.explain.cases import cases, only, run_here
from tests.policies import policy
from tests.watchers import EXACTLY

if TYPE_CHECKING:
    from collections.abc import Iterator

CENT = 0.011


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.explain.forced.run", run_here)


def questions(planned: Planned) -> Iterator[tuple[str, str, int, int | None]]:
    """Yield every lead and rep, by id, with the row and the pair."""
    for lead_id in planned.compiled.snapshot.leads["lead_id"]:
        row = int(planned.compiled.row_of_lead[planned.lead(lead_id)])
        for rep_id in planned.compiled.snapshot.reps["rep_id"]:
            yield lead_id, rep_id, row, planned.pair(row, planned.rep(rep_id))


def test_the_truth_lies_in_the_interval_and_exact_answers_are_it() -> None:
    seen = impossible = 0
    for planned in cases(40):
        problem = planned.compiled.problem
        for number, (lead_id, rep_id, row, pair) in enumerate(questions(planned)):
            if pair is None or pair == planned.chosen[row]:
                continue
            _, best = best_assignment(problem, only(problem, row, pair))
            told = why_not(planned, lead_id, rep_id)
            if np.isneginf(best):
                impossible += 1
                assert told.answer is Answer.IMPOSSIBLE
                continue
            seen += 1
            assert told.answer is Answer.POSSIBLE
            assert told.loss_at_least is not None
            assert told.loss_at_most is not None
            assert told.estimate is not None
            assert told.loss_at_least - CENT <= planned.objective - best
            assert planned.objective - best <= told.loss_at_most + CENT
            assert told.loss_at_least <= told.estimate <= told.loss_at_most
            if number % 4 == 0:
                exact = why_not(planned, lead_id, rep_id, exact=True)
                assert exact.loss_at_most == pytest.approx(planned.objective - best, abs=CENT)
                assert exact.loss_at_least == pytest.approx(exact.loss_at_most, abs=CENT)
                assert exact.moves[0].to_rep == rep_id
    assert seen > 100
    assert impossible > 0


def test_a_repaired_plan_is_feasible_and_has_the_pair() -> None:
    for planned in cases(40):
        problem = planned.compiled.problem
        for pair in range(problem.num_pairs):
            row = int(np.searchsorted(problem.indptr, pair, "right")) - 1
            chosen = repaired(problem, planned.chosen, row, pair)
            if chosen is not None:
                assert chosen[row] == pair
                assert problem.is_feasible(chosen)


def test_what_is_called_forbidden_the_checker_forbids_and_nothing_else() -> None:
    seen = 0
    for planned in cases(40):
        compiled = planned.compiled
        pair_rules = {rule.name for rule in compiled.policy.eligibility()}
        for lead_id, rep_id, row, pair in questions(planned):
            family = compiled.snapshot.leads["lead_id"].iloc[planned.leads_of(row)]
            together = pd.DataFrame({"lead_id": family, "rep_id": rep_id})
            found = check(compiled.policy, compiled.snapshot, together, compiled.settled)
            forbidden = {(each.lead_id, each.rule) for each in found if each.rule in pair_rules}
            told = why_not(planned, lead_id, rep_id)
            assert (told.answer is Answer.FORBIDDEN) == (pair is None)
            if pair is None:
                seen += 1
                if {ban.rule for ban in told.bans} == {"capacity"}:
                    # The rep is over this limit today, and gains nothing.
                    assert not forbidden
                    assert any(each.rule == "capacity" for each in found)
                else:
                    assert {(ban.lead_id, ban.rule) for ban in told.bans} == forbidden
                assert told.text.startswith(f"{lead_id} may not go to {rep_id}: ")
            else:
                assert not forbidden
    assert seen > 50


def test_moves_are_told_along_the_chain() -> None:
    snapshot = hand_made(
        {"amount": [100, 80, 60], "industry": ["tech"] * 3},
        {"industries": ["tech"] * 2, "max_leads": [1, 1], "level": [1, 2]},
    )
    rules = policy(
        prefer=[{"steer": {"reps": {"level": 2}, "bonus": "20%"}}],
        capacity=[{"measure": "count", "at_most": "max_leads"}],
    )
    planned = Planned(snapshot, rules, make_plan(snapshot, rules, limits=EXACTLY))
    told = why_not(planned, "L3", "R2", exact=True)
    # L1 leaves R2 for R1, from where L2 goes.
    assert [(move.lead_id, move.from_rep, move.to_rep) for move in told.moves] == [
        ("L3", None, "R2"),
        ("L1", "R2", "R1"),
        ("L2", "R1", None),
    ]
    assert planned.rep_of_lead.tolist() == [1, 0, NOBODY]
