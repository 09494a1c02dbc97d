"""`unassigned`: what it costs that nobody works a lead, or that it may not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from models.units import Share, share_text
from planner.rules.rule import Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case

FORBIDDEN = "forbidden"


class Unassigned(Rule):
    """A lead without a rep costs a share of its best score, or is forbidden (R28).

    Attributes
    ----------
    cost : share of the row's best score before switching cost, at least 0 money
    forbidden : whether every lead must have a rep; written `unassigned: forbidden`, not as a key
    """

    name: ClassVar[str] = "unassigned"
    section: ClassVar[Section] = Section.UNASSIGNED

    cost: Share = 1.0
    forbidden: bool = Field(default=False, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if value == FORBIDDEN:
            return {"forbidden": True}
        if not isinstance(value, dict) or "forbidden" in value:
            raise ValueError("must be `forbidden` or `{cost: 100%}`")
        return value

    def sentence(self) -> str:
        """Return the rule in plain English."""
        if self.forbidden:
            return "Every lead must have a rep."
        return f"A lead without a rep costs {share_text(self.cost)} of its best possible score."

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each lead without a rep, where that is forbidden."""
        if self.forbidden:
            for lead_id in case.snapshot.leads["lead_id"]:
                if lead_id not in case.rep_of:
                    yield Violation(self.name, self.sentence(), "nobody works the lead", lead_id)
