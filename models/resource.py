"""What is limited or has a cost: a measure, grouped, with limits and costs per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import frozen
from models.errors import ProblemError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats

NOT_COUNTED = -1


@dataclass(frozen=True, eq=False)
class Layer:
    """One count of a resource.

    Attributes
    ----------
    amount : (n_rows,) float64 per row, or (n_pairs,) float64 per pair; in the resource's unit
    group : (n_pairs,) int32, -1 where not counted; None means the pair's rep
    """

    amount: Floats
    group: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", frozen(self.amount, np.float64))
        if self.group is not None:
            object.__setattr__(self, "group", frozen(self.group, np.int32))


@dataclass(frozen=True, eq=False)
class Relief:
    """How the soft lower limits of a resource come down all at once, before any is missed.

    cost(L) = min over s >= 0 of cost s + sum_g under_cost_g (lower_g - step_g s - L_g)+

    Attributes
    ----------
    step : (n_groups,) float64, at least 0, what one step takes off each lower limit
    cost : money per step
    """

    step: Floats
    cost: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", frozen(self.step, np.float64))

    def steps(self, resource: Resource, load: Floats) -> float:
        """Return the number of steps that is cheapest for given loads."""
        saved = np.where(self.step > 0, resource.under_cost * self.step, 0.0)
        counted = np.flatnonzero(saved > 0)
        needed = (resource.lower - load)[counted] / self.step[counted]
        order = np.argsort(-needed, kind="stable")
        # One step pays while the limits that are still missed save more than it costs.
        dear = np.flatnonzero(np.cumsum(saved[counted][order]) > self.cost)
        return max(0.0, float(needed[order[dear[0]]])) if len(dear) else 0.0


@dataclass(frozen=True, eq=False)
class Resource:
    """A measure, grouped, with limits and costs per group.

    Attributes
    ----------
    name : the policy's own name for it, shown to people
    layers : counted together against the same limits
    base, lower, upper : (n_groups,) float64, in the resource's unit; +-inf where unbounded
    under_cost, over_cost : (n_groups,) float64, money per unit outside; +inf is a hard limit
    unit : "hours", "leads", "money" or "": for people
    relief : how lower limits come down together; None if they do not
    """

    name: str
    layers: tuple[Layer, ...]
    base: Floats
    lower: Floats
    upper: Floats
    under_cost: Floats
    over_cost: Floats
    unit: str = ""
    relief: Relief | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        for name in ("base", "lower", "upper", "under_cost", "over_cost"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        sizes = {getattr(self, n).shape for n in ("lower", "upper", "under_cost", "over_cost")}
        if sizes != {self.base.shape}:
            raise ProblemError(f"resource {self.name!r}: limits of different lengths {sizes}")
        if not np.isfinite(self.base).all():
            raise ProblemError(f"resource {self.name!r}: base loads must be finite numbers")
        for limit in (self.lower, self.upper, self.under_cost, self.over_cost):
            if np.isnan(limit).any():
                raise ProblemError(f"resource {self.name!r}: limits and costs must not be NaN")
        if (self.under_cost < 0).any() or (self.over_cost < 0).any():
            raise ProblemError(f"resource {self.name!r}: costs must be at least 0")
        self._check_limits()
        if self.relief is not None:
            self._check_relief(self.relief)
        # An absent bound costs nothing, which closes that sign of its price.
        object.__setattr__(
            self, "under_cost", frozen(np.where(self.lower == -np.inf, 0.0, self.under_cost), float)
        )
        object.__setattr__(
            self, "over_cost", frozen(np.where(self.upper == np.inf, 0.0, self.over_cost), float)
        )

    def _check_limits(self) -> None:
        for limit, name, absent in ((self.lower, "lower", "-inf"), (self.upper, "upper", "inf")):
            wrong = np.isinf(limit) & (limit != float(absent))
            if wrong.any():
                group = int(np.argmax(wrong))
                raise ProblemError(
                    f"resource {self.name!r}, group {group}: {name} limit is {limit[group]:g}; "
                    f"it must be a finite number, or {absent} for none"
                )
        if (self.lower > self.upper).any():
            group = int(np.argmax(self.lower > self.upper))
            raise ProblemError(
                f"resource {self.name!r}, group {group}: lower limit {self.lower[group]:g} is "
                f"above upper limit {self.upper[group]:g}; lower one or raise the other"
            )

    def _check_relief(self, relief: Relief) -> None:
        if relief.step.shape != self.base.shape or not relief.cost > 0 or (relief.step < 0).any():
            raise ProblemError(
                f"resource {self.name!r}: {len(relief.step)} steps for {self.num_groups} groups at "
                f"a cost of {relief.cost:g}; needs one of at least 0 for each, and a cost above 0"
            )
        if (np.isinf(self.under_cost) & (relief.step > 0)).any():
            raise ProblemError(f"resource {self.name!r}: hard lower limits never come down")

    @property
    def num_groups(self) -> int:
        """How many groups the resource has."""
        return len(self.base)

    @classmethod
    def at_most(
        cls,
        name: str,
        amount: Floats,
        upper: Floats,
        *,
        base: Floats | None = None,
        unit: str = "",
        group: NDArray[np.int32] | None = None,
    ) -> Resource:
        """Return a hard upper limit: `amount` per row or pair, `upper` and `base` per group.

        The groups are the reps, unless (n_pairs,) others are given.

        >>> Resource.at_most("hours", np.ones(3), np.array([2.0, 1.0])).num_groups
        2
        """
        size = len(upper)
        return cls(
            name=name,
            layers=(Layer(amount, group),),
            base=np.zeros(size) if base is None else base,
            lower=np.full(size, -np.inf),
            upper=upper,
            under_cost=np.zeros(size),
            over_cost=np.full(size, np.inf),
            unit=unit,
        )


def slack(limit: Floats) -> Floats:
    """Return the tolerance of a limit: 1e-6 x max(1, abs(limit)) (design: Tolerances)."""
    return np.where(np.isinf(limit), 0.0, 1e-6 * np.maximum(1.0, np.abs(limit)))


def soft_cost(resource: Resource, load: Floats) -> Floats:
    """Return (n_groups,) money paid for loads outside soft limits; hard ones cost nothing here.

    What the steps of a relief cost is shared by all groups.
    """
    cost, lower = np.zeros(len(load)), resource.lower
    if resource.relief is not None:
        steps = resource.relief.steps(resource, load)
        lower = lower - steps * resource.relief.step
        cost += steps * resource.relief.cost / len(load)
    for price, excess in (
        (resource.under_cost, lower - load),
        (resource.over_cost, load - resource.upper),
    ):
        soft = np.isfinite(price) & (price > 0)
        cost[soft] += price[soft] * np.maximum(excess[soft], 0.0)
    return cost
