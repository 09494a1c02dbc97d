"""How far the books of a plan lie from their fair shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.kpis import fair_loads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.compile import Compiled


def widest_deviation(
    compiled: Compiled, rep_of_lead: NDArray[np.int64], label: str | None = None
) -> float | None:
    """Return the widest deviation of a load from its fair share, as a share of it.

    It is infinite where who has no fair share of something has some of it.

    Parameters
    ----------
    compiled : under the fair totals
    rep_of_lead : (n_leads,) position of each lead's rep; -1 for nobody
    label : of the rule that counts; all of them if not given

    Returns
    -------
    float : None where the policy has no fair shares
    """
    widest = [
        float(np.max(_deviation(load, fair)))
        for rule, load, fair in fair_loads(compiled, rep_of_lead)
        if label in (None, rule.label)
    ]
    return max(widest, default=None)


def _deviation(load: NDArray[np.float64], fair: NDArray[np.float64]) -> NDArray[np.float64]:
    off = np.abs(load - fair)
    nothing = np.where(off > 0, np.inf, 0.0)
    return np.divide(off, fair, out=nothing, where=fair > 0)
