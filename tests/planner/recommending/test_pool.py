"""Arrivals out of a pool go where the recommender sends them, and leave no trace."""

from __future__ import annotations

import numpy as np
import pytest

from models.outcome import Limits
from planner.planned import Planned
from planner.policy import policy_from_text
from planner.recommend import Recommender
from planner.recommending.pool import Pool
from planner.solve import make_plan
from scenarios.arrivals import draw_arrivals, with_reserve
from scenarios.generate import CompanySpec, generate, policy_text


@pytest.fixture(scope="module")
def planned() -> Planned:
    """Return a plan that keeps 20 % of every limit."""
    spec = CompanySpec(num_leads=150, num_reps=6)
    snapshot, rules = generate(spec).snapshot(), with_reserve(policy_text(spec), "20%")
    limits = Limits(seconds=5)
    policy = policy_from_text(rules)
    plan = make_plan(snapshot, policy, engine="greedy", limits=limits, rule_prices=False)
    return Planned(snapshot, policy, plan)


def test_leads_go_where_the_recommender_sends_them(planned: Planned) -> None:
    leads = draw_arrivals(planned, 40, seed=5)
    known = planned.compiled.snapshot.leads
    # The same draw, as positions.
    drawn = np.random.default_rng(5).integers(len(known), size=40)
    # Companies are kept apart, as the pool keeps them.
    routed = Recommender(planned).route(leads.drop(columns="company"))
    expected = routed["rep_id"].dropna().tolist()
    placed = Pool(planned).route(drawn)
    assert len(expected) > 5
    assert planned.compiled.facts.reps["rep_id"].iloc[placed.rep].tolist() == expected


def test_each_batch_finds_the_room_as_it_was(planned: Planned) -> None:
    pool = Pool(planned)
    before = pool.room.copy()
    drawn = np.array([3, 3, 3, 10, 11, 12])
    first, second = pool.route(drawn), pool.route(drawn)
    assert first.added.any()
    assert (first.added == second.added).all()
    assert (first.lead == second.lead).all()
    assert np.isin(first.lead, drawn).all()
    for kept, now in zip(before, pool.room.copy(), strict=True):
        assert (kept == now).all()


def test_nobody_comes(planned: Planned) -> None:
    placed = Pool(planned).route(np.zeros(0, np.int64))
    assert not len(placed.lead)
    assert not placed.added.any()
