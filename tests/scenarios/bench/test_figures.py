"""The figures of an assignment, and what dominates what, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.bench.contenders import Contender, contender
from scenarios.bench.figures import Figures, best_dominating, figures, nearest
from tests.companies import hand_made
from tests.policies import policy

HISTORY: dict[str, list[Any]] = {
    "lead_id": ["H1", "H2", "H3", "H4"],
    "rep_id": ["R1", "R2", "R1", "R2"],
    "closed_on": ["2026-01-01", "2026-01-01", "2026-06-01", "2026-06-01"],
    "won": [1, 0, 0, 1],
}
FIGURES = st.builds(
    Figures, st.integers(0, 3).map(float), st.sampled_from([0.0, 0.25, 0.5]), st.integers(0, 3)
)


def company(**reps: list[Any]) -> Contender:
    """Return four leads of 100, the first two with owner R1, and reps with room for 10 and 30."""
    snapshot = hand_made(
        {"owner": ["R1", "R1", None, None]},
        {"max_leads": [10, 30], **reps},
        history=HISTORY,
    )
    learned = {"history": {"per_rep": True, "prior_strength": 1}}
    rules = policy(win_probability=learned, capacity=[{"measure": "count", "at_most": "max_leads"}])
    return contender("small", snapshot, rules)


def test_value_is_that_of_the_later_half() -> None:
    # Later R1 lost one and R2 won one: (0 + 0.5) / 2 and (1 + 0.5) / 2, after the overall half.
    found = figures(company(), np.array([0, 1, 1, -1]))
    assert found.value == pytest.approx(25 + 75 + 75)
    # Books of 25 / 10 and 150 / 30: half the mean difference over the mean.
    assert found.gini == pytest.approx(1.25 / 3.75 / 2)
    assert (found.moves, found.assigned) == (1, 3)


def test_books_are_divided_by_capacity_and_who_has_left_has_none() -> None:
    assert figures(company(), np.array([0, 1, -1, -1])).gini == pytest.approx(0.0)
    left = company(active=[1, 0])
    assert left.weight.tolist() == [10, 0]
    assert figures(left, np.array([0, -1, -1, -1])).gini == 0.0


@given(FIGURES, FIGURES, FIGURES)
def test_domination_is_an_order(one: Figures, other: Figures, third: Figures) -> None:
    assert not one.dominates(one)
    assert not (one.dominates(other) and other.dominates(one))
    if one.dominates(other) and other.dominates(third):
        assert one.dominates(third)
    if one.dominates(other):
        assert one.shortfall(other) == 0


@pytest.mark.parametrize(
    ("plan", "does"),
    [
        (Figures(101, 0.3, 5), True),
        (Figures(100, 0.2, 5), True),
        (Figures(100, 0.3, 4), False),
        (Figures(101, 0.31, 5), False),
        (Figures(99, 0.2, 5), False),
        (Figures(101, 0.2, 6), False),
        (Figures(100.001, 0.3, 5), False),
    ],
)
def test_no_worse_in_all_and_better_in_value_or_gini(plan: Figures, does: bool) -> None:
    assert plan.dominates(Figures(100, 0.3, 5)) is does


def test_the_best_and_the_nearest() -> None:
    one = Figures(100, 0.3, 5)
    others = [
        Figures(101, 0.1, 5),
        Figures(120, 0.3, 5),
        Figures(120, 0.2, 5),
        Figures(200, 0.4, 5),
    ]
    assert best_dominating(others, one) == 2
    assert best_dominating(others[3:], one) is None
    assert nearest([Figures(90, 0.1, 5), Figures(99, 0.1, 5), Figures(200, 0.4, 5)], one) == 1
