"""Limits that cannot all hold, and assignments that break few of them: what an engine found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import frozen

if TYPE_CHECKING:
    from models.arrays import Ints

MOST_WAYS = 3
"""Ways out that are looked for at most."""


class Proof(IntEnum):
    """How often it was proved, independently, that the limits of a conflict cannot all hold.

    By HiGHS; by CP-SAT, or by prices in our own arithmetic.
    """

    NONE = 0
    ONCE = 1
    CONFIRMED = 2


class Side(IntEnum):
    """Which limits of a group are part of a conflict; both is their sum."""

    NONE = 0
    LOWER = 1
    UPPER = 2
    BOTH = 3


@dataclass(frozen=True, eq=False)
class Conflict:
    """A set of limits that cannot all hold.

    Attributes
    ----------
    sides : per resource (n_groups,) int64, each a `Side`
    proof : how well it is proved
    minimal : whether an assignment is known for the rest without each one of them
    ways : (n_rows,) int64 each: assignments that break other limits at the lowest cost; the second
        one breaks none of the resources that the first one does, and so on
    cheapest : whether no assignment costs less than the first one
    """

    sides: tuple[Ints, ...]
    proof: Proof
    minimal: bool
    ways: tuple[Ints, ...]
    cheapest: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "sides", tuple(frozen(side, np.int64) for side in self.sides))
        object.__setattr__(self, "ways", tuple(frozen(way, np.int64) for way in self.ways))
