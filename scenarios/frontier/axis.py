"""What a frontier trades value against: a limit of the policy that is widened step by step."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from scenarios.what_if.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.plan import PlanRecord
    from planner.measures import Measure
    from scenarios.what_if.change import Change

WHOLE = 1e-9
"""What a sum of floats may lie beside the number that is meant, in steps of an axis."""


@dataclass(frozen=True)
class Axis(ABC):
    """One limit of a policy, and how it is written and told.

    Attributes
    ----------
    name : as on the command line
    step : the least difference between two limits, in the axis's unit
    each : what a price is told for, such as "each move"; it is `per` of the axis's unit
    """

    name: ClassVar[str]
    step: ClassVar[float]
    each: ClassVar[str]
    per: ClassVar[float]

    @property
    @abstractmethod
    def balanced(self) -> Measure:
        """The measure by which it is told how unequal books are."""

    @abstractmethod
    def changes(self, epsilon: float | None) -> tuple[Change, ...]:
        """Return what makes a policy's limit so wide; None lifts it."""

    @abstractmethod
    def title(self, epsilon: float | None) -> str:
        """Return the name of the plan under that limit."""

    @abstractmethod
    def told(self, epsilon: float) -> str:
        """Return a limit in words, such as "120 moves"."""

    @abstractmethod
    def used(self, record: PlanRecord, widest: float | None) -> float:
        """Return how much of the limit a plan takes, in the axis's unit.

        Parameters
        ----------
        widest : the plan's widest deviation from a fair share, as a share of it; None without one
        """

    def rounded(self, epsilon: float) -> float:
        """Return the nearest limit that can be told."""
        return self._whole(round(epsilon / self.step))

    def rounded_up(self, epsilon: float) -> float:
        """Return the narrowest limit that can be told and holds as much."""
        return self._whole(math.ceil(epsilon / self.step - WHOLE))

    def _whole(self, steps: int) -> float:
        # Dividing by a whole number gives the float that is nearest to the decimal.
        return steps / round(1 / self.step)


def scenario(axes: Sequence[Axis], epsilons: Sequence[float | None]) -> Scenario:
    """Return the scenario in which each axis has its limit; None lifts it."""
    pairs = list(zip(axes, epsilons, strict=True))
    return Scenario(
        name=", ".join(axis.title(epsilon) for axis, epsilon in pairs),
        changes=tuple(change for axis, epsilon in pairs for change in axis.changes(epsilon)),
    )


def spaced(axis: Axis, most: float, count: int) -> list[float]:
    """Return up to so many limits from 0 to below `most`, denser where they are narrow.

    The first moves bring the most, and the last bit of fairness costs the most.
    """
    found = {axis.rounded(most * (number / count) ** 2) for number in range(count)}
    return sorted(epsilon for epsilon in found if epsilon < most)
