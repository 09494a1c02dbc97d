"""One plan among those that are drawn for: its pairs, its promises, and how it fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.planned import Planned
from planner.policy import policy_from_text
from planner.recommending.pool import Pool
from scenarios.robustness import figures
from scenarios.robustness.promises import Promise, Tally, promises_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.arrays import Floats, Ints
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.valuation import Valuation
    from scenarios.robustness.draws import Block


@dataclass(frozen=True, eq=False)
class Contender:
    """A plan as draws see it.

    Attributes
    ----------
    name : for people
    lead, rep : (n_assigned,) positions of its pairs
    amount : (n_assigned,) money
    estimate : (n_assigned,) win probabilities as the plan's makers saw them
    pool : routes arrivals by the plan's prices
    promises : its caps and bands
    """

    name: str
    lead: Ints
    rep: Ints
    amount: Floats
    estimate: Floats
    pool: Pool
    promises: tuple[Promise, ...]

    @classmethod
    def of(cls, name: str, snapshot: Snapshot, plan: Plan, valuation: Valuation) -> Contender:
        """Return a plan, under the rules that it was made with.

        Parameters
        ----------
        valuation : tells amounts and win probabilities, the same for all plans

        Raises
        ------
        PlanFileError : the plan breaks rules, or is not one of these tables
        """
        planned = Planned(snapshot, policy_from_text(plan.policy_text), plan)
        lead = np.flatnonzero(planned.rep_of_lead >= 0)
        rep = planned.rep_of_lead[lead]
        pool = Pool(planned)
        return cls(
            name=name,
            lead=lead,
            rep=rep,
            amount=valuation.amount[lead],
            estimate=valuation.chance(lead, rep),
            pool=pool,
            promises=promises_of(planned, pool),
        )

    def as_planned(self) -> Fate:
        """Return what comes of the plan if all is as it was thought to be."""
        value = (self.amount * self.estimate)[None, :]
        nobody_away = np.zeros((1, self.pool.room.use.slot.shape[1]))
        return self._fate(value, value, Arrived.none(1, self.num_slots), nobody_away)

    @property
    def num_slots(self) -> int:
        """How many loads the plan keeps account of."""
        return len(self.pool.room.lower)

    def fate(self, block: Block, point: Ints, valuation: Valuation, *, outcomes: bool) -> Fate:
        """Return what comes of the plan in some draws.

        Parameters
        ----------
        point : (n_assigned,) which of the drawn probabilities is whose
        outcomes : whether leads are won or lost, rather than counted with their probability
        """
        chance = block.chance[:, point]
        expected = chance * self.amount
        realized = expected
        if outcomes:
            realized = (block.luck[:, self.lead] < chance) * self.amount
        return self._fate(expected, realized, self._arrived(block, valuation), block.lost)

    def _arrived(self, block: Block, valuation: Valuation) -> Arrived:
        arrived = Arrived.none(block.size, self.num_slots)
        for draw, leads in enumerate(block.arrivals):
            if len(leads):
                placed = self.pool.route(leads)
                arrived.count[draw], arrived.placed[draw] = len(leads), len(placed.lead)
                arrived.value[draw] = valuation.expected_value(placed.lead, placed.rep).sum()
                arrived.added[draw] = placed.added
        return arrived

    def _fate(self, expected: Floats, realized: Floats, arrived: Arrived, lost: Floats) -> Fate:
        size = len(expected)
        broken, fullest, tallies = np.zeros(size), np.zeros(size), []
        for promise in self.promises:
            loads = promise.loads(expected, self.lead, self.rep) + arrived.added[:, promise.slots]
            upper = promise.limits(lost)
            beyond = promise.outside(loads, upper)
            tallies.append(Tally.of(beyond))
            if not promise.soft:
                broken += (beyond > 0).any(axis=1)
            # What is lost of a cap fills it as a load does, so that nobody's book looks empty.
            cap = promise.limits(np.zeros_like(lost))
            has_cap = np.isfinite(cap) & (cap > 0) & np.isneginf(promise.lower)
            part = np.divide(loads + (cap - upper), cap, out=np.zeros_like(beyond), where=has_cap)
            fullest = np.maximum(fullest, part.max(axis=1, initial=0.0))
        total = realized.sum(axis=1)
        told = {
            figures.EXPECTED: expected.sum(axis=1),
            figures.REALIZED: total,
            figures.ARRIVALS: arrived.count,
            figures.PLACED: arrived.placed,
            figures.ARRIVALS_VALUE: arrived.value,
            figures.VALUE: total + arrived.value,
            figures.FULLEST: fullest,
            figures.BROKEN: broken,
        }
        return Fate({figure.name: values for figure, values in told.items()}, tuple(tallies))


@dataclass(frozen=True, eq=False)
class Arrived:
    """What became of arrivals, per draw.

    Attributes
    ----------
    count, placed : (n_draws,) leads that came, and that got a rep
    value : (n_draws,) money, expected value of these
    added : (n_draws, n_slots) what loads rose by
    """

    count: Floats
    placed: Floats
    value: Floats
    added: Floats

    @classmethod
    def none(cls, size: int, num_slots: int) -> Arrived:
        """Return that nobody came, to be filled in."""
        return cls(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros((size, num_slots)))


@dataclass(frozen=True, eq=False)
class Fate:
    """What comes of a plan in some draws.

    Attributes
    ----------
    told : by figure (n_draws,) numbers
    tallies : per promise, how often and how far loads are outside
    """

    told: Mapping[str, Floats]
    tallies: tuple[Tally, ...]
