"""`families`: leads that must share one rep, because they are one customer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from models.validation.customers import company_key, mail_domain
from planner.case import plain_cells
from planner.facts import sets_by_row
from planner.rules.rule import ColumnUse, Mask, Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.ownership import Ownership

NAMED_AT_MOST = 8
NOBODY = "nobody"


class Families(Rule):
    """Exact duplicates, leads of one `family` and, if wanted, of one company share one rep (R03).

    Attributes
    ----------
    by : `company`: leads of one company name are a family too; where the name is empty, its mail
        domain counts, public mail services never
    owner_first : a family with a lead of nobody's goes to a rep who owns another of its leads and
        may keep it, whatever others would bring
    """

    name: ClassVar[str] = "families"
    section: ClassVar[Section] = Section.FAMILIES

    by: Literal["company"] | None = None
    owner_first: bool = Field(default=False, strict=True)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        for column in ("family", "company", "email") if self.by else ("family",):
            yield ColumnUse("leads", column, "by", optional=True)
        if self.owner_first:
            yield ColumnUse("leads", "owner", "owner_first")

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield that companies are wanted, but not known."""
        if self.by and not {"company", "email"} & facts.snapshot.present["leads"]:
            yield "by", "table leads has neither company nor email, by which to know a company"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        what = "the same family" if self.by is None else "the same company or family"
        first = "; a new one goes to who owns another of them" if self.owner_first else ""
        return f"Leads of {what}, and copies of one record, share one rep{first}."

    def rows(self, facts: Facts) -> NDArray[np.int64]:
        """Return (n_leads,) the row of each lead; rows are numbered by their first lead."""
        head = np.arange(facts.num_leads)
        ties = [_several(values) for values in self.customers(facts)]
        settled = False
        while not settled:
            before = head
            for members, customer in ties:
                first = np.full(customer.max(initial=-1) + 1, facts.num_leads)
                np.minimum.at(first, customer, head[members])
                # The heads of a customer's leads follow the first of them; then all leads do.
                joined = head.copy()
                np.minimum.at(joined, head[members], first[customer])
                head = joined[joined]
            settled = bool((head == before).all())
        return np.unique(head, return_inverse=True)[1].astype(np.int64)

    def customers(self, facts: Facts) -> Iterator[pd.Series]:
        """Yield series of (n_leads,) names of what makes leads one customer; NaN for nothing."""
        leads = facts.leads
        yield pd.Series(facts.snapshot.duplicates)
        yield leads["family"]
        if self.by == "company":
            company = company_key(leads["company"])
            yield company
            yield mail_domain(leads["email"]).mask(company.notna())

    def owners_only(self, facts: Facts, ownership: Ownership) -> Mask:
        """Return the mask that leaves families with a new lead to their present owners."""
        row = facts.row_of_lead
        has_new = np.zeros(row.max(initial=-1) + 1, bool)
        has_new[row[ownership.owner < 0]] = True
        lead = np.flatnonzero(ownership.may_keep & has_new[row])
        key, owners = sets_by_row(row, lead, ownership.owner[lead])
        allowed = np.ones((len(owners) + 1, facts.num_reps), bool)
        for number, some in enumerate(owners, start=1):
            allowed[number] = np.isin(np.arange(facts.num_reps), list(some))
        return Mask(key[row], allowed)

    def plain_strangers(self, case: Case) -> Iterator[int]:
        """Yield the positions of pairs in which a family with a new lead leaves its owners."""
        owners_of: dict[str, set[str]] = {}
        for family in case.families if self.owner_first else ():
            kept = {case.owner_of[lead_id] for lead_id in case.may_keep.intersection(family)}
            if kept and not case.owner_of.keys() >= set(family):
                owners_of |= dict.fromkeys(family, kept)
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            if lead_id in owners_of and rep_id not in owners_of[lead_id]:
                yield at

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each family whose leads do not all have the same rep (or all none), and each lead
        that goes to somebody else than who owns its family.
        """
        for at in self.plain_strangers(case):
            lead_id, rep_id = case.lead_ids[at], case.rep_ids[at]
            text = "another rep owns a lead of the same family and comes first"
            yield Violation(self.name, self.sentence(), text, lead_id, rep_id)
        for members in self.plain_families(case):
            reps = sorted({case.rep_of.get(lead_id, NOBODY) for lead_id in members})
            if len(reps) > 1:
                more = ", ..." if len(members) > NAMED_AT_MOST else ""
                named = f"{', '.join(members[:NAMED_AT_MOST])}{more}"
                text = f"{named} are one family, but have {', '.join(reps)}"
                yield Violation(self.name, self.sentence(), text, members[0], amount=len(reps) - 1)

    def plain_families(self, case: Case) -> Iterator[list[str]]:
        """Yield the families of more than one lead, by walking from lead to lead."""
        together = [group for names in self._plain_customers(case) for group in _shared(names)]
        groups_of: dict[int, list[list[int]]] = {}
        for group in together:
            for lead in group:
                groups_of.setdefault(lead, []).append(group)
        lead_ids, reached = case.of_leads("lead_id"), set[int]()
        for start in sorted(groups_of):
            family, frontier = set[int](), [start]
            while frontier:
                lead = frontier.pop()
                if lead not in reached:
                    reached.add(lead)
                    family.add(lead)
                    for group in groups_of[lead]:
                        frontier += group
                        group.clear()  # its members are all on their way now
            if family:
                yield [lead_ids[lead] for lead in sorted(family)]

    def _plain_customers(self, case: Case) -> Iterator[list[Any]]:
        """Yield lists of (n_leads,) names of what makes leads one customer; None for nothing."""
        yield case.snapshot.duplicates.tolist()
        yield case.of_leads("family")
        if self.by == "company":
            leads = case.snapshot.leads
            companies = plain_cells(company_key(leads["company"]))
            domains = plain_cells(mail_domain(leads["email"]))
            yield companies
            yield [d if c is None else None for c, d in zip(companies, domains, strict=True)]


def _several(customers: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the leads whose customer has several, and the number of that customer."""
    number = pd.factorize(customers)[0]
    size = np.bincount(number + 1)
    size[0] = 0  # of leads whose customer is not known
    members = np.flatnonzero(size[number + 1] > 1)
    return members, number[members]


def _shared(customers: list[Any]) -> Iterable[list[int]]:
    """Return the positions of each customer that stands more than once."""
    count = Counter(customers)
    shared: dict[Any, list[int]] = {}
    for at, customer in enumerate(customers):
        if customer is not None and count[customer] > 1:
            shared.setdefault(customer, []).append(at)
    return shared.values()
