"""`value.amount`: the money a lead would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import every_pair, facts_of
from tests.policies import faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

SNAPSHOT = hand_made(
    {
        "amount": [100, None, 300, None, 40, None],
        "product": ["crm", "crm", "crm", None, None, "erp"],
        "grade": ["A", "A", "B", "A", "A", "A"],
        "created": ["2026-01-01"] * 6,
    }
)
HEAD = "version: 1\nname: test\ncurrency: USD\nvalue:\n"
CHANCE = "  win_probability: {column: win_probability, missing: 0.5}\n"


def amounts(**amount: Any) -> list[float]:
    """Return what the leads would bring."""
    rules = policy(amount=amount)
    rules.check(SNAPSHOT)
    told: list[float] = rules.amount.amounts(facts_of(rules, SNAPSHOT)).tolist()
    return told


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ({}, "A lead brings its amount if it is won."),
        (
            {"missing": 1000},
            "A lead brings its amount if it is won; where that is empty, 1,000.",
        ),
        (
            {"column": "margin", "missing": {"median_by": ["product", "grade"]}},
            "A lead brings its margin if it is won; "
            "where that is empty, the median of leads with the same product and grade.",
        ),
    ],
)
def test_sentence(amount: dict[str, Any], sentence: str) -> None:
    assert policy(amount=amount).amount.sentence() == sentence


def test_a_number_fills_empty_cells() -> None:
    assert amounts(missing=7) == [100, 7, 300, 7, 40, 7]


def test_the_median_of_alike_leads_fills_empty_cells() -> None:
    # crm: 200; no product: 40; erp has none, so all: 100.
    assert amounts(missing={"median_by": "product"}) == [100, 200, 300, 40, 40, 100]
    # crm and A: 100; no product and A: 40.
    assert amounts(missing={"median_by": ["product", "grade"]}) == [100, 100, 300, 40, 40, 100]


@pytest.mark.parametrize(
    ("amount", "fault"),
    [
        (
            "{}",
            "amount: amount is empty in 3 of 6 leads; say in `missing` what counts for them: "
            "an amount, or {median_by: [columns]}",
        ),
        (
            "{missing: none}",
            "value.amount.missing: got 'none'; "
            "must be `error`, an amount, or `{median_by: [columns]}`",
        ),
        ("{missing: -1}", "value.amount.missing: got -1; must be at least 0"),
        ("{missing: {median_by: []}}", "value.amount.missing.median_by: got []; must not be empty"),
        (
            "{missing: {median_by: [a, a]}}",
            "value.amount.missing.median_by: got ['a', 'a']; names a column twice",
        ),
        (
            "{missing: {median_by: produkt}}",
            "amount: table leads has no column 'produkt'; the nearest is 'product'",
        ),
        (
            "{column: amuont, missing: 0}",
            "amount: table leads has no column 'amuont'; the nearest is 'amount'",
        ),
        (
            "{column: grade, missing: 0}",
            "amount: column 'grade' of leads holds 'A', which is not a number",
        ),
        (
            "{column: created, missing: 0}",
            "amount: column 'created' of leads holds dates, not numbers",
        ),
    ],
)
def test_faults(amount: str, fault: str) -> None:
    text = f"{HEAD}  amount: {amount}\n{CHANCE}"
    assert faults_of(text, SNAPSHOT) == [f"line 5: {fault}"]


def test_a_misspelt_key_is_told_with_those_that_are_known() -> None:
    assert faults_of(f"{HEAD}  amount: {{missing: {{median_of: product}}}}\n{CHANCE}") == [
        "line 5: value.amount.missing: the key 'median_by' is missing",
        "line 5: value.amount.missing: unknown key 'median_of'; the nearest is 'median_by'; "
        "known are median_by",
    ]


def test_without_any_amount_there_is_no_median() -> None:
    text = f"{HEAD}  amount: {{missing: {{median_by: grade}}}}\n{CHANCE}"
    assert faults_of(text, hand_made({"amount": [None, None], "grade": ["A", "B"]})) == [
        "line 5: amount: amount is empty in all leads, so there is no median"
    ]


COLUMNS = st.lists(st.sampled_from(["product", "tier", "amount", "created"]), unique=True)


@given(
    snapshots(),
    st.sampled_from(["amount", "margin"]),
    st.sampled_from([0, 12.5]) | COLUMNS.filter(len).map(lambda by: {"median_by": by}),
)
def test_both_readings_agree(snapshot: Snapshot, column: str, missing: Any) -> None:
    amount = {"column": column, "missing": missing}
    if snapshot.leads[column].isna().all():
        amount["missing"] = 5
    rules = policy(amount=amount)
    rules.check(snapshot)
    case, lead, _ = every_pair(rules, snapshot)
    compiled = rules.amount.amounts(facts_of(rules, snapshot))[lead]
    np.testing.assert_allclose(compiled, rules.amount.plain_amounts(case), rtol=1e-12)
