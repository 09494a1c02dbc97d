"""Tokens: they tell nothing, and what is one customer stays one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from api.services.desk.tokens import PERSONAL, tokenised
from models.issues import IssueLog
from models.raw_table import RawTable
from models.snapshot import SnapshotHeader
from models.validation.customers import company_key, mail_domain
from models.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.snapshot import Snapshot

    Customer = tuple[str, str, str]

HEADER = SnapshotHeader(as_of=datetime(2026, 11, 20, tzinfo=UTC), currency="USD")
COMPANIES = ["", "Acme, Inc.", "ACME", "acme gmbh", "Zürich AG", "zürich", "n/a", "private", "王"]
MAILS = ["", "ann@acme.example", "Ann@ACME.example", "bob@acme.example", "ann@gmail.com", "ann"]
PHONES = ["", "+49 30 1234567", "0049301234567", "49301234567", "12", "ext. 12", "call me"]
"""Values that are equal in some sense, and some that are not."""

TELLING = ("exact_duplicate", "possible_duplicate", "split_company")

customers = st.lists(
    st.tuples(st.sampled_from(COMPANIES), st.sampled_from(MAILS), st.sampled_from(PHONES)),
    min_size=1,
    max_size=12,
)


def company_of(customers: list[Customer]) -> Mapping[str, pd.DataFrame]:
    """Return the tables of a company with such leads, all of which it also had in the past."""
    ids = [f"L{number:02}" for number in range(len(customers))]
    told = pd.DataFrame(customers, columns=["company", "email", "phone"], index=ids)
    leads = told.rename_axis("lead_id").reset_index().assign(region="US", owner="R1")
    leads.loc[1::2, "owner"] = "R2"
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "name": ["Ann", "Bob"], "regions": ["US", "US"]})
    past = leads[["lead_id", "company"]].assign(rep_id="R1", closed_on="2026-01-02", won="1")
    return {"leads": leads, "reps": reps, "history": past}


def snapshot_of(tables: Mapping[str, pd.DataFrame]) -> Snapshot:
    """Validate tables."""
    raw = {name: RawTable.from_frame(name, frame) for name, frame in tables.items()}
    snapshot = validate(raw, HEADER, IssueLog())
    assert snapshot is not None
    return snapshot


def groups(keys: pd.Series) -> list[int]:
    """Return the same numbers for series that hold equal values in equal places."""
    numbers: list[int] = pd.factorize(keys)[0].tolist()
    return numbers


def remarks(snapshot: Snapshot) -> Counter[tuple[str, str, str]]:
    """Return what validation says of records that may be of one customer."""
    return Counter(
        (one.code, one.column, one.got) for one in snapshot.issues if one.code in TELLING
    )


@settings(max_examples=25)
@given(customers)
def test_one_customer_stays_one(customers: list[Customer]) -> None:
    real = snapshot_of(company_of(customers))
    frames = tokenised(real.tables)
    kept = snapshot_of({name: frames[name] for name in ("leads", "reps", "history")})
    assert remarks(kept) == remarks(real)
    assert kept.duplicates.tolist() == real.duplicates.tolist()
    for before, after in ((real.leads, kept.leads), (real.history, kept.history)):
        assert groups(company_key(after["company"])) == groups(company_key(before["company"]))
    assert groups(mail_domain(kept.leads["email"])) == groups(mail_domain(real.leads["email"]))
    for column in ("company", "email", "phone"):
        assert groups(kept.leads[column]) == groups(real.leads[column])


@settings(max_examples=25)
@given(customers)
def test_tokens_tell_nothing(customers: list[Customer]) -> None:
    """Other names in the same places give the same tokens."""
    real = snapshot_of(company_of(customers)).tables
    other = dict(real)
    for table, columns in PERSONAL.items():
        for column in columns:
            # Digits, letters and case stay, so that equal values stay equal, in each sense.
            other[table] = other[table].assign(
                **{column: other[table][column].str.translate(str.maketrans("zZ34", "vV78"))}
            )
    tokens, others = tokenised(real), tokenised(other)
    for table, columns in PERSONAL.items():
        for column in columns:
            told = tokens[table][column].dropna()
            assert told.tolist() == others[table][column].dropna().tolist()
            assert not set(told) & (set(real[table][column]) - {"n/a", "private"})


def test_many_writings_have_short_tokens() -> None:
    mails = ["".join(x) for x in zip(*[iter("aAbBcC" * 400)] * 4, strict=True)]
    leads = [("", mail + str(number % 7), "") for number, mail in enumerate(mails)]
    frames = tokenised(snapshot_of(company_of(leads[:90])).tables)
    assert frames["leads"]["email"].str.len().max() < 12
