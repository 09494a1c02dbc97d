"""An assignment beside the tables, as the checker sees it: plain, slow, without compile."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from models.columns import DEPARTURE
from models.settled import NOTHING, Settled
from models.where import Where, holds
from models.working_hours import DEFAULT_HOURS, working_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from planner.policy import Policy
    from planner.rules.rule import Rule


class Case:
    """Who works what, as ids.

    Parameters
    ----------
    policy : the rules, of which those in force count, for those that read each other (a limit on
        expected value needs amounts)
    snapshot : the tables
    assignment : frame of lead_id and rep_id, all known; a lead without a rep_id, or absent, is
        unassigned
    settled : what stages before the plan found
    root : a case of the same policy and tables that knows what does not depend on who works what

    Attributes
    ----------
    lead_ids, rep_ids : (n_pairs,) ids of the assigned leads, each beside its rep
    """

    def __init__(
        self,
        policy: Policy,
        snapshot: Snapshot,
        assignment: pd.DataFrame,
        settled: Settled = NOTHING,
        root: Case | None = None,
    ) -> None:
        self._root = root
        self.policy = policy.in_force(snapshot)
        self.snapshot, self.settled = snapshot, settled
        self.period = policy.resolve_period(snapshot)
        self.zone = snapshot.header.timezone
        assigned = assignment[assignment["rep_id"].notna()]
        self.lead_ids: list[str] = plain_cells(assigned["lead_id"])
        self.rep_ids: list[str] = plain_cells(assigned["rep_id"])
        self._lead_columns: dict[str, list[Any]] = {}
        self._rep_columns: dict[str, dict[str, Any]] = {}
        self._shares: dict[str, float] = {}

    @cached_property
    def rep_of(self) -> dict[str, str]:
        """The rep_id by lead_id, of assigned leads."""
        return dict(zip(self.lead_ids, self.rep_ids, strict=True))

    @cached_property
    def owner_of(self) -> dict[str, str]:
        """The present owner's rep_id by lead_id, of owned leads."""
        return self.owned.rep_of

    @cached_property
    def families(self) -> list[list[str]]:
        """The families of more than one lead, each its lead_ids."""
        if self._root is not None:
            return self._root.families
        return list(self.policy.families.plain_families(self))

    def forbidden_by(self, rules: Iterable[Rule]) -> set[tuple[str, str]]:
        """Return lead_id and rep_id of the case's pairs that any of some rules forbids."""
        return {(found.lead_id, found.rep_id) for rule in rules for found in rule.violations(self)}

    @cached_property
    def family_of(self) -> dict[str, str]:
        """The first lead_id of its family by lead_id, of leads in families of several."""
        if self._root is not None:
            return self._root.family_of
        return {lead_id: family[0] for family in self.families for lead_id in family}

    @cached_property
    def owned_by_family(self) -> set[tuple[str, str]]:
        """The first lead_id of each family, or a single lead's, with each owner of its leads."""
        return {
            (self.family_of.get(lead_id, lead_id), owner)
            for lead_id, owner in self.owner_of.items()
        }

    @cached_property
    def held_by_family(self) -> set[tuple[str, str]]:
        """The first lead_id of each family, or a single lead's, with each rep it is tied to today.

        That is an owner of one of its leads, and a rep to whom one of them is fixed.
        """
        pins = self.snapshot.rep_pins
        fixed = pins[pins["kind"] == "fixed"]
        ties = zip(plain_cells(fixed["lead_id"]), plain_cells(fixed["rep_id"]), strict=True)
        return self.owned_by_family | {
            (self.family_of.get(lead_id, lead_id), rep_id) for lead_id, rep_id in ties
        }

    @cached_property
    def coming(self) -> Case:
        """The case of leads that a rep may have to take: fixed ones, and those of families held."""
        family_of = {
            lead_id: self.family_of.get(lead_id, lead_id) for lead_id in self.of_leads("lead_id")
        }
        held: dict[str, set[str]] = {}
        for family, rep_id in self.held_by_family:
            held.setdefault(family, set()).add(rep_id)
        pairs = [
            (lead_id, rep_id)
            for lead_id, family in family_of.items()
            for rep_id in sorted(held.get(family, ()))
            if self.owner_of.get(lead_id) != rep_id
        ]
        frame = pd.DataFrame(pairs, columns=["lead_id", "rep_id"], dtype="str")
        return Case(self.policy, self.snapshot, frame, self.settled, root=self)

    @cached_property
    def may_keep(self) -> frozenset[str]:
        """The owned leads whose owner no rule keeps from any lead of their family."""
        if self._root is not None:
            return self._root.may_keep
        family_of = {lead_id: [lead_id] for lead_id in self.owner_of}
        for family in self.families:
            family_of |= dict.fromkeys(family_of.keys() & set(family), family)
        asked = {
            lead_id: [(member, owner) for member in family_of[lead_id]]
            for lead_id, owner in self.owner_of.items()
        }
        pairs = sorted({pair for family in asked.values() for pair in family})
        every = Case(
            self.policy,
            self.snapshot,
            pd.DataFrame(pairs, columns=["lead_id", "rep_id"], dtype="str"),
            root=self,
        )
        forbidden = every.forbidden_by(self.policy.eligibility())
        return frozenset(
            lead_id for lead_id, family in asked.items() if forbidden.isdisjoint(family)
        )

    @cached_property
    def protected(self) -> dict[str, str]:
        """The owner by lead_id, of leads that stay with their owner."""
        means = {
            lead_id for rule in self.policy.protect for lead_id in rule.plain_applies(self)
        } & self.may_keep
        for family in self.families:
            if len({self.owner_of[lead_id] for lead_id in means & set(family)}) > 1:
                means -= set(family)
        return {lead_id: self.owner_of[lead_id] for lead_id in means}

    def reps(self, column: str) -> dict[str, Any]:
        """Return the cells of a column of all reps, by rep_id; missing ones are None."""
        if column not in self._rep_columns:
            reps = self.snapshot.reps
            cells = zip(plain_cells(reps["rep_id"]), plain_cells(reps[column]), strict=True)
            self._rep_columns[column] = dict(cells)
        return self._rep_columns[column]

    @cached_property
    def _lead_positions(self) -> NDArray[np.int64]:
        leads = pd.Index(self.snapshot.leads["lead_id"])
        return np.asarray(leads.get_indexer(pd.Index(self.lead_ids, dtype="str")), np.int64)

    def of_leads(self, column: str) -> list[Any]:
        """Return (n_leads,) cells of a column of all leads; missing ones are None."""
        return plain_cells(self.snapshot.leads[column])

    def of_lead(self, column: str) -> list[Any]:
        """Return (n_pairs,) cells of a lead's column beside each pair; missing ones are None."""
        if column not in self._lead_columns:
            self._lead_columns[column] = self.beside(self.snapshot.leads[column])
        return self._lead_columns[column]

    def beside(self, of_leads: pd.Series) -> list[Any]:
        """Return (n_pairs,) the lead's one of (n_leads,) cells beside each pair."""
        return plain_cells(of_leads.iloc[self._lead_positions])

    def of_rep(self, column: str) -> list[Any]:
        """Return (n_pairs,) cells of a rep's column beside each pair; missing ones are None."""
        cell_of = self.reps(column)
        return [cell_of[rep_id] for rep_id in self.rep_ids]

    @staticmethod
    def each_distinct(columns: Sequence[list[Any]], reading: Callable[..., Any]) -> list[Any]:
        """Return `reading` of the cells of each record, called once per distinct combination."""
        answers: dict[tuple[Any, ...], Any] = {}
        result: list[Any] = []
        for cells in zip(*columns, strict=True):
            if cells not in answers:
                answers[cells] = reading(*cells)
            result.append(answers[cells])
        return result

    def satisfying(self, where: Where | None) -> list[bool]:
        """Return (n_pairs,) whether a filter holds for the lead of each pair."""
        if where is None:
            return [True] * len(self.lead_ids)

        def satisfies(*cells: Any) -> bool:
            return holds(where, dict(zip(where.columns, cells, strict=True)), self.zone)

        return self.each_distinct([self.of_lead(column) for column in where.columns], satisfies)

    def has_left(self, rep_id: str) -> bool:
        """Return whether a rep is inactive, or departs before the period ends."""
        return self.reps("active")[rep_id] == 0 or rep_id in self.departing

    @cached_property
    def departing(self) -> set[str]:
        """The reps who leave before the period ends."""
        away = self.snapshot.absences
        rows = zip(*(plain_cells(away[name]) for name in ("rep_id", "kind", "starts")), strict=True)
        ends = self.period.ends
        return {rep_id for rep_id, kind, starts in rows if kind == DEPARTURE and starts < ends}

    def share_at_work(self, rep_id: str) -> float:
        """Return the share of a rep's working time in the period that no absence takes."""
        if rep_id not in self._shares:
            hours = self.reps("working_hours")[rep_id] or DEFAULT_HOURS
            zone = self.reps("timezone")[rep_id] or self.zone
            away = self._absences.get(rep_id, [])
            total = working_seconds(hours, zone, self.period.starts, self.period.ends)
            present = working_seconds(hours, zone, self.period.starts, self.period.ends, away)
            self._shares[rep_id] = present / total if total > 0 else 1.0
        return self._shares[rep_id]

    @cached_property
    def _absences(self) -> dict[str, list[tuple[datetime, datetime]]]:
        by_rep: dict[str, list[tuple[datetime, datetime]]] = {}
        away = self.snapshot.absences
        columns = (plain_cells(away[name]) for name in ("rep_id", "starts", "ends"))
        for rep_id, starts, ends in zip(*columns, strict=True):
            by_rep.setdefault(rep_id, []).append((starts, ends))
        return by_rep

    @cached_property
    def amounts(self) -> NDArray[np.float64]:
        """(n_pairs,) money each lead would bring, read plainly."""
        return self.policy.amount.plain_amounts(self)

    @cached_property
    def expected_values(self) -> NDArray[np.float64]:
        """(n_pairs,) amount x chance of each pair, read plainly."""
        return self.amounts * self.policy.win_probability.plain_chances(self)

    @cached_property
    def preferred_values(self) -> NDArray[np.float64]:
        """(n_pairs,) expected value x every preference of each pair, read plainly."""
        values = self.expected_values
        for rule in self.policy.prefer:
            values = values * rule.plain_factor(self)
        return values

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """(n_pairs,) preferred value - switching cost of each pair, read plainly."""
        switching = self.policy.switching_cost
        if switching is None:
            return self.preferred_values
        return self.preferred_values - self.expected_values * switching.plain_cost_share(self)

    @cached_property
    def owned(self) -> Case:
        """The case in which every lead stays with its present owner."""
        if self._root is not None:
            return self._root.owned
        present = self.snapshot.leads[["lead_id", "owner"]].set_axis(["lead_id", "rep_id"], axis=1)
        return Case(self.policy, self.snapshot, present, root=self)


def plain_cells(column: pd.Series) -> list[Any]:
    """Return a column's cells; missing ones are None."""
    cells: list[Any] = column.to_numpy(object, na_value=cast("Any", None)).tolist()
    return cells
