"""Who owns what today, and who may keep it: the moves that rules cause, and not a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from planner.eligibility import Eligibility
    from planner.facts import Facts


@dataclass(frozen=True, eq=False)
class Ownership:
    """The present owner of each lead.

    Attributes
    ----------
    owner : (n_leads,) position of the rep; -1 for none
    may_keep : (n_leads,) whether it is owned, and no rule keeps its family from that owner
    """

    owner: NDArray[np.int64]
    may_keep: NDArray[np.bool_]

    @classmethod
    def of(cls, facts: Facts, eligible: Eligibility, row_of_lead: NDArray[np.int64]) -> Ownership:
        """Return the ownership under rules that tell who may work what."""
        owner = facts.snapshot.owner_index
        return cls(owner, (owner >= 0) & eligible.allows(row_of_lead, owner))

    def moved(self, rep_of_lead: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (n_leads,) whether an owned lead leaves its owner."""
        moved: NDArray[np.bool_] = (self.owner >= 0) & (self.owner != rep_of_lead)
        return moved

    def forced(self, rep_of_lead: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (n_leads,) whether a lead leaves an owner who may not keep it."""
        return self.moved(rep_of_lead) & ~self.may_keep
