"""What people should know before they read a plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from planner.compile import compile_problem
from planner.policy import policy_from_text
from planner.remarks import remarks

if TYPE_CHECKING:
    from models.issues import IssueLog

HEADER = SnapshotHeader(schema=1, as_of=datetime(2026, 11, 20, 18, tzinfo=UTC), currency="USD")
POLICY = """
version: 1
name: small
currency: USD
must:
  - region: {}
value:
  amount: {column: amount}
  win_probability: {column: win_probability}
capacity:
  - {measure: count, at_most: 1}
"""


def told(policy: str) -> IssueLog:
    leads = pd.DataFrame(
        {
            "lead_id": ["L1", "L2", "L3", "L4"],
            "region": ["US/West", "US/West", "FR", None],
            "owner": ["R1", "R1", None, None],
            "amount": 10.0,
            "win_probability": 0.5,
        }
    )
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "regions": ["US", "US/West"]})
    snapshot = snapshot_from_frames({"leads": leads, "reps": reps}, HEADER)
    return remarks(compile_problem(snapshot, policy_from_text(policy)))


def test_leads_without_a_rep_full_books_and_empty_cells_are_told() -> None:
    by_code = {issue.code: issue for issue in told(POLICY)}
    assert set(by_code) == {"no_eligible_rep", "rep_over_capacity", "empty_cells_pass"}
    assert by_code["no_eligible_rep"].record == "L3"
    assert by_code["no_eligible_rep"].got == (
        "no rep passes all rules; without region, R1 or another could work it"
    )
    assert by_code["rep_over_capacity"].record == "R1"
    assert by_code["rep_over_capacity"].got == "load 2"
    assert by_code["empty_cells_pass"].column == "region"
    assert by_code["empty_cells_pass"].count == 1


def test_a_single_criterion_is_flagged() -> None:
    text = POLICY.replace("must:\n  - region: {}\n", "").split("capacity:")[0]
    assert [issue.code for issue in told(text)] == ["single_criterion"]


def test_a_filter_that_matches_nothing_is_told_with_the_nearest_value() -> None:
    policy = POLICY + (
        "  - {measure: count, where: {region: US/Wset, amount: {at_least: 1}}, at_most: 9}\n"
        "  - {measure: amount, where: {region: {under: USA}}, at_most: 9}\n"
        "  - {measure: amount, where: {amount: {at_least: 99}}, at_most: 9}\n"
        "  - {measure: amount, where: {region: US/West}, at_most: 9}\n"
    )
    found = [issue for issue in told(policy) if issue.code.startswith("filter")]
    assert [(issue.code, issue.got, issue.fix.split(";")[0]) for issue in found] == [
        ("filter_value_absent", "'US/Wset' in where of capacity", "The nearest is 'US/West'."),
        ("filter_value_absent", "'USA' in where of capacity", "The nearest is 'US'."),
        (
            "filter_matches_nothing",
            "where of capacity: amount is at least 99",
            "Correct the filter, or leave it for the time when a record matches.",
        ),
    ]


def test_a_filter_of_reps_that_matches_none_is_told() -> None:
    policy = POLICY.replace("  - region: {}", "  - region: {}\n  - only: {reps: {regions: FR}}")
    found = [issue for issue in told(policy) if issue.code.startswith("filter")]
    assert [(issue.code, issue.table, issue.column) for issue in found] == [
        ("filter_value_absent", "reps", "regions")
    ]
