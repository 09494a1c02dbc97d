"""Books that have least are lifted stage by stage, and the plan keeps what was reached."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.errors import NoPlanError
from models.outcome import Limits
from models.plan import MAX_MIN, REFERENCE
from models.settled import Settled
from planner.bound import bound
from planner.certificate import derive_bounds, false_figures
from planner.check import check
from planner.compile import compile_problem
from planner.engines.engine import Start
from planner.engines.exact import Exact
from planner.engines.levels import Levels
from planner.max_min import Lift, lifting_rule
from planner.rule_prices import expected_value
from planner.solve import evaluate, make_plan
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.policies import BASE, faults_of, policy
from tests.watchers import EXACTLY, Notebook

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Outcome
    from models.problem import Problem
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy

PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "50%"}}]
CAPACITY = [{"measure": "count", "at_most": "max_leads"}]
LIFT = {"measure": "expected_value", "mode": "max_min"}
SNAPSHOT = hand_made(
    {"amount": [20, 40, 60, 80, 100, 120, 20], "industry": ["tech"] * 6 + ["bank"]},
    {"industries": ["tech", "bank", "*"], "max_leads": [7, 7, 7], "quota": [1, 1, 2]},
)
MUST = [{"match": {"lead": "industry", "rep": "industries"}}]
"""R2 may have the last lead alone, which brings 10 of 220 in all."""


def rules_of(**parts: Any) -> Policy:
    """Return a policy whose only fairness is to lift the smallest books."""
    return policy(must=MUST, fairness=[{**LIFT, **parts}])


def test_stages_lift_one_book_after_the_other() -> None:
    made = make_plan(SNAPSHOT, rules_of(stages=3), limits=Limits(gap=0.0))
    stages = made.record.stages
    assert [each.name for each in stages] == [REFERENCE, *(f"{MAX_MIN} {k}" for k in (1, 2, 3))]
    # A fair share is 220 / 3: R2 has the 10 that it may have, the others 100 and 110.
    reached = np.array([10, 10 + 100, 10 + 100 + 110]) / (220 / 3)
    assert [each.objective for each in stages[1:]] == pytest.approx(reached, rel=1e-5)
    assert [each.bound for each in stages[1:]] == pytest.approx(reached, rel=1e-5)
    (kept,) = made.record.settled.max_min.values()
    assert kept.sums == pytest.approx(reached, rel=1e-5)
    assert kept.reference_value == pytest.approx(220)
    assert sorted(made.reps["expected_value"]) == pytest.approx([10, 100, 110])
    assert made.record.kpis.loads["expected_value"].least_share == pytest.approx(10 / (220 / 3))
    assert made.record.feasible
    assert all(sentence.kept for sentence in made.record.sentences)


def test_shares_by_quota_and_exempt_reps() -> None:
    made = make_plan(
        SNAPSHOT, rules_of(stages=9, share_by="quota", exempt={"rep_id": "R2"}), limits=EXACTLY
    )
    # R1 has one part of three, R3 two: 70 or 80, and 140 or 150.
    names = [each.name for each in made.record.stages]
    assert names == [REFERENCE, f"{MAX_MIN} 1", f"{MAX_MIN} 2"]
    loads = made.reps["expected_value"].to_numpy()
    assert min(loads[0], loads[2] / 2) >= 0.999 * 70


def test_an_assignment_made_elsewhere_is_told_its_least_share() -> None:
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id=["R1"] * 6 + ["R2"])
    made = evaluate(SNAPSHOT, rules_of(), frame)
    assert made.record.feasible
    assert made.record.kpis.loads["expected_value"].least_share == pytest.approx(0)


def test_what_the_checker_says() -> None:
    rules = rules_of(keep_value="90%")
    made = make_plan(SNAPSHOT, rules, limits=EXACTLY)
    settled = made.record.settled
    assert check(rules, SNAPSHOT, made.assignments, settled) == []
    fewer = made.assignments[["lead_id", "rep_id"]].copy()
    fewer.loc[fewer["lead_id"] == "L7", "rep_id"] = "R3"
    told = [found.text for found in check(rules, SNAPSHOT, fewer, settled)]
    assert told[0] == (
        "the 1 smallest loads are 0 fair shares together; the plan keeps at least 0.136227"
    )
    kept = {label: each.model_copy(update={"reference_value": 1000.0})
            for label, each in settled.max_min.items()}  # fmt: skip
    dear = settled.model_copy(update={"max_min": kept})
    told = [found.text for found in check(rules, SNAPSHOT, made.assignments, dear)]
    assert told == ["the expected value is 220; the plan keeps at least 900"]


def test_bounds_are_derived_again() -> None:
    rules = rules_of(keep_value="90%")
    made = make_plan(SNAPSHOT, rules)
    assert false_figures(SNAPSHOT, rules, made) == []
    assert derive_bounds(SNAPSHOT, rules, made).allows(made.record.bound)


def test_a_band_that_cannot_hold_leaves_no_plan() -> None:
    band = {"measure": "count", "within": "0%", "mode": "hard"}
    with pytest.raises(NoPlanError, match="infeasible"):
        make_plan(SNAPSHOT, policy(must=MUST, fairness=[LIFT, band]))


def test_where_there_is_nothing_to_share_there_is_no_stage() -> None:
    worthless = hand_made({"amount": [0, 0]})
    made = make_plan(worthless, policy(fairness=[LIFT]))
    assert [each.name for each in made.record.stages] == [REFERENCE]


def test_a_plan_to_start_from_that_lifts_less_gives_its_prices_only() -> None:
    first = make_plan(SNAPSHOT, policy(must=MUST))
    made = make_plan(SNAPSHOT, rules_of(), start=first, limits=EXACTLY)
    again = make_plan(SNAPSHOT, rules_of(), start=made, limits=EXACTLY)
    assert again.record.objective == pytest.approx(made.record.objective)
    assert made.record.kpis.price_of_fairness == pytest.approx(0)


def test_sentence() -> None:
    told = rules_of(stages=2, share_by="quota", keep_value="95%").describe()
    assert (
        "The smallest expected value, as a part of the fair share, is as large as possible, then "
        "the sum of the 2 smallest, and so on up to 2; the fair share is by quota; the plan keeps "
        "95 % of the expected value without this."
    ) in told


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "{measure: count, mode: hard}",
            "fairness: got {'measure': 'count', 'mode': 'hard'}; "
            "needs either `within`, or `at_least`, `at_most` or both",
        ),
        (
            "{measure: count, mode: hard, within: 5%, keep_value: 5%}",
            "fairness: got {'measure': 'count', 'mode': 'hard', 'within': '5%', 'keep_value': "
            "'5%'}; has `stages` and `keep_value` only where the mode is max_min",
        ),
        (
            "{measure: count, mode: max_min, at_least: 5%}",
            "fairness: got {'measure': 'count', 'mode': 'max_min', 'at_least': '5%'}; "
            "has no `within`, `at_least` or `at_most` where the mode is max_min",
        ),
        (
            "{measure: count, mode: max_min, stages: 0}",
            "fairness.stages: got 0; must be at least 1",
        ),
    ],
)
def test_faults(rule: str, fault: str) -> None:
    assert faults_of(f"{BASE}fairness:\n  - {rule}\n") == [f"line 8: {fault}"]


def test_a_policy_has_stages_once() -> None:
    rules = "  - {measure: count, mode: max_min}\n  - {measure: amount, mode: max_min}\n"
    assert faults_of(f"{BASE}fairness:\n{rules}") == [
        "line 9: fairness: count has the mode max_min already; keep one"
    ]


def random_case(seed: int) -> tuple[Snapshot, Policy]:
    """Return a small company with work outside the plan, and a policy with other rules, too."""
    rng = np.random.default_rng(seed)
    num_leads, num_reps = int(rng.integers(4, 8)), 3
    snapshot = hand_made(
        {
            "amount": rng.integers(1, 100, num_leads).tolist(),
            "effort_hours": rng.integers(1, 9, num_leads).tolist(),
            "owner": [f"R{at}" for at in rng.integers(1, num_reps + 1, num_leads)],
            "industry": rng.choice(["tech", "bank"], num_leads).tolist(),
        },
        {
            "industries": ["tech", "bank", "tech;bank"],
            "max_leads": rng.integers(2, 6, num_reps).tolist(),
            "quota": rng.integers(1, 4, num_reps).tolist(),
            "base_leads": rng.integers(0, 3, num_reps).tolist(),
            "base_hours": rng.integers(0, 9, num_reps).tolist(),
        },
    )

    def one_of(*choices: Any) -> Any:
        return choices[int(rng.integers(len(choices)))]

    lift = {
        "measure": one_of("expected_value", "count", "effort_hours", "amount"),
        "mode": "max_min",
        "share_by": one_of("quota", "head"),
        "stages": one_of(1, 2, 3),
        **one_of({}, {"keep_value": "100%"}, {"keep_value": "80%"}),
        **one_of({}, {}, {"exempt": {"rep_id": "R2"}}),
    }
    continuity = {"switching_cost": {"share": "10%"}, "at_most_moves": {"total": 3}}
    # A full book and few moves together may leave no plan at all.
    limits = one_of({}, {"capacity": CAPACITY}, {"continuity": continuity})
    unassigned = one_of({}, {"cost": "0%"})
    must = one_of([], MUST)
    return snapshot, policy(
        prefer=PREFER, must=must, fairness=[lift], unassigned=unassigned, **limits
    )


def every_plan(problem: Problem) -> list[Ints]:
    """Return every assignment that keeps the hard limits."""
    ends = zip(problem.indptr[:-1], problem.indptr[1:], strict=True)
    plans = (np.array(chosen) for chosen in product(*(range(*each) for each in ends)))
    return [chosen for chosen in plans if problem.is_feasible(chosen)]


def by_trying_all(compiled: Compiled, least_value: float) -> tuple[list[float], float]:
    """Return what each stage can reach and the best objective after them."""
    (rule,) = compiled.policy.fairness
    share = rule.shares(compiled.facts, compiled.settled.fair_totals[rule.label])
    plans, reached = [], []
    for chosen in every_plan(compiled.problem):
        rep_of_lead = compiled.rep_of_leads(chosen)
        if expected_value(compiled, rep_of_lead) >= least_value - 1e-6 * max(1, least_value):
            load = rule.load(compiled.facts, compiled.valuation, rep_of_lead)
            ratios = np.sort((load / share)[~np.isnan(share)])
            plans.append((np.cumsum(ratios), compiled.problem.objective(chosen)))
    for stage in range(min(rule.stages, int((~np.isnan(share)).sum()))):
        reached.append(max(sums[stage] for sums, _ in plans))
        plans = [each for each in plans if each[0][stage] >= 0.999 * reached[stage] - 1e-6]
    return reached, max(objective for _, objective in plans)


def run_here(problem: Problem, start: Start) -> Outcome:
    """Run an engine in this process."""
    has_relief = any(resource.relief is not None for resource in problem.resources)
    return (Levels() if has_relief else Exact()).solve(problem, EXACTLY, start, Notebook())


def reference_of(snapshot: Snapshot, rules: Policy) -> tuple[Compiled, Ints, float]:
    """Return the problem with fair totals, the plan without fairness and its expected value."""
    plain = compile_problem(snapshot, rules)
    chosen, _ = best_assignment(plain.problem)
    assert chosen is not None
    rep_of_lead = plain.rep_of_leads(chosen)
    (rule,) = rules.fairness
    totals = {rule.label: rule.total(plain.facts, plain.valuation, rep_of_lead)}
    compiled = compile_problem(snapshot, rules, settled=Settled(fair_totals=totals))
    return compiled, chosen, expected_value(plain, rep_of_lead)


@pytest.mark.parametrize(
    "seed",
    [*range(24), *(pytest.param(seed, marks=pytest.mark.hard) for seed in range(24, 300))],
)
def test_stages_and_plan_are_the_best_of_all(seed: int) -> None:
    snapshot, rules = random_case(seed)
    compiled, chosen, value = reference_of(snapshot, rules)
    (rule,) = rules.fairness
    if compiled.settled.fair_totals[rule.label] == 0:
        assert lifting_rule(compiled) is None
        return
    reached, best = by_trying_all(compiled, (rule.keep_value or 0.0) * value)
    assert lifting_rule(compiled) is rule
    lift = Lift(compiled, rule, value, threads=1)
    start = Start(chosen)
    assert lift.num_stages == len(reached)
    for number, expected in enumerate(reached, 1):
        outcome = lift.lift(number, start, run_here)
        assert outcome.objective == pytest.approx(expected, abs=2e-5)
        assert expected - 1e-5 <= outcome.bound <= expected + 2e-5
        start = Start(outcome.assignment())
        assert lift.keeps(start.chosen)
    last = lift.solve(lambda problem: problem, start, run_here)
    assert lift.keeps(last.assignment())
    assert last.objective == pytest.approx(best, abs=0.02)
    assert best - 0.02 <= last.bound <= best + 0.02
    settled = lift.compiled.settled
    rep = lift.compiled.rep_of_leads(last.assignment())
    frame = snapshot.leads[["lead_id"]].assign(
        rep_id=snapshot.reps["rep_id"].array.take(rep, allow_fill=True)
    )
    assert check(rules, snapshot, frame, settled) == []


@pytest.mark.parametrize("seed", range(12))
def test_limits_on_single_reps_keep_the_sums(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.max_min.ROUNDS", 1)
    snapshot, rules = random_case(seed)
    compiled, chosen, value = reference_of(snapshot, rules)
    (rule,) = rules.fairness
    lift = Lift(compiled, rule, value, threads=1)
    start = Start(chosen)
    for number in range(1, lift.num_stages + 1):
        start = Start(lift.lift(number, start, run_here).assignment())
        assert lift.keeps(start.chosen)
    last = lift.solve(lambda problem: problem, start, run_here)
    assert lift.keeps(last.assignment())
    assert last.objective is not None
    assert last.objective >= lift.compiled.problem.objective(start.chosen) - 1e-9
    assert last.objective <= last.bound + 0.01


@pytest.mark.parametrize("seed", range(10))
def test_larger_companies_get_a_bound_for_all_plans(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.max_min.FEW_PAIRS", 0)
    snapshot, rules = random_case(seed)
    compiled, chosen, value = reference_of(snapshot, rules)
    (rule,) = rules.fairness
    if lifting_rule(compiled) is None:
        return
    lift, start = Lift(compiled, rule, value, threads=1), Start(chosen)
    for number in range(1, lift.num_stages + 1):
        start = Start(lift.lift(number, start, run_here).assignment())
    last = lift.last(start, run_here)
    problem = lift.compiled.problem
    best = max(problem.objective(plan) for plan in every_plan(problem) if lift.keeps(plan))
    assert lift.keeps(last.assignment())
    assert problem.objective(start.chosen) <= (last.objective or 0.0) <= best + 1e-6
    assert last.prices is not None
    assert last.bound == pytest.approx(bound(problem, last.prices.by_resource))
    assert last.bound >= best - 1e-6


def test_continuity_has_a_price_beside_lifted_books() -> None:
    owned = hand_made({"amount": [20, 40, 60], "owner": ["R1", "R1", "R1"]})
    moves = {"at_most_moves": {"total": 1}}
    made = make_plan(owned, policy(fairness=[LIFT], continuity=moves), limits=EXACTLY)
    # One move lifts the other rep to half of all; free moves could do no more.
    assert made.record.stages[1].objective == pytest.approx(1.0)
    assert made.record.kpis.price_of_continuity == pytest.approx(0)
    assert made.record.kpis.moves == 1
