"""What the cells of an instance say together: the best bound that stands, and each gap to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.outcome import relative_gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scenarios.bench.cells import Cell
    from scenarios.bench.methods import Method
    from scenarios.bench.programme import Instance

TOLERATED_MONEY, TOLERATED_SHARE = 0.01, 1e-6
"""A plan may use the tolerance of every limit, and a solver that of its bound."""


@dataclass(frozen=True)
class Standing:
    """An instance with its cells, in the problem's sense: objectives are maximized.

    Attributes
    ----------
    cells : by the method's name
    objective : of the best plan; None if there is none
    bound : the lowest that no plan contradicts, at least `objective`; None if there is none
    false_bounds : names of the methods whose bound lies below a verified plan
    """

    instance: Instance
    cells: dict[str, Cell]
    objective: float | None
    bound: float | None
    false_bounds: tuple[str, ...]

    @classmethod
    def of(cls, instance: Instance, cells: Iterable[Cell]) -> Standing:
        """Return the standing of an instance; cells of others are left out."""
        own = {cell.method: cell for cell in cells if cell.instance == instance.name}
        plans = [cell.objective for cell in own.values() if cell.objective is not None]
        bounds = {name: cell.bound for name, cell in own.items() if cell.bound is not None}
        objective = max(plans, default=None)
        false: tuple[str, ...] = ()
        if objective is not None:
            least = objective - max(TOLERATED_MONEY, TOLERATED_SHARE * abs(objective))
            false = tuple(name for name, bound in bounds.items() if bound < least)
        stands = [bound for name, bound in bounds.items() if name not in false]
        bound = min(stands, default=None)
        if bound is not None and objective is not None:
            bound = max(bound, objective)
        return cls(instance, own, objective, bound, false)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods that have a cell, in the order of the programme."""
        return tuple(each for each in self.instance.methods if each.name in self.cells)

    def has_no_plan(self, method: Method) -> bool:
        """Whether a method was tried and left no plan."""
        return method.name in self.cells and self.cells[method.name].objective is None

    def gap(self, method: Method) -> float | None:
        """Return how far a method's plan is from the best bound, as a share of that bound."""
        cell = self.cells.get(method.name)
        if cell is None or cell.objective is None or not self.bound:
            return None
        return (self.bound - cell.objective) / abs(self.bound)

    def plan_gap(self, method: Method) -> float | None:
        """Return the same as plans tell it: as a share of what the leads with a rep score."""
        cell = self.cells.get(method.name)
        if cell is None or cell.objective is None or self.bound is None:
            return None
        return relative_gap(self.bound, cell.objective, cell.assigned or 0.0)

    def bound_gap(self, method: Method) -> float | None:
        """Return how far a method's bound is above the best one, as a share of that one."""
        cell = self.cells.get(method.name)
        if cell is None or cell.bound is None or not self.bound:
            return None
        return (cell.bound - self.bound) / abs(self.bound)

    def is_best(self, method: Method) -> bool:
        """Whether no method has a better plan, up to a cent."""
        cell = self.cells.get(method.name)
        if cell is None or cell.objective is None or self.objective is None:
            return False
        return cell.objective >= self.objective - TOLERATED_MONEY


def mean_gap(standings: list[Standing], method: Method) -> tuple[float | None, int]:
    """Return a method's mean gap over the instances where it has a plan, and their number."""
    gaps = [gap for each in standings if (gap := each.gap(method)) is not None]
    return (float(np.mean(gaps)) if gaps else None), len(gaps)


def no_answers(standings: list[Standing]) -> list[str]:
    """Return a sentence for each method whose process left no answer."""
    return [
        f"{method.title} gave no answer on {each.instance.name}: {each.cells[method.name].reason}."
        for each in standings
        for method in each.methods
        if each.cells[method.name].seconds is None
    ]


@dataclass(frozen=True)
class Duel:
    """One method's plans against another's.

    Attributes
    ----------
    advantage : how much more the other one's plans cost, as a share of the first one's, on average
        over the instances where both have a plan; None if there are none
    won, drawn, lost : instances where the first has the better plan, an equal one, a worse one; a
        plan is better than none
    other_without : instances where the other one has no plan
    """

    advantage: float | None
    won: int
    drawn: int
    lost: int
    other_without: int


def duel(standings: list[Standing], one: Method, other: Method) -> Duel:
    """Return how the plans of two methods compare."""
    first = np.array([_objective(each, one) for each in standings])
    second = np.array([_objective(each, other) for each in standings])
    both = np.isfinite(first) & np.isfinite(second)
    share = (first[both] - second[both]) / np.abs(first[both])
    won, lost = first > second + TOLERATED_MONEY, second > first + TOLERATED_MONEY
    return Duel(
        advantage=float(share.mean()) if both.any() else None,
        won=int(won.sum()),
        drawn=int((~won & ~lost).sum()),
        lost=int(lost.sum()),
        other_without=int(np.isneginf(second).sum()),
    )


def _objective(standing: Standing, method: Method) -> float:
    cell = standing.cells.get(method.name)
    return -np.inf if cell is None or cell.objective is None else cell.objective
