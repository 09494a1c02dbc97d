"""`available`: who is away too long gets no new lead; the present book stays, unless covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.units import Part, share_text
from planner.rules.rule import ColumnUse, Mask, MustRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Available(MustRule):
    """A rep gets new leads only if present for a share of the period's working time (R38).

    Attributes
    ----------
    at_least : that share of the rep's own working time in the period
    cover : whether an absent rep's present book is handed to others too
    """

    name: ClassVar[str] = "available"

    at_least: Part
    cover: bool = False

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner", optional=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        book = "others cover the present book" if self.cover else "the present book stays"
        return self.with_filter(
            f"A rep gets new leads only if at work for at least {share_text(self.at_least)} of the "
            f"period's working time; {book}."
        )

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: those at work, and the owner of each lead."""
        at_work = facts.present_share >= self.at_least - 1e-9
        away = np.flatnonzero(~at_work)
        owner = facts.snapshot.owner_index
        if self.cover:
            away = away[:0]
        allowed = np.vstack([at_work, np.repeat(at_work[None], len(away), axis=0)])
        allowed[np.arange(1, len(away) + 1), away] = True
        class_of_owner = np.zeros(facts.num_reps + 1, np.int64)
        class_of_owner[away] = np.arange(1, len(away) + 1)
        return Mask(class_of_owner[owner], allowed)

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs of a new lead with a rep who is away."""
        shares = {rep_id: case.share_at_work(rep_id) for rep_id in case.pairs["rep_id"].unique()}
        owners = case.of_lead("owner").tolist()
        for at, (rep_id, owner) in enumerate(zip(case.pairs["rep_id"], owners, strict=True)):
            keeps = owner == rep_id and not self.cover
            if shares[rep_id] < self.at_least - 1e-9 and not keeps:
                yield at, f"the rep is at work for {share_text(round(shares[rep_id], 3))} of the time"
