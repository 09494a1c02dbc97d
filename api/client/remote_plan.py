"""A plan of a service, of which each part is fetched when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from api.client.plan import OTHERS
from api.client.tables import fetch_table
from api.schemas.plans import Explanation, KpisGiven, PlanGiven, PlanSentences, PlanSource
from api.schemas.snapshots import IssueGiven
from models.explanation import WhyNot
from models.plan import PlanRecord, unassigned_of

if TYPE_CHECKING:
    from api.client.connection import Connection

NOT_OF_THE_PLAN = ("region", "grade", "team", "owner_team")
"""Columns of leads and reps that the service tells besides."""


class RemotePlan:
    """A plan of a service.

    Parameters
    ----------
    header : what the service tells of it
    """

    def __init__(self, connection: Connection, header: PlanGiven) -> None:
        self._connection = connection
        self.header = header

    @property
    def id(self) -> str:
        """Its id in the service."""
        return self.header.id

    @cached_property
    def record(self) -> PlanRecord:
        """What plan.json holds."""
        return PlanRecord.model_validate(self._source.record)

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """One row per lead."""
        return self.leads.drop(columns=list(NOT_OF_THE_PLAN))

    @cached_property
    def leads(self) -> pd.DataFrame:
        """One row per lead, with its region and grade, and the teams of its rep and owner."""
        return self._table("assignments")

    @cached_property
    def reps(self) -> pd.DataFrame:
        """One row per rep."""
        return self._table("reps")

    @cached_property
    def prices(self) -> pd.DataFrame:
        """One row per limit and group."""
        return self._table("prices")

    @cached_property
    def issues(self) -> pd.DataFrame:
        """What validation and compile remarked."""
        rows = [issue.model_dump() for issue in self._source.issues]
        return pd.DataFrame(rows, columns=list(IssueGiven.model_fields))

    @cached_property
    def kpis(self) -> KpisGiven:
        """Its figures, each with title, meaning and unit: of the whole, of loads, of groups."""
        return self._connection.ask(KpisGiven, "GET", f"{self._path}/kpis")

    @cached_property
    def sentences(self) -> PlanSentences:
        """Its rules in plain English, and whether it keeps them."""
        return self._connection.ask(PlanSentences, "GET", f"{self._path}/sentences")

    @cached_property
    def moves(self) -> pd.DataFrame:
        """One row per owned lead that its owner does not keep."""
        return self._table("moves")

    @property
    def policy_text(self) -> str:
        """The policy as it was written."""
        return self._source.policy

    @property
    def unassigned(self) -> pd.DataFrame:
        """The leads that nobody works, with the reason."""
        return unassigned_of(self.assignments)

    def why(self, lead_id: str, *, others: int = OTHERS) -> Explanation:
        """Return why a lead is where the plan has it, and who has it now.

        Raises
        ------
        MissingError : there is no such lead
        """
        path = f"{self._path}/leads/{quote(lead_id, safe='')}"
        return self._connection.ask(Explanation, "GET", path, params={"others": others})

    def why_not(self, lead_id: str, rep_id: str) -> WhyNot:
        """Return why a lead is not with a rep; MissingError if there is no such lead or rep."""
        names = f"{quote(lead_id, safe='')}/why-not/{quote(rep_id, safe='')}"
        return self._connection.ask(WhyNot, "GET", f"{self._path}/leads/{names}")

    @property
    def _path(self) -> str:
        return f"/v1/plans/{self.id}"

    @cached_property
    def _source(self) -> PlanSource:
        return self._connection.ask(PlanSource, "GET", f"{self._path}/source")

    def _table(self, name: str) -> pd.DataFrame:
        return fetch_table(self._connection, f"{self._path}/{name}")
