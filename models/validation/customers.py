"""Finds records of the same customer: exact duplicates, possible ones, split companies."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.issues import LISTED_ONE_BY_ONE, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.validation.tables import ReadTable

LEGAL_FORMS = frozenset(
    (
        *("inc", "incorporated", "llc", "llp", "ltd", "limited", "plc", "corp", "corporation"),
        *("co", "company", "gmbh", "mbh", "ag", "kg", "ohg", "ug", "se", "sa", "sas", "sarl"),
        *("bv", "nv", "ab", "as", "oy", "spa", "srl", "sl", "pty", "pte", "kk", "and", "und"),
    )
)
PUBLIC_MAIL = re.compile(
    r"(googlemail|gmail|ymail|yahoo|rocketmail|hotmail|outlook|live|msn|icloud|aol|gmx|proton|"
    r"protonmail|yandex|zoho|fastmail)(\.com?)?\.[a-z]{2,4}|"
    r"me\.com|mac\.com|web\.de|t-online\.de|freenet\.de|mail\.(ru|com)|inbox\.ru|bk\.ru|qq\.com|"
    r"126\.com|163\.com|yeah\.net|sina\.(com|cn)|sohu\.com|foxmail\.com|139\.com|naver\.com|"
    r"orange\.fr|wanadoo\.fr|free\.fr|sfr\.fr|laposte\.net|libero\.it|virgilio\.it|comcast\.net|"
    r"verizon\.net|att\.net|btinternet\.com|rediffmail\.com|uol\.com\.br|bol\.com\.br"
)
PLACEHOLDERS = frozenset(
    (
        *("na", "n a", "none", "null", "nil", "unknown", "not available", "not known", "tbd", "x"),
        *("private", "self", "self employed", "individual", "freelance", "freelancer", "test"),
        *("no company", "company", "unbekannt", "privat"),
    )
)
"""Written where no company is known: they must not make one customer of all who have none."""
INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
ASCII_WORD = re.compile(r"[a-z0-9]+")
SHORTEST_PHONE = 7
NAMED_AT_MOST = 8
NAMES_KEPT = 1 << 20
"""Validation, compile and check read the same names; reading one takes 3 microseconds."""


def find_duplicates(leads: ReadTable) -> NDArray[np.int64]:
    """Return (n_leads,) numbers, equal for exact duplicates; report every kind of sameness.

    Exact duplicates agree in every column that is used but lead_id and family, and name the same
    customer by company, e-mail or phone: two records that name nobody cannot be known to be the
    same. What they share is personal data, so the issues name the records only.
    """
    frame = leads.frame
    company = company_key(frame["company"])
    is_named = company.notna() | frame["email"].notna() | frame["phone"].notna()
    copies = _exact_duplicates(frame, is_named)
    _report(leads, "exact_duplicate", "", copies.where(copies.duplicated(keep=False)), "copies")
    phone = frame["phone"].str.replace(r"\D", "", regex=True)
    for column, values in (
        ("email", frame["email"].str.casefold()),
        ("phone", phone.mask(phone.str.len() < SHORTEST_PHONE)),
    ):
        same = _with_several(copies, values)
        _report(leads, "possible_duplicate", column, same, f"the same {column}")
    written_twice = _with_several(frame["company"], company)
    _report(leads, "possible_duplicate", "company", written_twice, "one name in several writings")
    split = _with_several(frame["owner"], company)
    _report(leads, "split_company", "company", split, "leads of several owners")
    return copies.to_numpy()


def company_key(companies: pd.Series) -> pd.Series:
    """Return company names without case, punctuation and legal form; NaN where none is known.

    >>> company_key(pd.Series(["ACME, Inc.", "acme", "J.P. Smith & Co", "n/a"])).tolist()
    ['acme', 'acme', 'jp smith', nan]
    """
    keys = {name: key_of_company(name) for name in companies.dropna().unique()}
    return companies.map(keys).astype("str")


@lru_cache(NAMES_KEPT)
def key_of_company(name: str) -> str | None:
    """Return a company name without case, punctuation and legal form; None where none is known."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    words = _words(INITIALS.sub("", folded))
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    key = " ".join(words)
    return None if not key or key in PLACEHOLDERS else key


def _words(text: str) -> list[str]:
    """Return the runs of letters, digits and the marks on them (vowel signs are marks)."""
    if text.isascii():
        return ASCII_WORD.findall(text)
    return "".join(
        sign if sign.isalnum() or unicodedata.category(sign).startswith("M") else " "
        for sign in text
    ).split()


def mail_domain(emails: pd.Series) -> pd.Series:
    """Return the domain of e-mail addresses; NaN for public mail services, which tell nothing.

    >>> mail_domain(pd.Series(["ann@Acme.example", "ann@yahoo.co.uk"])).tolist()
    ['acme.example', nan]
    """
    domain = emails.str.lower().str.extract(r"@([\w.-]+\.\w+)>?$", expand=False)
    return domain.mask(domain.str.fullmatch(PUBLIC_MAIL.pattern))


@lru_cache(NAMES_KEPT)
def domain_of(email: str) -> str | None:
    """Return the domain of one e-mail address; None for public mail services."""
    domain = mail_domain(pd.Series([email], dtype="str")).iat[0]
    return domain if isinstance(domain, str) else None


def _exact_duplicates(frame: pd.DataFrame, is_named: pd.Series) -> pd.Series:
    """Return (n_leads,) positions: of the first copy of a lead, or its own."""
    facts = [column for column in frame.columns if column not in ("lead_id", "family")]
    named = frame.loc[is_named, facts]
    alike = named[named.duplicated(keep=False)]
    copies = pd.Series(np.arange(len(frame)))
    if len(alike):
        group = alike.groupby(facts, dropna=False, sort=False).ngroup()
        copies[alike.index] = copies[alike.index].groupby(group).transform("first")
    return copies


def _with_several(values: pd.Series, keys: pd.Series) -> pd.Series:
    """Return keys, and NaN where all records of a key have one and the same value."""
    shared = keys.where(keys.duplicated(keep=False))
    return shared.where(values.groupby(shared).transform("nunique") > 1)


def _report(leads: ReadTable, code: str, column: str, keys: pd.Series, what: str) -> None:
    """Report the records of each key as one issue."""
    positions = np.flatnonzero(keys.notna())
    numbers = pd.factorize(keys.iloc[positions])[0]
    order = np.argsort(numbers, kind="stable")
    groups = np.split(positions[order], np.flatnonzero(np.diff(numbers[order])) + 1)
    for members in groups[:LISTED_ONE_BY_ONE] if len(positions) else ():
        got = f"{what}: {_names(leads, members)}"
        leads.reporter.cell(code, column, int(members[0]), got=got, count=len(members))
    if rest := groups[LISTED_ONE_BY_ONE:]:
        leads.reporter.cell(code, column, int(rest[0][0]), count=sum(map(len, rest)))


def _names(leads: ReadTable, positions: NDArray[np.intp]) -> str:
    ids = leads.frame["lead_id"]
    first = (ids.iat[int(position)] for position in positions[:NAMED_AT_MOST])
    names = ", ".join(label(name) if isinstance(name, str) else "?" for name in first)
    rest = len(positions) - NAMED_AT_MOST
    return names + (f" and {rest} more" if rest > 0 else "")
