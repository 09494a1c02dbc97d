"""What new leads would bring: an empty amount is filled from the leads of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.rules.amount import MedianBy

if TYPE_CHECKING:
    from models.arrays import Floats
    from planner.compile import Compiled
    from planner.facts import Facts


def amounts_of(compiled: Compiled, new: Facts) -> Floats:
    """Return (n_leads,) money: as the rule gives it, were the leads appended to the plan's.

    An empty amount changes no median, so all of these can be appended at once.
    """
    rule = compiled.policy.amount
    if not isinstance(rule.missing, MedianBy):
        return rule.amounts(new)
    given = np.array(new.lead_numbers(rule.column))
    empty = np.flatnonzero(np.isnan(given))
    if not len(empty):
        return given
    columns = [*dict.fromkeys((rule.column, *rule.missing.median_by))]
    known, asked = compiled.snapshot.leads[columns], new.leads[columns].iloc[empty]
    both = pd.concat([known, asked], ignore_index=True)
    filled = rule.amounts(compiled.facts.of_leads(both, np.arange(len(both))))
    given[empty] = filled[len(known) :]
    return given
