"""What part of a measure's total is due to each rep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from models.units import Duration, Part, Share, days_text, share_text
from models.where import Where, holds
from planner.case import plain_cells
from planner.counted import CountedRule
from planner.rules.rule import ColumnUse, Filter, filters_of, presence_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.valuation import Valuation

HEAD = "head"
LEAST_PART = 1e-9
"""What who has nothing counts beside who has most, so that bounds can lift all of them alike."""


class RampStep(BaseModel):
    """A smaller share for reps who are new.

    Attributes
    ----------
    under : time since `hired`, at the start of the period
    share : of the weight that the rep would have otherwise, above 0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    under: Duration
    share: Part

    @model_validator(mode="after")
    def _leaves_something(self) -> RampStep:
        if self.share <= 0:
            raise ValueError("`share` must be above 0%; name who has none under `exempt`")
        return self


class Won(BaseModel):
    """What reps have won of late, from history.

    Attributes
    ----------
    won : how many outcomes, or their amount; an empty amount is 0
    within : the time before as_of that counts
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    won: Literal["count", "amount"]
    within: Duration

    def weights(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) what each rep has won."""
        history = facts.snapshot.history
        recent = facts.snapshot.as_of - history["closed_on"] < self.within
        mine = history[recent & (history["won"] == 1)]
        amounts = mine["amount"].fillna(0.0) if self.won == "amount" else mine["won"]
        return (
            facts.reps["rep_id"]
            .map(amounts.groupby(mine["rep_id"]).sum())
            .fillna(0)
            .to_numpy(np.float64)
        )

    def plain_weights(self, case: Case) -> dict[str, float]:
        """Return the same by rep_id, outcome by outcome."""
        history = case.snapshot.history
        columns = (plain_cells(history[name]) for name in ("rep_id", "closed_on", "won", "amount"))
        weights = dict.fromkeys(case.reps("rep_id"), 0.0)
        for rep_id, closed_on, won, amount in zip(*columns, strict=True):
            if won == 1 and case.snapshot.as_of - closed_on < self.within:
                weights[rep_id] += 1.0 if self.won == "count" else amount or 0.0
        return weights

    def sentence(self) -> str:
        """Return what counts in words."""
        what = "number" if self.won == "count" else "amount"
        return f"the {what} won in the last {days_text(self.within)}"


