"""What a pair is worth: expected value (what leadership sees) and score (what adds up)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.rule import Factor


class Valuation:
    """The compiled value rules of a policy.

    Parameters
    ----------
    policy : whose amount, win probability and preferences count
    facts : the tables they are compiled from
    amount : (n_leads,) money, where it is known without the rule
    """

    def __init__(
        self, policy: Policy, facts: Facts, amount: NDArray[np.float64] | None = None
    ) -> None:
        self.amount = policy.amount.amounts(facts) if amount is None else amount
        self._chances = policy.win_probability.chances(facts)
        self._factors = [rule.factor(facts) for rule in policy.prefer]
        switching = policy.switching_cost
        self._cost_share = None if switching is None else switching.cost_share(facts)

    def expected_value(
        self, lead: NDArray[np.int64], rep: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (n,) money: amount x win probability of pairs given by position."""
        return self.amount[lead] * self._chances(lead, rep)

    def chance(self, lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n,) the win probability of pairs given by position, 0 to 1."""
        return self._chances(lead, rep)

    def money(self, measure: Measure) -> Factor:
        """Return what a measure in money counts on pairs given by position."""
        if measure is Measure.AMOUNT:
            return lambda lead, _: self.amount[lead]
        return self.expected_value

    def score(self, lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n,) money: preferred value - switching cost of pairs given by position."""
        score = self.preferred_value(lead, rep)
        if self.has_switching_cost:
            score -= self.switching_cost(lead, rep)
        return score

    def preferred_value(
        self, lead: NDArray[np.int64], rep: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (n,) money: expected value x every preference of pairs given by position."""
        value = self.expected_value(lead, rep)
        for factor in self.preferences(lead, rep):
            value *= factor
        return value

    def preferences(
        self, lead: NDArray[np.int64], rep: NDArray[np.int64]
    ) -> Iterator[NDArray[np.float64]]:
        """Yield (n,) what each preference multiplies the value of pairs given by position by."""
        for factor in self._factors:
            yield factor(lead, rep)

    @property
    def has_switching_cost(self) -> bool:
        """Whether the policy has any."""
        return self._cost_share is not None

    def switching_cost(
        self, lead: NDArray[np.int64], rep: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (n,) money that pairs given by position lose where the lead changes hands."""
        if self._cost_share is None:
            return np.zeros(len(lead))
        return self.expected_value(lead, rep) * self._cost_share(lead, rep)
