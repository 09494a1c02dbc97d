"""`past_contact`: a rep who worked the same family or company before is preferred."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from models.units import Share, share_text
from models.validation.customers import company_key, key_of_company
from planner.case import plain_cells
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

FAMILY, COMPANY = SAME_CUSTOMER = ("family", "company")


class PastContact(PreferRule):
    """A pair is worth more where history holds the rep with the same family or company (R17).

    Attributes
    ----------
    bonus : added to the score, as a share of it
    """

    name: ClassVar[str] = "past_contact"

    bonus: Share

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        for table in ("leads", "history"):
            for column in SAME_CUSTOMER:
                yield ColumnUse(table, column, optional=True)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield that leads and history name no customer in common."""
        present = facts.snapshot.present
        shared = set(SAME_CUSTOMER) & present["leads"] & present.get("history", frozenset())
        if not shared:
            yield (
                "",
                (
                    "neither family nor company is a column of both leads and history; "
                    "add one, or leave the rule out"
                ),
            )

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return (
            f"A pair counts {share_text(self.bonus)} more where the rep has worked "
            "the same family or company before."
        )

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs: contacts are few, so they are looked up, not tabled."""
        contacts = [_contacts(facts, column) for column in SAME_CUSTOMER]
        num_reps = facts.num_reps

        def multiplier(lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
            factor = np.ones(len(lead))
            for customer, met in contacts:
                maybe = np.flatnonzero(customer[lead] >= 0)
                wanted = customer[lead[maybe]] * num_reps + rep[maybe]
                at = np.searchsorted(met, wanted)
                factor[maybe[met[at] == wanted]] = 1.0 + self.bonus
            return factor

        return multiplier

    def factors_of_one(self, facts: Facts, cells: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return (n_reps,) the multipliers of one lead."""
        factor = np.ones(facts.num_reps)
        for column in SAME_CUSTOMER:
            customers, met = facts.once(("met", column), partial(_met, facts, column))
            name = _key(cells[column]) if column == COMPANY else cells[column]
            if name is not None and (at := customers.get_indexer([name])[0]) >= 0:
                first, last = np.searchsorted(met, [at * facts.num_reps, (at + 1) * facts.num_reps])
                factor[met[first:last] - at * facts.num_reps] = 1.0 + self.bonus
        return factor

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""
        history = case.snapshot.history
        has_met = [False] * len(case.lead_ids)
        for column in SAME_CUSTOMER:
            known = plain_cells(_customers(history, column))
            met = set(zip(known, plain_cells(history["rep_id"]), strict=True))
            customers = case.of_lead(column)
            if column == COMPANY:
                customers = case.each_distinct([customers], _key)
            pairs = zip(has_met, customers, case.rep_ids, strict=True)
            has_met = [has or (c is not None and (c, rep) in met) for has, c, rep in pairs]
        return np.where(has_met, 1.0 + self.bonus, 1.0)


def _key(company: str | None) -> str | None:
    return None if company is None else key_of_company(company)


def _customers(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the customer of each record; a company's name counts without its writing."""
    return company_key(frame[column]) if column == COMPANY else frame[column]


def _contacts(facts: Facts, column: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (n_leads,) customers, -1 where history has none, and codes customer x num_reps + rep.

    The codes are sorted; after the last one stands one that no pair has.
    """
    key, combinations = facts.lead_codes([column])
    customers, met = facts.once(("met", column), partial(_met, facts, column))
    of_leads = customers.get_indexer(_customers(combinations, column))
    return of_leads[key], met


def _met(facts: Facts, column: str) -> tuple[pd.Index, NDArray[np.int64]]:
    """Return the customers of history, and the codes of who met them."""
    past = facts.snapshot.history[[column, "rep_id"]].dropna().drop_duplicates()
    known, customers = pd.factorize(_customers(past, column))
    rep = pd.Index(facts.reps["rep_id"]).get_indexer(past["rep_id"])
    met = np.unique((known * facts.num_reps + rep)[known >= 0])
    return pd.Index(customers), np.append(met, np.iinfo(np.int64).max)
