"""Holds the two readings of a rule against each other on every pair, and tells who is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.case import Case
from planner.check import check
from planner.compile import compile_problem
from tests.policies import policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.rule import MustRule, Rule


def every_pair(rules: Policy, snapshot: Snapshot) -> tuple[Case, NDArray[Any], NDArray[Any]]:
    """Return all pairs as a case, and the positions of their leads and reps."""
    lead = np.repeat(np.arange(snapshot.num_leads), snapshot.num_reps)
    rep = np.tile(np.arange(snapshot.num_reps), snapshot.num_leads)
    lead_ids = snapshot.leads["lead_id"].iloc[lead].to_numpy()
    rep_ids = snapshot.reps["rep_id"].iloc[rep].to_numpy()
    pairs = pd.DataFrame({"lead_id": lead_ids, "rep_id": rep_ids}, dtype="str")
    return Case(rules, snapshot, pairs), lead, rep


def facts_of(rules: Policy, snapshot: Snapshot) -> Facts:
    """Return a snapshot seen through a policy's period."""
    return rules.facts(snapshot)


def assert_must_agrees(rules: Policy, rule: MustRule, snapshot: Snapshot) -> None:
    """Hold a rule's compiled mask against its violations, pair by pair."""
    rules.check(snapshot)
    case, lead, rep = every_pair(rules, snapshot)
    mask = rule.compiled(facts_of(rules, snapshot))
    forbidden = {(found.lead_id, found.rep_id) for found in rule.violations(case)}
    plain = [pair not in forbidden for pair in zip(case.lead_ids, case.rep_ids, strict=True)]
    np.testing.assert_array_equal(mask.allowed[mask.key[lead], rep], plain)
    asked = [use.column for use in rule.columns() if use.table == "leads" and not use.optional]
    empty = snapshot.leads[asked[0]].isna() if asked else snapshot.leads["lead_id"].isna()
    if rule.where is not None:
        empty &= rule.where.mask(snapshot.leads, snapshot.header.timezone)
    assert mask.passed_empty == empty.sum()


def assert_prefer_agrees(rules: Policy, snapshot: Snapshot) -> None:
    """Hold the compiled factor of a policy's only preference against the plain one."""
    rules.check(snapshot)
    (rule,) = rules.prefer
    case, lead, rep = every_pair(rules, snapshot)
    compiled = rule.factor(facts_of(rules, snapshot))(lead, rep)
    np.testing.assert_allclose(compiled, rule.plain_factor(case), rtol=1e-9)


def allowed(snapshot: Snapshot, **parts: Any) -> dict[str, str]:
    """Return per lead the reps that it may go to under a policy, as `R1 R2`."""
    compiled = compile_problem(snapshot, policy(**parts))
    reps = snapshot.reps["rep_id"].tolist()
    problem, names = compiled.problem, {}
    for lead_id, row in zip(snapshot.leads["lead_id"], compiled.row_of_lead, strict=True):
        pairs = problem.rep[problem.indptr[row] : problem.indptr[row + 1]]
        names[lead_id] = " ".join(reps[rep] if rep >= 0 else "nobody" for rep in pairs)
    return names


def broken(snapshot: Snapshot, assignment: dict[str, str], **parts: Any) -> list[str]:
    """Return what the checker says of an assignment, lead_id -> rep_id, under a policy."""
    frame = pd.DataFrame(assignment.items(), columns=["lead_id", "rep_id"], dtype="str")
    return [
        " ".join(filter(None, (f"{found.rule}:", found.lead_id, found.rep_id))) + f": {found.text}"
        for found in check(policy(**parts), snapshot, frame)
    ]


def factors(snapshot: Snapshot, **parts: Any) -> list[list[float]]:
    """Return (n_leads, n_reps) score / expected value of every pair under a policy."""
    compiled = compile_problem(snapshot, policy(**parts))
    _, lead, rep = every_pair(compiled.policy, snapshot)
    worth = compiled.valuation.score(lead, rep) / compiled.valuation.expected_value(lead, rep)
    shaped: list[list[float]] = worth.reshape(snapshot.num_leads, -1).round(6).tolist()
    return shaped


def assert_limits_agree(rules: Policy, rule: Rule, snapshot: Snapshot, seed: int) -> None:
    """Hold the breaches of a policy's only limits, in a random plan, against the violations.

    Raises
    ------
    NoPlanError : the policy has no problem
    """
    compiled = compile_problem(snapshot, rules)
    problem = compiled.problem
    chosen = np.random.default_rng(seed).integers(problem.indptr[:-1], problem.indptr[1:])
    ids = snapshot.reps["rep_id"].tolist()
    rep_ids = [ids[rep] if rep >= 0 else None for rep in compiled.rep_of_leads(chosen)]
    frame = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": rep_ids})
    told = sorted(
        (found.rep_id, round(found.amount, 6))
        for found in rule.violations(Case(rules, snapshot, frame))
    )
    over = []
    for resource, group, load, most in problem.breaches(chosen):
        label = compiled.labels[problem.resources.index(resource)][group]
        over.append((label, round(load - most, 6)))
    assert told == sorted(over)
