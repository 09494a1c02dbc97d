"""`skills`: the rep has all skills the lead needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.columns import EVERYTHING
from models.lists import split_list
from planner.rules.rule import ColumnUse, Mask, MustRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Skills(MustRule):
    """A rep works only leads all of whose needs are among the rep's skills (R15)."""

    name: ClassVar[str] = "skills"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "needs")
        yield ColumnUse("reps", "skills")

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return self.with_filter(
            "A rep works only leads whose needs are all among the rep's skills."
        )

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, by the lead's needs."""
        key, combinations = facts.lead_codes(["needs"])
        skilled = facts.reps_offering("skills")
        allowed = np.ones((len(combinations), facts.num_reps), bool)
        for row, needs in enumerate(combinations["needs"]):
            for need in split_list(needs) if isinstance(needs, str) else ():
                allowed[row] &= skilled.reps(need)
        return Mask(key, allowed, facts.leads["needs"].isna().to_numpy())

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep lacks a skill."""

        def why(needs: str | None, skills: str | None) -> str | None:
            offered = set(split_list(skills or ""))
            missing = [need for need in split_list(needs or "") if need not in offered]
            if EVERYTHING in offered or not missing:
                return None
            return f"the rep lacks {', '.join(missing)}"

        reasons = case.each_distinct([case.of_lead("needs"), case.of_rep("skills")], why)
        yield from ((at, reason) for at, reason in enumerate(reasons) if reason)
