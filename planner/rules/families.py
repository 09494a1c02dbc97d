"""`families`: leads that must share one rep, because they are one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd

from models.validation.customers import company_key, mail_domain
from planner.rules.rule import Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Families(Rule):
    """Exact duplicates, leads of one `family` and, if wanted, of one company share one rep (R03, B09).

    Attributes
    ----------
    by : `company`: leads of one company name are a family too; where the name is empty, its mail
        domain counts, public mail services never
    """

    name: ClassVar[str] = "families"
    section: ClassVar[Section] = Section.FAMILIES

    by: Literal["company"] | None = None

    def sentence(self) -> str:
        """Return the rule in plain English."""
        what = "the same family" if self.by is None else "the same company or family"
        return f"Leads of {what}, and copies of one record, share one rep."

    def rows(self, facts: Facts) -> NDArray[np.int64]:
        """Return (n_leads,) the row of each lead; rows are numbered by their first lead."""
        leads = facts.leads
        parent = np.arange(len(leads))
        joins = [pd.Series(facts.snapshot.duplicates), leads["family"]]
        if self.by == "company":
            company = company_key(leads["company"])
            domain = mail_domain(leads["email"]).map("@{}".format, na_action="ignore")
            joins.append(company.fillna(domain))
        for values in joins:
            shared = values[values.notna() & values.duplicated(keep=False)]
            first = shared.groupby(shared).transform(lambda same: same.index[0])
            for member, head in zip(shared.index, first, strict=True):
                _join(parent, int(member), int(head))
        if (parent == np.arange(len(leads))).all():
            return parent
        heads = np.array([_head(parent, lead) for lead in range(len(leads))])
        return np.unique(heads, return_inverse=True)[1].astype(np.int64)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each family whose leads do not all have the same rep (or all none)."""
        rep_of = dict(zip(case.pairs["lead_id"], case.pairs["rep_id"], strict=True))
        for members in self._plain_families(case):
            reps = {rep_of.get(lead_id, "nobody") for lead_id in members}
            if len(reps) > 1:
                text = f"{', '.join(members[:8])} are one family, but have {', '.join(sorted(reps))}"
                yield Violation(self.name, self.sentence(), text, members[0], amount=len(reps) - 1)

    def _plain_families(self, case: Case) -> Iterator[list[str]]:
        """Yield the families of more than one lead, by walking from lead to lead."""
        leads = case.leads
        ids = [str(lead_id) for lead_id in leads.index]
        domains = mail_domain(leads["email"]).tolist()
        companies = company_key(leads["company"]).tolist()
        tokens: list[set[tuple[str, object]]] = [set() for _ in ids]
        for at, family in enumerate(leads["family"].tolist()):
            tokens[at].add(("copy", int(case.snapshot.duplicates[at])))
            if isinstance(family, str):
                tokens[at].add(("family", family))
            if self.by == "company":
                name = companies[at] if isinstance(companies[at], str) else domains[at]
                if isinstance(name, str):
                    kind = "company" if isinstance(companies[at], str) else "domain"
                    tokens[at].add((kind, name))
        members: dict[tuple[str, object], list[int]] = {}
        for at, names in enumerate(tokens):
            for name in names:
                members.setdefault(name, []).append(at)
        seen: set[int] = set()
        for start in range(len(ids)):
            if start in seen:
                continue
            reached, frontier = {start}, [start]
            while frontier:
                for name in tokens[frontier.pop()]:
                    new = [at for at in members.pop(name, ()) if at not in reached]
                    reached |= set(new)
                    frontier += new
            seen |= reached
            if len(reached) > 1:
                yield [ids[at] for at in sorted(reached)]


def _head(parent: NDArray[np.int64], lead: int) -> int:
    while parent[lead] != lead:
        parent[lead] = parent[parent[lead]]
        lead = int(parent[lead])
    return lead


def _join(parent: NDArray[np.int64], one: int, other: int) -> None:
    low, high = sorted((_head(parent, one), _head(parent, other)))
    parent[high] = low
