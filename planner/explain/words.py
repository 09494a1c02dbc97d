"""Explanations as sentences that a salesperson understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.explanation import Cause

if TYPE_CHECKING:
    from models.explanation import Alternative, Obstacle

WHAT = {
    Cause.CAPACITY: "limits",
    Cause.FAIRNESS: "fair shares",
    Cause.CONCENTRATION: "limits on one kind of lead",
    Cause.RETURNING: "return from an absence",
    Cause.MOVES: "budget of moves",
}
"""Which soft limits a move pays for, or wins by."""


LEAST_MONEY = 0.005


class Words:
    """Writes amounts for people.

    Parameters
    ----------
    currency : of money
    weeks : length of the plan's period; hours are told a week
    """

    def __init__(self, currency: str, weeks: float) -> None:
        self.currency, self.weeks = currency, weeks

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
        """Return what stands against a move, with numbers and the price of room."""
        whose = "the plan" if found.group == "all" else found.group
        load, bound = (self.amount(each, found.unit) for each in (found.load, found.bound))
        if found.at_most:
            load = load.removesuffix(" " + bound.partition(" ")[2])
            text = f"{whose} has {load} of {bound} ({found.limit})"
        else:
            text = f"{whose} has {load} and must keep {bound} ({found.limit})"
        worth = found.price * found.missing
        if worth > 0:
            missing = self.amount(found.missing, found.unit)
            text += f", where the missing {missing} would be worth {self.money(worth)}"
        return text

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
        if costs:
            kinds = " and ".join(sorted({WHAT[cost.cause] for cost in other.soft_costs}))
            more += f", {self.money(costs)} for the {kinds} included"
        if other.obstacles and other.gain > LEAST_MONEY:
            stands = "; ".join(map(self.obstacle, other.obstacles))
            return f"{more}, but {stands}"
        return more


def _number(value: float) -> str:
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
