"""Runs an engine on a compiled problem, in a child process where it may crash or not end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.outcome import StopReason
from models.problem import NOBODY
from planner.engines.baselines.greedy import fill, greedy
from planner.engines.engine import Start
from planner.engines.registry import choose_engine, engine_path
from planner.engines.shuffled import Shuffled, ShuffledWatcher

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Engine, Watcher

SMALL_PAIRS = 2_000_000
"""Up to so many pairs, a plan lead by lead is made first, and ties go by chance: beyond, hardly any
are left, and another order would cost more than it is worth."""


def run(
    problem: Problem,
    name: str,
    limits: Limits,
    start: Start | None,
    watcher: Watcher,
    *,
    isolated: bool = True,
) -> Outcome:
    """Return what an engine makes of a problem.

    Parameters
    ----------
    name : of the engine, or `auto`
    start : what to begin with
    isolated : whether an engine that may crash has a child process; without one it needs no time to
        start, and this process may be lost
    """
    engine = choose_engine(name, problem)
    if not engine.isolated:
        return engine.solve(problem, limits, start, watcher)
    solve = _in_a_child if isolated else _here
    if problem.num_pairs > SMALL_PAIRS:
        return solve(engine, problem, limits, start, watcher)
    if start is None:
        # A feasible start counts as the best so far, so that even no time at all leaves a plan.
        start = Start(greedy(problem, limits.seed))
    shuffled = Shuffled.of(problem, limits.seed)
    outcome = solve(
        engine,
        shuffled.problem,
        limits,
        shuffled.start(start),
        ShuffledWatcher(shuffled, watcher),
    )
    return _filled(problem, shuffled.back(outcome), limits.seed)


def _in_a_child(
    engine: Engine, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
) -> Outcome:
    from planner.engines.isolation import run_isolated

    return run_isolated(engine_path(engine), problem, limits, start, watcher=watcher)


def _here(
    engine: Engine, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
) -> Outcome:
    return engine.solve(problem, limits, start, watcher)


def _filled(problem: Problem, outcome: Outcome, seed: int) -> Outcome:
    """Return an outcome in which nobody waits for a rep who has room and brings more.

    A run that ends before the optimum may leave that.
    """
    if outcome.chosen is None or outcome.reason is StopReason.OPTIMAL:
        return outcome
    if not (problem.rep[outcome.chosen] == NOBODY).any():
        return outcome
    chosen = fill(problem, outcome.chosen, seed)
    objective = problem.objective(chosen)
    if outcome.objective is None or objective <= outcome.objective:
        return outcome
    return replace(outcome, chosen=chosen, objective=min(objective, outcome.bound))
