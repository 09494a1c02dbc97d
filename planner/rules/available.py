"""`available`: who is away too long gets no new lead; the present book stays, unless covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.units import Part, share_text
from planner.facts import sets_by_row
from planner.rules.rule import ColumnUse, Mask, MustRule, presence_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Available(MustRule):
    """A rep gets new leads only if present for a share of the period's working time (R38).

    A lead of a family of which the rep has one already is not new.

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
        """Return which reps are allowed: those at work, and the owners in each family."""
        at_work = facts.present_share >= self.at_least - 1e-9
        keepers = np.append(~at_work & (not self.cover), False)
        kept = np.flatnonzero(keepers[facts.snapshot.owner_index])
        key, owners = sets_by_row(facts.row_of_lead, kept, facts.snapshot.owner_index[kept])
        allowed = np.tile(at_work, (len(owners) + 1, 1))
        for number, some in enumerate(owners, start=1):
            allowed[number, list(some)] = True
        return Mask(key[facts.row_of_lead], allowed)

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs of a new lead with a rep who is away."""
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            share = case.share_at_work(rep_id)
            if share >= self.at_least - 1e-9:
                continue
            family = case.family_of.get(lead_id, lead_id)
            if self.cover or (family, rep_id) not in case.owned_by_family:
                yield at, f"the rep is at work for {share_text(round(share, 3))} of the time"
