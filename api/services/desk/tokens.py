"""Puts tokens in the place of personal data, so that tables can be planned with and tell no name.

Equal values get equal tokens, and what validation and rules take for one customer they take for one
customer still: each token goes through the same normalisation as its value. A token is a number in
the order of first appearance. It is not made from the value, so no key needs to be kept secret,
nothing is found by trying values, and equal facts have equal content hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from models.columns import TABLES
from models.validation.customers import SHORTEST_PHONE, company_key, mail_domain

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSONAL: Mapping[str, tuple[str, ...]] = {
    table: tuple(column.name for column in columns if column.personal)
    for table, columns in TABLES.items()
}
"""Per table, the columns with personal data."""


def tokenised(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables with tokens in their personal columns; what is empty stays empty.

    One column name is one thing in all tables: the company of a past outcome has the token of the
    same company among the leads.
    """
    made = dict(frames)
    for column in sorted({name for names in PERSONAL.values() for name in names}):
        tables = [table for table in TABLES if column in PERSONAL[table]]
        values = pd.concat([frames[table][column] for table in tables], ignore_index=True)
        tokens = _tokens_of(column, values.dropna().drop_duplicates().reset_index(drop=True))
        for table in tables:
            told = made[table][column].map(tokens).astype("str")
            made[table] = made[table].assign(**{column: told})
    return made


def _tokens_of(column: str, values: pd.Series) -> dict[str, str]:
    """Return the token of each of some values that differ from each other."""
    made = {"company": _companies, "email": _mails, "phone": _phones}.get(column, _plain)
    return dict(zip(values, made(values), strict=True))


def _companies(values: pd.Series) -> list[str]:
    # What is written where no company is known names nobody, and must stay known as that.
    keys = company_key(values)
    return [
        f"c{number}{writing}" if number else value
        for value, number, writing in zip(values, *_numbered(keys), strict=True)
    ]


def _mails(values: pd.Series) -> list[str]:
    # Without a domain where it is a public service's: that makes no family.
    domains = _numbers(mail_domain(values))
    return [
        f"m{number}{writing}" + (f"@d{domain}.example" if domain else "")
        for domain, number, writing in zip(domains, *_numbered(values.str.casefold()), strict=True)
    ]


def _phones(values: pd.Series) -> list[str]:
    digits = values.str.replace(r"\D", "", regex=True)
    known = digits.mask(digits.str.len() < SHORTEST_PHONE)
    unknown = _numbers(values.where(known.isna()))
    width = max(unknown, default=0).bit_length()
    return [
        f"{number:0{SHORTEST_PHONE + 3}d}{writing}" if number else f"p{_spelled(other, width)}"
        for number, writing, other in zip(*_numbered(known), unknown, strict=True)
    ]


def _plain(values: pd.Series) -> list[str]:
    return [f"n{number}" for number in _numbers(values)]


def _numbers(keys: pd.Series) -> list[int]:
    """Return 1, 2, 3 ... in the order in which keys appear first; 0 for none."""
    numbers: list[int] = (pd.factorize(keys)[0] + 1).tolist()
    return numbers


def _numbered(keys: pd.Series) -> tuple[list[int], list[str]]:
    """Return the numbers of keys, and what tells values of the same key apart."""
    numbers = _numbers(keys)
    writing = pd.Series(numbers).groupby(numbers).cumcount().tolist() if numbers else []
    width = max(
        (one for number, one in zip(numbers, writing, strict=True) if number), default=0
    ).bit_length()
    return numbers, [
        _spelled(one, width) if number else "" for number, one in zip(numbers, writing, strict=True)
    ]


def _spelled(number: int, width: int) -> str:
    """Return a number in the case of letters, which no comparison of customers looks at."""
    return format(number, f"0{width}b").translate({48: "x", 49: "X"}) if width else ""
