"""Derives a plan's price bound again from its stored prices: anyone can re-check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import PlanFileError
from planner.bound import bound
from planner.compile import compile_problem

if TYPE_CHECKING:
    import pandas as pd

    from models.snapshot import Snapshot
    from planner.policy import Policy


def stored_price_bound(snapshot: Snapshot, policy: Policy, prices: pd.DataFrame) -> float:
    """Return the bound in money that stored prices prove for a snapshot and a policy.

    Raises
    ------
    PlanFileError : the prices are not those of this policy's resources and groups
    """
    problem = compile_problem(snapshot, policy).problem
    by_resource = []
    for resource in problem.resources:
        own = prices[prices["resource"] == resource.name].sort_values("group")
        if not np.array_equal(own["group"], np.arange(resource.num_groups)):
            raise PlanFileError(
                f"the plan has {len(own)} prices of {resource.name!r}; "
                f"the policy needs {resource.num_groups}"
            )
        by_resource.append(own["price"].to_numpy(np.float64))
    return bound(problem, by_resource)
