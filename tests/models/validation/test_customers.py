"""Records of one customer are found, joined only where they must be, and never quoted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.issues import AND_MORE
from models.snapshot import Snapshot, SnapshotHeader
from models.validation.customers import LEGAL_FORMS, company_key, mail_domain
from models.validation.validate import snapshot_from_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = SnapshotHeader(as_of=datetime(2026, 11, 21, tzinfo=UTC), currency="USD")
REPS = pd.DataFrame({"rep_id": ["R1", "R2"], "regions": "*"})


def snapshot(leads: Sequence[dict[str, str]]) -> Snapshot:
    """Return the snapshot of some leads, numbered from L0 on."""
    frame = pd.DataFrame([{"lead_id": f"L{at}", **lead} for at, lead in enumerate(leads)])
    return snapshot_from_frames({"leads": frame, "reps": REPS}, HEADER)


def found(leads: Sequence[dict[str, str]], code: str) -> list[str]:
    """Return what the issues of one code say of some leads."""
    return [issue.got for issue in snapshot(leads).issues if issue.code == code]


ACME = {"company": "Acme Inc", "email": "ann@acme.example", "phone": "+1 555 010 0001"}


@pytest.mark.parametrize("identity", [{key: ACME[key]} for key in ACME], ids=list(ACME))
def test_exact_duplicates_join(identity: dict[str, str]) -> None:
    lead = {"stage": "new", "amount": "5", **identity}
    other = {**lead, "amount": "6"}
    leads = [lead, other, {**lead, "family": "F"}, lead]
    assert snapshot(leads).duplicates.tolist() == [0, 1, 0, 0]
    assert found(leads, "exact_duplicate") == ["copies: L0, L2, L3"]


@pytest.mark.parametrize("company", ["", "n/a", "Unknown", "-", "Private"])
def test_records_that_name_nobody_are_not_known_to_be_the_same(company: str) -> None:
    lead = {"stage": "new", "amount": "5", "company": company, "email": "", "phone": ""}
    assert snapshot([lead] * 4).duplicates.tolist() == [0, 1, 2, 3]
    assert not found([lead] * 4, "exact_duplicate")


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("email", "ann@acme.example", "Ann@ACME.example"),
        ("phone", "+1 (555) 010-0001", "15550100001"),
        ("company", "Acme, Inc.", "ACME Incorporated"),
    ],
)
def test_near_duplicates_are_named_but_left_apart(column: str, one: str, other: str) -> None:
    leads = [
        {column: one, "amount": "1"},
        {column: other, "amount": "2"},
        {column: "", "amount": "3"},
    ]
    assert snapshot(leads).duplicates.tolist() == [0, 1, 2]
    (got,) = found(leads, "possible_duplicate")
    assert got.endswith(": L0, L1")


def test_copies_are_not_called_near_duplicates_as_well() -> None:
    assert not found([ACME, ACME], "possible_duplicate")
    assert len(found([ACME, ACME, {**ACME, "stage": "new"}], "possible_duplicate")) == 2


def test_short_phone_numbers_say_nothing() -> None:
    leads = [{"phone": "12-34", "stage": "a"}, {"phone": "1234", "stage": "b"}]
    assert not found(leads, "possible_duplicate")


def test_a_company_of_several_owners_is_mentioned() -> None:
    owners = [("Acme", "R1"), ("ACME Inc", "R2"), ("Acme", ""), ("Bond", "R1"), ("Bond", "R1")]
    leads = [{"company": name, "owner": owner, "amount": "1"} for name, owner in owners]
    assert found(leads, "split_company") == ["leads of several owners: L0, L1, L2"]


def test_a_thousand_groups_are_listed_and_the_rest_counted() -> None:
    leads = [{"email": f"p{at // 2}@x.example", "stage": str(at)} for at in range(2_020)]
    issues = [issue for issue in snapshot(leads).issues if issue.code == "possible_duplicate"]
    assert len(issues) == 1_001
    assert issues[-1].got == AND_MORE
    assert sum(issue.count for issue in issues) == 2_020


def key(name: str) -> str | None:
    """Return the key of one company; None for none."""
    (got,) = company_key(pd.Series([name], dtype="str"))
    return got if isinstance(got, str) else None


@pytest.mark.parametrize(
    "names",
    [
        ("Acme", "ACME", " acme ", "Acme, Inc.", "Acme Inc", "ACME LLC", "Acme (GmbH)"),
        ("Smith & Co. KG", "Smith GmbH & Co. KG", "smith und Co", "SMITH"),
        ("J.P. Morgan", "JP Morgan", "j.p. MORGAN"),
        ("Acme S.A.", "Acme SA", "ACME s.a."),
        ("Société Générale", "SOCIÉTÉ GÉNÉRALE", "Socie\u0301te\u0301 Ge\u0301ne\u0301rale"),
        ("\uff21cme", "Acme"),
    ],
)
def test_writings_of_one_name_have_one_key(names: tuple[str, ...]) -> None:
    assert len({key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SA Power", "AG Power"),
        ("Acme East", "Acme West"),
        ("Co", "Inc"),
        ("กา", "กี"),
        ("3M", "M3"),
    ],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


names = st.text(st.characters(codec="utf-8"), max_size=12) | st.lists(
    st.sampled_from(["acme", "Bond", "É", "S.A.", "GmbH", "&", "co", ",", "-", "ß", "İ"]),
    max_size=4,
).map(" ".join)


@given(names)
def test_a_key_is_its_own_key(name: str) -> None:
    if (once := key(name)) is not None:
        assert key(once) == once


@given(
    st.lists(st.text("abcdefgh", min_size=2), min_size=1, max_size=3),
    st.sampled_from(",-_/&!\"'  "),
)
def test_case_punctuation_and_legal_form_do_not_count(words: list[str], sign: str) -> None:
    assume(not set(words) & LEGAL_FORMS)
    plain = key(" ".join(words))
    assert plain == key(f"{sign} ".join(words).upper() + sign)
    assert plain == key(f"{' '.join(words)}{sign} Ltd.")


def test_a_missing_name_has_no_key() -> None:
    assert company_key(pd.Series([None, "", "n/a", "---"], dtype="str")).isna().all()


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ann@acme.example", "acme.example"),
        ("Ann <ann@mail.Acme.example>", "mail.acme.example"),
        ("ann@outlook.acme.example", "outlook.acme.example"),
        ("ann@gmail.com", None),
        ("ann@GMAIL.com", None),
        ("ann@yahoo.co.uk", None),
        ("ann@yahoo.com.br", None),
        ("ann@hotmail.fr", None),
        ("ann@live.nl", None),
        ("ann@web.de", None),
        ("ann@qq.com", None),
        ("ann", None),
        ("", None),
    ],
)
def test_public_mail_says_nothing_of_the_company(email: str, domain: str | None) -> None:
    (got,) = mail_domain(pd.Series([email], dtype="str"))
    assert (got if isinstance(got, str) else None) == domain
