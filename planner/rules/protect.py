"""`protect`: some leads stay with their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.units import Duration, days_text
from models.where import Where
from planner.rules.rule import ColumnUse, Filter, Mask, SeasonalRule, Section, Violation, filters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.ownership import Ownership


class OwnedFor(BaseModel):
    """How long a lead has been its owner's.

    Attributes
    ----------
    under : less than so long; a lead whose `owned_since` is empty is not
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    under: Duration


class Protect(SeasonalRule):
    """A lead stays with its owner, as long as the owner may keep it (R40, R42).

    Protection lapses where the owner has left, fails a rule for a lead of the family or is barred
    by a pin, and where two leads of one family are protected for two owners.

    Attributes
    ----------
    where : the leads it applies to
    owned_for : how long they have been their owner's; both must hold where both are given
    """

    name: ClassVar[str] = "protect"
    section: ClassVar[Section] = Section.PROTECT
    combines: ClassVar[str] = "continuity"

    where: Where | None = None
    owned_for: OwnedFor | None = Field(default=None)

    @model_validator(mode="after")
    def _tells_which(self) -> Protect:
        if self.where is None and self.owned_for is None:
            raise ValueError("needs `where`, `owned_for`, or both")
        return self

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner")
        if self.owned_for is not None:
            yield ColumnUse("leads", "owned_since", "owned_for")

    def filters(self) -> Iterator[Filter]:
        """Yield the filter of leads, if there is one."""
        yield from filters_of("leads", "where", self.where)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        which = []
        if self.where is not None:
            which.append(f"where {self.where.sentence()}")
        if self.owned_for is not None:
            which.append(f"owned for less than {days_text(self.owned_for.under)}")
        return f"A lead {' and '.join(which)} stays with its owner, if the owner may keep it."

    def applies(self, facts: Facts) -> NDArray[np.bool_]:
        """Return (n_leads,) whether the rule means a lead."""
        applies = np.ones(facts.num_leads, bool)
        if self.where is not None:
            applies &= self.where.mask(facts.leads, facts.zone)
        if self.owned_for is not None:
            since = facts.leads["owned_since"]
            applies &= (facts.snapshot.as_of - since < self.owned_for.under).to_numpy(bool)
        return applies

    def plain_applies(self, case: Case) -> set[str]:
        """Return the owned leads that the rule means."""
        owned = case.owned
        means = set()
        applies, since = owned.satisfying(self.where), owned.of_lead("owned_since")
        for lead_id, applies_here, at in zip(owned.lead_ids, applies, since, strict=True):
            if self.owned_for is not None:
                age = None if at is None else case.snapshot.as_of - at
                applies_here = applies_here and age is not None and age < self.owned_for.under
            if applies_here:
                means.add(lead_id)
        return means

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each protected lead that leaves its owner."""
        kept, sentence = case.protected, self.sentence()
        mine = {lead_id: kept[lead_id] for lead_id in self.plain_applies(case) if lead_id in kept}
        for lead_id, rep_id in zip(case.lead_ids, case.rep_ids, strict=True):
            if mine.get(lead_id, rep_id) != rep_id:
                text = f"the lead is protected and stays with {mine[lead_id]}"
                yield Violation(self.name, sentence, text, lead_id, rep_id)
        for lead_id in sorted(mine.keys() - case.rep_of.keys()):
            text = f"the lead is protected and stays with {mine[lead_id]}, but nobody works it"
            yield Violation(self.name, sentence, text, lead_id)


def protected_leads(
    rules: tuple[Protect, ...],
    facts: Facts,
    ownership: Ownership,
    row_of_lead: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return (n_leads,) whether a lead stays with its owner under any of some rules."""
    means = np.zeros(facts.num_leads, bool)
    for rule in rules:
        means |= rule.applies(facts)
    lead = np.flatnonzero(means & ownership.may_keep)
    row, owner = row_of_lead[lead], ownership.owner[lead]
    first = np.full(row_of_lead.max(initial=-1) + 1, facts.num_reps)
    last = np.full(len(first), -1)
    np.minimum.at(first, row, owner)
    np.maximum.at(last, row, owner)
    protected = np.zeros(facts.num_leads, bool)
    protected[lead[first[row] == last[row]]] = True
    return protected


def protection(
    rule: Protect, facts: Facts, ownership: Ownership, protected: NDArray[np.bool_]
) -> Mask:
    """Return the mask that keeps the protected leads which a rule means with their owner."""
    key = np.where(protected & rule.applies(facts), ownership.owner + 1, 0)
    allowed = np.vstack([np.ones((1, facts.num_reps), bool), np.eye(facts.num_reps, dtype=bool)])
    return Mask(key, allowed)
