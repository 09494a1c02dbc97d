"""What scenarios take that begin with the base plan, beside the same ones solved from nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count as count_up
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from models.files.plan_files import read_plan
from planner.check import check
from scenarios.what_if.run_many import SOLVED, Work, directories, own_processes, run_many
from scenarios.what_if.scenario_file import scenario_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.outcome import Limits
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.what_if.scenario import Scenario


@dataclass(frozen=True)
class WhatIfResult:
    """What scenarios took, in seconds of solving, stages before the plan included.

    Attributes
    ----------
    scenarios, solved, checked : how many there are, have a plan, and pass the checker again
    from_base : begun with the base plan, in processes that are there already
    cold : from nothing, each in a solver's child process, as a plan by itself is made
    cold_in_place : from nothing, in processes that are there already
    share, share_in_place : from_base as a share of these
    worst_gap : of the plans from the base
    """

    scenarios: int
    solved: int
    checked: int
    from_base: float
    cold: float
    cold_in_place: float
    share: float
    share_in_place: float
    worst_gap: float


def measure(
    snapshot: Snapshot, policy: Policy, count: int, out: Path, limits: Limits, workers: int = 2
) -> WhatIfResult:
    """Return what scenarios of many kinds take; plans are left below `out`."""
    scenarios = some_scenarios(snapshot, count)
    frame = run_many(snapshot, policy, scenarios, out / "warm", limits=limits, workers=workers)
    frame = frame.iloc[1:]
    solved = frame["status"] == SOLVED
    names = directories(scenarios)
    checked = sum(
        _is_clean(snapshot, policy, scenario, out / "warm" / names[scenario.name])
        for scenario, is_solved in zip(scenarios, solved, strict=True)
        if is_solved
    )
    cold = _cold(snapshot, policy, scenarios, out / "cold", limits, workers, isolated=True)
    in_place = _cold(snapshot, policy, scenarios, out / "place", limits, workers, isolated=False)
    from_base = float(frame["solve_seconds"].sum())
    return WhatIfResult(
        scenarios=len(scenarios),
        solved=int(solved.sum()),
        checked=checked,
        from_base=round(from_base, 2),
        cold=round(cold, 2),
        cold_in_place=round(in_place, 2),
        share=round(from_base / cold, 3),
        share_in_place=round(from_base / in_place, 3),
        worst_gap=float(frame["gap"].max()),
    )


def some_scenarios(snapshot: Snapshot, count: int) -> list[Scenario]:
    """Return scenarios of many kinds, the same ones each time."""
    return [
        scenario_from_text(json.dumps({"name": f"{number}", "changes": [change]}))
        for number, change in zip(range(count), _changes(snapshot), strict=False)
    ]


def _changes(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    reps = np.random.default_rng(0).permutation(snapshot.reps["rep_id"].to_numpy(object))
    regions = cycle(snapshot.leads["region"].value_counts().index)
    pairs = cycle(zip(reps[::2].tolist(), reps[1::2].tolist(), strict=False))
    for number, (rep, other), region in zip(count_up(), pairs, regions, strict=False):
        share = f"{5 + number % 16}%"
        yield {"rep_leaves": {"reps": [rep]}}
        yield {"rep_leaves": {"reps": [rep, other]}}
        yield {"part_time": {"rep_id": rep, "share": "50%"}}
        yield {"more_leads": {"where": {"region": region}, "by": share, "seed": number}}
        yield {"fewer_leads": {"where": {"region": region}, "by": share, "seed": number}}
        yield {"capacity": {"by": f"{90 + 5 * (number % 5)}%"}}
        yield {"more_leads": {"by": share, "seed": number}}
        yield {"rep_joins": {"rep_id": f"new {number}", "like": rep}}
        yield {"policy": {"path": "unassigned.cost", "value": f"{50 + 10 * (number % 5)}%"}}
        yield {"fewer_leads": {"where": {"grade": "C"}, "by": share, "seed": number}}


def _is_clean(snapshot: Snapshot, policy: Policy, scenario: Scenario, directory: Path) -> bool:
    """Return whether a plan that was written passes the independent checker."""
    plan = read_plan(directory)
    changed, its_policy = scenario.applied(snapshot, policy)
    return not list(check(its_policy, changed, plan.assignments, plan.record.settled))


def _cold(
    snapshot: Snapshot,
    policy: Policy,
    scenarios: list[Scenario],
    out: Path,
    limits: Limits,
    workers: int,
    *,
    isolated: bool,
) -> float:
    """Return the seconds of all scenarios without a base plan."""
    works = [
        Work(
            scenario,
            snapshot,
            policy.document.text,
            policy.document.source,
            None,
            limits,
            out / place,
            isolated=isolated,
        )
        for scenario, place in zip(scenarios, directories(scenarios).values(), strict=True)
    ]
    with own_processes(workers) as executor:
        rows: list[dict[str, Any]] = list(executor.map(Work.row, works))
    return float(sum(row.get("solve_seconds", 0.0) for row in rows))
