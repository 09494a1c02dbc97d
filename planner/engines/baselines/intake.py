"""What a system that routes leads sees of them and of the reps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem


@dataclass(frozen=True, eq=False)
class LeadFacts:
    """What is known of each row of a problem; a family counts as its first lead.

    Attributes
    ----------
    chance : (n_rows,) 0 to 1, the chance to win it, whoever works it
    liked : (n_pairs,) bool, whether a preference of the policy speaks for the pair
    days_old : (n_rows,) since it was created; NaN where that is not known
    channel : (n_rows,) int64, the number of the channel that it came from
    named : (n_rows,) int64, the rep whom a field of it names; -1 for none
    open_leads : (n_rows,) how many of its leads are still open
    """

    chance: Floats
    liked: NDArray[np.bool_]
    days_old: Floats
    channel: Ints
    named: Ints
    open_leads: Floats


@dataclass(frozen=True, eq=False)
class RepFacts:
    """What is known of each rep; arrays of shape (n_reps,).

    Attributes
    ----------
    at_work : bool, False for somebody who has left
    team : int64, its number
    capacity : leads in 30 days
    weight : part of the leads that is due to the rep, against the others' weights; at least 0
    base_leads : leads outside the plan
    received_day, received_month : leads received in the last 24 hours, and in the last 30 days
    days_since_hired : NaN where that is not known
    """

    at_work: NDArray[np.bool_]
    team: Ints
    capacity: Floats
    weight: Floats
    base_leads: Floats
    received_day: Floats
    received_month: Floats
    days_since_hired: Floats


@dataclass(frozen=True, eq=False)
class Intake:
    """A batch of leads to be shared out; reps are numbered in the order of their ids.

    Attributes
    ----------
    problem : who may work what, and the limits that count; a row that stays with its rep, or can
        go to no other, has that one pair
    leads, reps : what else is known
    """

    problem: Problem
    leads: LeadFacts
    reps: RepFacts

    def is_settled(self) -> NDArray[np.bool_]:
        """Return (n_rows,) whether a row has one pair only, with a rep."""
        indptr, rep = self.problem.indptr, self.problem.rep
        settled: NDArray[np.bool_] = (np.diff(indptr) == 1) & (rep[indptr[1:] - 1] != NOBODY)
        return settled
