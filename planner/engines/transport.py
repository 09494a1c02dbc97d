"""Problems, assignments and prices as .npy files in a directory, between two processes.

The child maps the parent's large files: a problem is not copied into its memory. The parent reads
the child's files with the size and type that they must have, whatever their headers claim.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from models.conflict import MOST_WAYS, Conflict, Proof, Side
from models.outcome import Limits
from models.problem import Problem
from models.resource import Layer, Relief, Resource
from planner.engines.engine import Start
from planner.engines.messages import EngineFault

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.outcome import Multipliers, Prices

CHOSEN, PRICES, MULTIPLIERS = "chosen", "prices", "multipliers"
FINAL_CHOSEN, FINAL_PRICES, FINAL_MULTIPLIERS = (
    "final_chosen",
    "final_prices",
    "final_multipliers",
)
FINAL_CONFLICT = "final_conflict"
START, START_PRICES = "start", "start_prices"
LOG, CRASH = "log.txt", "crash.txt"
LARGE = 2**20
NO_PAIR = -1
Number = TypeVar("Number", bound=np.generic)

_PROBLEM_ARRAYS = ("indptr", "rep", "score", "row_key", "rep_key")
_RESOURCE_ARRAYS = ("base", "lower", "upper", "under_cost", "over_cost")


@dataclass(frozen=True)
class Job:
    """What the child is to do, less the problem.

    Attributes
    ----------
    engine : "module:Class"
    has_start : whether a start lies ready
    """

    engine: str
    limits: Limits
    has_start: bool


def write_job(directory: Path, job: Job) -> None:
    """Write a job for `read_job`."""
    (directory / "job.json").write_text(json.dumps(asdict(job)))


def read_job(directory: Path) -> Job:
    """Return the job that the parent wrote."""
    content = json.loads((directory / "job.json").read_text())
    return Job(**content | {"limits": Limits(**content["limits"])})


def write_start(directory: Path, start: Start) -> None:
    """Write a start for `read_start`."""
    write_array(directory, START, start.chosen)
    if start.prices is not None:
        write_array(directory, START_PRICES, np.concatenate([np.zeros(0), *start.prices]))


def read_start(directory: Path, problem: Problem) -> Start:
    """Return the start that the parent wrote for a problem."""
    chosen = np.array(load_array(directory, START))
    if not (directory / f"{START_PRICES}.npy").exists():
        return Start(chosen)
    sizes = [resource.num_groups for resource in problem.resources]
    prices = np.split(np.array(load_array(directory, START_PRICES)), np.cumsum(sizes)[:-1])
    return Start(chosen, tuple(prices))


def write_problem(directory: Path, problem: Problem) -> None:
    """Write a problem for `read_problem`."""
    for name in _PROBLEM_ARRAYS:
        write_array(directory, name, getattr(problem, name))
    for index, resource in enumerate(problem.resources):
        for name in _RESOURCE_ARRAYS:
            write_array(directory, f"{index}_{name}", getattr(resource, name))
        if resource.relief is not None:
            write_array(directory, f"{index}_step", resource.relief.step)
        for number, layer in enumerate(resource.layers):
            write_array(directory, f"{index}_amount_{number}", layer.amount)
            if layer.group is not None:
                write_array(directory, f"{index}_group_{number}", layer.group)
    content = {
        "num_reps": problem.num_reps,
        "resources": [
            {
                "name": resource.name,
                "unit": resource.unit,
                "own_groups": [layer.group is not None for layer in resource.layers],
                "relief": None if resource.relief is None else resource.relief.cost,
            }
            for resource in problem.resources
        ],
    }
    (directory / "problem.json").write_text(json.dumps(content))


def read_problem(directory: Path) -> Problem:
    """Return the problem that the parent wrote; its large arrays are maps of the files."""
    content = json.loads((directory / "problem.json").read_text())
    return Problem(
        **{name: load_array(directory, name) for name in _PROBLEM_ARRAYS},
        num_reps=content["num_reps"],
        resources=tuple(
            Resource(
                name=resource["name"],
                unit=resource["unit"],
                layers=tuple(
                    Layer(
                        load_array(directory, f"{index}_amount_{number}"),
                        load_array(directory, f"{index}_group_{number}") if own_group else None,
                    )
                    for number, own_group in enumerate(resource["own_groups"])
                ),
                relief=None
                if resource["relief"] is None
                else Relief(load_array(directory, f"{index}_step"), resource["relief"]),
                **{name: load_array(directory, f"{index}_{name}") for name in _RESOURCE_ARRAYS},
            )
            for index, resource in enumerate(content["resources"])
        ),
    )


def write_array(directory: Path, name: str, values: NDArray[Any]) -> None:
    """Write or replace an array; a reader finds the old or the new one, never a part of it."""
    draft = directory / f"{name}.draft"
    with draft.open("wb") as file:
        np.save(file, values, allow_pickle=False)
    draft.replace(directory / f"{name}.npy")


def load_array(directory: Path, name: str) -> NDArray[Any]:
    """Return an array that the parent wrote, a large one as a map of its file."""
    path = directory / f"{name}.npy"
    # A map holds a file descriptor, and a problem may have more small arrays than there are.
    is_large = path.stat().st_size > LARGE
    values: NDArray[Any] = np.load(path, mmap_mode="r" if is_large else None, allow_pickle=False)
    return values


def read_chosen(directory: Path, name: str, problem: Problem) -> Ints:
    """Return (n_rows,) int64 that the child wrote; any number may be in it.

    Raises
    ------
    EngineFault : the file is missing, or is no such array
    """
    return _read_vector(directory, name, np.dtype(np.int64), problem.num_rows)


def read_prices(directory: Path, name: str, problem: Problem) -> tuple[Floats, ...]:
    """Return per resource (n_groups,) finite numbers that the child wrote.

    Raises
    ------
    EngineFault : the file is missing, or is no such array
    """
    values = _read_finite(directory, name, _num_prices(problem), "prices")
    return _split(problem, values)


def joined_prices(prices: Prices) -> Floats:
    """Return prices of all resources, one after the other, as `read_prices` takes them."""
    return np.concatenate([np.zeros(0), *prices.by_resource])


def joined_multipliers(multipliers: Multipliers) -> Floats:
    """Return multipliers and what belongs to them, as `read_multipliers` takes them."""
    resource = np.array([multipliers.resource], np.float64)
    return np.concatenate([resource, multipliers.by_row, joined_prices(multipliers.prices)])


def read_multipliers(
    directory: Path, name: str, problem: Problem
) -> tuple[int, Floats, tuple[Floats, ...]]:
    """Return the place of a resource, (n_rows,) multipliers, and per resource (n_groups,) prices.

    Raises
    ------
    EngineFault : the file is missing, or holds no such finite numbers
    """
    size = 1 + problem.num_rows + _num_prices(problem)
    values = _read_finite(directory, name, size, "multipliers")
    resource, by_row, prices = np.split(values, [1, 1 + problem.num_rows])
    if resource[0] not in range(len(problem.resources)):
        raise EngineFault(
            f"the engine's process sent multipliers of resource {resource[0]:g}; "
            f"there are {len(problem.resources)}"
        )
    return int(resource[0]), by_row, _split(problem, prices)


def joined_conflict(conflict: Conflict, problem: Problem) -> Ints:
    """Return a conflict as one vector, as `read_conflict` takes it."""
    flags = [int(conflict.proof), int(conflict.minimal), int(conflict.cheapest)]
    ways = np.full((MOST_WAYS, problem.num_rows), NO_PAIR)
    for at, way in enumerate(conflict.ways):
        ways[at] = way
    return np.concatenate([np.array(flags), *conflict.sides, ways.ravel()]).astype(np.int64)


def read_conflict(directory: Path, name: str, problem: Problem) -> Conflict:
    """Return the conflict that the child wrote.

    Raises
    ------
    EngineFault : the file is missing, or holds no such numbers
    """
    num_limits = _num_prices(problem)
    size = 3 + num_limits + MOST_WAYS * problem.num_rows
    values = _read_vector(directory, name, np.dtype(np.int64), size)
    flags, sides, ways = np.split(values, [3, 3 + num_limits])
    given = [way for way in ways.reshape(MOST_WAYS, -1) if not (way == NO_PAIR).all()]
    are_true = all(problem.is_feasible(way) for way in given)
    known_sides = set(map(int, Side))
    if not (set(sides.tolist()) <= known_sides and flags[0] in set(map(int, Proof)) and are_true):
        raise EngineFault("the engine's process sent a conflict that cannot be one")
    return Conflict(
        sides=_split(problem, sides),
        proof=Proof(int(flags[0])),
        minimal=bool(flags[1]),
        ways=tuple(given),
        cheapest=bool(flags[2]),
    )


def _num_prices(problem: Problem) -> int:
    return sum(resource.num_groups for resource in problem.resources)


def _split(problem: Problem, values: NDArray[Number]) -> tuple[NDArray[Number], ...]:
    sizes = [resource.num_groups for resource in problem.resources]
    return tuple(np.split(values, np.cumsum(sizes)[:-1])) if sizes else ()


def _read_finite(directory: Path, name: str, size: int, what: str) -> Floats:
    values: Floats = _read_vector(directory, name, np.dtype(np.float64), size)
    if not np.isfinite(values).all():
        raise EngineFault(f"the engine's process sent {what} that are not finite numbers")
    return values


def _read_vector(directory: Path, name: str, dtype: np.dtype[Any], size: int) -> NDArray[Any]:
    # numpy's own reader would first make room for whatever shape the header claims, and a map
    # would end this process with a bus error if the file were cut short meanwhile.
    try:
        with (directory / f"{name}.npy").open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                raise ValueError("another version of the format")
            header = np.lib.format.read_array_header_1_0(file)
            if header != ((size,), False, dtype):
                raise ValueError(f"(shape, order, type) is {header}")
            values = np.fromfile(file, dtype, size)
            if values.shape != (size,):
                raise ValueError(f"it ends after {values.size} numbers")
    except (OSError, ValueError) as error:
        raise EngineFault(
            f"the engine's process sent no array {name!r} of {size} {dtype} numbers: {error}"
        ) from error
    return values
