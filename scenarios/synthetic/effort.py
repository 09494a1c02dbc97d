"""How many hours a week the leads cost, fitted to the hours that the reps have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scenarios.synthetic.reps import Staff

DEMAND = 1.10
"""Effort that all leads together ask for, as a share of the hours that the reps have for them."""
MEAN_AT_MOST = 3.0
"""Hours a week: with very few leads per rep the hours no longer limit anybody."""
STEPS_PER_HOUR = (4, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class EffortScale:
    """Turns raw effort (mean about 1) into whole steps of hours a week."""

    factor: float
    steps_per_hour: int

    def hours(self, raw_effort: np.ndarray) -> np.ndarray:
        """Return hours a week of each lead, from 1 to 24 steps."""
        steps = np.round(raw_effort * self.factor * self.steps_per_hour)
        return np.asarray(np.clip(steps, 1, MOST_STEPS) / self.steps_per_hour)


def fit_effort(raw_effort: np.ndarray, staff: Staff, num_leads: int) -> EffortScale:
    """Find the scale at which leads like these ask for `DEMAND` of the reps' hours.

    The step shrinks with the leads per rep, so that a rep's hours always fill closely.
    """
    target = min(DEMAND * staff.net_hours.sum() / num_leads, MEAN_AT_MOST)
    steps_per_hour = next(
        (steps for steps in STEPS_PER_HOUR if 1 / steps <= 0.4 * target), STEPS_PER_HOUR[-1]
    )
    low, high = 0.0, 4 * target
    for _ in range(40):
        middle = (low + high) / 2
        mean = EffortScale(middle, steps_per_hour).hours(raw_effort).mean()
        low, high = (middle, high) if mean < target else (low, middle)
    return EffortScale(high, steps_per_hour)