class Bounds(BaseModel):
    """How far a fair share may lie from an equal one.

    Attributes
    ----------
    at_least, at_most : as parts of an equal share
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: Part
    at_most: Share

    @model_validator(mode="after")
    def _hold_an_equal_share(self) -> Bounds:
        if self.at_most < 1:
            raise ValueError("`at_most` must be at least 100%: shares are equal on average")
        return self


class FairShare(CountedRule):
    """A rule on fair shares of a total (R31, R33).

    Attributes
    ----------
    share_by : "head", a column of reps with the weights, or what they won of late
    share_between : bounds of a rep's share around an equal one; none if not given
    exempt : reps without a share, whose load is not part of the total; so is who is away all the
        period, and who has left
    ramp : smaller weights for new reps; the shortest time that a rep is under counts
    """

    share_by: str | Won = HEAD
    share_between: Bounds | None = None
    exempt: Where | None = None
    ramp: tuple[RampStep, ...] = ()

    @model_validator(mode="after")
    def _has_bounds_for_who_won_nothing(self) -> FairShare:
        has_least = self.share_between is not None and self.share_between.at_least > 0
        if isinstance(self.share_by, Won) and not has_least:
            raise ValueError(
                "needs `share_between` with an `at_least` above 0%: a rep may have won nothing"
            )
        return self

    @property
    def label(self) -> str:
        """Name of the resource, unique per measure and filter."""
        return f"fair {self.counted}"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if isinstance(self.share_by, Won):
            for column in ("rep_id", "closed_on", "won"):
                yield ColumnUse("history", column, "share_by")
            yield ColumnUse(
                "history", "amount", "share_by.won", optional=self.share_by.won == "count"
            )
        elif self.share_by != HEAD:
            yield ColumnUse("reps", self.share_by, "share_by", numeric=True)
        if self.ramp:
            yield ColumnUse("reps", "hired", "ramp")
        yield from presence_columns()
        yield from super().columns()

    def filters(self) -> Iterator[Filter]:
        """Yield the filters of what counts and of who is exempt."""
        yield from super().filters()
        yield from filters_of("reps", "exempt", self.exempt)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield weights that are missing or not above 0."""
        if isinstance(self.share_by, Won):
            return
        weight = self._written_weights(facts)
        wrong = ~(weight > 0) & ~self.is_exempt(facts)
        if wrong.any():
            yield (
                "share_by",
                f"{self.share_by} is not above 0 for {facts.told(wrong)}; "
                "fill it in, or name these reps under `exempt`",
            )

    def shared(self) -> str:
        """Return the words that tell how large fair shares are, and who has none."""
        by = self.share_by.sentence() if isinstance(self.share_by, Won) else self.share_by
        told = "equal for all" if by == HEAD else f"by {by}"
        if self.share_between is not None:
            low, high = self.share_between.at_least, self.share_between.at_most
            told += f", but {share_text(low)} to {share_text(high)} of an equal one"
        for step in sorted(self.ramp, key=lambda step: step.under):
            new = f"reps hired less than {days_text(step.under)} ago"
            told += f", {share_text(step.share)} of that for {new}"
        if self.exempt is not None:
            told += f"; reps where {self.exempt.sentence()} are exempt"
        return f", which is {told}"

    def is_exempt(self, facts: Facts) -> NDArray[np.bool_]:
        """Return (n_reps,) whether a rep has no fair share."""
        exempt = facts.has_left | (facts.present_share <= 0)
        if self.exempt is not None:
            exempt |= self.exempt.mask(facts.reps, facts.zone)
        return exempt

    def total(self, facts: Facts, valuation: Valuation, rep_of_lead: NDArray[np.int64]) -> float:
        """Return what all reps who are not exempt hold in an assignment, base included."""
        return float(self.load(facts, valuation, rep_of_lead)[~self.is_exempt(facts)].sum())

    def shares(self, facts: Facts, total: float) -> NDArray[np.float64]:
        """Return (n_reps,) each rep's fair share of a total; NaN for the exempt.

        Of a total below 0, as amounts may be, nothing is to be shared out.
        """
        weight = self._weights(facts) * facts.present_share
        shares: NDArray[np.float64] = max(total, 0.0) * weight / np.nansum(weight)
        return shares

    def full_shares(self, facts: Facts, total: float) -> NDArray[np.float64]:
        """Return (n_reps,) each rep's fair share, were nobody's absence to lower it."""
        weight = self._weights(facts)
        whole = np.nansum(weight * facts.present_share)
        shares: NDArray[np.float64] = max(total, 0.0) * weight / whole
        return shares

    def _weights(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) what each rep counts when always at work; NaN for the exempt."""
        weight = self._written_weights(facts)
        weight = np.where(self.is_exempt(facts), np.nan, weight)
        if self.share_between is not None:
            weight = bounded(weight, self.share_between)
        ramped = weight
        # From the longest time to the shortest, which has the last word.
        for step in sorted(self.ramp, key=lambda step: step.under, reverse=True):
            is_new = (facts.period.starts - facts.reps["hired"] < step.under).to_numpy(bool)
            ramped = np.where(is_new, step.share * weight, ramped)
        return ramped

    def _written_weights(self, facts: Facts) -> NDArray[np.float64]:
        if isinstance(self.share_by, Won):
            return self.share_by.weights(facts)
        if self.share_by == HEAD:
            return np.ones(facts.num_reps)
        return facts.rep_numbers(self.share_by)

    def plain_shares(self, case: Case) -> dict[str, float]:
        """Return the fair share by rep_id, of reps who are not exempt; none without a total."""
        total = case.settled.fair_totals.get(self.label)
        if total is None:
            return {}
        weights = self._plain_weights_of_reps(case)
        present = {rep_id: w * case.share_at_work(rep_id) for rep_id, w in weights.items()}
        due, whole = max(total, 0.0), sum(present.values())
        return {rep_id: due * weight / whole for rep_id, weight in present.items()}

    def _plain_weights_of_reps(self, case: Case) -> dict[str, float]:
        """Return the weight by rep_id, of reps who are not exempt."""
        columns = self.exempt.columns if self.exempt else ()
        won = self.share_by.plain_weights(case) if isinstance(self.share_by, Won) else {}
        weights = {}
        for rep_id in case.reps("rep_id"):
            cells = {column: case.reps(column)[rep_id] for column in columns}
            is_exempt = self.exempt is not None and holds(self.exempt, cells, case.zone)
            if is_exempt or case.has_left(rep_id) or case.share_at_work(rep_id) <= 0:
                continue
            if isinstance(self.share_by, Won):
                weights[rep_id] = won[rep_id]
            elif self.share_by == HEAD:
                weights[rep_id] = 1.0
            else:
                weights[rep_id] = float(case.reps(self.share_by)[rep_id])
        if self.share_between is not None:
            weights = _plainly_bounded(weights, self.share_between)
        for rep_id in weights if self.ramp else ():
            hired = case.reps("hired")[rep_id]
            if hired is not None:
                weights[rep_id] *= self._plain_ramp(case.period.starts - hired)
        return weights

    def _plain_ramp(self, tenure: timedelta) -> float:
        steps = [step for step in self.ramp if tenure < step.under]
        return min(steps, key=lambda step: step.under).share if steps else 1.0


def bounded(weight: NDArray[np.float64], bounds: Bounds) -> NDArray[np.float64]:
    """Return weights in proportion to those given, but within bounds; 1 on average.

    Parameters
    ----------
    weight : (n,) float64, at least 0; NaN stays, and counts nothing

    Examples
    --------
    >>> bounded(np.array([1.0, 2.0, 9.0]), Bounds(at_least="50%", at_most="150%")).tolist()
    [0.5, 1.0, 1.5]
    """
    low, high = bounds.at_least, bounds.at_most
    known = ~np.isnan(weight)
    size = int(known.sum())
    positive = np.maximum(weight[known], LEAST_PART * np.max(weight[known], initial=0.0))
    if not (positive > 0).all() or size == 0:
        return np.where(known, 1.0, np.nan)
    # The sum rises with the factor, linearly between the factors at which somebody meets a bound.
    factors = np.sort(np.concatenate([low / positive, high / positive]))
    sums = [float(np.clip(factor * positive, low, high).sum()) for factor in factors]
    factor = np.interp(size, sums, factors)
    result = np.full(len(weight), np.nan)
    result[known] = np.clip(factor * positive, low, high)
    return result


def _plainly_bounded(weights: dict[str, float], bounds: Bounds) -> dict[str, float]:
    """Return the same by rep_id, by halving."""
    low, high = bounds.at_least, bounds.at_most
    most = max(weights.values(), default=0.0)
    if most <= 0:
        return dict.fromkeys(weights, 1.0)
    positive = {rep_id: max(weight, LEAST_PART * most) for rep_id, weight in weights.items()}

    def clipped(factor: float) -> dict[str, float]:
        return {rep_id: min(max(factor * w, low), high) for rep_id, w in positive.items()}

    least, greatest = 0.0, high / (LEAST_PART * most)
    for _ in range(200):
        middle = (least + greatest) / 2
        if sum(clipped(middle).values()) < len(weights):
            least = middle
        else:
            greatest = middle
    return clipped(greatest)
