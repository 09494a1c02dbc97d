"""`capacity`: no load of a rep, or of a team, exceeds a limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Discriminator, Field, Tag

from models.problem import NOBODY
from models.resource import NOT_COUNTED, Resource, slack
from models.units import Number, Part, number_text, parse_share, share_text
from planner.counted import WHAT, CountedRule
from planner.holders import Holders, Per
from planner.measures import Measure
from planner.rules.rule import ColumnUse, Section, Violation, presence_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.settled import Settled
    from planner.case import Case
    from planner.facts import Facts
    from planner.pairs import Pairs
    from planner.valuation import Valuation

SHARE_OF = re.compile(r"\s*(?P<share>[0-9.]+\s*%)\s+of\s+(?P<column>\S+)\s*")


class ColumnLimit(NamedTuple):
    """A limit that is a share of a column of reps."""

    share: float
    column: str


def _kind_of_limit(value: Any) -> str | None:
    if isinstance(value, str):
        return "column"
    return "number" if isinstance(value, int | float) else None


Limit = Annotated[
    Annotated[Number, Field(ge=0), Tag("number")] | Annotated[str, Tag("column")],
    Discriminator(
        _kind_of_limit,
        custom_error_type="limit",
        custom_error_message="must be a number or the name of a column of reps",
    ),
]


class Capacity(CountedRule):
    """A load stays at or below a limit (R29, R30, R37).

    The limit is `at_most x (1 - reserve)`; hours shrink with the rep's absence. Neither takes room
    from the present book: the limit is never below its load, up to the unreduced `at_most`. Who has
    more work outside the plan than the limit gets nothing that counts in the measure.

    Attributes
    ----------
    at_most : a number, a column of reps, or a share of one, as `60% of capacity_hours`; hours are
        per week, counts and money at a time. A team's column is the sum over its reps.
    per : whose load it is: each rep's, or each team's; a rep without a team is in none
    reserve : share of the limit kept free for arrivals within the period
    """

    name: ClassVar[str] = "capacity"
    section: ClassVar[Section] = Section.CAPACITY
    combines: ClassVar[str] = "load"

    at_most: Limit
    per: Per = Per.REP
    reserve: Part = 0.0

    @property
    def label(self) -> str:
        """Name of the resource, unique per measure, filter and holders."""
        return self.counted if self.per is Per.REP else f"{self.counted} per {self.per}"

    @property
    def limit_column(self) -> ColumnLimit | None:
        """The column of reps that the limit is taken from; None for a number."""
        if not isinstance(self.at_most, str):
            return None
        part = SHARE_OF.fullmatch(self.at_most)
        if part is None:
            return ColumnLimit(1.0, self.at_most)
        return ColumnLimit(parse_share(part["share"].replace(" ", "")), part["column"])

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if self.limit_column is not None:
            yield ColumnUse("reps", self.limit_column.column, "at_most", numeric=True)
        yield ColumnUse("leads", "owner", optional=True)
        if self.per is Per.TEAM:
            yield ColumnUse("reps", "team", "per")
        if self.measure is Measure.EFFORT_HOURS:
            yield from presence_columns()
        yield from super().columns()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield limits that are missing or negative."""
        limit = self._of_reps(facts)
        for wrong, what, advice in (
            (np.isnan(limit) & ~facts.has_left, "is empty", "write 0 for a rep who takes nothing"),
            (limit < 0, "is below 0", "a limit must be at least 0"),
        ):
            if wrong.any() and self.limit_column is not None:
                column = self.limit_column.column
                yield "at_most", f"{column} {what} for {facts.told(wrong)}; {advice}"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        what, text = WHAT[self.measure], ""
        if self.where is not None:
            leads = "" if self.measure is Measure.COUNT else " of leads"
            text = f"{leads} where {self.where.sentence()}"
        if self.limit_column is not None:
            share, column = self.limit_column
            part = "" if share == 1.0 else f"{share_text(share)} of "
            of_whom = "the rep's" if self.per is Per.REP else "its reps'"
            text = f"{what}{text} than {part}{of_whom} {column}"
        elif self.measure.unit == "money":
            text = f"than {number_text(float(self.at_most))} in {what}{text}"
        else:
            text = f"than {number_text(float(self.at_most))} {what}{text}"
        if self.has_base:
            text += ", work outside the plan included"
        if self.reserve:
            text += f"; {share_text(self.reserve)} of that is kept for arrivals"
        return f"A {self.per} never gets more {text}."

    def resource(
        self, pairs: Pairs, valuation: Valuation, settled: Settled, threads: int
    ) -> tuple[Resource, Holders]:
        """Return the limit as a resource, and whose it is."""
        facts = pairs.facts
        holders = Holders.of(facts, self.per)
        upper = self.upper(facts, self.present_load(facts, valuation))
        effective = holders.values(settled.of(self.label), missing=-np.inf)
        group = None
        if self.per is not Per.REP:
            of_pair = np.append(holders.of_rep, NOT_COUNTED)[pairs.rep]
            group = np.where(pairs.rep == NOBODY, NOT_COUNTED, of_pair).astype(np.int32)
        limit = Resource.at_most(
            self.label,
            self.amounts(pairs, valuation, threads),
            np.maximum(upper, effective),
            base=holders.sum(self.base(facts)),
            unit=self.measure.unit,
            group=group,
        )
        return limit, holders

    def present_load(self, facts: Facts, valuation: Valuation) -> NDArray[np.float64]:
        """Return (n_holders,) what the present books add up to, base included."""
        load = self.load(facts, valuation, facts.snapshot.owner_index)
        return Holders.of(facts, self.per).sum(load)

    def upper(self, facts: Facts, present_load: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n_holders,) the limit in force, given the present loads, base included."""
        reduced = (1.0 - self.reserve) * self._full_limit(facts, facts.present_share)
        upper = np.maximum(reduced, np.minimum(present_load, self._full_limit(facts)))
        return np.maximum(upper, Holders.of(facts, self.per).sum(self.base(facts)))

    def overloaded(
        self, facts: Facts, present_load: NDArray[np.float64]
    ) -> Iterator[tuple[str, float, float]]:
        """Yield (holder, load, limit) of each present book above the unreduced limit."""
        limit, holders = self._full_limit(facts), Holders.of(facts, self.per)
        over = present_load > limit + slack(limit)
        if self.per is Per.REP:
            over &= ~facts.has_left
        for at in np.flatnonzero(over):
            yield holders.names[at], float(present_load[at]), float(limit[at])

    def _full_limit(
        self, facts: Facts, present: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return (n_holders,) the limit in the whole period, of reps who are there.

        Parameters
        ----------
        present : (n_reps,) share of the period in which each rep is at work; all if not given
        """
        is_hours = self.measure is Measure.EFFORT_HOURS
        weeks, holders = facts.period.weeks if is_hours else 1.0, Holders.of(facts, self.per)
        if self.limit_column is None and self.per is not Per.REP:
            return np.full(len(holders.names), float(self.at_most) * weeks)
        limit = np.nan_to_num(self._of_reps(facts), nan=0.0) * weeks
        if self.per is not Per.REP:
            limit = np.where(facts.has_left, 0.0, limit)
        return holders.sum(limit * present if is_hours and present is not None else limit)

    def _of_reps(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) the limit as it is written."""
        if self.limit_column is None:
            return np.full(facts.num_reps, float(self.at_most))
        return self.limit_column.share * facts.rep_numbers(self.limit_column.column)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep or team whose load exceeds the limit, summed plainly lead by lead."""
        present, loads = self.plain_loads(case.owned), self.plain_loads(case)
        effective = case.settled.of(self.label)
        holders = self._plain_holders(case)
        coming = self.plain_loads(case.coming) if effective else {}
        for name, most in effective.items():
            members = holders.get(name, [])
            load = self._plain_sum(case, members, present)
            load += sum(coming.get(rep_id, 0.0) for rep_id in members)
            if most > load + 1e-6 * max(1.0, abs(load)):
                text = (
                    f"the plan lets {number_text(round(most, 4))} of {self.label} stay, "
                    f"but it is {number_text(round(load, 4))} today"
                )
                yield self._against(name, text, load, most)
        for at in self.plain_gains(case):
            text = f"the {self.per} is over the limit of {self.label} today and gains the lead"
            yield Violation(self.name, self.sentence(), text, case.lead_ids[at], case.rep_ids[at])
        for name, members in holders.items():
            if not any(rep_id in loads for rep_id in members):
                continue
            base = self._plain_sum(case, members, {})
            limit = self._plain_limit(case, members, self._plain_sum(case, members, present))
            limit = max(limit, effective.get(name, limit))
            over = self._plain_sum(case, members, loads) - max(limit, base)
            limit = max(limit, base)
            if over > 1e-6 * max(1.0, abs(limit)):
                told = f"{number_text(round(limit + over, 4))} of {self.label}"
                text = f"the load, {told}, is above the limit of {number_text(round(limit, 4))}"
                yield self._against(name, text, limit + over, limit)

    def _against(self, holder: str, text: str, load: float, limit: float) -> Violation:
        rep_id, group, amount = holder, self.label, abs(load - limit)
        if self.per is not Per.REP:
            rep_id, group, text = "", f"{group} {holder}", f"{self.per} {holder}: {text}"
        sentence = self.sentence()
        return Violation(self.name, sentence, text, "", rep_id, amount, group, load, limit)

    def _plain_holders(self, case: Case) -> dict[str, list[str]]:
        """Return the reps of each holder, by its name."""
        if self.per is Per.REP:
            return {rep_id: [rep_id] for rep_id in case.reps("rep_id")}
        teams: dict[str, list[str]] = {}
        for rep_id, team in case.reps("team").items():
            if team is not None:
                teams.setdefault(team, []).append(rep_id)
        return teams

    def _plain_sum(self, case: Case, members: list[str], loads: dict[str, float]) -> float:
        return sum(self.plain_base(case, rep_id) + loads.get(rep_id, 0.0) for rep_id in members)

    def plain_gains(self, case: Case) -> Iterator[int]:
        """Yield the positions of pairs that add to a load which stays over the limit.

        A family of which the rep, or the team, has a lead today, or one that is fixed to it, is
        none.
        """
        effective = case.settled.of(self.label)
        if not effective:
            return
        is_money = self.measure.unit == "money"
        weights = case.amounts.tolist() if is_money else self.plain_weights(case)
        counting = case.satisfying(self.where)
        # A family adds where one of its leads does.
        adding = {
            case.family_of.get(lead_id, lead_id)
            for lead_id, weight, counts in zip(case.lead_ids, weights, counting, strict=True)
            if weight > 0 and counts
        }
        members_of = self._plain_holders(case)
        holder_of = {rep_id: name for name, reps in members_of.items() for rep_id in reps}
        held = {(family, holder_of.get(rep_id)) for family, rep_id in case.held_by_family}
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            family, holder = case.family_of.get(lead_id, lead_id), holder_of.get(rep_id)
            if holder in effective and family in adding and (family, holder) not in held:
                yield at

    def _plain_limit(self, case: Case, members: list[str], present: float) -> float:
        is_hours = self.measure is Measure.EFFORT_HOURS
        weeks = case.period.weeks if is_hours else 1.0
        full = reduced = 0.0
        if self.limit_column is None:
            share = case.share_at_work(members[0]) if is_hours and self.per is Per.REP else 1.0
            full, reduced = float(self.at_most) * weeks, float(self.at_most) * weeks * share
        else:
            part, column = self.limit_column
            for rep_id in members:
                if self.per is not Per.REP and case.has_left(rep_id):
                    continue
                limit = part * float(case.reps(column)[rep_id] or 0.0) * weeks
                full += limit
                reduced += limit * (case.share_at_work(rep_id) if is_hours else 1.0)
        return max(reduced * (1 - self.reserve), min(present, full))
