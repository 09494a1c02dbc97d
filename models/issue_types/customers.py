"""What can be found out about customers."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

CUSTOMERS = (
    IssueType(
        "exact_duplicate",
        "warning",
        "records agree in every column that is used, except the id, and name the same customer; "
        "they join one family",
        fix="Remove the copies in the CRM; until then one rep gets all of them.",
    ),
    IssueType(
        "possible_duplicate",
        "warning",
        "records seem to be the same customer",
        fix="Merge them in the CRM, give them the same `family`, or leave them apart.",
    ),
    IssueType(
        "split_company",
        "info",
        "the records of one company have different owners",
        fix="Use `families: {by: company}` in the policy, if one rep should have them all.",
    ),
)
