"""One judge for all contenders: what a lead with a rep is worth, by what is known at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.valuation import Valuation
from scenarios.replay.past import as_it_is

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.replay.deals import Deals


class Judge:
    """Values pairs by the amounts and win probabilities of a policy, on the whole history.

    Parameters
    ----------
    policy : the judge's
    snapshot : the company at the end
    deals : all that may be judged

    Raises
    ------
    InputError, PolicyError : the policy does not fit the deals
    """

    def __init__(self, policy: Policy, snapshot: Snapshot, deals: Deals) -> None:
        # A lead_id may come again: each deal gets a name of its own here.
        numbered = deals.table.assign(lead_id=[f"deal {at}" for at in range(len(deals.table))])
        company = as_it_is(snapshot, numbered, policy.columns())
        facts = policy.facts(company)
        policy.check(company, facts)
        self._valuation = Valuation(policy.in_force(company), facts)
        self._reps = pd.Index(company.reps["rep_id"])
        order = pd.Index(company.leads["lead_id"]).get_indexer(numbered["lead_id"])
        self._lead = pd.Series(order, index=deals.table.index)

    def values(self, deals: pd.DataFrame, rep_ids: pd.Series) -> Floats:
        """Return (n_deals,) money: the expected value of deals with reps, 0 with nobody.

        Parameters
        ----------
        deals : rows of the table of deals
        rep_ids : (n_deals,) NaN for nobody
        """
        rep = self._reps.get_indexer(rep_ids)
        has_rep = rep >= 0
        values = np.zeros(len(deals))
        lead = self._lead[deals.index].to_numpy(np.int64)
        values[has_rep] = self._valuation.expected_value(lead[has_rep], rep[has_rep])
        return values
