"""The narrowest band that holds, by halving: the assignment least outside may have one far out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.compile import compile_problem
from planner.diagnosis.elastic import elastic
from planner.diagnosis.kinds import Kind
from planner.diagnosis.ways import way_out
from planner.engines.limit_set import LimitSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.diagnosis import Step, WayOut
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.diagnosis.elastic import Elastic
    from planner.engines.engine import Watcher

TRIALS = 4
TRIAL_SHARE = 0.25
"""Of the time that is left, what a trial may take."""


def narrowest(
    found: Elastic,
    way: WayOut,
    limits: Limits,
    watcher: Watcher,
    solve: Callable[[Problem, Limits, Watcher], Outcome],
) -> WayOut:
    """Return a way out that widens its one band less, if one is found; else the same.

    Parameters
    ----------
    limits : of all trials together
    """
    if [step.code for step in way.steps] != [Kind.FAIR_BAND] or not _is_width(way.steps[0]):
        return way
    began, least = time.monotonic(), way.steps[0].now or 0.0
    for _ in range(TRIALS):
        (step,) = way.steps
        width = (least + (step.needed or 0.0)) / 2
        left = None
        if limits.seconds is not None:
            left = limits.seconds - (time.monotonic() - began)
        if watcher.should_stop() or (left is not None and left <= 0):
            break
        seconds = None if left is None else TRIAL_SHARE * left
        wider = _widened(found, step.group, width, limits.threads)
        outcome = solve(wider.problem, replace(limits, seconds=seconds), watcher)
        chosen = outcome.chosen
        if chosen is None or LimitSet(wider.problem).broken(chosen).any():
            least = width
            continue
        better = way_out(found, chosen)
        if len(better.steps) != 1:
            break
        way = better
    return way


def _is_width(step: Step) -> bool:
    return step.unit == "share"


def _widened(found: Elastic, label: str, width: float, threads: int) -> Elastic:
    """Return the problem with one band so wide."""
    compiled = found.compiled
    fairness = tuple(
        rule.widened(width) if rule.label == label else rule for rule in compiled.policy.fairness
    )
    policy = replace(compiled.policy, fairness=fairness)
    return elastic(
        compile_problem(
            compiled.snapshot, policy, settled=compiled.settled, threads=threads, loosened=True
        )
    )
