"""Who is over a limit today, and stays so, gains nothing that counts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.facts import sets_by_row
from planner.holders import Holders
from planner.pairs import fixed_pins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.settled import Settled
    from planner.eligibility import Eligibility
    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.capacity import Capacity
    from planner.valuation import Valuation


def without_gains(
    eligible: Eligibility,
    policy: Policy,
    valuation: Valuation,
    settled: Settled,
    facts: Facts,
    row_of_lead: NDArray[np.int64],
) -> Eligibility:
    """Return the eligibility without what would add to loads that stay over a limit.

    Rows of which the rep, or the team, has a lead today, and those with a lead that is fixed to a
    rep, are left alone.
    """
    owner = facts.snapshot.owner_index
    fixed = np.zeros(len(eligible.row_class), bool)
    fixed[row_of_lead[list(fixed_pins(facts))]] = True
    for rule in policy.capacity:
        if not settled.of(rule.label):
            continue
        holders, of_over = Holders.of(facts, rule.per), over_limit(rule, settled, facts)
        adds = np.zeros(len(fixed), bool)
        adds[row_of_lead[rule.adds(facts, valuation)]] = True
        adds &= ~fixed
        held = np.flatnonzero((owner >= 0) & adds[row_of_lead])
        held = held[of_over[owner[held]]]
        number, held_by = sets_by_row(row_of_lead, held, holders.of_rep[owner[held]])
        key = np.where(number > 0, number + 1, adds)
        allowed = np.ones((len(held_by) + 2, facts.num_reps), bool)
        allowed[1:] = ~of_over
        for at, some in enumerate(held_by, start=2):
            allowed[at, np.isin(holders.of_rep, list(some))] = True
        eligible = eligible.narrowed(key, allowed)
    return eligible


def over_limit(rule: Capacity, settled: Settled, facts: Facts) -> NDArray[np.bool_]:
    """Return (n_reps,) whether a rep, or the rep's team, stays over a limit."""
    holders = Holders.of(facts, rule.per)
    effective = holders.values(settled.of(rule.label), missing=np.inf)
    return holders.has(np.isfinite(effective))
