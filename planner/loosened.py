"""Who could work what, were rules on single leads lifted: what a diagnosis chooses among."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from planner.eligibility import combined
from planner.gains import without_gains
from planner.rules.rule import Section

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.settled import Settled
    from planner.eligibility import Eligibility
    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.rule import Rule
    from planner.valuation import Valuation


def binds_single_leads(rule: Rule) -> bool:
    """Return whether a rule is about records one by one, as pins are, rather than about kinds."""
    return rule.name == "pins" or rule.section in (Section.PROTECT, Section.FAMILIES)


def wider(
    eligible: Eligibility,
    must_have_rep: NDArray[np.bool_],
    policy: Policy,
    valuation: Valuation,
    settled: Settled,
    facts: Facts,
    row_of_lead: NDArray[np.int64],
) -> Eligibility:
    """Return whom rules on kinds of leads allow; every rep where a row would have no pair.

    Parameters
    ----------
    eligible : whom all rules allow
    must_have_rep : (n_leads,) bool, the leads that may not stay with nobody
    """
    kept = [
        (rule, mask)
        for rule, mask in zip(eligible.rules, eligible.masks, strict=True)
        if not binds_single_leads(rule)
    ]
    rules, masks = [rule for rule, _ in kept], [mask for _, mask in kept]
    more = combined(rules, masks, facts, row_of_lead)
    more = without_gains(more, policy, valuation, settled, facts, row_of_lead)
    return _opened(more, rows_without_pair(eligible, must_have_rep, row_of_lead), facts.num_reps)


def rows_without_pair(
    eligible: Eligibility, must_have_rep: NDArray[np.bool_], row_of_lead: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return (n_rows,) whether a row must be assigned, but no rep may work it."""
    must = np.zeros(len(eligible.row_class), np.bool_)
    must[row_of_lead[must_have_rep]] = True
    empty: NDArray[np.bool_] = must & (eligible.counts() == 0)
    return empty


def _opened(eligible: Eligibility, rows: NDArray[np.bool_], num_reps: int) -> Eligibility:
    """Return the eligibility with every rep for some rows."""
    everybody = np.arange(num_reps, dtype=np.int32)
    return replace(
        eligible,
        row_class=np.where(rows, len(eligible.indptr) - 1, eligible.row_class),
        indptr=np.append(eligible.indptr, eligible.indptr[-1] + num_reps),
        rep=np.append(eligible.rep, everybody),
    )
