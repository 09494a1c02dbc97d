"""What a method says about a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Claim:
    """The answer of a method; nothing in it is verified.

    Attributes
    ----------
    reason : why it stopped, in a word
    chosen : (n_rows,) int64, its best assignment; None if it found none, or looked for none
    prices : per resource (n_groups,) money per unit, from which a bound may follow; or None
    bound : money; it says that no assignment has a better objective, inf if it says nothing
    seconds : of solving; loading libraries and building the model come before
    """

    reason: str
    chosen: Ints | None = None
    prices: tuple[Floats, ...] | None = None
    bound: float = np.inf
    seconds: float = 0.0
