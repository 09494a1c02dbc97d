"""What can be wrong between records and tables."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

REFERENCES = (
    IssueType(
        "unknown_rep",
        "error",
        "the rep is not in the table of reps",
        "a rep_id of reps",
        "Add the rep (active: 0 if they have left), or correct the id.",
    ),
    IssueType(
        "unknown_lead",
        "error",
        "the lead is not in the table of leads",
        "a lead_id of leads",
        "Remove the pin, or correct the id.",
    ),
    IssueType(
        "uncovered_region",
        "warning",
        "no active rep covers the region",
        fix="Correct the spelling, or give a rep the region.",
    ),
    IssueType(
        "rep_without_region",
        "warning",
        "the rep covers no region, so no lead with a region fits",
        "paths divided by ;, or *",
        "Give the rep regions, or * for all.",
    ),
    IssueType(
        "capacity_zero",
        "warning",
        "the rep's capacity is 0, so the rep gets nothing new",
        fix="Use active: 0 for someone who has left, an absence for someone away.",
    ),
    IssueType(
        "rep_without_leads",
        "info",
        "the rep owns no lead",
        fix="Nothing to mend: the rep is planned like the others.",
    ),
    IssueType(
        "pin_target",
        "error",
        "the pin does not say to whom, or says it twice",
        "exactly one of rep_id, team and region",
        "Fill one of the three cells.",
    ),
    IssueType(
        "unknown_group",
        "error",
        "no active rep is in the team, or covers the region",
        "a team of reps, or a region that reps cover",
        "Correct the name, or remove the pin.",
    ),
    IssueType(
        "conflicting_pins",
        "error",
        "pins on the lead or its family contradict each other",
        "at most one fixed rep, who is not forbidden",
        "Remove the pins that no longer hold.",
    ),
    IssueType(
        "expired_pin",
        "info",
        "the pin has expired and is not used",
        fix="Remove it, or set a later date.",
    ),
    IssueType(
        "owner_without_owned_since",
        "info",
        "owned leads have no owned_since",
        fix="Fill owned_since if the policy protects new owners.",
    ),
    IssueType(
        "owned_since_without_owner",
        "warning",
        "owned_since is given, but there is no owner",
        fix="Fill the owner, or clear owned_since.",
    ),
    IssueType(
        "stale_table",
        "warning",
        "the newest date of the table is long before the as-of time",
        fix="Export the table again, if it is meant to be current.",
    ),
    IssueType(
        "currency_mixed",
        "error",
        "amounts are in another currency than the snapshot's",
        "the snapshot's currency",
        "Convert the amounts before the import.",
    ),
)
