"""The problem as arrays: what every engine takes (immutable, validated once).

maximize   sum_p score_p x_p - sum_rg cost_rg(load_rg)
subject to sum_{p of i} x_p = 1 for every row i,  x in {0, 1}
with       load_rg = base_rg + sum over layers and pairs with group g of amount_p x_p
           cost_rg(L) = under_cost_rg (lower_rg - L)+ + over_cost_rg (L - upper_rg)+
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NOBODY = -1
NOT_COUNTED = -1


def frozen(values: Any, dtype: Any) -> NDArray[Any]:
    """Return `values` as a read-only, contiguous array of `dtype` (a view where possible).

    Raises
    ------
    ProblemError : an integer `dtype` cannot hold the values as they are
    """
    given = np.asarray(values)
    with np.errstate(invalid="ignore"):
        array = np.ascontiguousarray(given, dtype=dtype).view()
    # numpy cuts fractions off and wraps large numbers round without a word.
    if array.dtype.kind in "iu" and given.dtype != array.dtype and (array != given).any():
        raise ProblemError(f"{array.dtype} cannot hold {given[array != given][0]}")
    array.flags.writeable = False
    return array


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


@dataclass(frozen=True, eq=False)
class Problem:
    """A lead-to-rep assignment problem in arrays.

    Attributes
    ----------
    indptr : (n_rows + 1,) int64; the pairs of row i are indptr[i] .. indptr[i + 1] - 1
    rep : (n_pairs,) int32; -1 is nobody and, where allowed, the last pair of its row
    score : (n_pairs,) float64, money; for nobody minus the unassigned cost
    num_reps : how many reps there are
    resources : what is limited or has a cost
    row_key, rep_key : (n_rows,), (n_reps,) uint64; hashes of the ids, which break ties
    arrival : (n_rows,) int64; rank in order of creation, in which baselines serve the rows

    Keys and ranks that are not given are the numbers of the rows and of the reps.

    Raises
    ------
    ProblemError : shapes or values contradict each other
    """

    indptr: Ints
    rep: NDArray[np.int32]
    score: Floats
    num_reps: int
    resources: tuple[Resource, ...] = ()
    row_key: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    rep_key: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    arrival: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        object.__setattr__(self, "indptr", frozen(self.indptr, np.int64))
        object.__setattr__(self, "rep", frozen(self.rep, np.int32))
        object.__setattr__(self, "score", frozen(self.score, np.float64))
        object.__setattr__(self, "resources", tuple(self.resources))
        for name, size, dtype in (
            ("row_key", self.num_rows, np.uint64),
            ("rep_key", self.num_reps, np.uint64),
            ("arrival", self.num_rows, np.int64),
        ):
            given = getattr(self, name)
            array = frozen(given if len(given) else np.arange(size), dtype)
            if len(array) != size:
                raise ProblemError(f"{name} has {len(array)} values; it must have {size}")
            object.__setattr__(self, name, array)
        self._check_pairs()
        for resource in self.resources:
            self._check_resource(resource)

    @property
    def num_rows(self) -> int:
        """How many rows (leads, or families of leads) are to be placed."""
        return len(self.indptr) - 1

    @property
    def num_pairs(self) -> int:
        """How many pairs the rules allow, the nobody pairs included."""
        return len(self.rep)

    def pair_rows(self) -> Ints:
        """Return (n_pairs,) int64: the row of every pair."""
        return np.repeat(np.arange(self.num_rows), np.diff(self.indptr))

    def pair_amount(self, layer: Layer) -> Floats:
        """Return (n_pairs,) float64: what each pair adds to its group; 0 where not counted."""
        amount = layer.amount
        if len(amount) != self.num_pairs:
            amount = np.repeat(amount, np.diff(self.indptr))
        return np.where(self.pair_group(layer) == NOT_COUNTED, 0.0, amount)

    def pair_group(self, layer: Layer) -> NDArray[np.int32]:
        """Return (n_pairs,) int32: the group each pair counts in; -1 where it does not count."""
        return self.rep if layer.group is None else layer.group

    def loads(self, chosen: Ints) -> tuple[Floats, ...]:
        """Return per resource the (n_groups,) loads of an assignment.

        Parameters
        ----------
        chosen : (n_rows,) int64; the pair chosen in every row
        """
        return tuple(self._loads(resource, chosen) for resource in self.resources)

    def _loads(self, resource: Resource, chosen: Ints) -> Floats:
        loads = np.array(resource.base)
        for layer in resource.layers:
            group = self.pair_group(layer)[chosen]
            per_pair = len(layer.amount) == self.num_pairs
            amount = layer.amount[chosen] if per_pair else layer.amount
            counted = group != NOT_COUNTED
            loads += np.bincount(group[counted], amount[counted], minlength=resource.num_groups)
        return loads

    def breaches(self, chosen: Ints) -> Iterator[tuple[Resource, int, float, float]]:
        """Yield (resource, group, load, limit) for each hard limit that an assignment breaks."""
        for resource, load in zip(self.resources, self.loads(chosen), strict=True):
            above = np.isinf(resource.over_cost) & (load > resource.upper + slack(resource.upper))
            below = np.isinf(resource.under_cost) & (load < resource.lower - slack(resource.lower))
            for group in np.flatnonzero(above):
                yield resource, int(group), float(load[group]), float(resource.upper[group])
            for group in np.flatnonzero(below):
                yield resource, int(group), float(load[group]), float(resource.lower[group])

    def is_feasible(self, chosen: Ints) -> bool:
        """Return whether every row chose one of its own pairs and every hard limit holds.

        Raises
        ------
        ProblemError : `chosen` is not one number per row
        """
        if chosen.shape != (self.num_rows,):
            raise ProblemError(
                f"an assignment of shape {chosen.shape} for {self.num_rows} rows; "
                "it must hold one pair for each row"
            )
        inside = (chosen >= self.indptr[:-1]) & (chosen < self.indptr[1:])
        return bool(inside.all()) and next(self.breaches(chosen), None) is None

    def objective(self, chosen: Ints) -> float:
        """Return score minus soft costs of an assignment, in money; hard limits are not judged."""
        total = float(self.score[chosen].sum())
        for resource, load in zip(self.resources, self.loads(chosen), strict=True):
            total -= float(soft_cost(resource, load).sum())
        return total

    def _check_pairs(self) -> None:
        if self.indptr.ndim != 1 or len(self.indptr) == 0 or self.indptr[0] != 0:
            raise ProblemError("indptr must be a vector that starts with 0")
        if (np.diff(self.indptr) <= 0).any():
            row = int(np.argmax(np.diff(self.indptr) <= 0))
            raise ProblemError(f"row {row} has no pair: nobody may work it and it must be assigned")
        if self.indptr[-1] != len(self.rep) or len(self.rep) != len(self.score):
            raise ProblemError(
                f"indptr ends at {self.indptr[-1]}, but there are {len(self.rep)} reps "
                f"and {len(self.score)} scores of pairs"
            )
        if len(self.rep) and not (self.rep.min() >= -1 and self.rep.max() < self.num_reps):
            raise ProblemError(f"a pair names a rep outside -1 .. {self.num_reps - 1}")
        if not np.isfinite(self.score).all():
            raise ProblemError("every score must be a finite number")
        last = self.indptr[1:] - 1
        early = self.rep == NOBODY
        early[last] = False
        if early.any():
            row = int(np.searchsorted(self.indptr, np.argmax(early), side="right")) - 1
            raise ProblemError(f"row {row}: nobody must be the last pair of its row, and only once")

    def _check_resource(self, resource: Resource) -> None:
        for layer in resource.layers:
            if len(layer.amount) not in (self.num_rows, self.num_pairs):
                raise ProblemError(
                    f"resource {resource.name!r}: {len(layer.amount)} amounts for "
                    f"{self.num_rows} rows and {self.num_pairs} pairs"
                )
            if not np.isfinite(layer.amount).all():
                raise ProblemError(f"resource {resource.name!r}: amounts must be finite numbers")
            group = self.pair_group(layer)
            if len(group) != self.num_pairs:
                raise ProblemError(
                    f"resource {resource.name!r}: {len(group)} groups for {self.num_pairs} pairs"
                )
            if len(group) and not (group.min() >= -1 and group.max() < resource.num_groups):
                raise ProblemError(
                    f"resource {resource.name!r}: a group outside -1 .. {resource.num_groups - 1}"
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
