"""Plans of a sweep keep their budget and narrow the books; the page tells what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.outcome import Limits
from planner.engines.baselines.routers import ROUTERS
from planner.intake import intake_of
from scenarios.bench.band_sweep import sweep
from scenarios.bench.contenders import Contender, generated
from scenarios.bench.figures import Figures, figures
from scenarios.bench.rivals_contest import Meeting, Result, SweptPlan, meet
from scenarios.bench.rivals_page import Occasion, page
from tests.watchers import Notebook

if TYPE_CHECKING:
    import numpy as np

BANDS = (0.5, 0.05)
LIMITS = Limits(seconds=20, gap=1e-3)


@pytest.fixture(scope="module")
def company() -> Contender:
    """Return a small company with room for all."""
    (found,) = generated(1, 40, 4, seed=2)
    return found


def routed(company: Contender, name: str) -> np.ndarray:
    return company.learned.rep_of_leads(ROUTERS[name].route(intake_of(company.learned), 0))


def objective(company: Contender, rep_of_lead: np.ndarray) -> float:
    chosen = company.learned.chosen_pairs(rep_of_lead)
    assert chosen is not None
    return company.learned.problem.objective(chosen)


@pytest.mark.parametrize("name", ["frappe_by_field", "round_robin"])
def test_plans_keep_the_moves_and_beat_what_they_begin_with(company: Contender, name: str) -> None:
    start = routed(company, name)
    budget = int(company.learned.ownership.moved(start).sum())
    found = list(sweep(company, BANDS, start, LIMITS, Notebook()))
    assert [plan.within for plan in found] == [None, *BANDS]
    learned = replace(company, judge=company.learned)
    reached = [figures(learned, plan.rep_of_lead) for plan in found]
    assert all(each.moves <= budget for each in reached)
    assert objective(company, found[0].rep_of_lead) >= objective(company, start)
    assert reached[-1].gini < reached[0].gini


def test_every_policy_meets_a_plan(company: Contender) -> None:
    heard = Notebook()
    results = meet([company], BANDS, LIMITS, heard)
    assert results is not None
    (result,) = results
    assert (result.num_leads, result.num_reps) == (40, 4)
    assert [meeting.policy for meeting in result.meetings] == list(ROUTERS)
    assert len(heard.messages) == result.num_plans
    for meeting in result.meetings:
        assert meeting.figures == figures(company, routed(company, meeting.policy))
        assert meeting.plan.figures.dominates(meeting.figures) is meeting.is_dominated
    assert sum(meeting.is_dominated for meeting in result.meetings) > len(ROUTERS) / 2


def test_a_stopped_contest_has_no_result(company: Contender) -> None:
    assert meet([company], BANDS, LIMITS, Notebook(patience=0)) is None


PLAN = SweptPlan(0.05, Figures(1_010.0, 0.2, 3, 9))
OPEN = SweptPlan(None, Figures(990.0, 0.25, 4, 9))
RESULT = Result(
    "small",
    10,
    2,
    7,
    6,
    (
        Meeting("greedy", Figures(1_000.0, 0.3, 5, 8), PLAN, is_dominated=True),
        Meeting("cal_fair", Figures(1_000.0, 0.2, 5, 8), OPEN, is_dominated=False),
    ),
)
OCCASION = Occasion("fairlead bench baselines", "2026-11-21", "a machine", {"x": "1"}, BANDS, 3.0)


def test_the_page_tells_where_it_does_not_hold() -> None:
    told = " ".join(page(OCCASION, [RESULT]).split())
    assert "A plan dominates the policy in 1 of 2 cases. It does not in these:" in told
    assert (
        "- small, `cal_fair`: it gives a rep to 8 of 10 leads; the nearest plan, without a band, "
        "has -1.000 % value, a Gini +0.0500 and -1 moves." in told
    )
    assert "| small | 10 | 2 | 7 | 6 | 1 of 2 |" in told
    assert "| greedy | 8 | 1,000 | 0.3000 | 5 | within 5% | 1,010 | +1.000 % | 0.2000 | 3 |" in told
    assert "| cal_fair | 8 | 1,000 | 0.2000 | 5 | none; nearest without a band | 990 |" in told


def test_the_page_says_when_it_always_holds() -> None:
    all_won = replace(RESULT, meetings=RESULT.meetings[:1])
    told = " ".join(page(OCCASION, [all_won]).split())
    assert "A plan dominates the policy in 1 of 1 cases. |" in told
    assert "fairlead bench baselines" in told
