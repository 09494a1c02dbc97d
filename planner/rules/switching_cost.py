"""`switching_cost`: an owned lead that changes hands loses a share of its value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.units import Part, share_text
from planner.rules.match import PreferMatch
from planner.rules.past_contact import PastContact
from planner.rules.rule import ColumnUse, Factor, PreferRule, Rule, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

OFFERED = {"industry": "industries", "product": "products", "language": "languages"}
"""A column of leads, and that of reps which lists what they know of it."""
PAST_CONTACT = "past_contact"


class ReducedBy(BaseModel):
    """What makes a change of hands easier, and by which share each lowers its cost.

    Attributes
    ----------
    industry, product, language : the lead's is among those that the new rep lists
    past_contact : the new rep has worked the same family or company before
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    industry: Part | None = None
    product: Part | None = None
    language: Part | None = None
    past_contact: Part | None = None


class SwitchingCost(Rule):
    """A pair of an owned lead with another rep scores less by a share of its expected value (R40).

    That a lead goes to nobody costs what `unassigned` says.

    Attributes
    ----------
    share : of the pair's expected value
    reduced_by : each that holds multiplies the cost by 1 minus its share
    """

    name: ClassVar[str] = "switching_cost"
    section: ClassVar[Section] = Section.SWITCHING_COST
    combines: ClassVar[str] = "continuity"

    share: Part
    reduced_by: ReducedBy = ReducedBy()

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner")
        for name, rule in self._eased():
            for use in rule.columns():
                yield replace(use, parameter=f"reduced_by.{name}")

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield what does not fit of the reductions."""
        for name, rule in self._eased():
            for _, fault in rule.faults(facts):
                yield f"reduced_by.{name}", fault

    def sentence(self) -> str:
        """Return the rule in plain English."""
        text = (
            f"An owned lead that changes hands loses {share_text(self.share)} of its expected value"
        )
        for column, rep_column in OFFERED.items():
            if (share := getattr(self.reduced_by, column)) is not None:
                where = f"the lead's {column} is among the new rep's {rep_column}"
                text += f"; {share_text(share)} less of that where {where}"
        if (share := self.reduced_by.past_contact) is not None:
            where = "the new rep has worked the same family or company before"
            text += f"; {share_text(share)} less of that where {where}"
        return f"{text}."

    def cost_share(self, facts: Facts) -> Factor:
        """Return the share of their expected value that pairs lose, compiled."""
        owner = facts.snapshot.owner_index
        factors = [rule.factor(facts) for _, rule in self._eased()]

        def share(lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
            changes_hands = (owner[lead] >= 0) & (owner[lead] != rep)
            cost = np.where(changes_hands, self.share, 0.0)
            for factor in factors:
                cost *= 2.0 - factor(lead, rep)
            return cost

        return share

    def plain_cost_share(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) the share of its expected value that each of the case's pairs loses."""
        owners = zip(case.of_lead("owner"), case.rep_ids, strict=True)
        cost = np.array([self.share * (owner not in (None, rep)) for owner, rep in owners], float)
        for _, rule in self._eased():
            cost = cost * (2.0 - rule.plain_factor(case))
        return cost

    def _eased(self) -> Iterator[tuple[str, PreferRule]]:
        """Yield each reduction's name, and the preference whose bonus is that share."""
        for column, offered in OFFERED.items():
            if (share := getattr(self.reduced_by, column)) is not None:
                yield column, PreferMatch.model_construct(lead=column, rep=offered, bonus=share)
        if (share := self.reduced_by.past_contact) is not None:
            yield PAST_CONTACT, PastContact.model_construct(bonus=share)
