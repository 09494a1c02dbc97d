"""`available`: who is away too long gets no new lead; the present book stays, unless covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.units import Part, share_text
from planner.rules.rule import ColumnUse, Mask, MustRule, presence_columns

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
    cover: bool = Field(default=False, strict=True)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner", optional=True)
        yield from presence_columns()

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
        keepers = np.flatnonzero(~at_work & (not self.cover))
        classes = np.arange(1, len(keepers) + 1)
        allowed = np.tile(at_work, (len(keepers) + 1, 1))
        allowed[classes, keepers] = True
        # The last one is for leads without an owner, whose position is -1.
        class_of_owner = np.zeros(facts.num_reps + 1, np.int64)
        class_of_owner[keepers] = classes
        return Mask(class_of_owner[facts.snapshot.owner_index], allowed)

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs of a new lead with a rep who is away."""
        owners = case.of_lead("owner")
        for at, (rep_id, owner) in enumerate(zip(case.rep_ids, owners, strict=True)):
            share = case.share_at_work(rep_id)
            keeps = owner == rep_id and not self.cover
            if share < self.at_least - 1e-9 and not keeps:
                yield at, f"the rep is at work for {share_text(round(share, 3))} of the time"
