"""`families`: leads that must share one rep, because they are one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.rules.families import Families
from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, broken, every_pair, facts_of
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

LEADS: dict[str, list[Any]] = {
    "company": ["ACME, Inc.", "acme", None, None, "Bond", "Bond", "n/a", "n/a"],
    "email": [
        *("a@acme.example", None, "a@bond.example", "b@BOND.example"),
        *("b@bond.example", None, "x@gmail.com", "y@gmail.com"),
    ],
    "family": [None, None, None, "F1", "F1", None, None, None],
    "product": ["crm", "erp"] * 4,
}


def rows(snapshot: Snapshot, by: str | None = None) -> list[int]:
    """Return the row of each lead."""
    rules = policy(families={"by": by} if by else {})
    found: list[int] = rules.families.rows(facts_of(rules, snapshot)).tolist()
    return found


def test_sentences() -> None:
    assert (
        Families().sentence()
        == "Leads of the same family, and copies of one record, share one rep."
    )
    assert Families(by="company").sentence() == (
        "Leads of the same company or family, and copies of one record, share one rep."
    )


def test_a_family_shares_a_row() -> None:
    assert rows(hand_made(LEADS)) == [0, 1, 2, 3, 3, 4, 5, 6]


def test_a_company_is_known_by_name_or_else_by_mail_domain() -> None:
    # Acme; L3 and L4 by their domain; L4 and L5 by family, L5 and L6 by name; n/a and gmail: none.
    assert rows(hand_made(LEADS), by="company") == [0, 0, 1, 1, 1, 1, 2, 3]


def test_copies_of_a_record_are_a_family() -> None:
    snapshot = hand_made({"company": ["Acme", "Bond", "Acme"], "grade": ["A", "A", "A"]})
    assert rows(snapshot) == [0, 1, 0]


def test_a_long_chain_of_customers_is_one_family() -> None:
    size = 300
    families = [f"F{at // 2}" for at in range(size)]
    companies = [f"C{(at + 1) // 2}" for at in range(size)]
    leads: dict[str, list[Any]] = {
        "family": families,
        "company": companies,
        "amount": list(range(size)),
    }
    snapshot = hand_made(leads)
    assert len(set(rows(snapshot))) == size // 2
    assert set(rows(snapshot, by="company")) == {0}


def test_a_family_may_go_where_all_its_leads_may() -> None:
    snapshot = hand_made(
        {"family": ["F", "F", None], "region": ["US", "DE", "US"]}, {"regions": ["US", "US;DE"]}
    )
    told = allowed(snapshot, must=[{"region": {}}])
    assert told == {"L1": "R2 nobody", "L2": "R2 nobody", "L3": "R1 R2 nobody"}


def test_a_violation_names_the_family_and_its_reps() -> None:
    snapshot = hand_made({"family": ["F", "F", "F", None]})
    assert broken(snapshot, {"L1": "R2", "L3": "R1", "L4": "R1"}) == [
        "families: L1: L1, L2, L3 are one family, but have R1, R2, nobody"
    ]
    assert not broken(snapshot, {"L1": "R2", "L2": "R2", "L3": "R2"})


@pytest.mark.parametrize(
    ("families", "fault"),
    [
        ("{by: family}", "line 7: families.by: got 'family'; must be 'company'"),
        ("company", "line 7: families: got 'company'; must be `name: value` pairs"),
        (
            "{by: company}",
            "line 7: families: table leads has neither company nor email, "
            "by which to know a company",
        ),
    ],
)
def test_faults(families: str, fault: str) -> None:
    text = f"{BASE}families: {families}\n"
    assert faults_of(text, hand_made({"amount": [1]})) == [fault]


@given(snapshots(), st.sampled_from([None, "company"]))
def test_both_readings_agree(snapshot: Snapshot, by: str | None) -> None:
    rules = policy(families={"by": by} if by else {})
    case, _, _ = every_pair(rules, snapshot)
    row_of_lead = rules.families.rows(facts_of(rules, snapshot))
    ids = snapshot.leads["lead_id"].to_numpy()
    compiled = [ids[row_of_lead == row].tolist() for row in np.unique(row_of_lead)]
    plain = list(rules.families.plain_families(case))
    assert [family for family in compiled if len(family) > 1] == plain


OWNED: dict[str, list[Any]] = {
    "company": ["Acme", "Acme", "Acme", "Bond", "Bond", "Cy", "Cy"],
    "owner": ["R1", None, "R2", "R1", "R1", "R3", None],
    "product": ["a", "b", "c", "d", "e", "f", "g"],
}


def test_a_new_lead_goes_to_who_owns_the_company() -> None:
    snapshot = hand_made(OWNED, {"active": [1, 1, 0, 1]})
    first = {"by": "company", "owner_first": True}
    assert policy(families=first).families.sentence() == (
        "Leads of the same company or family, and copies of one record, share one rep; "
        "a new one goes to who owns another of them."
    )
    # Acme has two owners; Bond has no new lead; the owner of Cy has left.
    assert allowed(snapshot, families=first) == {
        **dict.fromkeys(("L1", "L2", "L3"), "R1 R2 nobody"),
        **dict.fromkeys(("L4", "L5", "L6", "L7"), "R1 R2 R4 nobody"),
    }
    elsewhere = dict.fromkeys(("L1", "L2", "L3", "L4", "L5", "L6", "L7"), "R4")
    assert broken(snapshot, elsewhere, families=first) == [
        f"families: {lead_id} R4: another rep owns a lead of the same family and comes first"
        for lead_id in ("L1", "L2", "L3")
    ]
    assert broken(snapshot, elsewhere, families={"by": "company"}) == []


def test_owner_first_needs_owners() -> None:
    snapshot = hand_made({"company": ["Acme"]})
    assert faults_of(BASE + "families: {owner_first: true}\n", snapshot) == [
        "line 7: families: table leads has no column 'owner'; add it, or leave the rule out"
    ]
