"""`past_contact`: a rep who worked the same family or company before is preferred."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from models.units import Share, share_text
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

SAME_CUSTOMER = ("family", "company")


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
        yield ColumnUse("history", "rep_id")

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return (
            f"A pair counts {share_text(self.bonus)} more where the rep has worked "
            "the same family or company before."
        )

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs: contacts are few, so they are looked up, not tabled."""
        keys, contacts = zip(*(_contacts(facts, column) for column in SAME_CUSTOMER), strict=True)
        num_reps = facts.num_reps
        known = [np.isin(np.arange(key.max() + 1), codes // num_reps) for key, codes in zip(keys, contacts, strict=True)]

        def multiplier(lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
            factor = np.ones(len(lead))
            for key, codes, has_contact in zip(keys, contacts, known, strict=True):
                maybe = np.flatnonzero(has_contact[key[lead]])
                wanted = key[lead[maybe]] * num_reps + rep[maybe]
                at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
                factor[maybe[codes[at] == wanted]] = 1.0 + self.bonus
            return factor

        return multiplier

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""
        history = case.snapshot.history
        met: set[tuple[str, str, str]] = set()
        for column in SAME_CUSTOMER:
            past = history[history[column].notna()]
            met |= {(column, *pair) for pair in zip(past[column], past["rep_id"], strict=True)}
        customers = [(column, case.of_lead(column).tolist()) for column in SAME_CUSTOMER]
        return np.array(
            [
                1 + self.bonus if any((c, v[at], rep) in met for c, v in customers) else 1.0
                for at, rep in enumerate(case.pairs["rep_id"])
            ],
            float,
        )


def _contacts(facts: Facts, column: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (n_leads,) the customer of each lead, and the sorted codes customer x num_reps + rep."""
    key, combinations = facts.lead_codes([column])
    history = facts.snapshot.history
    past = history.loc[history[column].notna(), [column, "rep_id"]].drop_duplicates()
    customer = pd.Index(combinations[column]).get_indexer(past[column])
    rep = pd.Index(facts.reps["rep_id"]).get_indexer(past["rep_id"])
    codes = (customer * facts.num_reps + rep)[(customer >= 0) & (rep >= 0)]
    return key, np.unique(codes.astype(np.int64)) if len(codes) else np.array([-1])
