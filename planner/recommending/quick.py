"""One lead in less than a millisecond: what the rules say of a class of alike leads is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.where import holds
from planner.gains import over_limit
from planner.kernels.routing import FREE, Offered
from planner.measures import DEFAULT_EFFORT_HOURS, Measure
from planner.policy import columns_read
from planner.recommending.amounts import amounts_of
from planner.recommending.cells import Cells
from planner.recommending.offers import Offers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.compile import Compiled
    from planner.counted import CountedRule
    from planner.facts import Facts
    from planner.recommending.customers import Customers
    from planner.recommending.terms import Term
    from planner.rules.rule import MustRule, PreferRule, Rule

KEPT_AT_MOST = 4_096
"""Classes of leads remembered per rule; a row of 1,000 reps takes 8 kB."""


class Quick:
    """Makes offers of single leads from rows, by rep, that the rules gave for leads alike.

    Parameters
    ----------
    compiled, terms, customers : as for `offers_of`
    """

    def __init__(self, compiled: Compiled, terms: tuple[Term, ...], customers: Customers) -> None:
        self._compiled, self._terms, self._customers = compiled, terms, customers
        policy = compiled.policy
        self._cells = Cells(policy, compiled.snapshot)
        self._must = [(rule, _Kept(self._columns(rule))) for rule in policy.eligibility()]
        self._prefer = [(rule, _Kept(self._columns(rule))) for rule in policy.prefer]
        self._chance = _Kept(self._columns(policy.win_probability))
        self._amount = _Kept(self._columns(policy.amount))
        self._over = [
            (rule, over)
            for rule in policy.capacity
            if (over := over_limit(rule, compiled.settled, compiled.facts)).any()
        ]
        self._reps = np.arange(compiled.facts.num_reps)
        self._lead = np.zeros(len(self._reps), np.int64)

    def offers(self, lead: Mapping[str, Any]) -> Offers | None:
        """Return what a lead offers; None where it must be read and looked at in full.

        That is where a cell is not as the tables hold it, where its customer is not new, and where
        nobody may have it.
        """
        cells = self._cells.of(lead)
        if cells is None or self._customers.holder_of(cells) != FREE:
            return None
        policy, amount = self._compiled.policy, self._amount_of(cells)
        allowed = np.logical_and.reduce([self._allowed(*each, cells) for each in self._must])
        for rule, over in self._over:
            if self._counted(rule, cells) > 0 and (amount > 0 or rule.measure.unit != "money"):
                allowed = allowed & ~over
        rep = np.flatnonzero(allowed)
        if not len(rep):
            # Validation may tell why, such as a region that nobody covers.
            return None
        value = amount * self._chances(cells)[rep]
        score = value
        for each in self._prefer:
            score = score * self._factor(*each, cells)[rep]
        nobody = -np.inf
        if not policy.unassigned.forbidden:
            nobody = 0.0 - policy.unassigned.cost * max(float(score.max(initial=0.0)), 0.0)
        offered = Offered(
            indptr=np.array([0, len(rep)]),
            rep=rep,
            value=value,
            score=score,
            nobody=np.array([nobody]),
            part=np.array([[self._part(term, cells, amount) for term in self._terms]]),
            customer=np.zeros(1, np.int64),
        )
        bound = np.full(1, FREE, np.int64)
        return Offers(offered, (cells["lead_id"],), bound, lambda: self._facts(cells, tuple(cells)))

    def warm(self, num_leads: int) -> None:
        """Learn the classes of some of the plan's leads, so that the first new ones find them."""
        leads = self._compiled.snapshot.leads
        # A customer that is not new is looked at in full, where nothing is kept.
        told = [name for name in self._cells.known if name not in self._cells.of_customers]
        leads = leads[[name for name in told if name in leads]]
        step = max(len(leads) // max(num_leads, 1), 1)
        some = leads.iloc[::step].assign(lead_id=[f"new-{at}" for at in range(len(leads[::step]))])
        for lead in some.to_dict("records"):
            self.offers({str(name): cell for name, cell in lead.items()})

    def _columns(self, rule: Rule) -> tuple[str, ...]:
        return tuple(sorted({use.column for use in columns_read(rule) if use.table == "leads"}))

    def _allowed(self, rule: MustRule, kept: _Kept, cells: dict[str, Any]) -> Any:
        def ask() -> Any:
            mask = rule.compiled(self._facts(cells, (*kept.columns, *self._cells.of_customers)))
            return mask.allowed[mask.key[0]]

        return kept.row(cells, ask)

    def _factor(self, rule: PreferRule, kept: _Kept, cells: dict[str, Any]) -> Any:
        at_once = rule.factors_of_one(self._compiled.facts, cells)
        if at_once is not None:
            return at_once

        def ask() -> Any:
            return rule.factor(self._facts(cells, kept.columns))(self._lead, self._reps)

        return kept.row(cells, ask)

    def _chances(self, cells: dict[str, Any]) -> Any:
        def ask() -> Any:
            facts = self._facts(cells, self._chance.columns)
            return self._compiled.policy.win_probability.chances(facts)(self._lead, self._reps)

        return self._chance.row(cells, ask)

    def _amount_of(self, cells: dict[str, Any]) -> float:
        given = cells[self._compiled.policy.amount.column]
        if isinstance(given, float):
            return given
        return float(
            self._amount.row(
                cells, lambda: amounts_of(self._compiled, self._facts(cells, self._amount.columns))
            )[0]
        )

    def _part(self, term: Term, cells: dict[str, Any], amount: float) -> float:
        if term.rule is None:
            return 1.0
        part = self._counted(term.rule, cells)
        if term.classes or term.is_other:
            part *= term.share_of(cells[term.rule.by])  # type: ignore[attr-defined]
        return part * amount if term.rule.measure is Measure.AMOUNT else part

    def _counted(self, rule: CountedRule, cells: dict[str, Any]) -> float:
        """Return what a lead counts in a rule, money apart."""
        if rule.where is not None and not holds(rule.where, cells, self._compiled.facts.zone):
            return 0.0
        if rule.measure is not Measure.EFFORT_HOURS:
            return 1.0
        hours = cells["effort_hours"]
        weekly = DEFAULT_EFFORT_HOURS if hours is None else hours
        return float(weekly * self._compiled.facts.period.weeks)

    def _facts(self, cells: dict[str, Any], columns: tuple[str, ...]) -> Facts:
        """Return the facts of one lead, with some of its columns."""
        frame = self._cells.frame(cells, columns)
        return self._compiled.facts.of_leads(frame, np.zeros(1, np.int64))


class _Kept:
    """Rows by the cells that a rule reads; all are forgotten when there are too many."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self._rows: dict[tuple[Any, ...], Any] = {}

    def row(self, cells: dict[str, Any], ask: Callable[[], Any]) -> Any:
        key = tuple([cells[column] for column in self.columns])
        if (row := self._rows.get(key)) is None:
            if len(self._rows) >= KEPT_AT_MOST:
                self._rows.clear()
            row = self._rows[key] = ask()
        return row
