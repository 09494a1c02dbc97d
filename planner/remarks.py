"""What a policy makes of a snapshot that people should know before they read the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.issues import IssueLog, shown
from models.units import number_text
from planner.explain.bans import no_rep_text, relaxations
from planner.holders import Per

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy
    from planner.rules.rule import Filter, Rule

LISTED = 1_000


def remarks_on_policy(policy: Policy, snapshot: Snapshot) -> IssueLog:
    """Return what needs no compiling: a policy of a single criterion (R26), filters that match
    nothing, reps without a team.

    Parameters
    ----------
    policy : that fits the snapshot
    """
    issues = IssueLog()
    _single_criterion(policy, issues)
    for rule in policy.rules():
        for part in rule.filters():
            _filter(rule, part, snapshot, issues)
    without_team = snapshot.reps["team"].isna() if "team" in snapshot.reps else None
    for rule in policy.capacity:
        if rule.per is Per.TEAM and without_team is not None and without_team.any():
            issues.add(
                "empty_cells_pass",
                "reps",
                column="team",
                got=f"rule {rule.name}: {rule.label}",
                fix="Fill the column if these reps' leads should count.",
                count=int(without_team.sum()),
            )
    return issues


def remarks(compiled: Compiled) -> IssueLog:
    """Return all remarks: on the policy, leads nobody may work, overfull books, empty cells."""
    issues = remarks_on_policy(compiled.policy, compiled.snapshot)
    _empty_cells(compiled, issues)
    _without_rep(compiled, issues)
    _overloaded(compiled, issues)
    return issues


def _single_criterion(policy: Policy, issues: IssueLog) -> None:
    kinds = {rule.combines for rule in policy.rules() if rule.combines}
    if len(kinds) < 2:
        issues.add("single_criterion", "policy", got=f"only {', '.join(kinds) or 'nothing'}")


def _filter(rule: Rule, part: Filter, snapshot: Snapshot, issues: IssueLog) -> None:
    frame, where = snapshot.tables[part.table], part.where
    absent = list(where.absent(frame))
    for column, word, advice in absent:
        issues.add(
            "filter_value_absent",
            part.table,
            column=column,
            got=f"{shown(word)} in {part.parameter} of {rule.name}",
            fix=advice,
        )
    if not absent and not where.mask(frame, snapshot.header.timezone).any():
        issues.add(
            "filter_matches_nothing",
            part.table,
            got=f"{part.parameter} of {rule.name}: {where.sentence()}",
        )


def _empty_cells(compiled: Compiled, issues: IssueLog) -> None:
    eligible = compiled.eligibility
    for rule, mask in zip(eligible.rules, eligible.masks, strict=True):
        if mask.passed_empty:
            column = next((use.column for use in rule.columns() if use.table == "leads"), "")
            issues.add(
                "empty_cells_pass",
                "leads",
                column=column,
                got=f"rule {rule.name}",
                count=mask.passed_empty,
            )


def _without_rep(compiled: Compiled, issues: IssueLog) -> None:
    eligible = compiled.eligibility
    lead_ids = compiled.snapshot.leads["lead_id"]
    without = np.flatnonzero(eligible.counts()[compiled.row_of_lead] == 0)
    for lead in without[:LISTED]:
        family = np.flatnonzero(compiled.row_of_lead == compiled.row_of_lead[lead])
        why = no_rep_text(relaxations(compiled, family, int(lead)))
        issues.add("no_eligible_rep", "leads", record=str(lead_ids.iat[int(lead)]), got=why)
    if len(without) > LISTED:
        issues.add("no_eligible_rep", "leads", got="and more", count=len(without) - LISTED)


def _overloaded(compiled: Compiled, issues: IssueLog) -> None:
    for label, holder, load, limit in _overfull_books(compiled):
        issues.add(
            "rep_over_capacity",
            "reps",
            column=label,
            record=holder,
            got=f"load {number_text(round(load, 4))}",
            allowed=f"at most {number_text(round(limit, 4))}",
        )


def _overfull_books(compiled: Compiled) -> Iterator[tuple[str, str, float, float]]:
    facts = compiled.facts
    for rule in compiled.policy.capacity:
        present = rule.present_load(facts, compiled.valuation)
        for holder, load, limit in rule.overloaded(facts, present):
            yield rule.label, holder, load, limit
