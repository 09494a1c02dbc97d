"""The independent checker: every rule re-read from the tables; no engine, no compile.

No plan exists without its pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.case import Case
from planner.rules.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from models.snapshot import Snapshot
    from planner.policy import Policy

STATED = ("expected_value", "score")
RELATIVE = 1e-6
ABSOLUTE = 0.005
"""Money; stated values are compared to half a cent."""


def check(policy: Policy, snapshot: Snapshot, assignment: pd.DataFrame) -> list[Violation]:
    """Return every way in which an assignment breaks the policy; empty if it keeps every rule.

    Parameters
    ----------
    assignment : frame of lead_id and rep_id (NaN for nobody; an absent lead is unassigned), and, if
        they are to be checked too, of expected_value and score in money
    """
    violations = list(_structure(snapshot, assignment))
    known = assignment["lead_id"].isin(snapshot.leads["lead_id"])
    known &= assignment["rep_id"].isin(snapshot.reps["rep_id"])
    case = Case(policy, snapshot, assignment[known].drop_duplicates("lead_id"))
    for rule in policy.rules():
        violations += rule.violations(case)
    violations += _stated_values(case, assignment)
    return violations


def _structure(snapshot: Snapshot, assignment: pd.DataFrame) -> Iterator[Violation]:
    """Yield leads given twice, and ids that the tables do not have."""
    lead_ids, rep_ids = assignment["lead_id"], assignment["rep_id"]
    twice = lead_ids[lead_ids.duplicated()]
    for lead_id in twice.unique():
        text = f"the lead stands {int((lead_ids == lead_id).sum())} times in the assignment"
        yield Violation("one_owner", "Every lead has at most one rep.", text, str(lead_id))
    for lead_id in lead_ids[~lead_ids.isin(snapshot.leads["lead_id"])]:
        sentence = "Every lead of a plan is in the table of leads."
        yield Violation("known_lead", sentence, "the lead is unknown", str(lead_id))
    unknown = rep_ids.notna() & ~rep_ids.isin(snapshot.reps["rep_id"])
    for lead_id, rep_id in zip(lead_ids[unknown], rep_ids[unknown], strict=True):
        sentence = "Every rep of a plan is in the table of reps."
        text = f"the rep {rep_id!r} is unknown"
        yield Violation("known_rep", sentence, text, str(lead_id), str(rep_id))


def _stated_values(case: Case, assignment: pd.DataFrame) -> Iterator[Violation]:
    """Yield the pairs whose stated money is not what the tables and the policy make it."""
    for name, values in zip(STATED, (lambda: case.expected_values, lambda: case.scores), strict=True):
        if name not in assignment:
            continue
        stated = assignment.drop_duplicates("lead_id").set_index("lead_id")[name]
        told = stated.reindex(case.pairs["lead_id"]).to_numpy(np.float64)
        true = values()
        wrong = ~(np.abs(told - true) <= ABSOLUTE + RELATIVE * np.abs(true))
        for at in np.flatnonzero(wrong):
            lead_id, rep_id = case.pair_ids(int(at))
            text = f"{name} is stated as {told[at]:,.2f}, but is {true[at]:,.2f}"
            sentence = "Money in a plan follows from the tables and the policy."
            yield Violation(
                name, sentence, text, lead_id, rep_id, float(abs(told[at] - true[at]))
            )
