"""Which rep has a customer already: new leads of one go where its other leads are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.problem import NOBODY
from models.validation.customers import domain_of, key_of_company
from planner.kernels.routing import FREE, UNPLACED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from models.arrays import Ints
    from planner.facts import Facts
    from planner.planned import Planned
    from planner.rules.families import Families

COPIES = 0
"""The first of the kinds of names: exact copies have no name that a new lead could share."""


class Customers:
    """The rep of each family and company, by the names that the policy counts.

    Parameters
    ----------
    planned : the plan
    """

    def __init__(self, planned: Planned) -> None:
        compiled = planned.compiled
        self.families: Families = compiled.policy.families
        self._row_of_lead = compiled.row_of_lead
        self._rows: list[dict[str, int]] = []
        for names in _names(self.families, compiled.facts):
            known = np.flatnonzero(names.notna())
            rows = compiled.row_of_lead[known].tolist()
            self._rows.append(dict(zip(names.iloc[known], rows, strict=True)))
        self._rep_of_row = np.full(compiled.problem.num_rows, NOBODY)
        self.hold(planned.rep_of_lead)
        self._taken: list[dict[str, int]] = [{} for _ in self._rows]

    def hold(self, rep_of_lead: Ints) -> None:
        """Remember who has the plan's leads now.

        Parameters
        ----------
        rep_of_lead : (n_leads,) positions; -1 for nobody. Of leads that share a customer and were
            parted, nobody has the customer
        """
        some = np.empty_like(self._rep_of_row)
        some[self._row_of_lead] = rep_of_lead
        parted = self._row_of_lead[rep_of_lead != some[self._row_of_lead]]
        some[parted] = UNPLACED
        self._rep_of_row = some

    def holders_of(self, new: Facts) -> Ints:
        """Return (n_leads,) the rep who has each lead's customer; -2 if it is a new one.

        -1 where the customer's leads are with nobody, or the lead would tie two reps' leads.
        """
        row = new.row_of_lead
        holder = np.full(int(row.max(initial=-1)) + 1, FREE, np.int64)
        for names, rows, taken in zip(
            _names(self.families, new), self._rows, self._taken, strict=True
        ):
            for lead in np.flatnonzero(names.notna()).tolist():
                name = str(names.iat[lead])
                if (rep := self._rep(name, rows, taken)) == FREE:
                    continue
                before = holder[row[lead]]
                holder[row[lead]] = rep if before in (FREE, rep) else UNPLACED
        return holder[row]

    def holder_of(self, cells: Mapping[str, Any]) -> int:
        """Return the rep who has one lead's customer, as `holders_of` does."""
        holder = FREE
        for name, rows, taken in zip(
            _names_of_one(self.families, cells), self._rows, self._taken, strict=True
        ):
            if name is not None and (rep := self._rep(name, rows, taken)) != FREE:
                holder = rep if holder in (FREE, rep) else UNPLACED
        return holder

    def _rep(self, name: str, rows: dict[str, int], taken: dict[str, int]) -> int:
        if name in taken:
            return taken[name]
        return int(self._rep_of_row[rows[name]]) if name in rows else FREE

    def leads_of(self, new: Facts, leads: Ints) -> Ints:
        """Return the positions of the plan's leads that some new leads share a customer with."""
        found = set[int]()
        for names, rows in zip(_names(self.families, new), self._rows, strict=True):
            asked = names.iloc[leads].dropna()
            found |= {rows[name] for name in asked if name in rows}
        return np.flatnonzero(np.isin(self._row_of_lead, list(found)))

    def take(self, new: Facts, rep_of_lead: Ints) -> None:
        """Remember the reps, by position, of new leads' customers; -1 is nobody."""
        for names, taken in zip(_names(self.families, new), self._taken, strict=True):
            for lead in np.flatnonzero(names.notna().to_numpy() & (rep_of_lead >= 0)).tolist():
                taken[str(names.iat[lead])] = int(rep_of_lead[lead])


def _names_of_one(families: Families, cells: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield the same names of one lead; None for none."""
    yield cells["family"]
    if families.by is not None:
        company = cells["company"] and key_of_company(cells["company"])
        yield company or None
        yield None if company or not cells["email"] else domain_of(cells["email"])


def _names(families: Families, facts: Facts) -> Iterator[pd.Series]:
    """Yield series of (n_leads,) names of customers; NaN for none."""
    for kind, names in enumerate(families.customers(facts)):
        if kind != COPIES:
            yield names
