"""What a pair is worth: expected value (what leadership sees) and score (what adds up)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from planner.facts import Facts
    from planner.policy import Policy


class Valuation:
    """The compiled value rules of a policy.

    Parameters
    ----------
    policy : whose amount, win probability and preferences count
    facts : the tables they are compiled from
    """

    def __init__(self, policy: Policy, facts: Facts) -> None:
        self.amount = policy.amount.amounts(facts)
        self._chances = policy.win_probability.chances(facts)
        self._factors = [rule.factor(facts) for rule in policy.prefer]

    def expected_value(
        self, lead: NDArray[np.int64], rep: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (n,) money: amount x win probability of pairs given by position."""
        return self.amount[lead] * self._chances(lead, rep)

    def score(self, lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n,) money: expected value x every preference of pairs given by position."""
        score = self.expected_value(lead, rep)
        for factor in self._factors:
            score *= factor(lead, rep)
        return score
