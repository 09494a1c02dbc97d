"""What each change of a scenario does: the scenario is planned again without it.

The difference is the change's effect among the others, not by itself: two changes that each mend
the same thing have little effect one by one. What effects leave of the whole is the remainder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import NoPlanError, UsageError
from scenarios.what_if.run_many import BASE, IMPOSSIBLE, SOLVED, run_many

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from models.outcome import Limits
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.what_if.scenario import Scenario

EFFECTS = ("expected_value", "moves", "coverage", "unassigned", "value_gini")
"""The metrics whose effects are told."""
GAP, UNCERTAINTY = "gap_money", "uncertainty"
CHANGE, REMAINDER, WHOLE = "change", "remainder", "whole"


def effects(
    snapshot: Snapshot,
    policy: Policy,
    scenario: Scenario,
    out: Path,
    *,
    base: Plan | None = None,
    limits: Limits | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    told: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> pd.DataFrame:
    """Return what each change of a scenario does; parameters are those of `run_many`.

    Returns
    -------
    DataFrame : as `effects_in` describes it

    Raises
    ------
    UsageError : the scenario has fewer than two changes
    NoPlanError : the base or the scenario has no plan
    """
    frame = run_many(
        snapshot,
        policy,
        [scenario, *variants(scenario)],
        out,
        base=base,
        limits=limits,
        executor=executor,
        workers=workers,
        told=told,
    )
    return effects_in(frame, scenario)


def variants(scenario: Scenario) -> list[Scenario]:
    """Return the scenario without each of its changes, in their order.

    Raises
    ------
    UsageError : fewer than two changes
    """
    count = len(scenario.changes)
    if count < 2:
        raise UsageError(
            f"scenario {scenario.name!r} has {count} changes; effects are told of two or more, "
            "since the effect of one is the scenario's own"
        )
    return [scenario.without(number) for number in range(count)]


def effects_in(frame: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return what each change of a scenario does, from a frame of `run_many` with its variants.

    A change that others need (a rep joins, then works part-time) cannot be left out: it is
    refused, its effect is empty, and what it does is part of the remainder.

    Returns
    -------
    DataFrame : one row per change, then the remainder (whole minus the sum of the effects, which
        is the changes' interplay), then the whole (scenario minus base). Columns: part (change,
        remainder, whole), number (of the change, from 1; else empty), sentence, status and detail
        (as in `run_many`, of the plan without the change), the metrics of EFFECTS, and
        uncertainty: the sum of the gaps of the plans that a row compares, in money

    Raises
    ------
    UsageError : the scenario has fewer than two changes
    NoPlanError : the scenario has no plan
    """
    numbers = frame.astype(dict.fromkeys([*EFFECTS, GAP], float))
    rows = {row["scenario"]: row for row in numbers.to_dict("records")}
    full = rows[scenario.name]
    if full["status"] != SOLVED:
        raise NoPlanError(
            f"scenario {scenario.name!r} has no plan, so its changes have no effects: "
            f"{full['detail']}",
            impossible=full["status"] == IMPOSSIBLE,
        )
    table = pd.DataFrame(
        [
            {
                "part": CHANGE,
                "number": number,
                "sentence": sentence,
                "status": rows[variant.name]["status"],
                "detail": rows[variant.name]["detail"],
                **_difference(full, rows[variant.name]),
            }
            for number, (variant, sentence) in enumerate(
                zip(variants(scenario), scenario.sentences(), strict=True), start=1
            )
        ]
    )
    whole = _difference(full, rows[BASE])
    summed = table[[*EFFECTS, UNCERTAINTY]].sum()
    remainder = {name: whole[name] - summed[name] for name in EFFECTS}
    remainder[UNCERTAINTY] = whole[UNCERTAINTY] + summed[UNCERTAINTY]
    ends = [
        {"part": REMAINDER, "sentence": "The changes' interplay.", **remainder},
        {"part": WHOLE, "sentence": "All changes together.", **whole},
    ]
    table = pd.concat([table, pd.DataFrame(ends)], ignore_index=True)
    table[["status", "detail"]] = table[["status", "detail"]].fillna("")
    return table.astype({"number": "Int64"})


def _difference(after: Mapping[Hashable, Any], before: Mapping[Hashable, Any]) -> dict[str, float]:
    """Return how one row of `run_many` differs from another; NaN where that has no plan."""
    told = {name: after[name] - before[name] for name in EFFECTS}
    return told | {UNCERTAINTY: after[GAP] + before[GAP]}
