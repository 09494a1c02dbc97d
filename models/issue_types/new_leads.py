"""What can be wrong with leads that came after a plan."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

NEW_LEADS = (
    IssueType(
        "owned_new_lead",
        "error",
        "the new lead has an owner already",
        "no owner: reps are recommended for leads without one",
        "Clear the owner, or leave the lead out.",
    ),
    IssueType(
        "misspelt_field",
        "error",
        "a field of a new lead looks like a column that the lead lacks",
        fix="Rename the field, or leave it out.",
    ),
)
