"""What a policy can make of a snapshot."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

PLANNING = (
    IssueType(
        "no_eligible_rep",
        "warning",
        "no rep passes the rules, so the lead stays unassigned",
        fix="Relax a rule, or give a rep the region, skill or level.",
    ),
    IssueType(
        "rep_over_capacity",
        "warning",
        "the rep's present book already exceeds a limit",
        fix="The plan brings it down; leads that do not fit elsewhere stay unassigned.",
    ),
    IssueType(
        "single_criterion",
        "warning",
        "the policy uses a single criterion",
        fix="Combine value, need and load; one criterion alone makes poor plans.",
    ),
    IssueType(
        "filter_value_absent",
        "warning",
        "a filter of the policy names a value that no record has",
        fix="Correct the spelling, or leave the value for the time when a record has it.",
    ),
    IssueType(
        "filter_matches_nothing",
        "warning",
        "a filter of the policy matches no record, so its rule changes nothing",
        fix="Correct the filter, or leave it for the time when a record matches.",
    ),
    IssueType(
        "empty_cells_pass",
        "info",
        "empty cells ask for nothing, so the rule lets the leads pass",
        fix="Fill the column if the rule should apply to these leads.",
    ),
)
