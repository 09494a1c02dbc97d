"""Plans of random assignments, which take no solving, of one company and of what became of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from planner.solve import evaluate
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from models.plan import Plan
    from models.snapshot import Snapshot

POLICY = policy(capacity=[{"measure": "count", "at_most": "max_leads"}])
GRADES = ["A", "A", "A", "B", "B", "B", "C", "C", "C", None]
SEEDS = 6
"""How many plans the strategies draw from, of each company; some 60 ms each."""


@lru_cache
def company(*, later: bool) -> Snapshot:
    """Return ten leads and four reps; later L1, L2 and R4 are gone, L11 and R5 are new."""
    leads: dict[str, list[Any]] = {
        "lead_id": [f"L{at}" for at in range(1, 12)],
        "amount": [100 * at for at in range(1, 12)],
        "win_probability": [0.5] * 11,
        "grade": [*GRADES, "A"],
        "region": ["US/West/CA", "US/West"] * 3 + ["DE"] * 5,
        "owner": ["R1", "R2", None, "R3", None] * 2 + [None],
    }
    reps: dict[str, list[Any]] = {
        "rep_id": [f"R{at}" for at in range(1, 6)],
        "regions": ["*"] * 5,
        "team": ["a", "a", "b", None, "b"],
        "base_leads": [0, 1, 2, 0, 0],
        "max_leads": [20] * 5,
    }
    which_leads, which_reps = (slice(2, 11), [0, 1, 2, 4]) if later else (slice(10), [0, 1, 2, 3])
    return hand_made(
        {name: cells[which_leads] for name, cells in leads.items()},
        {name: [cells[at] for at in which_reps] for name, cells in reps.items()},
    )


@lru_cache
def evaluated(seed: int, *, later: bool = False) -> Plan:
    """Return the plan of a random assignment; with the same seed always the same."""
    snapshot = company(later=later)
    rng = np.random.default_rng(seed)
    reps = [*snapshot.reps["rep_id"], None]
    chosen = [reps[at] for at in rng.integers(len(reps), size=len(snapshot.leads))]
    pairs = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": chosen})
    return evaluate(snapshot, POLICY, pairs)


def plans() -> st.SearchStrategy[Plan]:
    """Draw a plan of either company."""
    return st.builds(evaluated, st.integers(0, SEEDS - 1), later=st.booleans())


def holders(plan: Plan) -> dict[str, str | None]:
    """Return who has each lead."""
    return {
        str(lead_id): rep_id if isinstance(rep_id, str) else None
        for lead_id, rep_id in plan.assignments[["lead_id", "rep_id"]].itertuples(index=False)
    }
