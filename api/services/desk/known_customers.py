"""Puts the tokens of known customers in the place of what a new lead tells of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.cell_text import cell_text
from models.validation.cells import CONTROL_IN_PROSE
from models.validation.customers import company_key, domain_of, key_of_company, mail_domain
from models.validation.matching import matches, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNKNOWN_COMPANY, UNKNOWN_MAIL, NO_DOMAIN = "c0", "m0@d0.example", "m0"
"""Tokens that no table has: its own are numbered from 1."""


class KnownCustomers:
    """The tokens of companies and mail domains, by what tells them apart.

    Parameters
    ----------
    leads : of the tables, with tokens
    people : the file with the personal data of the same tables; whom it does not tell any more is
        not known any more
    """

    def __init__(self, leads: pd.DataFrame, people: bytes) -> None:
        tokens = leads.set_index("lead_id")
        told = pq.read_table(pa.BufferReader(people)).filter(pc.field("table") == "leads")
        self._companies = _tokens_by_key(tokens["company"], told, company_key)
        self._mails = _tokens_by_key(tokens["email"], told, mail_domain)
        forget_values()

    def in_place(self, lead: Mapping[str, Any]) -> dict[str, Any]:
        """Return a new lead with tokens in its personal columns, and without its phone.

        What names nobody still does, and what validation refuses it still refuses.
        """
        told = dict(lead)
        company, email, phone = (
            _readable(lead.get(name)) for name in ("company", "email", "phone")
        )
        key = company and key_of_company(company)
        if company and key:
            told["company"] = self._companies.get(key, UNKNOWN_COMPANY)
        if email:
            # Where the company is known, the address tells nothing more.
            domain = None if key else domain_of(email)
            told["email"] = self._mails.get(domain, UNKNOWN_MAIL) if domain else NO_DOMAIN
        if phone:
            told["phone"] = None
        return told


def forget_values() -> None:
    """Let go of the names and addresses that were read in this process: they may be erased."""
    key_of_company.cache_clear()
    domain_of.cache_clear()


def _tokens_by_key(
    tokens: pd.Series, people: pa.Table, key_of: Callable[[pd.Series], pd.Series]
) -> dict[str, str]:
    """Return the token of each key of the values of a column.

    Parameters
    ----------
    tokens : by lead_id, named as the column
    """
    values = people.filter(pc.field("column") == tokens.name)
    records = values["record"].to_pandas()
    told = pd.DataFrame(
        {"key": key_of(values["value"].to_pandas().astype("str")), "token": records.map(tokens)}
    )
    known = told.dropna().drop_duplicates("key")
    return dict(zip(known["key"].tolist(), known["token"].tolist(), strict=True))


def _readable(cell: Any) -> str | None:
    """Return the text of a cell as validation reads it; None for an empty or a refused one."""
    text = (cell_text(cell) or "").strip()
    if not text.isprintable() and matches(to_text(pd.Series([text])), CONTROL_IN_PROSE).any():
        return None
    return text or None
