"""What best plans promise: more freedom never costs, pins hold, who is away gets nothing new."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import assume, given, settings

from models.errors import NoPlanError
from planner.compile import Compiled, compile_problem
from planner.engines.exact import Exact
from planner.overload import overfull
from planner.policy import policy_from_text
from planner.stages import totals_of
from tests.companies import company, seeds
from tests.policies import made_by, random_policy, yaml_text
from tests.watchers import solve

MONEY = 0.02
RELATIVE = 1e-8


def data_of(seed: int) -> dict[str, Any]:
    """Return the data of a random policy."""
    return random_policy(np.random.default_rng(seed))


def compiled_of(of_company: int, data: dict[str, Any], **settled: Any) -> Compiled:
    """Return the problem of a random company under a policy's data; none is tried in vain."""
    try:
        return compile_problem(company(of_company), policy_from_text(yaml_text(data)), **settled)
    except NoPlanError:
        assume(False)
        raise


def best(compiled: Compiled) -> float:
    """Return the best objective; -inf where there is no plan."""
    objective = solve(Exact(), compiled.problem).objective
    return -np.inf if objective is None else objective


def assert_no_worse(better: float, worse: float) -> None:
    """Compare objectives, up to what counts as optimal."""
    assert better >= worse - MONEY - RELATIVE * abs(worse)


@settings(max_examples=20)
@given(seeds(), seeds())
def test_a_wider_hard_band_never_lowers_the_objective(of_company: int, of_policy: int) -> None:
    share = made_by(of_policy).fair_share() | {"mode": "hard"}
    data = data_of(of_policy)
    without = compiled_of(of_company, data)
    assume(not overfull(without))
    reference = solve(Exact(), without.problem)
    assume(reference.has_plan)
    chosen = without.rep_of_leads(reference.assignment())
    objectives = []
    for within in ("20%", "60%", "300%"):
        banded = data | {"fairness": [share | {"within": within}]}
        settled = totals_of(compiled_of(of_company, banded), chosen)
        objectives.append(best(compiled_of(of_company, banded, settled=settled)))
    for narrow, wide in itertools.pairwise(objectives):
        assert_no_worse(wide, narrow)
    assert_no_worse(best(without), objectives[-1])


@settings(max_examples=20)
@given(seeds(), seeds())
def test_a_larger_move_budget_never_lowers_the_objective(of_company: int, of_policy: int) -> None:
    data = data_of(of_policy)
    objectives = []
    for total in (0, 1, 3, 100):
        budget = {"at_most_moves": {"total": total, "per_losing_rep": total}}
        data["continuity"] = (data.get("continuity") or {}) | budget
        compiled = compiled_of(of_company, data)
        assume(not overfull(compiled))
        objectives.append(best(compiled))
    for few, many in itertools.pairwise(objectives):
        assert_no_worse(many, few)


@settings(max_examples=60)
@given(seeds(), seeds())
def test_pins_hold_and_who_is_away_gets_nothing_new(of_company: int, of_policy: int) -> None:
    data = data_of(of_policy)
    data["must"] = [*(data.get("must") or ()), {"available": {"at_least": "1%"}}]
    snapshot = company(of_company)
    try:
        compiled = compile_problem(snapshot, policy_from_text(yaml_text(data)))
    except NoPlanError as refused:
        # The conflict is named: at least one lead that must have a rep, and why it cannot.
        assert any(lead_id in str(refused) for lead_id in snapshot.leads["lead_id"])  # noqa: PT017
        return
    outcome = solve(Exact(), compiled.problem)
    assume(outcome.has_plan)
    rep_of_lead = compiled.rep_of_leads(outcome.assignment())
    ids = snapshot.reps["rep_id"].tolist()
    rep_of = {
        lead_id: ids[rep] if rep >= 0 else None
        for lead_id, rep in zip(snapshot.leads["lead_id"], rep_of_lead, strict=True)
    }
    for lead_id, rep_id, kind in snapshot.rep_pins[["lead_id", "rep_id", "kind"]].itertuples(
        index=False
    ):
        assert (rep_of[lead_id] == rep_id) == (kind == "fixed")
    away = np.flatnonzero(compiled.facts.present_share <= 0)
    row, owner = compiled.row_of_lead, snapshot.owner_index
    held = set(zip(row.tolist(), owner.tolist(), strict=True))
    for lead in np.flatnonzero(np.isin(rep_of_lead, away)):
        assert (int(row[lead]), int(rep_of_lead[lead])) in held
