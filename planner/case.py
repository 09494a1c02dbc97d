"""An assignment beside the tables, as the checker sees it: plain, slow, without compile."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.where import Where, holds
from models.working_hours import DEFAULT_HOURS, working_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.snapshot import Snapshot
    from planner.policy import Policy


class Case:
    """Who works what, as ids.

    Parameters
    ----------
    policy : the rules, for those that read each other (a limit on expected value needs amounts)
    snapshot : the tables
    assignment : lead_id -> rep_id as a frame with these columns; unassigned leads are NaN or absent

    Attributes
    ----------
    pairs : frame of lead_id and rep_id, one row per assigned lead
    """

    def __init__(self, policy: Policy, snapshot: Snapshot, assignment: pd.DataFrame) -> None:
        self.policy, self.snapshot = policy, snapshot
        self.period = policy.resolve_period(snapshot)
        assigned = assignment["rep_id"].notna()
        self.pairs = assignment.loc[assigned, ["lead_id", "rep_id"]].reset_index(drop=True)
        self.zone = snapshot.header.timezone
        self._shares: dict[str, float] = {}
        self._owned: Case | None = None

    @cached_property
    def leads(self) -> pd.DataFrame:
        """The leads by lead_id."""
        return self.snapshot.leads.set_index("lead_id", drop=False)

    @cached_property
    def reps(self) -> pd.DataFrame:
        """The reps by rep_id."""
        return self.snapshot.reps.set_index("rep_id", drop=False)

    @cached_property
    def _lead_positions(self) -> np.ndarray:
        return self.leads.index.get_indexer(self.pairs["lead_id"])

    @cached_property
    def _rep_positions(self) -> np.ndarray:
        return self.reps.index.get_indexer(self.pairs["rep_id"])

    def of_lead(self, column: str) -> pd.Series:
        """Return (n_pairs,) a lead's column beside each pair."""
        return self.leads[column].iloc[self._lead_positions].reset_index(drop=True)

    def of_rep(self, column: str) -> pd.Series:
        """Return (n_pairs,) a rep's column beside each pair."""
        return self.reps[column].iloc[self._rep_positions].reset_index(drop=True)

    def pair_ids(self, position: int) -> tuple[str, str]:
        """Return lead_id and rep_id of a pair."""
        return str(self.pairs["lead_id"].iat[position]), str(self.pairs["rep_id"].iat[position])

    def lead_holds(self, position: int, where: Where) -> bool:
        """Return whether a filter holds for the lead of a pair."""
        lead = self.leads.iloc[int(self._lead_positions[position])]
        return holds(where, lead, self.zone)

    def share_at_work(self, rep_id: str) -> float:
        """Return the share of a rep's working time in the period that no absence takes."""
        if rep_id not in self._shares:
            rep = self.reps.loc[rep_id]
            hours = rep["working_hours"] if isinstance(rep["working_hours"], str) else DEFAULT_HOURS
            zone = rep["timezone"] if isinstance(rep["timezone"], str) else self.zone
            absences = self.snapshot.absences
            mine = absences[absences["rep_id"] == rep_id]
            away = [
                (starts.to_pydatetime(), ends.to_pydatetime())
                for starts, ends in zip(mine["starts"], mine["ends"], strict=True)
            ]
            total = working_seconds(hours, zone, self.period.starts, self.period.ends)
            present = working_seconds(hours, zone, self.period.starts, self.period.ends, away)
            self._shares[rep_id] = present / total if total > 0 else 1.0
        return self._shares[rep_id]

    @cached_property
    def amounts(self) -> np.ndarray:
        """(n_pairs,) money each lead would bring, read plainly."""
        return self.policy.amount.plain_amounts(self)

    @cached_property
    def expected_values(self) -> np.ndarray:
        """(n_pairs,) amount x chance of each pair, read plainly."""
        return self.amounts * self.policy.win_probability.plain_chances(self)

    @cached_property
    def scores(self) -> np.ndarray:
        """(n_pairs,) expected value x every preference of each pair, read plainly."""
        scores = self.expected_values
        for rule in self.policy.prefer:
            scores = scores * rule.plain_factor(self)
        return scores

    def owned(self) -> Case:
        """Return the case in which every lead stays with its present owner."""
        if self._owned is None:
            leads = self.snapshot.leads
            present = pd.DataFrame({"lead_id": leads["lead_id"], "rep_id": leads["owner"]})
            self._owned = Case(self.policy, self.snapshot, present)
        return self._owned

    def each_distinct(
        self, columns: Sequence[pd.Series], reading: Callable[..., Any]
    ) -> list[Any]:
        """Return `reading` of the cells beside each pair, called once per distinct combination.

        Missing cells are handed over as None.
        """
        answers: dict[tuple[Any, ...], Any] = {}
        result: list[Any] = []
        for cells in zip(*(_plain(column) for column in columns), strict=True):
            if cells not in answers:
                answers[cells] = reading(*cells)
            result.append(answers[cells])
        return result


def _plain(column: pd.Series) -> list[Any]:
    missing = column.isna()
    return [None if gone else cell for cell, gone in zip(column.tolist(), missing, strict=True)]
