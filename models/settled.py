"""What the earlier stages of a plan settled, and the last one takes as given."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class Settled(BaseModel):
    """What is given before a policy is compiled.

    Attributes
    ----------
    effective_limits : per limit, by its label, and per rep_id or team: the load, in the limit's
        unit over the period, that who is over the limit today may keep
    fair_totals : per fair share, by its label: what all reps together hold in the plan without
        fairness, in the measure's unit over the period
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_limits: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    fair_totals: Mapping[str, float] = Field(default_factory=dict)

    def of(self, label: str) -> Mapping[str, float]:
        """Return the effective limits of one limit, by rep_id or team."""
        return self.effective_limits.get(label, {})


NOTHING = Settled()
