"""`value.win_probability`: the chance that a rep wins a lead, given or learned from history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.rules import win_probability
from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import every_pair, facts_of
from tests.policies import faults_of, policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.snapshot import Snapshot

HISTORY: dict[str, list[Any]] = {
    "lead_id": ["H1", "H2", "H3", "H4", "H5"],
    "rep_id": ["R1", "R1", "R2", "R2", "R2"],
    "closed_on": ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"],
    "won": [1, 0, 1, 1, 0],
    "product": ["crm", "crm", "crm", "erp", None],
}
SNAPSHOT = hand_made(
    {
        "product": ["crm", "erp", None, "new"],
        "win_probability": [0.25, None, 0, 1],
    },
    {"level": [1, 1]},
    history=HISTORY,
)
HEAD = "version: 1\nname: test\ncurrency: USD\nvalue:\n  amount: {missing: 100}\n"


def chances(snapshot: Snapshot = SNAPSHOT, **win_probability: Any) -> list[list[float]]:
    """Return (n_leads, n_reps) chances."""
    rules = policy(win_probability=win_probability)
    rules.check(snapshot)
    _, lead, rep = every_pair(rules, snapshot)
    found = rules.win_probability.chances(facts_of(rules, snapshot))(lead, rep)
    shaped: list[list[float]] = found.reshape(snapshot.num_leads, -1).tolist()
    return shaped


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"column": "win_probability"}, "The chance to win a lead is its win_probability."),
        (
            {"column": "win_probability", "missing": 0.2},
            "The chance to win a lead is its win_probability; where that is empty, 0.2.",
        ),
        (
            {"history": {"per_rep": False}},
            "The chance to win a lead is the rate of past wins; "
            "20 outcomes of the wider group count in.",
        ),
        (
            {"history": {"by": ["product", "grade"], "where": {"grade": {"not": "C"}}}},
            "The chance to win a lead is the rate of past wins with the same product and grade "
            "where grade is not C, the rep's own before others'; "
            "20 outcomes of the wider group count in.",
        ),
    ],
)
def test_sentence(given: dict[str, Any], sentence: str) -> None:
    assert policy(win_probability=given).win_probability.sentence() == sentence


def test_a_column_gives_chances() -> None:
    assert chances(column="win_probability", missing=0.5) == [
        [0.25, 0.25],
        [0.5, 0.5],
        [0, 0],
        [1, 1],
    ]
    assert chances(hand_made({"win_probability": [0.25, 1]}), column="win_probability") == [
        [0.25, 0.25],
        [1, 1],
    ]


def test_history_gives_shrunk_rates() -> None:
    # All: 3 wins of 5. With s = 5, crm: (2 + 5 x 0.6) / (3 + 5), erp: (1 + 3) / 6,
    # empty: (0 + 3) / 6, and a product never sold has the rate of all.
    learned = {"by": "product", "per_rep": False, "prior_strength": 5}
    np.testing.assert_allclose(
        chances(history=learned), np.repeat([[5 / 8], [4 / 6], [3 / 6], [3 / 5]], 2, axis=1)
    )


def test_a_reps_own_outcomes_count_on_top() -> None:
    # crm: 5/8 of all; R1 won 1 of 2: (1 + 5 x 5/8) / 7; R2 1 of 1: (1 + 5 x 5/8) / 6.
    learned = {"by": "product", "prior_strength": 5}
    np.testing.assert_allclose(chances(history=learned)[0], [(1 + 25 / 8) / 7, (1 + 25 / 8) / 6])


def test_only_outcomes_that_the_filter_takes_are_learned_from() -> None:
    learned = {"per_rep": False, "where": {"closed_on": {"at_least": "2026-03-01"}}}
    np.testing.assert_allclose(chances(history=learned), np.full((4, 2), 2 / 3))


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (
            "{}",
            [
                "line 6: value.win_probability: got {}; "
                "must name either a `column` or a `history` to learn from"
            ],
        ),
        (
            "{history: {}, missing: 0.2}",
            [
                "line 6: value.win_probability: got {'history': {}, 'missing': 0.2}; "
                "`missing` goes with `column`; history always gives a rate"
            ],
        ),
        (
            "{column: win_probability}",
            [
                "line 6: win_probability: win_probability is empty in 1 of 4 leads; "
                "say in `missing` what counts for them, such as 0.2"
            ],
        ),
        (
            "{column: amount}",
            ["line 6: win_probability: amount is below 0 or above 1 in 4 of 4 leads"],
        ),
        (
            "{column: win_probability, missing: 20}",
            ["line 6: value.win_probability.missing: got 20; must be at most 1"],
        ),
        (
            "{history: {by: [prodct], prior_strength: 0}}",
            ["line 6: value.win_probability.history.prior_strength: got 0; must be above 0"],
        ),
        (
            "{history: {by: [prodct]}}",
            [
                "line 6: win_probability: table leads has no column 'prodct'; "
                "the nearest is 'product'",
                "line 6: win_probability: table history has no column 'prodct'; "
                "the nearest is 'product'",
            ],
        ),
        (
            "{history: {prior: 5}}",
            [
                "line 6: value.win_probability.history: unknown key 'prior'; "
                "known are by, per_rep, prior_strength, where"
            ],
        ),
        (
            "{history: {where: {won: yes}}}",
            [
                "line 6: win_probability: history.where won: 'yes' is text, but the column "
                "holds numbers"
            ],
        ),
        (
            "{history: {where: {product: none}}}",
            ["line 6: win_probability: there is no past outcome to learn from"],
        ),
    ],
)
def test_faults(given: str, faults: list[str]) -> None:
    assert faults_of(f"{HEAD}  win_probability: {given}\n", SNAPSHOT) == faults


def test_a_company_without_history_cannot_learn() -> None:
    text = f"{HEAD}  win_probability: {{history: {{}}}}\n"
    assert faults_of(text, hand_made({"amount": [1]})) == [
        "line 6: win_probability: there is no table history, which the rule reads"
    ]


def test_too_fine_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(win_probability, "MOST_CELLS", 7)
    text = f"{HEAD}  win_probability:\n    history:\n      by: product\n"
    assert faults_of(text, SNAPSHOT) == [
        "line 8: win_probability: 4 combinations of product are too many to learn from "
        "for 2 reps; choose coarser columns"
    ]


def columns(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True)


@given(
    snapshots(),
    columns(["product", "grade", "tier", "industry", "amount", "family"]),
    st.booleans(),
    st.sampled_from([0.1, 20]),
    st.sampled_from(
        [None, {"closed_on": {"at_most": "2024-01-15"}}, {"amount": {"missing": False}}]
    ),
)
def test_both_readings_agree(
    snapshot: Snapshot, by: list[str], per_rep: bool, strength: float, where: Any
) -> None:
    learned = {"by": by, "per_rep": per_rep, "prior_strength": strength}
    rules = policy(win_probability={"history": learned | ({"where": where} if where else {})})
    rules.check(snapshot)
    case, lead, rep = every_pair(rules, snapshot)
    facts = rules.facts(snapshot)
    compiled = rules.win_probability.chances(facts)(lead, rep)
    np.testing.assert_allclose(compiled, rules.win_probability.plain_chances(case), rtol=1e-12)
