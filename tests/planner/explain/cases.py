"""Small companies with tight limits, each with its best plan, ready to be explained."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.compile import compile_problem
from planner.engines.exact import Exact
from planner.planned import Planned
from planner.solve import evaluate
from planner.stages import totals_of
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.policies import policy
from tests.watchers import EXACTLY, Notebook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from models.snapshot import Snapshot
    from planner.engines.engine import Start, Watcher
    from planner.policy import Policy

NUM_REPS = 3
CENT = 0.011


def random_case(seed: int) -> tuple[Snapshot, Policy]:
    """Return a company whose reps compete for leads, and a policy of several kinds of rules."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 8))

    def one_of(*choices: Any) -> Any:
        return choices[int(rng.integers(len(choices)))]

    snapshot = hand_made(
        {
            "amount": rng.integers(20, 400, size).tolist(),
            "effort_hours": rng.integers(1, 6, size).tolist(),
            "owner": [one_of(None, "R1", "R2", "R3") for _ in range(size)],
            "industry": rng.choice(["tech", "bank", "arms"], size, p=[0.5, 0.4, 0.1]).tolist(),
            "needs": rng.choice(["", "audit"], size, p=[0.7, 0.3]).tolist(),
            "family": [one_of(None, None, None, "F1") for _ in range(size)],
        },
        {
            "industries": ["tech", "bank", "tech;bank"],
            "skills": ["audit", "", "audit"],
            "max_leads": rng.integers(1, 4, NUM_REPS).tolist(),
            "capacity_hours": rng.integers(3, 12, NUM_REPS).tolist(),
            "level": [1, 2, 3],
        },
    )
    rules: dict[str, Any] = {
        "must": [{"match": {"lead": "industry", "rep": "industries"}}, {"skills": {}}],
        "prefer": [{"steer": {"reps": {"level": {"at_least": 2}}, "bonus": "20%"}}],
        "capacity": [
            {"measure": "count", "at_most": "max_leads"},
            {"measure": "effort_hours", "at_most": "capacity_hours"},
        ][: int(rng.integers(1, 3))],
        "continuity": {"switching_cost": {"share": "15%"}},
        "unassigned": {"cost": one_of("0%", "50%")},
    }
    if rng.random() < 0.4:
        rules["continuity"]["at_most_moves"] = {"total": int(rng.integers(1, 4))}
    if rng.random() < 0.5:
        band = one_of({"mode": "hard", "at_most": "150%"}, {"mode": "soft", "cost": 9.0})
        band = {"within": "40%", **band} if band["mode"] == "soft" else band
        rules["fairness"] = [{"measure": one_of("count", "effort_hours"), **band}]
    return snapshot, policy(**rules)


@lru_cache
def planned_case(seed: int) -> Planned | None:
    """Return a company's best plan beside its problem; None where there is no plan."""
    snapshot, rules = random_case(seed)
    compiled = compile_problem(snapshot, rules)
    reference, _ = best_assignment(compiled.problem)
    if reference is None:
        return None
    if rules.fairness:
        settled = totals_of(compiled, compiled.rep_of_leads(reference))
        compiled = compile_problem(snapshot, rules, settled=settled)
    chosen, _ = best_assignment(compiled.problem)
    if chosen is None:
        return None
    rep = compiled.rep_of_leads(chosen)
    rep_ids = snapshot.reps["rep_id"].array.take(rep, allow_fill=True)
    table = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": rep_ids})
    plan = evaluate(snapshot, rules, table, settled=compiled.settled)
    if not plan.record.feasible:
        return None
    planned = Planned(snapshot, rules, plan)
    # Books that are over a limit today are judged by other limits, under which it may not be best.
    _, value = best_assignment(planned.compiled.problem)
    return planned if value <= planned.objective + CENT else None


def cases(count: int = 60) -> list[Planned]:
    """Return the cases that have a plan, of so many."""
    found = (planned_case(seed) for seed in range(count))
    return [planned for planned in found if planned is not None]


def run_here(
    problem: Problem, name: str, limits: Limits, start: Start | None, watcher: Watcher
) -> Outcome:
    """Solve exactly, in this process."""
    return Exact().solve(problem, EXACTLY, None, Notebook())


def without_limits(problem: Problem, names: set[tuple[str, int]]) -> Problem:
    """Return a problem without the limits of some groups, by name of the resource and group."""
    resources = []
    for resource in problem.resources:
        lower, upper = np.array(resource.lower), np.array(resource.upper)
        for name, group in names:
            if name == resource.name:
                lower[group], upper[group] = -np.inf, np.inf
        resources.append(replace(resource, lower=lower, upper=upper))
    return replace(problem, resources=tuple(resources))


def only(problem: Problem, row: int, pair: int) -> NDArray[np.bool_]:
    """Return (n_pairs,) which pairs are left where a row must take one."""
    allowed = np.ones(problem.num_pairs, bool)
    allowed[problem.indptr[row] : problem.indptr[row + 1]] = False
    allowed[pair] = True
    return allowed
