"""Finds records of the same customer: exact duplicates, possible ones, split companies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.issues import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.validation.tables import ReadTable

IDENTITY = ("company", "email", "phone")
LEGAL_FORMS = re.compile(
    r"\b(inc|incorporated|llc|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|sa|sas|sarl|"
    r"bv|nv|ab|as|oy|spa|srl|pty|kk)\b"
)
PUBLIC_MAIL = frozenset(
    "gmail.com googlemail.com yahoo.com hotmail.com outlook.com live.com msn.com icloud.com me.com "
    "aol.com gmx.de gmx.net gmx.com web.de t-online.de mail.ru yandex.ru qq.com 163.com 126.com "
    "sina.com foxmail.com proton.me protonmail.com orange.fr free.fr laposte.net libero.it".split()
)
NAMED_AT_MOST = 8


def find_duplicates(leads: ReadTable) -> NDArray[np.int64]:
    """Return (n_leads,) numbers, equal for exact duplicates; report every kind of sameness.

    Exact duplicates agree in every cell but lead_id (and family) and name the same customer by
    company, e-mail or phone: two records that name nobody cannot be known to be the same.
    """
    frame = leads.frame
    facts = [column for column in frame.columns if column not in ("lead_id", "family")]
    named = frame[list(IDENTITY)].notna().any(axis=1).to_numpy()
    groups = np.arange(len(frame), dtype=np.int64)
    again = frame.loc[named, facts].duplicated(keep=False)
    alike = again[again].index
    if len(alike):
        numbers = frame.loc[alike, facts].groupby(facts, dropna=False, sort=False).ngroup()
        first = numbers.groupby(numbers).transform(lambda group: group.index[0])
        groups[alike] = first.to_numpy()
        _report_groups(leads, "exact_duplicate", first)
    _report_possible(leads, groups)
    return groups


def company_key(companies: pd.Series) -> pd.Series:
    """Return company names without case, punctuation and legal form; NaN stays NaN."""
    unique = pd.Series(companies.dropna().unique(), dtype="str")
    keys = unique.str.casefold().str.replace(r"[^\w\s]", " ", regex=True)
    keys = keys.map(lambda name: " ".join(LEGAL_FORMS.sub(" ", name).split()) or name)
    return companies.map(dict(zip(unique, keys, strict=True))).astype("str")


def mail_domain(emails: pd.Series) -> pd.Series:
    """Return the domain of e-mail addresses; NaN for public mail services, which tell nothing."""
    domain = emails.str.lower().str.extract(r"@([\w.-]+\.\w+)$", expand=False)
    return domain.mask(domain.isin(PUBLIC_MAIL))


def _report_possible(leads: ReadTable, groups: NDArray[np.int64]) -> None:
    frame = leads.frame
    email = frame["email"].str.lower()
    phone = frame["phone"].str.replace(r"\D", "", regex=True)
    _report_same(leads, "email", email, groups)
    _report_same(leads, "phone", phone.mask(phone.str.len() < 7), groups)
    key = company_key(frame["company"])
    writings = frame["company"].groupby(key).transform("nunique")
    several = (writings > 1).to_numpy()
    for name, names in frame.loc[several, "company"].groupby(key[several], sort=True):
        position = int(names.index[0])
        leads.reporter.cell(
            "possible_duplicate",
            "company",
            position,
            got=f"{len(names)} records under {names.nunique()} writings of one name, "
            f"the first is {shown(names.iat[0])}",
            allowed=f"one writing of {shown(name)}",
            count=len(names),
        )


def _report_same(
    leads: ReadTable, column: str, values: pd.Series, groups: NDArray[np.int64]
) -> None:
    """Report records that share a value; the value itself is personal and is not shown."""
    shared = values[values.notna() & values.duplicated(keep=False)]
    for _, same in shared.groupby(shared, sort=True):
        positions = same.index.to_numpy()
        if len(np.unique(groups[positions])) > 1:
            leads.reporter.cell(
                "possible_duplicate",
                column,
                int(positions[0]),
                got=f"the same {column} in {_names(leads, positions)}",
                count=len(positions),
            )


def _report_groups(leads: ReadTable, code: str, first: pd.Series) -> None:
    for position, members in first.groupby(first).indices.items():
        positions = first.index.to_numpy()[members]
        leads.reporter.cell(
            code, "", int(position), got=_names(leads, positions), count=len(positions)
        )


def _names(leads: ReadTable, positions: NDArray[np.int64]) -> str:
    ids = leads.frame["lead_id"].iloc[positions].fillna("?")
    rest = len(ids) - NAMED_AT_MOST
    return ", ".join(ids[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")
