"""What the earlier stages of a plan settled, and the last one takes as given."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class HeldSums(BaseModel):
    """What the stages of `max_min` reached, and the plan keeps.

    Attributes
    ----------
    sums : of the 1, 2, ... smallest load / fair share: the most that was reached
    reference_value : money, the expected value of the plan without fairness
    sets : of reps, by rep_id, which a plan needs to be told of, so that it keeps the sums: no k
        reps may have less together than the k who have least
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sums: tuple[float, ...] = ()
    reference_value: float
    sets: tuple[tuple[str, ...], ...] = ()


class Settled(BaseModel):
    """What is given before a policy is compiled.

    Attributes
    ----------
    effective_limits : per limit, by its label, and per rep_id or team: the load, in the limit's
        unit over the period, that who is over the limit today may keep
    fair_totals : per fair share, by its label: what all reps together hold in the plan without
        fairness, in the measure's unit over the period
    max_min : what its stages reached, by the label of the fair share
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_limits: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    fair_totals: Mapping[str, float] = Field(default_factory=dict)
    max_min: Mapping[str, HeldSums] = Field(default_factory=dict)

    def of(self, label: str) -> Mapping[str, float]:
        """Return the effective limits of one limit, by rep_id or team."""
        return self.effective_limits.get(label, {})


NOTHING = Settled()
