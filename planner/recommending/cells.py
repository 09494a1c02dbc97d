"""The cells of one lead, where they are already as validated tables hold them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.columns import TABLES, Kind
from models.snapshot import empty_column
from models.validation.cells import NUMERIC, TEXT_RULES
from planner.policy import columns_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.columns import Column
    from models.snapshot import Snapshot
    from planner.policy import Policy

PLAIN_TEXT = (Kind.ID, Kind.TEXT)
OTHER_DIVIDERS = {",", "|"}
"""In a list, they may be meant to divide it: validation looks closer."""


class Cells:
    """Reads leads given as mappings.

    Parameters
    ----------
    policy : whose rules tell which columns are needed
    company : the tables, whose leads have other ids

    Attributes
    ----------
    known : the columns that every company's leads may have
    of_customers : the columns that tell customers apart, and the owner
    """

    def __init__(self, policy: Policy, company: Snapshot) -> None:
        uses = [use for rule in policy.rules() for use in columns_read(rule)]
        uses = [use for use in uses if use.table == "leads"]
        self.known = {column.name: column for column in TABLES["leads"]}
        self._kept = {use.column for use in uses} - set(self.known)
        self._dtypes = {
            name: company.leads[name].dtype if name in company.leads else "str"
            for name in (*self.known, *self._kept)
        }
        self._filled = _must_be_filled(policy)
        self._ids = pd.Index(company.leads["lead_id"])
        self._currency = company.header.currency
        self.of_customers = ("lead_id", "owner", "family", "company", "email")
        self._nothing = dict.fromkeys((*self.known, *self._kept))

    def of(self, lead: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return every column's cell, None for an empty one; None if the lead must be validated."""
        if not lead.get("lead_id") or lead.get("owner"):
            return None
        cells = dict(self._nothing)
        for name, given in lead.items():
            if given is None or given != given:
                continue
            column = self.known.get(name)
            if column is None or not self._is_plain(column, given):
                return None
            cells[name] = float(given) if column.kind in NUMERIC else given
        if any(cells[name] is None for name in self._filled):
            return None
        if cells["lead_id"] in self._ids or cells["currency"] not in (None, self._currency):
            return None
        return cells

    def frame(self, cells: Mapping[str, Any], columns: tuple[str, ...]) -> pd.DataFrame:
        """Return one row with some columns."""
        names = dict.fromkeys(columns)
        return pd.DataFrame(
            {
                name: empty_column(self.known[name].kind, 1)
                if cells[name] is None and name in self.known
                else pd.Series([cells[name]], dtype=self._dtypes[name])
                for name in names
            },
            index=range(1),
        )

    def _is_plain(self, column: Column, given: Any) -> bool:
        """Return whether validation would take a cell as it is."""
        if column.kind in NUMERIC:
            is_number = isinstance(given, int | float) and not isinstance(given, bool)
            return is_number and _is_valid(column, float(given))
        if column.kind is Kind.TIME:
            return isinstance(given, datetime) and given.tzinfo is not None
        if not isinstance(given, str):
            return False
        if not given or not given.isprintable() or given != given.strip():
            return False
        if column.kind in TEXT_RULES:
            return TEXT_RULES[column.kind][1](given)
        return column.kind in PLAIN_TEXT or not set(given) & OTHER_DIVIDERS


def _is_valid(column: Column, number: float) -> bool:
    if not math.isfinite(number) or not column.least <= number <= column.most:
        return False
    if column.kind is Kind.FLAG:
        return number in (0.0, 1.0)
    return column.kind is not Kind.INTEGER or number.is_integer()


def _must_be_filled(policy: Policy) -> tuple[str, ...]:
    """Return the columns in which a rule allows no empty cell."""
    chance, filled = policy.win_probability, []
    if policy.amount.missing == "error":
        filled.append(policy.amount.column)
    if chance.column is not None and chance.missing is None:
        filled.append(chance.column)
    return tuple(filled)
