"""Names the rows that must be assigned, but that no rep may work: no plan exists then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import NoPlanError
from planner.pairs import fixed_pins

if TYPE_CHECKING:
    from planner.pairs import Pairs

NAMED_AT_MOST = 5


def refuse_rows_without_pair(pairs: Pairs) -> None:
    """Raise NoPlanError, which names leads and rules, if a row has no pair."""
    empty = np.flatnonzero(pairs.num_pairs == 0)
    if not len(empty):
        return
    named = [_why(pairs, int(row)) for row in empty[:NAMED_AT_MOST]]
    if len(empty) > NAMED_AT_MOST:
        named.append(f"and {len(empty) - NAMED_AT_MOST:,} more")
    text = f"infeasible: no rep may work these, which must be assigned: {'; '.join(named)}"
    raise NoPlanError(text, impossible=True)


def _why(pairs: Pairs, row: int) -> str:
    """Return the leads of a row, and which rules keep every rep from them."""
    facts, eligible, leads = pairs.facts, pairs.eligible, pairs.leads_of(row)
    names = facts.leads["lead_id"].iloc[leads[:NAMED_AT_MOST]].tolist()
    names += ["..."] * (len(leads) > NAMED_AT_MOST)
    who = ", ".join(names) if len(leads) == 1 else f"the family {', '.join(names)}"
    fixed = fixed_pins(facts)
    reps = sorted({fixed[lead] for lead in leads if lead in fixed})
    if not reps:
        rules = {rule.name for lead in leads for rule in eligible.unpassed(lead)}
        return f"{who} (no rep passes {_listed(rules) or 'all rules together'})"
    rules = {rule.name for lead in leads for rule in eligible.forbidding(lead, reps[0])}
    against = f" against {_listed(rules)}" if len(reps) == 1 else ""
    return f"{who} (fixed to {' and to '.join(facts.reps['rep_id'].iloc[reps])}{against})"


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(names))
