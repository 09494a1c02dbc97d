"""Every engine by name, and which one `auto` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import EngineError
from planner.engines.baselines.greedy import Greedy
from planner.engines.baselines.round_robin import RoundRobin
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from planner.engines.levels import Levels
from planner.engines.prices.engine import Prices

if TYPE_CHECKING:
    from models.problem import Problem
    from planner.engines.engine import Engine

SOLVERS: dict[str, type[Engine]] = {engine.name: engine for engine in (Flow, Exact, Prices)}
BASELINES: dict[str, type[Engine]] = {engine.name: engine for engine in (Greedy, RoundRobin)}
ENGINES: dict[str, type[Engine]] = {**SOLVERS, **BASELINES}
STAGES: dict[str, type[Engine]] = {Levels.name: Levels}
"""What `auto` takes for stages before a plan; nobody asks for them by name."""
AUTO = "auto"
MOST_PAIRS = {Flow.name: 3_000_000, Exact.name: 50_000}
"""Up to so many pairs `auto` takes an engine that could take any number."""


def choose_engine(name: str, problem: Problem) -> Engine:
    """Return the engine of a name; `auto` takes the first solver for such a problem of that size.

    Raises
    ------
    EngineError : no such engine, or it does not support the problem
    """
    if name == AUTO:
        engines = (kind() for kind in (*SOLVERS.values(), *STAGES.values()))
        return next(
            engine
            for engine in engines
            if problem.num_pairs <= MOST_PAIRS.get(engine.name, problem.num_pairs)
            and engine.unsupported(problem) is None
        )
    if name not in ENGINES:
        raise EngineError(f"no engine is called {name!r}; there are auto, {', '.join(ENGINES)}")
    engine = ENGINES[name]()
    if reason := engine.unsupported(problem):
        raise EngineError(f"engine {name} cannot take this problem: {reason}")
    return engine


def engine_path(engine: Engine) -> str:
    """Return `module:Class`, by which a child process finds the engine."""
    return f"{type(engine).__module__}:{type(engine).__name__}"


def engine_name(path: str) -> str:
    """Return the name of the engine at a path; the class's where it is none of ours."""
    named = {engine_path(kind()): name for name, kind in {**ENGINES, **STAGES}.items()}
    return named.get(path, path.rpartition(":")[2])
