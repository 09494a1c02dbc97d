"""Runs an engine on a compiled problem, in a child process where it may crash or not end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.engines.baselines.greedy import greedy
from planner.engines.engine import Start
from planner.engines.registry import choose_engine, engine_path

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Watcher

GREEDY_PAIRS = 2_000_000
"""Up to so many pairs, a plan lead by lead is made first."""


def run(
    problem: Problem,
    name: str,
    limits: Limits,
    start: Start | None,
    watcher: Watcher,
) -> Outcome:
    """Return what an engine makes of a problem.

    Parameters
    ----------
    name : of the engine, or `auto`
    start : what to begin with
    """
    engine = choose_engine(name, problem)
    if not engine.isolated:
        return engine.solve(problem, limits, start, watcher)
    from planner.engines.isolation import run_isolated

    if start is None and problem.num_pairs <= GREEDY_PAIRS:
        # A feasible start counts as the best so far, so that even no time at all leaves a plan.
        start = Start(greedy(problem, limits.seed))
    return run_isolated(engine_path(engine), problem, limits, start, watcher=watcher)
