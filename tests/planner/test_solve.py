"""The front door: plans are checked, repeatable, never worse than greedy, or refused."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from models.errors import EngineError, NoPlanError, PlanFileError, PolicyError
from models.outcome import Limits, StopReason
from planner.policy import Policy, policy_from_text
from planner.solve import evaluate, make_plan
from scenarios.generate import CompanySpec, generate, policy_text

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.engines.engine import Progress

SPEC = CompanySpec(num_leads=120, num_reps=6, seed=11)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Return a small company."""
    return generate(SPEC).snapshot()


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return its policy."""
    return policy_from_text(policy_text(SPEC))


def test_a_plan_is_proven_and_beats_simple_policies(snapshot: Snapshot, policy: Policy) -> None:
    plan = make_plan(
        snapshot, policy, limits=Limits(seconds=10), baselines=("greedy", "round_robin")
    )
    record = plan.record
    assert record.feasible
    assert record.objective is not None
    assert record.bound >= record.objective - 1e-6
    greedy = make_plan(snapshot, policy, engine="greedy").record
    assert greedy.objective is not None
    assert greedy.objective <= record.objective <= record.bound + 1e-6
    counted = greedy.kpis.model_copy(update={"limits_broken": 0})
    assert record.baselines["greedy"] == counted
    assert all(sentence.kept for sentence in record.sentences)
    assert set(record.timings) >= {"compile", "solve", "check"}


def test_shuffled_rows_give_the_same_plan(policy: Policy) -> None:
    company = generate(SPEC)
    plain = make_plan(company.snapshot(), policy, engine="greedy").record
    random = np.random.default_rng(1)
    for table in (company.leads, company.reps, company.history, company.pins):
        order = random.permutation(len(table))
        table[:] = table.iloc[order].to_numpy()
    shuffled = make_plan(company.snapshot(), policy, engine="greedy").record
    assert shuffled.hashes["snapshot"] == plain.hashes["snapshot"]
    assert shuffled.hashes["plan"] == plain.hashes["plan"]


def test_renaming_ids_keeps_the_optimum(policy: Policy) -> None:
    """R39: who is called what decides nothing but ties."""
    spec = CompanySpec(num_leads=40, num_reps=4, seed=5)
    company = generate(spec)
    plain = make_plan(company.snapshot(), policy, limits=Limits(seconds=30, gap=0.0)).record
    for table, columns in (
        (company.leads, ("lead_id", "owner")),
        (company.reps, ("rep_id",)),
        (company.history, ("rep_id",)),
        (company.absences, ("rep_id",)),
        (company.pins, ("lead_id", "rep_id")),
    ):
        for column in columns:
            table[column] = table[column].map(lambda name: f"{name[::-1]}-x", na_action="ignore")
    renamed = make_plan(company.snapshot(), policy, limits=Limits(seconds=30, gap=0.0)).record
    assert plain.reason == renamed.reason == StopReason.OPTIMAL
    assert renamed.objective == pytest.approx(plain.objective, abs=0.02)


def test_every_lead_is_told_once_with_a_reason(snapshot: Snapshot, policy: Policy) -> None:
    plan = make_plan(snapshot, policy, engine="greedy")
    assert plan.assignments["lead_id"].tolist() == snapshot.leads["lead_id"].tolist()
    assert plan.assignments["reason"].notna().all()
    assert set(plan.unassigned["reason"]) <= {"no_room", "no_eligible_rep"}


def test_evaluate_of_a_plan_is_the_plan(snapshot: Snapshot, policy: Policy) -> None:
    plan = make_plan(snapshot, policy, engine="round_robin")
    again = evaluate(snapshot, policy, plan.assignments[["lead_id", "rep_id"]])
    assert again.record.objective == pytest.approx(plan.record.objective)
    assert again.record.kpis == plan.record.kpis
    assert again.record.hashes["plan"] == plan.record.hashes["plan"]


def test_evaluate_tells_every_breach(snapshot: Snapshot, policy: Policy) -> None:
    rep = snapshot.reps["rep_id"].iat[0]
    everything = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": rep})
    record = evaluate(snapshot, policy, everything).record
    assert not record.feasible
    assert record.objective is None
    assert record.gap is None
    assert record.breaches
    broken = {sentence.rule for sentence in record.sentences if not sentence.kept}
    assert "capacity" in broken


def test_an_absent_lead_is_unassigned(snapshot: Snapshot, policy: Policy) -> None:
    nothing = pd.DataFrame({"lead_id": [], "rep_id": []}, dtype="str")
    record = evaluate(snapshot, policy, nothing).record
    assert record.kpis.assigned == 0
    assert record.kpis.expected_value == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("X", "R1")], "unknown lead_id: X"),
        ([("L001", "X")], "unknown rep_id: X"),
        ([("L001", "R1"), ("L001", "R2")], "lead_id given twice: L001"),
    ],
)
def test_assignments_that_do_not_fit_are_refused(
    snapshot: Snapshot, policy: Policy, rows: list[tuple[str, str]], said: str
) -> None:
    table = pd.DataFrame(rows, columns=["lead_id", "rep_id"])
    with pytest.raises(PlanFileError, match=said):
        evaluate(snapshot, policy, table)


def test_assignments_without_the_columns_are_refused(snapshot: Snapshot, policy: Policy) -> None:
    with pytest.raises(PlanFileError, match="no column rep_id"):
        evaluate(snapshot, policy, pd.DataFrame({"lead_id": ["L001"]}))


def test_unknown_engine(snapshot: Snapshot, policy: Policy) -> None:
    with pytest.raises(
        EngineError, match="there are auto, flow, exact, prices, greedy, round_robin"
    ):
        make_plan(snapshot, policy, engine="magic")


def test_an_engine_says_why_it_cannot(snapshot: Snapshot, policy: Policy) -> None:
    with pytest.raises(EngineError, match="engine flow cannot take this problem"):
        make_plan(snapshot, policy, engine="flow")


def test_impossible_is_proved_and_said(snapshot: Snapshot) -> None:
    text = policy_text(SPEC).replace("unassigned: {cost: 100%}", "unassigned: forbidden")
    with pytest.raises(NoPlanError, match="infeasible") as caught:
        make_plan(snapshot, policy_from_text(text), limits=Limits(seconds=20))
    assert caught.value.impossible


def test_a_policy_in_another_currency_is_refused(snapshot: Snapshot) -> None:
    text = policy_text(SPEC).replace("currency: USD", "currency: EUR")
    with pytest.raises(PolicyError, match="currency is EUR, but the tables are in USD"):
        make_plan(snapshot, policy_from_text(text))


class StopsAtOnce:
    """A watcher that asks to stop at the first chance."""

    def report(self, progress: Progress) -> None:
        """Take no note."""

    def should_stop(self) -> bool:
        """Return True."""
        return True


def test_a_cancelled_run_keeps_its_best_plan_or_says_that_there_is_none(
    snapshot: Snapshot, policy: Policy
) -> None:
    plan = None
    with suppress(NoPlanError):
        plan = make_plan(snapshot, policy, engine="exact", watcher=StopsAtOnce())
    if plan is not None:
        assert plan.record.reason is not StopReason.TIME_LIMIT
        assert plan.record.feasible
