"""`match`: a value of the lead is among the rep's; as a must, or as a preference with a bonus."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.columns import EVERYTHING
from models.lists import split_list
from models.units import Share, share_text
from planner.rules.rule import ColumnUse, Factor, Mask, MustRule, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Match(MustRule):
    """The lead's value is among the rep's list (R11, R12, R14).

    Attributes
    ----------
    lead : column of leads with one value
    rep : column of reps with a list, or one value
    """

    name: ClassVar[str] = "match"

    lead: str
    rep: str

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield from _columns(self.lead, self.rep)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return self.with_filter(
            f"A rep works only leads whose {self.lead} is among the rep's {self.rep}."
        )

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, by the lead's value."""
        key, allowed = _matches(facts, self.lead, self.rep, if_empty=True)
        return Mask(key, allowed, facts.leads[self.lead].isna().to_numpy())

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep does not list the lead's value."""

        def why(value: str | None, offered: str | None) -> str | None:
            if value is None or {value, EVERYTHING} & set(split_list(offered or "")):
                return None
            return f"{self.lead} {value!r} is not among {self.rep} {offered or '(empty)'!r}"

        reasons = case.each_distinct([case.of_lead(self.lead), case.of_rep(self.rep)], why)
        yield from ((at, reason) for at, reason in enumerate(reasons) if reason)


class PreferMatch(PreferRule):
    """A pair is worth more where the lead's value is among the rep's list (R11, R16).

    Attributes
    ----------
    lead, rep : as in `match`
    bonus : added to the score, as a share of it
    """

    name: ClassVar[str] = "match"

    lead: str
    rep: str
    bonus: Share

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield from _columns(self.lead, self.rep)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return (
            f"A pair counts {share_text(self.bonus)} more "
            f"where the lead's {self.lead} is among the rep's {self.rep}."
        )

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, by the lead's value."""
        key, matches = _matches(facts, self.lead, self.rep, if_empty=False)
        table = np.where(matches, 1.0 + self.bonus, 1.0)
        return lambda lead, rep: table[key[lead], rep]

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""

        def multiplier(value: str | None, offered: str | None) -> float:
            offers = set(split_list(offered or ""))
            return 1 + self.bonus if value is not None and {value, EVERYTHING} & offers else 1.0

        cells = [case.of_lead(self.lead), case.of_rep(self.rep)]
        return np.array(case.each_distinct(cells, multiplier), float)


def _columns(lead: str, rep: str) -> Iterator[ColumnUse]:
    yield ColumnUse("leads", lead, "lead", text=True)
    yield ColumnUse("reps", rep, "rep", text=True)


def _matches(
    facts: Facts, lead_column: str, rep_column: str, *, if_empty: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return (n_leads,) classes and (n_classes, n_reps) whether the lead's value is offered.

    There is a class for empty cells, one for values that no rep lists, and one per listed value:
    few, even where nearly every lead has a value of its own.
    """
    key, combinations = facts.lead_codes([lead_column])
    offered = facts.reps_offering(rep_column)
    class_of = {value: at for at, value in enumerate(offered.by_value, start=2)}
    values = combinations[lead_column]
    classes = np.array([class_of.get(value, 1) for value in values])
    classes[values.isna().to_numpy()] = 0
    empty = np.full(facts.num_reps, if_empty)
    return classes[key], np.vstack([empty, offered.everything, *map(offered.reps, class_of)])
