"""A plan beside the problem that it answers: what every explanation of it begins with."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import PlanFileError, UsageError
from models.nearest import nearest_advice
from planner.bound import best_of_rows, reduced_scores
from planner.certificate import prices_of
from planner.compile import compile_problem
from planner.start import positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Floats, Ints
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy


class Planned:
    """A feasible plan, its problem compiled again, and its prices.

    Parameters
    ----------
    snapshot : the tables that the plan was made from
    policy : the plan's own, word for word
    plan : feasible

    Attributes
    ----------
    compiled : under what the stages before the plan settled
    rep_of_lead : (n_leads,) position of each lead's rep; -1 for nobody
    chosen : (n_rows,) the pairs of the plan
    objective : money
    prices : per resource (n_groups,) money per unit

    Raises
    ------
    PlanFileError : the plan is not feasible, or not one of these tables
    """

    def __init__(self, snapshot: Snapshot, policy: Policy, plan: Plan) -> None:
        record = plan.record
        if not record.feasible or record.objective is None:
            raise PlanFileError(
                "the plan breaks rules, so its prices explain nothing; explain a plan that "
                "`fairlead check` passes"
            )
        if record.hashes["snapshot"] != snapshot.content_hash:
            raise PlanFileError(
                "the tables have changed since the plan was made; explain it with the tables it "
                "was made from, or plan again"
            )
        if record.hashes["policy"] != policy.content_hash:
            raise PlanFileError(
                "the policy is not the one that the plan was made with; put it back, or plan again"
            )
        self.plan = plan
        self.objective: float = record.objective
        self.compiled: Compiled = compile_problem(snapshot, policy, settled=record.settled)
        self.rep_of_lead: Ints = positions(self.compiled, plan.assignments, strict=True)
        self._lead_index = pd.Index(snapshot.leads["lead_id"])
        self._rep_index = pd.Index(snapshot.reps["rep_id"])
        chosen = self.compiled.chosen_pairs(self.rep_of_lead)
        if chosen is None:
            raise PlanFileError("the plan gives leads to reps whom its policy forbids")
        self.chosen: Ints = chosen
        self.prices: tuple[Floats, ...] = tuple(prices_of(self.compiled.problem, plan.prices))

    @cached_property
    def reduced(self) -> Floats:
        """(n_pairs,) money: score minus the price of what each pair uses."""
        return reduced_scores(self.compiled.problem, self.prices)

    @cached_property
    def best(self) -> Floats:
        """(n_rows,) money: the best reduced score of each row."""
        return best_of_rows(self.compiled.problem, self.reduced)

    @cached_property
    def loads(self) -> tuple[Floats, ...]:
        """Per resource (n_groups,) its loads in the plan."""
        return tuple(self.compiled.problem.loads(self.chosen))

    def lead(self, lead_id: str) -> int:
        """Return the position of a lead; UsageError, with the nearest id, if there is none."""
        return _position(self._lead_index, lead_id, "lead")

    def rep(self, rep_id: str) -> int:
        """Return the position of a rep; UsageError, with the nearest id, if there is none."""
        return _position(self._rep_index, rep_id, "rep")

    def lead_positions(self, lead_ids: Sequence[str]) -> Ints:
        """Return (n,) the positions of leads; -1 for what is none."""
        return _positions(self._lead_index, lead_ids)

    def rep_positions(self, rep_ids: Sequence[str | None]) -> Ints:
        """Return (n,) the positions of reps; -1 for nobody, and for what is none."""
        return _positions(self._rep_index, rep_ids)

    def rep_id(self, rep: int) -> str | None:
        """Return the id of a rep by position; None for nobody."""
        return None if rep < 0 else str(self._rep_index[rep])

    def leads_of(self, row: int) -> Ints:
        """Return the leads of a row."""
        return np.flatnonzero(self.compiled.row_of_lead == row)

    def pairs_of(self, row: int) -> Ints:
        """Return the pairs of a row."""
        indptr = self.compiled.problem.indptr
        return np.arange(indptr[row], indptr[row + 1])

    def pair(self, row: int, rep: int) -> int | None:
        """Return the pair of a row and a rep by position, -1 for nobody; None where not allowed."""
        pairs = self.pairs_of(row)
        found = pairs[self.compiled.problem.rep[pairs] == rep]
        return int(found[0]) if len(found) else None


def _positions(index: pd.Index, wanted: Sequence[str | None]) -> Ints:
    return index.get_indexer(pd.Index(wanted, dtype=object)).astype(np.int64)


def _position(index: pd.Index, wanted: str, what: str) -> int:
    at = int(index.get_indexer(pd.Index([wanted]))[0])
    if at < 0:
        advice = nearest_advice(wanted, index)
        raise UsageError(f"there is no {what} {wanted!r} in the tables. {advice}".rstrip())
    return at
