"""A new lead with tokens is of the same customers as with its own company and address."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from api.services.desk.known_customers import KnownCustomers
from api.services.desk.people import write_people
from api.services.desk.tokens import tokenised
from models.validation.customers import company_key, mail_domain
from tests.api.services.desk.test_tokens import (
    COMPANIES,
    MAILS,
    PHONES,
    company_of,
    customers,
    snapshot_of,
)

if TYPE_CHECKING:
    from tests.api.services.desk.test_tokens import Customer

STRANGERS = ["c0", "c1", "C1x", "m1", "m1@d1.example", "x@d0.example", "Other", "eve@other.example"]
"""Names and addresses that no table has, some of which look like tokens."""


def same_as(company: str | None, email: str | None, leads: pd.DataFrame) -> set[str]:
    """Return the leads of the customer of a company, or of an address where there is none."""
    asked = pd.DataFrame({"company": [company], "email": [email]}, dtype="str")
    key, keys = company_key(asked["company"]), company_key(leads["company"])
    if key.notna().all():
        return set(leads["lead_id"][keys == key.iat[0]])
    domains = mail_domain(leads["email"]).mask(keys.notna())
    return set(leads["lead_id"][domains == mail_domain(asked["email"]).iat[0]])


@settings(max_examples=25)
@given(
    customers,
    st.tuples(*(st.sampled_from(many + STRANGERS) for many in (COMPANIES, MAILS, PHONES))),
    st.sets(st.integers(0, 11)),
)
def test_tokens_tell_the_same_customers(
    there: list[Customer], new: Customer, erased: set[int]
) -> None:
    real = snapshot_of(company_of(there)).tables
    kept = tokenised(real)["leads"]
    gone = {f"L{number:02}" for number in erased}
    told = {name: real[name][~real[name]["lead_id"].isin(gone)] for name in ("leads", "history")}
    with TemporaryDirectory() as scratch:
        write_people({**real, **told}, Path(scratch) / "people")
        known = KnownCustomers(kept, (Path(scratch) / "people").read_bytes())
    company, email, phone = (cell or None for cell in new)
    lead = known.in_place({"company": company, "email": email, "phone": phone, "amount": 1})
    assert (lead["phone"], lead["amount"]) == (None, 1)
    found = same_as(lead["company"], lead["email"], kept)
    still = same_as(company, email, told["leads"])
    # Of a customer who is known by somebody, all leads are.
    assert found - gone == still
    assert not found or still
