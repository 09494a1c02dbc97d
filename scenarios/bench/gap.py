"""Generalized assignment problems: published instances and their generators, as array problems.

Every job goes to one agent, agents have a capacity, and cost is minimized. Files have the form of
the OR-Library: `m n`, costs m x n, resources m x n, capacities m.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.errors import UsageError
from models.problem import Problem
from models.resource import Resource
from planner.engines.registry import choose_engine

if TYPE_CHECKING:
    from pathlib import Path

    from models.arrays import Floats
    from models.outcome import Limits
    from planner.engines.engine import Watcher

Kind = Literal["C", "D", "E"]
TIGHTNESS = 0.8


@dataclass(frozen=True, eq=False)
class Instance:
    """A generalized assignment problem.

    Attributes
    ----------
    cost, use : (n_agents, n_jobs); use is of the agent's capacity
    capacity : (n_agents,)
    """

    cost: Floats
    use: Floats
    capacity: Floats

    def problem(self) -> Problem:
        """Return it as an array problem: score is minus cost, and nobody may have no job."""
        agents, jobs = self.cost.shape
        return Problem(
            indptr=np.arange(jobs + 1) * agents,
            rep=np.tile(np.arange(agents, dtype=np.int32), jobs),
            score=-self.cost.T.ravel(),
            num_reps=agents,
            resources=(Resource.at_most("capacity", self.use.T.ravel(), self.capacity),),
        )


@dataclass(frozen=True)
class GapResult:
    """What a run of an instance found, in the instance's own sense.

    Attributes
    ----------
    objective : the cost of the best assignment; None if none was found
    bound : no assignment costs less
    """

    instance: str
    objective: float | None
    bound: float
    seconds: float


def solve_gap(path: Path, engine: str, limits: Limits, watcher: Watcher) -> GapResult:
    """Read an instance and solve it in this process.

    Raises
    ------
    UsageError : the file is no such instance
    """
    problem = read_gap(path).problem()
    outcome = choose_engine(engine, problem).solve(problem, limits, None, watcher)
    cost = None if outcome.objective is None else -outcome.objective
    return GapResult(path.name, cost, -outcome.bound, round(outcome.seconds, 3))


def read_gap(path: Path) -> Instance:
    """Return the instance in a file.

    Raises
    ------
    UsageError : the file is missing, or its numbers are not those of one instance
    """
    try:
        numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=np.float64)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as numbers: {error}") from error
    sizes = numbers[:2]
    if len(sizes) < 2 or (sizes < 1).any() or (sizes != np.floor(sizes)).any():
        raise UsageError(f"{path}: must begin with the numbers of agents and of jobs")
    agents, jobs = map(int, sizes)
    expected = 2 + 2 * agents * jobs + agents
    if len(numbers) != expected or not np.isfinite(numbers).all():
        raise UsageError(
            f"{path}: has {len(numbers)} numbers; {agents} agents and {jobs} jobs take {expected}, "
            "all of them finite"
        )
    cost, use = numbers[2 : 2 + 2 * agents * jobs].reshape(2, agents, jobs)
    return Instance(cost, use, numbers[-agents:])


def generate_gap(kind: Kind, agents: int, jobs: int, seed: int = 0) -> Instance:
    """Return a random instance of a published kind.

    C and D: Chu, Beasley 1997, doi:10.1016/S0305-0548(96)00032-9; E: Laguna, Kelly,
    Gonzalez-Velarde, Glover 1995, doi:10.1016/0377-2217(93)E0174-V.
    """
    rng = np.random.default_rng([seed, agents, jobs, ord(kind)])
    shape = (agents, jobs)
    match kind:
        case "C":
            use = rng.integers(5, 26, shape).astype(np.float64)
            cost = rng.integers(10, 51, shape).astype(np.float64)
        case "D":
            use = rng.integers(1, 101, shape).astype(np.float64)
            cost = 111.0 - use + rng.integers(-10, 11, shape)
        case "E":
            use = np.floor(1.0 - 10.0 * np.log(1.0 - rng.random(shape)))
            cost = np.floor(1000.0 / use - 10.0 * rng.random(shape))
    return Instance(cost, use, np.floor(TIGHTNESS * use.sum(axis=1) / agents))


def write_gap(instance: Instance, path: Path) -> None:
    """Write an instance for `read_gap`."""
    agents, jobs = instance.cost.shape
    rows = [(agents, jobs), *instance.cost, *instance.use, instance.capacity]
    text = "\n".join(" ".join(f"{number:.0f}" for number in row) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")
