"""More leads, fewer of them, and leads of an event from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from models.errors import InputError
from models.files.new_leads import read_new_leads
from models.units import Part, Share, share_text
from models.where import Where
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from scenarios.what_if.draft import Draft

OWN = (
    "owner",
    "owned_since",
    "last_activity",
    "open_task",
    "family",
    "company",
    "email",
    "phone",
)
"""Cells that a further lead does not share with the one that it is like."""
Seed = Annotated[int, Field(strict=True, ge=0)]
MOST_LEADS = 10_000_000


class MoreLeads(Change):
    """More leads come in, like those that are there; nobody owns them.

    Attributes
    ----------
    where : like which leads; all if not given
    by : how many more, as a share of these
    seed : draws whom each is like
    """

    name: ClassVar[str] = "more_leads"
    holds_totals: ClassVar[bool] = False

    where: Where | None = None
    by: Share
    seed: Seed = 0

    def sentence(self) -> str:
        """Return the change in plain English."""
        which = f" where {self.where.sentence()}" if self.where else ""
        return f"{share_text(self.by)} more leads{which} come in (seed {self.seed})."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a filter that matches no lead, and more leads than any company has."""
        yield from draft.filter_faults("leads", self.where)
        count = self.by * int(draft.mask("leads", self.where).sum())
        if count > MOST_LEADS:
            yield f"{count:,.0f} more leads; at most {MOST_LEADS:,} can come in"

    def apply(self, draft: Draft) -> None:
        """Add copies of leads that are drawn, without what is their own."""
        rng = np.random.default_rng(self.seed)
        like = np.flatnonzero(draft.mask("leads", self.where))
        drawn = np.sort(rng.choice(like, round(self.by * len(like))))
        rows = draft.leads.iloc[drawn].reset_index(drop=True)
        known = set(draft.leads["lead_id"])
        number = 0
        ids = []
        for lead_id in rows["lead_id"]:
            number += 1
            while f"{lead_id}+{number}" in known:
                number += 1
            ids.append(f"{lead_id}+{number}")
        rows["lead_id"] = ids
        rows = rows.drop(columns=[column for column in OWN if column in rows])
        if "created" in rows:
            rows["created"] = draft.as_of
        draft.add("leads", rows)


class FewerLeads(Change):
    """Some leads are lost.

    Attributes
    ----------
    where : which may be; all if not given
    by : how many of these are lost
    seed : draws them
    """

    name: ClassVar[str] = "fewer_leads"
    holds_totals: ClassVar[bool] = False

    where: Where | None = None
    by: Part
    seed: Seed = 0

    def sentence(self) -> str:
        """Return the change in plain English."""
        which = f" where {self.where.sentence()}" if self.where else ""
        return f"{share_text(self.by)} of the leads{which} are lost (seed {self.seed})."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a filter that matches no lead."""
        yield from draft.filter_faults("leads", self.where)

    def apply(self, draft: Draft) -> None:
        """Take away leads that are drawn, and what pins say of them."""
        rng = np.random.default_rng(self.seed)
        which = np.flatnonzero(draft.mask("leads", self.where))
        lost = rng.choice(which, round(self.by * len(which)), replace=False)
        gone = set(draft.leads["lead_id"].iloc[lost])
        draft.frames["leads"] = draft.leads.drop(draft.leads.index[lost]).reset_index(drop=True)
        if "pins" in draft.frames:
            pins = draft.frames["pins"]
            kept = ~pins["lead_id"].isin(gone)
            draft.frames["pins"] = pins[kept].reset_index(drop=True)


class LeadsFrom(Change):
    """Leads of an event come in, from a table with the columns of leads.

    Attributes
    ----------
    file : CSV or Parquet; beside the scenario's file if it is no whole path
    """

    name: ClassVar[str] = "leads_from"
    holds_totals: ClassVar[bool] = False

    file: Path

    def sentence(self) -> str:
        """Return the change in plain English."""
        return f"The leads of {self.file.name} come in."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield what keeps the file from being read, and ids that there are already."""
        try:
            rows = self._rows(draft)
        except InputError as error:
            yield from (issue.text() for issue in error.issues.errors())
            return
        known = set(draft.leads["lead_id"])
        for lead_id in rows["lead_id"][rows["lead_id"].isin(known)]:
            yield f"there is a lead {lead_id!r} already"

    def apply(self, draft: Draft) -> None:
        """Add the leads."""
        draft.add("leads", self._rows(draft))

    def _rows(self, draft: Draft) -> pd.DataFrame:
        """Return the leads, validated as those of the base, with the columns that the file has."""
        read = read_new_leads(self.file, draft.base, keep=list(draft.leads.columns))
        return read.frame[[column for column in read.frame if column in read.present]]
