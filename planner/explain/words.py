"""Explanations as sentences that a salesperson understands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from models.explanation import Cause

if TYPE_CHECKING:
    from models.explanation import Alternative, Obstacle
    from planner.planned import Planned

WHAT = {
    Cause.CAPACITY: "limits",
    Cause.FAIRNESS: "fair shares",
    Cause.CONCENTRATION: "limits on one kind of lead",
    Cause.RETURNING: "return from an absence",
    Cause.MOVES: "budget of moves",
}
"""Which soft limits a move pays for, or wins by."""


LEAST_MONEY = 0.005
WHOLE = 1e-6


class Words:
    """Writes amounts for people.

    Parameters
    ----------
    currency : of money
    weeks : length of the plan's period; hours are told a week
    """

    def __init__(self, currency: str, weeks: float) -> None:
        self.currency, self.weeks = currency, weeks

    @classmethod
    def of(cls, planned: Planned) -> Words:
        """Return the words of a plan."""
        return cls(planned.plan.record.currency, planned.compiled.facts.period.weeks)

    def money(self, amount: float) -> str:
        """Return money in whole units, small sums in cents."""
        digits = 2 if 0 < abs(amount) < 10 else 0
        return f"{amount:,.{digits}f} {self.currency}"

    def amount(self, value: float, unit: str) -> str:
        """Return an amount of a resource with its unit."""
        if unit == "money":
            return self.money(value)
        if unit == "hours":
            return f"{_number(value / self.weeks)} h a week"
        noun = {"leads": "lead" if value == 1 else "leads"}.get(unit, unit)
        return f"{_number(value)} {noun}".rstrip()

    def obstacle(self, found: Obstacle) -> str:
        """Return what stands against a move, with numbers and what prices ask for the room."""
        whose = "the plan" if found.group == "all" else found.group
        load, bound, missing = self._figures(found)
        if found.at_most:
            load = load.removesuffix(" " + bound.partition(" ")[2])
            text = f"{whose} has {load} of {bound} ({found.limit}), {missing} too few"
        else:
            text = f"{whose} has {load} and must keep {bound} ({found.limit})"
        asked = found.price * found.missing
        if asked > LEAST_MONEY:
            text += f", for which the plan's prices ask {self.money(asked)}"
        return text

    def _figures(self, found: Obstacle) -> tuple[str, str, str]:
        """Return load, limit and what is missing; there is no half lead, and shares are shares."""
        figures = (found.load, found.bound, found.missing)
        if found.unit == "leads" and found.load == round(found.load) and found.at_most:
            whole = math.floor(found.bound + WHOLE)
            figures = (found.load, whole, math.ceil(found.missing - WHOLE))
        elif not found.unit and found.cause is Cause.FAIRNESS:
            load, bound, missing = (f"{100 * value:.4g} %" for value in figures)
            return load, f"{bound} of the fair share", missing
        load, bound, missing = (self.amount(value, found.unit) for value in figures)
        return load, bound, missing

    def compared(self, gain: float) -> str:
        """Return how much more, or less, money something brings."""
        if abs(gain) <= LEAST_MONEY:
            return "as much"
        return f"{self.money(abs(gain))} {'more' if gain > 0 else 'less'}"

    def held_back(self, other: Alternative) -> str:
        """Return what another rep would bring, and what keeps the lead from going there."""
        whom = other.rep_id or "without a rep it"
        costs = sum(cost.money for cost in other.soft_costs)
        more = f"{whom} would bring {self.compared(other.gain)}"
        if other.rep_id is None:
            more += ", what a lead without a rep costs included"
        if costs:
            kinds = " and ".join(sorted({WHAT[cost.cause] for cost in other.soft_costs}))
            more += f", {self.money(costs)} for the {kinds} included"
        if other.obstacles:
            stands = "; ".join(map(self.obstacle, other.obstacles))
            return f"{more}, {'but' if other.gain > LEAST_MONEY else 'and'} {stands}"
        return more


def _number(value: float) -> str:
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
