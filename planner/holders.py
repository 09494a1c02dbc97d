"""Who holds what is counted: every rep, or every team."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from planner.facts import Facts


class Per(StrEnum):
    """Whose books are counted together."""

    REP = "rep"
    TEAM = "team"


@dataclass(frozen=True, eq=False)
class Holders:
    """Reps, or teams of reps.

    Attributes
    ----------
    per : which of them
    names : rep_ids, or names of teams
    of_rep : (n_reps,) int64, the holder of each rep; -1 for a rep without a team
    """

    per: Per
    names: tuple[str, ...]
    of_rep: NDArray[np.int64]

    @classmethod
    def of(cls, facts: Facts, per: Per) -> Holders:
        """Return every rep, or every team that has one."""
        if per is Per.REP:
            return cls(per, tuple(facts.reps["rep_id"].astype(str)), np.arange(facts.num_reps))
        number, names = pd.factorize(facts.reps["team"], sort=True)
        return cls(per, tuple(names.astype(str)), number.astype(np.int64))

    def sum(self, by_rep: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n_holders,) sums of (n_reps,) values."""
        if self.per is Per.REP:
            return by_rep
        known = self.of_rep >= 0
        sums = np.bincount(self.of_rep[known], by_rep[known], minlength=len(self.names))
        return sums.astype(np.float64)

    def has(self, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (n_reps,) whether the holder of each rep is one of (n_holders,) some."""
        return np.append(which, False)[self.of_rep]

    def values(self, by_name: Mapping[str, float], *, missing: float) -> NDArray[np.float64]:
        """Return (n_holders,) values that are known by name."""
        if not by_name:
            return np.full(len(self.names), missing)
        return np.array([by_name.get(name, missing) for name in self.names], np.float64)
