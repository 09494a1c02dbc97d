"""What simple policies see of a company, read off hand-made tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import NoPlanError, UsageError
from models.problem import NOBODY
from planner.compile import compile_problem
from planner.engines.baselines.routers import ROUTERS
from planner.intake import Leads, intake_of
from tests.companies import hand_made, snapshots
from tests.policies import policies, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.engines.baselines.intake import Intake
    from planner.policy import Policy

LEADS: dict[str, list[Any]] = {
    "owner": ["R1", None, "R2", None],
    "created": ["2026-11-20T12:00:00Z", "2026-11-19T18:00:00Z", None, "2026-11-10"],
    "owned_since": ["2026-11-20", None, "2026-11-01", None],
    "status": ["Converted", "open", None, "dead"],
    "source": ["web", "fair", "web", None],
    "industry": ["tech", "tech", "bank", None],
    "win_probability": [0.1, 0.2, 0.3, 0.4],
}
REPS: dict[str, list[Any]] = {
    "team": ["West", "East", "West"],
    "industries": ["tech", "bank", "*"],
    "max_leads": [10, 20, 30],
    "capacity_hours": [40, 20, 10],
    "base_leads": [2, None, 0],
    "hired": ["2026-11-19T18:00:00Z", "2020-01-01", None],
}
MATCH = [{"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}}]


@given(snapshots(), policies(), st.sampled_from(list(Leads)), st.booleans())
def test_every_company_under_every_policy_can_be_shared_out(
    snapshot: Snapshot, rules: Policy, scope: Leads, capped: bool
) -> None:
    try:
        compiled = compile_problem(snapshot, rules)
    except NoPlanError:
        return
    batch = intake_of(compiled, leads=scope, capped=capped)
    problem = batch.problem
    for router in ROUTERS.values():
        rep_of_row = problem.rep[router.route(batch, 1)]
        assigned = np.flatnonzero(rep_of_row != NOBODY)
        assert compiled.eligibility.allows(assigned, rep_of_row[assigned].astype(np.int64)).all()
    if scope is Leads.NEW:
        owner = compiled.ownership.owner[compiled.ownership.may_keep]
        rows = compiled.row_of_lead[compiled.ownership.may_keep]
        assert batch.is_settled()[rows].all()
        # A row stays with an owner of one of its leads, unless it is pinned to somebody else.
        stays = problem.rep[problem.indptr[:-1]]
        known = set(zip(rows.tolist(), owner.tolist(), strict=True))
        only = np.diff(compiled.problem.indptr) == 1
        assert all((row, stays[row]) in known or only[row] for row in rows.tolist())


def intake(
    leads: dict[str, list[Any]] | None = None,
    reps: dict[str, list[Any]] | None = None,
    *,
    scope: Leads = Leads.ALL,
    capped: bool = True,
    field: str = "owner",
    **parts: Any,
) -> Intake:
    snapshot = hand_made(LEADS | (leads or {}), REPS | (reps or {}))
    compiled = compile_problem(snapshot, policy(**parts))
    return intake_of(compiled, leads=scope, capped=capped, field=field)


def pairs(given: Intake) -> list[list[int]]:
    problem = given.problem
    return [
        problem.rep[a:b].tolist() for a, b in zip(problem.indptr, problem.indptr[1:], strict=False)
    ]


def test_all_leads_may_go_to_anybody() -> None:
    assert pairs(intake()) == [[0, 1, 2, NOBODY]] * 4


def test_new_leads_are_those_without_an_owner() -> None:
    given = intake(scope=Leads.NEW)
    assert pairs(given) == [[0], [0, 1, 2, NOBODY], [1], [0, 1, 2, NOBODY]]
    assert given.is_settled().tolist() == [True, False, True, False]
    assert given.problem.score.shape == given.problem.rep.shape


def test_a_lead_whose_owner_may_not_keep_it_is_new() -> None:
    given = intake(reps={"active": [0, 1, 1]}, scope=Leads.NEW)
    assert pairs(given) == [[1, 2, NOBODY], [1, 2, NOBODY], [1], [1, 2, NOBODY]]


def test_a_family_stays_with_the_owner_of_most_of_it() -> None:
    owners = ["R1", "R3", "R3", None]
    given = intake({"owner": owners, "family": ["F"] * 4}, scope=Leads.NEW)
    assert pairs(given) == [[2]]
    tied = intake({"owner": ["R3", "R1", None, None], "family": ["F"] * 4}, scope=Leads.NEW)
    assert pairs(tied) == [[0]]


def test_limits_count_where_they_are_to() -> None:
    capacity = [{"measure": "count", "at_most": "max_leads"}]
    assert len(intake(capacity=capacity).problem.resources) == 1
    assert intake(capacity=capacity, capped=False).problem.resources == ()
    kept = intake(capacity=capacity, scope=Leads.NEW).problem
    assert kept.loads(kept.indptr[:-1])[0].tolist() == [5, 1, 0]


def test_budgets_of_moves_follow_the_pairs() -> None:
    moves = {"at_most_moves": {"total": 1}}
    for scope, moved in ((Leads.ALL, 2), (Leads.NEW, 0)):
        problem = intake(scope=scope, continuity=moves).problem
        last_reps = np.where(problem.rep[problem.indptr[1:] - 1] == NOBODY, 2, 1)
        assert problem.loads(problem.indptr[1:] - last_reps)[0].tolist() == [moved]


def test_what_is_known_of_leads() -> None:
    leads = intake(prefer=MATCH).leads
    np.testing.assert_allclose(leads.chance, [0.1, 0.2, 0.3, 0.4])
    assert leads.liked.reshape(4, 4).tolist() == [
        [True, False, True, False],
        [True, False, True, False],
        [False, True, True, False],
        [False, False, False, False],
    ]
    # It is 18:00 UTC on the 20th; a date begins at midnight in New York.
    np.testing.assert_allclose(leads.days_old, [0.25, 1.0, np.nan, 10 + 13 / 24])
    assert leads.channel.tolist() == [0, 1, 0, 2]
    assert leads.named.tolist() == [0, -1, 1, -1]
    assert leads.open_leads.tolist() == [0, 1, 1, 0]


def test_a_chance_that_depends_on_reps_is_their_mean() -> None:
    history: dict[str, list[Any]] = {
        "lead_id": ["H1", "H2"], "rep_id": ["R1", "R2"], "won": [1, 0],
        "closed_on": ["2026-01-01"] * 2,
    }  # fmt: skip
    snapshot = hand_made({"region": ["US"]}, {"level": [1, 1]}, history=history)
    learned = policy(win_probability={"history": {"per_rep": True, "prior_strength": 1}})
    leads = intake_of(compile_problem(snapshot, learned)).leads
    # R1: (1 + 0.5) / 2, R2: 0.5 / 2.
    np.testing.assert_allclose(leads.chance, [0.5])


def test_a_column_may_name_a_rep() -> None:
    named = intake({"stage": ["R3", "R9", None, "R1"]}, field="stage").leads.named
    assert named.tolist() == [2, -1, -1, 0]
    with pytest.raises(UsageError, match="leads have no column 'boss'"):
        intake(field="boss")


def test_what_is_known_of_reps() -> None:
    reps = intake(reps={"active": [1, 1, 0]}).reps
    assert reps.at_work.tolist() == [True, True, False]
    assert reps.team.tolist() == [0, 1, 0]
    assert reps.base_leads.tolist() == [2, 0, 0]
    np.testing.assert_allclose(reps.days_since_hired[[0, 2]], [1.0, np.nan])


def test_only_leads_that_stay_were_received() -> None:
    assert intake().reps.received_month.tolist() == [0, 0, 0]
    stays = intake(scope=Leads.NEW).reps
    assert stays.received_day.tolist() == [1, 0, 0]
    assert stays.received_month.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("parts", "weight"),
    [
        ({}, [1, 1, 1]),
        ({"capacity": [{"measure": "count", "at_most": 5}]}, [1, 1, 1]),
        ({"capacity": [{"measure": "effort_hours", "at_most": "capacity_hours"}]}, [40, 20, 10]),
    ],
)
def test_weights_are_those_of_the_first_limit(parts: dict[str, Any], weight: list[float]) -> None:
    assert intake(**parts).reps.weight.tolist() == weight
    assert intake(reps={"active": [1, 0, 1]}, **parts).reps.weight.tolist() == [
        weight[0], 0, weight[2],
    ]  # fmt: skip


def test_weights_of_a_fair_share_come_first() -> None:
    fair = {"measure": "count", "share_by": "max_leads", "within": "10%", "mode": "hard"}
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    weight = intake(fairness=[fair], capacity=[hours]).reps.weight
    np.testing.assert_allclose(weight / weight.sum(), [1 / 6, 2 / 6, 3 / 6])


def test_capacity_is_the_limit_of_leads_or_hours_in_mean_leads() -> None:
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    count = {"measure": "count", "at_most": "max_leads"}
    some = {"measure": "count", "at_most": 1, "where": {"industry": "tech"}}
    effort = {"effort_hours": [1, 2, 3, 2]}
    assert intake(effort, capacity=[some, hours, count]).reps.capacity.tolist() == [10, 20, 30]
    assert intake(effort, capacity=[some, hours]).reps.capacity.tolist() == [20, 10, 5]
    assert intake(capacity=[some]).reps.capacity.tolist() == [4, 4, 4]


def test_limits_of_teams_say_nothing_about_reps() -> None:
    team = {"measure": "count", "at_most": 2, "per": "team"}
    count = {"measure": "count", "at_most": "50% of max_leads"}
    assert intake(capacity=[team]).reps.capacity.tolist() == [4, 4, 4]
    reps = intake(capacity=[team, count]).reps
    assert reps.capacity.tolist() == [5, 10, 15]
    assert reps.weight.tolist() == [10, 20, 30]
