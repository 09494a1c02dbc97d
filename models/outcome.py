"""What a run of an engine leaves: why it stopped, what it found and what it proved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import frozen
from models.errors import NoPlanError, ProblemError

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.conflict import Conflict

OPTIMAL_MONEY = 0.01
OPTIMAL_SHARE = 1e-9
MOST_THREADS = 1024


class StopReason(StrEnum):
    """Why a run ended."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    ITERATION_LIMIT = "iteration_limit"
    CANCELLED = "cancelled"
    INFEASIBLE = "infeasible"
    FAILED = "failed"


class BoundSource(StrEnum):
    """What proved the bound: prices and knapsack bounds can be re-checked, a solver's cannot."""

    PRICES = "prices"
    KNAPSACK = "knapsack"
    SOLVER = "solver"


@dataclass(frozen=True, eq=False)
class Prices:
    """One shadow price per resource and group, and the bound they prove.

    Attributes
    ----------
    by_resource : per resource (n_groups,) float64, money per unit of the resource
    bound : money; no assignment of the problem has a better objective
    """

    by_resource: tuple[Floats, ...]
    bound: float

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "by_resource", tuple(frozen(price, np.float64) for price in self.by_resource)
        )


@dataclass(frozen=True, eq=False)
class Multipliers:
    """One multiplier per row and the bound that knapsacks of one resource prove with them.

    Attributes
    ----------
    resource : the place of the resource whose upper limits hold exactly
    by_row : (n_rows,) float64, money: what the row's one pair must bring at least
    prices : hold all other limits
    bound : money; no assignment of the problem has a better objective
    """

    resource: int
    by_row: Floats
    prices: Prices
    bound: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_row", frozen(self.by_row, np.float64))


@dataclass(frozen=True)
class Limits:
    """When an engine must stop.

    Attributes
    ----------
    seconds : wall-clock limit; None for none
    iterations : limit on the engine's own steps, which makes a run repeatable; None for none
    gap : relative gap at which the plan is good enough (0.0001 = 0.01 %)
    memory_mb : limit of the solver's child process
    threads : how many threads the engine may use
    seed : breaks ties and seeds whatever an engine draws
    """

    seconds: float | None = 60.0
    iterations: int | None = None
    gap: float = 1e-4
    memory_mb: int = 16_000
    threads: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (
            ("seconds", 0),
            ("iterations", 1),
            ("gap", 0),
            ("threads", 1),
            ("seed", 0),
        ):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise ProblemError(f"{name} is {value}; it must be at least {least}")
        if self.seconds is not None and not math.isfinite(self.seconds):
            raise ProblemError(f"seconds is {self.seconds}; give a number, or None for no limit")
        if self.threads > MOST_THREADS:
            raise ProblemError(f"threads is {self.threads}; it must be at most {MOST_THREADS}")
        if self.memory_mb < 256:
            raise ProblemError(f"memory_mb is {self.memory_mb}; a solver needs at least 256")


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer of an engine.

    Attributes
    ----------
    engine : name of the engine
    reason : why it stopped
    detail : the reason in a sentence, for people
    chosen : (n_rows,) int64, the pair chosen in each row; None if there is no assignment
    objective : money; None if there is no assignment
    prices : shadow prices and the bound that they prove
    bound : money, the best bound proved; at most prices.bound
    bound_source : what proved `bound`
    multipliers : those that prove `bound` with knapsacks; None where something else does
    conflict : limits that cannot all hold, where an engine was asked for them
    seconds : wall-clock time spent solving
    iterations : the engine's own steps
    trace : (seconds, objective, bound) whenever one of them improved
    """

    engine: str
    reason: StopReason
    detail: str = ""
    chosen: Ints | None = None
    objective: float | None = None
    prices: Prices | None = None
    bound: float = np.inf
    bound_source: BoundSource = BoundSource.PRICES
    multipliers: Multipliers | None = None
    conflict: Conflict | None = None
    seconds: float = 0.0
    iterations: int = 0
    trace: tuple[tuple[float, float | None, float], ...] = ()

    def __post_init__(self) -> None:
        if self.chosen is not None:
            object.__setattr__(self, "chosen", frozen(self.chosen, np.int64))
        if (self.chosen is None) != (self.objective is None):
            raise ProblemError("an outcome has an assignment and its objective, or neither")
        if self.reason in (StopReason.OPTIMAL, StopReason.GAP_REACHED) and self.chosen is None:
            raise ProblemError(f"an outcome cannot be {self.reason} without an assignment")
        if self.reason in (StopReason.INFEASIBLE, StopReason.FAILED) and self.chosen is not None:
            raise ProblemError(f"an outcome cannot be {self.reason} and have an assignment")
        if (self.multipliers is None) == (self.bound_source is BoundSource.KNAPSACK):
            raise ProblemError("an outcome has multipliers where they prove its bound, only there")

    @property
    def has_plan(self) -> bool:
        """Whether there is an assignment."""
        return self.chosen is not None

    def assignment(self) -> Ints:
        """Return (n_rows,) int64, the pair chosen in each row.

        Raises
        ------
        NoPlanError : the run left no assignment
        """
        if self.chosen is None:
            text = f"engine {self.engine} left no plan: {self.reason}"
            text += f" ({self.detail})" if self.detail else ""
            if self.reason in (StopReason.TIME_LIMIT, StopReason.ITERATION_LIMIT):
                text += "; allow more time or iterations"
            raise NoPlanError(
                text,
                impossible=self.reason is StopReason.INFEASIBLE,
            )
        return self.chosen

    @property
    def gap_money(self) -> float:
        """Money between the bound and the objective, at least 0; inf without an assignment."""
        return gap_money(self.bound, self.objective)


def gap_money(bound: float, objective: float | None) -> float:
    """Return max(0, bound - objective) in money; inf without an objective."""
    return np.inf if objective is None else max(0.0, bound - objective)


def is_optimal(bound: float, objective: float | None) -> bool:
    """Return whether the gap is within max(0.01 currency, 1e-9 x abs(bound))."""
    return gap_money(bound, objective) <= max(OPTIMAL_MONEY, OPTIMAL_SHARE * abs(bound))


def relative_gap(bound: float, objective: float | None, assigned_score: float) -> float | None:
    """Return gap_money as a share of the sum of abs(score) over the chosen pairs with a rep.

    None where that sum is 0 and the gap is not.
    """
    money = gap_money(bound, objective)
    if assigned_score > 0:
        return money / assigned_score
    return 0.0 if money == 0 else None
