"""`fairness`: every book lies within a band around its fair share, or the smallest are lifted."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.problem import Layer, Resource
from models.units import Duration, Number, Part, Share, days_text, number_text, share_text
from models.where import Where, holds
from planner.counted import WHAT, CountedRule
from planner.held_sums import Labelled, held_resources, kept_violations, lifted_sentence
from planner.measures import Measure
from planner.rules.rule import ColumnUse, Section, Violation, rep_filter_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from numpy.typing import NDArray

    from models.settled import Settled
    from planner.case import Case
    from planner.facts import Facts
    from planner.pairs import Pairs
    from planner.valuation import Valuation

HEAD = "head"
NAMED_AT_MOST = 5


class Mode(StrEnum):
    """How a band holds; or no band, but a plan in which who has least has as much as possible."""

    HARD = "hard"
    SOFT = "soft"
    MAX_MIN = "max_min"


class RampStep(BaseModel):
    """A smaller share for reps who are new.

    Attributes
    ----------
    under : time since `hired`, at the start of the period
    share : of the weight that the rep would have otherwise
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    under: Duration
    share: Part


class Fairness(CountedRule):
    """Each rep's load lies within a band around the rep's part of the total (R30, R31, R33).

    Or the smallest loads, as parts of fair shares, are made as large as possible before the score
    is: the smallest one, then the sum of the two smallest, and so on (`planner.max_min`).

    The total is the load of all reps who are not exempt in the plan without fairness, work outside
    the plan included; it stays the same whatever is assigned.

    Attributes
    ----------
    share_by : "head", or a column of reps with the weights
    within : how far the band reaches, as a share of the fair share
    mode : hard, or soft at a `cost` in money per unit outside, or max_min without a band
    stages : of max_min, how many of the smallest loads count
    keep_value : of max_min, how much of the expected value without fairness the plan keeps
    exempt : reps without a band, whose load is not part of the total
    ramp : smaller weights for new reps; the shortest time that a rep is under counts
    """

    name: ClassVar[str] = "fairness"
    section: ClassVar[Section] = Section.FAIRNESS
    combines: ClassVar[str] = "fairness"

    share_by: str = HEAD
    within: Share | None = None
    mode: Mode
    cost: Annotated[Number, Field(gt=0)] | None = None
    stages: Annotated[int, Field(strict=True, ge=1)] = 5
    keep_value: Part | None = None
    exempt: Where | None = None
    ramp: tuple[RampStep, ...] = ()

    @model_validator(mode="after")
    def _cost_is_of_soft_bands(self) -> Fairness:
        if (self.mode is Mode.SOFT) != (self.cost is not None):
            raise ValueError("needs a `cost` where the mode is soft, and only there")
        if (self.mode is Mode.MAX_MIN) != (self.within is None):
            raise ValueError("needs a `within`, but not where the mode is max_min")
        if self.mode is not Mode.MAX_MIN and self.model_fields_set & {"stages", "keep_value"}:
            raise ValueError("has `stages` and `keep_value` only where the mode is max_min")
        return self

    @property
    def label(self) -> str:
        """Name of the resource, unique per measure and filter."""
        return f"fair {self.counted}"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if self.share_by != HEAD:
            yield ColumnUse("reps", self.share_by, "share_by", numeric=True)
        if self.ramp:
            yield ColumnUse("reps", "hired", "ramp")
        if self.exempt is not None:
            yield from rep_filter_columns(self.exempt, "exempt")
        yield from super().columns()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield weights that are missing or not above 0."""
        for column, fault in self.exempt.faults(facts.reps) if self.exempt else ():
            yield f"exempt.{column}", f"exempt {column}: {fault}"
        weight = self._weights(facts)
        wrong = ~(weight > 0) & ~self.is_exempt(facts)
        if wrong.any():
            names = ", ".join(facts.reps["rep_id"][wrong][:NAMED_AT_MOST])
            more = ", ..." if wrong.sum() > NAMED_AT_MOST else ""
            yield (
                "share_by",
                f"{self.share_by} is not above 0 for {wrong.sum():,} of {facts.num_reps:,} reps "
                f"({names}{more}); fill it in, or name these reps under `exempt`",
            )

    def sentence(self) -> str:
        """Return the rule in plain English."""
        if self.within is None:
            return lifted_sentence(self)
        is_count = self.measure is Measure.COUNT
        text = "The number of a rep's leads" if is_count else f"A rep's {WHAT[self.measure]}"
        if self.where is not None:
            text += f"{'' if is_count else ' of leads'} where {self.where.sentence()}"
        told = f"{text} lies within {share_text(self.within)} of the fair share{self.shared()}"
        if self.mode is Mode.SOFT:
            told += f"; each unit outside costs {number_text(self.cost or 0.0)}"
        return f"{told}."

    def shared(self) -> str:
        """Return the words that tell how large fair shares are, and who has none."""
        told = ", which is " + ("equal for all" if self.share_by == HEAD else f"by {self.share_by}")
        for step in sorted(self.ramp, key=lambda step: step.under):
            new = f"reps hired less than {days_text(step.under)} ago"
            told += f", {share_text(step.share)} of that for {new}"
        if self.exempt is not None:
            told += f"; reps where {self.exempt.sentence()} are exempt"
        return told

    def is_exempt(self, facts: Facts) -> NDArray[np.bool_]:
        """Return (n_reps,) whether a rep has no fair share; who has left has none."""
        exempt = facts.has_left.copy()
        if self.exempt is not None:
            exempt |= self.exempt.mask(facts.reps, facts.zone)
        return exempt

    def total(self, facts: Facts, valuation: Valuation, rep_of_lead: NDArray[np.int64]) -> float:
        """Return what all reps who are not exempt hold in an assignment, base included."""
        return float(self.load(facts, valuation, rep_of_lead)[~self.is_exempt(facts)].sum())

    def shares(self, facts: Facts, total: float) -> NDArray[np.float64]:
        """Return (n_reps,) each rep's fair share of a total; NaN for the exempt."""
        weight = np.where(self.is_exempt(facts), np.nan, self._weights(facts))
        shares: NDArray[np.float64] = total * weight / np.nansum(weight)
        return shares

    def resources(
        self, pairs: Pairs, valuation: Valuation, settled: Settled, threads: int
    ) -> Iterator[Labelled]:
        """Yield limits, and what their groups are called; none before the total is settled."""
        total = settled.fair_totals.get(self.label)
        if total is None:
            return
        if self.within is None:
            kept = settled.max_min.get(self.label)
            yield from held_resources(self, pairs, valuation, total, kept, threads)
        else:
            rep_ids = tuple(pairs.facts.reps["rep_id"].astype(str))
            yield self._band(pairs, valuation, total, self.within, threads), rep_ids

    def _band(
        self, pairs: Pairs, valuation: Valuation, total: float, within: float, threads: int
    ) -> Resource:
        """Return the band as limits on every rep's load."""
        facts = pairs.facts
        share = self.shares(facts, total)
        outside = np.where(np.isnan(share), 0.0, np.inf if self.cost is None else self.cost)
        lower, upper = (1 - within) * share, (1 + within) * share
        return Resource(
            name=self.label,
            layers=(Layer(self.amounts(pairs, valuation, threads)),),
            base=self.base(facts),
            lower=np.where(np.isnan(share), -np.inf, lower),
            upper=np.where(np.isnan(share), np.inf, upper),
            under_cost=outside,
            over_cost=outside,
            unit=self.measure.unit,
        )

    def _weights(self, facts: Facts) -> NDArray[np.float64]:
        by_head = self.share_by == HEAD
        weight = np.ones(facts.num_reps) if by_head else facts.rep_numbers(self.share_by)
        ramped = weight
        # From the longest time to the shortest, which has the last word.
        for step in sorted(self.ramp, key=lambda step: step.under, reverse=True):
            is_new = (facts.period.starts - facts.reps["hired"] < step.under).to_numpy(bool)
            ramped = np.where(is_new, step.share * weight, ramped)
        return ramped

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep outside a hard band, or what is not kept of the smallest loads."""
        kept = case.settled.max_min.get(self.label)
        if self.mode is Mode.HARD:
            yield from self.excesses(case)
        elif kept is not None:
            yield from kept_violations(self, case, self._plain_shares(case), kept)

    def excesses(self, case: Case) -> Iterator[Violation]:
        """Yield each rep outside the band, hard or soft, summed plainly lead by lead."""
        loads, within = self.plain_loads(case), self.within or 0.0
        for rep_id, share in self._plain_shares(case).items():
            load = self.plain_base(case, rep_id) + loads.get(rep_id, 0.0)
            low, high = (1 - within) * share, (1 + within) * share
            outside = max(low - load, load - high)
            limit = low if load < low else high
            if outside > 1e-6 * max(1.0, abs(limit)):
                band = f"{number_text(round(low, 4))} to {number_text(round(high, 4))}"
                text = (
                    f"the load, {number_text(round(load, 4))} of {self.counted}, is outside {band}"
                )
                yield Violation(self.name, self.sentence(), text, rep_id=rep_id, amount=outside)

    def _plain_shares(self, case: Case) -> dict[str, float]:
        """Return the fair share by rep_id, of reps who are not exempt; none without a total."""
        total = case.settled.fair_totals.get(self.label)
        if total is None:
            return {}
        weights = self._plain_weights_of_reps(case)
        return {
            rep_id: total * weight / sum(weights.values()) for rep_id, weight in weights.items()
        }

    def _plain_weights_of_reps(self, case: Case) -> dict[str, float]:
        """Return the weight by rep_id, of reps who are not exempt."""
        weights = {}
        columns = self.exempt.columns if self.exempt else ()
        for rep_id in case.reps("rep_id"):
            cells = {column: case.reps(column)[rep_id] for column in columns}
            is_exempt = self.exempt is not None and holds(self.exempt, cells, case.zone)
            if is_exempt or case.has_left(rep_id):
                continue
            weight = 1.0 if self.share_by == HEAD else float(case.reps(self.share_by)[rep_id])
            hired = case.reps("hired")[rep_id] if self.ramp else None
            if hired is not None:
                weight *= self._plain_ramp(case.period.starts - hired)
            weights[rep_id] = weight
        return weights

    def _plain_ramp(self, tenure: timedelta) -> float:
        steps = [step for step in self.ramp if tenure < step.under]
        return min(steps, key=lambda step: step.under).share if steps else 1.0
