"""`fairness`: every book lies within a band around its fair share, or the smallest are lifted."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from models.resource import Layer, Resource
from models.units import Number, Part, Share, number_text, share_text
from planner.counted import WHAT
from planner.fair_share import FairShare
from planner.held_sums import Labelled, held_resources, kept_violations, lifted_sentence
from planner.measures import Measure
from planner.rules.rule import ColumnUse, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.settled import Settled
    from planner.case import Case
    from planner.facts import Facts
    from planner.pairs import Pairs
    from planner.valuation import Valuation


class Mode(StrEnum):
    """How a band holds; or no band, but a plan in which who has least has as much as possible."""

    HARD = "hard"
    SOFT = "soft"
    MAX_MIN = "max_min"


class Band(NamedTuple):
    """The least and the most of a fair share; -inf and +inf where there is none."""

    low: float
    high: float


class Fairness(FairShare):
    """Each rep's load lies within a band around the rep's part of the total (R30, R31, R33, R34).

    Or the smallest loads, as parts of fair shares, are made as large as possible before the score
    is: the smallest one, then the sum of the two smallest, and so on (`planner.max_min`).

    The total is the load of all reps who are not exempt in the plan without fairness, work outside
    the plan included; it stays the same whatever is assigned. Shares shrink with absence, which
    takes no room from the present book: the most is never below its load, up to what it would be
    without the absence.

    Attributes
    ----------
    within : how far the band reaches, as a share of the fair share; or else
    at_least, at_most : its ends, as shares of the fair share; one may be left out
    mode : hard, or soft at a `cost` in money per unit outside, or max_min without a band
    stages : of max_min, how many of the smallest loads count
    keep_value : of max_min, how much of the expected value without fairness the plan keeps
    """

    name: ClassVar[str] = "fairness"
    section: ClassVar[Section] = Section.FAIRNESS
    combines: ClassVar[str] = "fairness"

    within: Share | None = None
    at_least: Part | None = None
    at_most: Share | None = None
    mode: Mode
    cost: Annotated[Number, Field(gt=0)] | None = None
    stages: Annotated[int, Field(strict=True, ge=1)] = 5
    keep_value: Part | None = None

    @model_validator(mode="after")
    def _keys_are_of_the_mode(self) -> Fairness:
        has_ends = self.at_least is not None or self.at_most is not None
        if (self.mode is Mode.SOFT) != (self.cost is not None):
            raise ValueError("needs a `cost` where the mode is soft, and only there")
        if self.mode is Mode.MAX_MIN and (has_ends or self.within is not None):
            raise ValueError("has no `within`, `at_least` or `at_most` where the mode is max_min")
        if self.mode is not Mode.MAX_MIN and has_ends == (self.within is not None):
            raise ValueError("needs either `within`, or `at_least`, `at_most` or both")
        if self.mode is not Mode.MAX_MIN and self.model_fields_set & {"stages", "keep_value"}:
            raise ValueError("has `stages` and `keep_value` only where the mode is max_min")
        if self.at_least is not None and self.at_least > (self.at_most or math.inf):
            raise ValueError("`at_least` must not be above `at_most`")
        return self

    @property
    def band(self) -> Band | None:
        """The band, as parts of the fair share; None for max_min."""
        if self.mode is Mode.MAX_MIN:
            return None
        if self.within is not None:
            return Band(1 - self.within, 1 + self.within)
        low = -math.inf if self.at_least is None else self.at_least
        return Band(low, math.inf if self.at_most is None else self.at_most)

    def widened(self, width: float) -> Fairness:
        """Return the rule with a band whose ends lie at least so far from the fair share."""
        if self.within is not None:
            return self.model_copy(update={"within": max(self.within, width)})
        low = None if self.at_least is None else max(min(self.at_least, 1 - width), 0.0)
        high = None if self.at_most is None else max(self.at_most, 1 + width)
        return self.model_copy(update={"at_least": low, "at_most": high})

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner", optional=True)
        yield from super().columns()

    def sentence(self) -> str:
        """Return the rule in plain English."""
        if self.mode is Mode.MAX_MIN:
            return lifted_sentence(self)
        is_count = self.measure is Measure.COUNT
        text = "The number of a rep's leads" if is_count else f"A rep's {WHAT[self.measure]}"
        if self.where is not None:
            text += f"{'' if is_count else ' of leads'} where {self.where.sentence()}"
        told = f"{text} {self.band_text()} of the fair share{self.shared()}"
        if self.mode is Mode.SOFT:
            told += f"; each unit outside costs {number_text(self.cost or 0.0)}"
        return f"{told}."

    def band_text(self) -> str:
        """Return where a load lies, to stand before `of the fair share`."""
        return f"{'is' if self.within is None else 'lies'} {self.where_text()}"

    def where_text(self) -> str:
        """Return the band in words, to stand before `of the fair share`."""
        if self.within is not None:
            return f"within {share_text(self.within)}"
        ends = {"at least": self.at_least, "at most": self.at_most}
        told = [f"{name} {share_text(end)}" for name, end in ends.items() if end is not None]
        return " and ".join(told)

    def limits(
        self, facts: Facts, valuation: Valuation, total: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (n_reps,) the least and the most of each load; +-inf where there is none."""
        low, high = self.band or Band(-math.inf, math.inf)
        share = self.shares(facts, total)
        present = self.load(facts, valuation, facts.snapshot.owner_index)
        # Nothing times infinity is no number.
        full = self.full_shares(facts, total) * (high if math.isfinite(high) else 0.0)
        lower = share * low if math.isfinite(low) else np.full(len(share), -np.inf)
        upper = np.full(len(share), np.inf)
        if math.isfinite(high):
            upper = np.maximum(share * high, np.minimum(present, full))
        exempt = np.isnan(share)
        return np.where(exempt, -np.inf, lower), np.where(exempt, np.inf, upper)

    def resources(
        self, pairs: Pairs, valuation: Valuation, settled: Settled, threads: int
    ) -> Iterator[Labelled]:
        """Yield limits, and what their groups are called; none before the total is settled."""
        total = settled.fair_totals.get(self.label)
        if total is None:
            return
        if self.mode is Mode.MAX_MIN:
            kept = settled.max_min.get(self.label)
            yield from held_resources(self, pairs, valuation, total, kept, threads)
        else:
            rep_ids = tuple(pairs.facts.reps["rep_id"].astype(str))
            yield self._band_of_loads(pairs, valuation, total, threads), rep_ids

    def _band_of_loads(
        self, pairs: Pairs, valuation: Valuation, total: float, threads: int
    ) -> Resource:
        """Return the band as limits on every rep's load."""
        facts = pairs.facts
        lower, upper = self.limits(facts, valuation, total)
        outside = np.full(len(lower), np.inf if self.cost is None else self.cost)
        return Resource(
            name=self.label,
            layers=(Layer(self.amounts(pairs, valuation, threads)),),
            base=self.base(facts),
            lower=lower,
            upper=upper,
            under_cost=outside,
            over_cost=outside,
            unit=self.measure.unit,
        )

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep outside a hard band, or what is not kept of the smallest loads."""
        kept = case.settled.max_min.get(self.label)
        if self.mode is Mode.HARD:
            yield from self.excesses(case)
        elif kept is not None:
            yield from kept_violations(self, case, self.plain_shares(case), kept)

    def excesses(self, case: Case) -> Iterator[Violation]:
        """Yield each rep outside the band, hard or soft, summed plainly lead by lead."""
        loads, present = self.plain_loads(case), self.plain_loads(case.owned)
        least, most = self.band or Band(-math.inf, math.inf)
        for rep_id, share in self.plain_shares(case).items():
            base = self.plain_base(case, rep_id)
            load, low, high = base + loads.get(rep_id, 0.0), -math.inf, math.inf
            if math.isfinite(least):
                low = least * share
            if math.isfinite(most):
                without_absence = most * share / case.share_at_work(rep_id)
                high = max(most * share, min(base + present.get(rep_id, 0.0), without_absence))
            outside = max(low - load, load - high)
            limit = low if load < low else high
            if outside > 1e-6 * max(1.0, abs(limit)):
                told = f"the load, {number_text(round(load, 4))} of {self.counted}, is"
                where = f"below {number_text(round(low, 4))}"
                if load > high:
                    where = f"above {number_text(round(high, 4))}"
                if math.isfinite(low) and math.isfinite(high):
                    ends = f"{number_text(round(low, 4))} to {number_text(round(high, 4))}"
                    where = f"outside {ends}"
                text = f"{told} {where}"
                yield Violation(
                    self.name,
                    self.sentence(),
                    text,
                    rep_id=rep_id,
                    amount=outside,
                    group=f"least {self.label}" if load < low else f"most {self.label}",
                    load=load,
                    limit=limit,
                )
