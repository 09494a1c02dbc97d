"""The independent checker: every rule re-read from the tables; no engine, no compile.

No plan exists without its pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.settled import NOTHING, Settled
from planner.case import Case, plain_cells
from planner.rules.fairness import Mode
from planner.rules.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from planner.policy import Policy

EXPECTED_VALUE, SCORE = STATED = ("expected_value", "score")
KNOWN_LEAD, KNOWN_REP = "known_lead", "known_rep"
RELATIVE = 1e-6
ABSOLUTE = 0.005
"""Money; stated values are compared to half a cent."""
PAIRS_READ = 200_000
"""How many pairs are read to derive what unassigned leads cost; leads beyond are not looked at."""


def check(
    policy: Policy, snapshot: Snapshot, assignment: pd.DataFrame, settled: Settled = NOTHING
) -> list[Violation]:
    """Return every way in which an assignment breaks the policy; empty if it keeps every rule.

    Parameters
    ----------
    assignment : frame of lead_id and rep_id (NaN for nobody; an absent lead is unassigned), and, if
        they are to be checked too, of expected_value and score in money
    """
    known_lead = _is_in(assignment["lead_id"], snapshot.leads["lead_id"])
    known_rep = _is_in(assignment["rep_id"], snapshot.reps["rep_id"])
    known_rep |= assignment["rep_id"].isna().to_numpy()
    violations = list(_structure(assignment, known_lead, known_rep))
    sound = assignment[known_lead & known_rep].drop_duplicates("lead_id")
    case = Case(policy, snapshot, sound, settled)
    for rule in case.policy.rules():
        violations += rule.violations(case)
    violations += _stated_values(case, sound)
    violations += _stated_without_rep(case, sound)
    return violations


def soft_excesses(
    policy: Policy, snapshot: Snapshot, assignment: pd.DataFrame, settled: Settled = NOTHING
) -> list[Violation]:
    """Return where a sound assignment does not keep soft rules; that costs, but is allowed."""
    soft = [rule for rule in policy.in_force(snapshot).fairness if rule.mode is Mode.SOFT]
    case = Case(policy, snapshot, assignment, settled) if soft else None
    return [found for rule in soft if case is not None for found in rule.excesses(case)]


def _is_in(ids: pd.Series, known: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(pd.Index(known).get_indexer(ids) >= 0)


def _structure(
    assignment: pd.DataFrame, known_lead: NDArray[np.bool_], known_rep: NDArray[np.bool_]
) -> Iterator[Violation]:
    """Yield leads given twice, and ids that the tables do not have."""
    lead_ids, rep_ids = assignment["lead_id"], assignment["rep_id"]
    for lead_id, count in lead_ids[lead_ids.duplicated(keep=False)].value_counts().items():
        text = f"the lead stands {count} times in the assignment"
        yield Violation("one_owner", "Every lead has at most one rep.", text, str(lead_id))
    for lead_id in plain_cells(lead_ids[~known_lead]):
        sentence = "Every lead of a plan is in the table of leads."
        yield Violation(KNOWN_LEAD, sentence, "the lead is unknown", str(lead_id or ""))
    for lead_id, rep_id in zip(lead_ids[~known_rep], rep_ids[~known_rep], strict=True):
        sentence = "Every rep of a plan is in the table of reps."
        yield Violation(KNOWN_REP, sentence, "the rep is unknown", str(lead_id), str(rep_id))


def _stated_values(case: Case, assignment: pd.DataFrame) -> Iterator[Violation]:
    """Yield the pairs whose stated money is not what the tables and the policy make it."""
    stated = assignment[assignment["rep_id"].notna()]
    for name in (name for name in STATED if name in stated):
        true = case.expected_values if name == EXPECTED_VALUE else case.scores
        yield from _wrong(name, stated, true)


def _stated_without_rep(case: Case, assignment: pd.DataFrame) -> Iterator[Violation]:
    """Yield the unassigned leads whose stated money is not what the policy makes it."""
    stated = assignment[assignment["rep_id"].isna()]
    if EXPECTED_VALUE in stated:
        yield from _wrong(EXPECTED_VALUE, stated, np.zeros(len(stated)))
    if SCORE in stated and len(stated):
        cost = _costs_without_rep(case, stated["lead_id"])
        stated = stated[stated["lead_id"].isin(cost)]
        told = [-cost[lead_id] for lead_id in stated["lead_id"]]
        yield from _wrong(SCORE, stated, np.array(told, np.float64))


def _costs_without_rep(case: Case, lead_ids: Iterable[str]) -> dict[str, float]:
    """Return what leads cost unassigned: a share of their family's best preferred value."""
    policy, snapshot = case.policy, case.snapshot
    reps = snapshot.reps["rep_id"].tolist()
    pairs = _all_pairs(case, lead_ids, reps)
    every = Case(policy, snapshot, pairs, case.settled, root=case)
    forbidden = every.forbidden_by((*policy.eligibility(), *policy.protect))
    barred = [at for limit in policy.capacity for at in limit.plain_gains(every)]
    barred += policy.families.plain_strangers(every)
    forbidden |= {(every.lead_ids[at], every.rep_ids[at]) for at in barred}
    pairs["value"] = every.preferred_values
    pairs["allowed"] = [
        pair not in forbidden for pair in zip(every.lead_ids, every.rep_ids, strict=True)
    ]
    costs: dict[str, float] = {}
    for _, family in pairs.groupby("family"):
        together = family.groupby("rep_id").agg({"value": "sum", "allowed": "all"})
        best = max([0.0, *together.loc[together["allowed"], "value"]])
        members = family["lead_id"].unique()
        costs |= dict.fromkeys(members, policy.unassigned.cost * best / len(members))
    return costs


def _all_pairs(case: Case, lead_ids: Iterable[str], reps: list[str]) -> pd.DataFrame:
    """Return lead_id, rep_id and number of the family, of all pairs of unassigned families."""
    family_of = {lead_id: tuple(family) for family in case.families for lead_id in family}
    chosen = sorted({family_of.get(lead_id, (lead_id,)) for lead_id in lead_ids})
    whole = [family for family in chosen if case.rep_of.keys().isdisjoint(family)]
    num_pairs = np.cumsum([len(family) * len(reps) for family in whole])
    read = whole[: int(np.searchsorted(num_pairs, PAIRS_READ, "right"))]
    triples = [
        (lead_id, rep_id, number)
        for number, family in enumerate(read)
        for lead_id in family
        for rep_id in reps
    ]
    return pd.DataFrame(triples, columns=["lead_id", "rep_id", "family"])


def _wrong(name: str, stated: pd.DataFrame, true: NDArray[np.float64]) -> Iterator[Violation]:
    """Yield the records in which a stated column differs from the true money."""
    told = stated[name].to_numpy(np.float64)
    wrong = ~(np.abs(told - true) <= ABSOLUTE + RELATIVE * np.abs(true))
    sentence = "Money in a plan follows from the tables and the policy."
    lead_ids, rep_ids = plain_cells(stated["lead_id"]), plain_cells(stated["rep_id"])
    for at in np.flatnonzero(wrong):
        text = f"{name} is stated as {told[at]:,.2f}, but is {true[at]:,.2f}"
        amount = float(abs(np.nan_to_num(told[at]) - true[at]))
        yield Violation(name, sentence, text, lead_ids[at], rep_ids[at] or "", amount)
