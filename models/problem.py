"""The problem as arrays: what every engine takes (immutable, validated once).

maximize   sum_p score_p x_p - sum_rg cost_rg(load_rg)
subject to sum_{p of i} x_p = 1 for every row i,  x in {0, 1}
with       load_rg = base_rg + sum over layers and pairs with group g of amount_p x_p
           cost_rg(L) = under_cost_rg (lower_rg - L)+ + over_cost_rg (L - upper_rg)+
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import frozen
from models.errors import ProblemError
from models.resource import NOT_COUNTED, Layer, Resource, slack, soft_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.arrays import Bools, Floats, Ints

NOBODY = -1


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

    def loads(self, chosen: Ints, rows: Bools | None = None) -> tuple[Floats, ...]:
        """Return per resource the (n_groups,) loads of an assignment.

        Parameters
        ----------
        chosen : (n_rows,) int64; the pair chosen in every row
        rows : (n_rows,) bool, which rows count; all if None
        """
        return tuple(self._loads(resource, chosen, rows) for resource in self.resources)

    def _loads(self, resource: Resource, chosen: Ints, rows: Bools | None) -> Floats:
        loads = np.array(resource.base)
        for layer in resource.layers:
            group = self.pair_group(layer)[chosen]
            per_pair = len(layer.amount) == self.num_pairs
            amount = layer.amount[chosen] if per_pair else layer.amount
            counted = group != NOT_COUNTED
            if rows is not None:
                counted &= rows
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

    def assigned_score(self, chosen: Ints) -> float:
        """Return the sum of abs(score) over the chosen pairs with a rep: what a gap is a share of,
        in money.
        """
        return float(np.abs(self.score[chosen[self.rep[chosen] != NOBODY]]).sum())

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
