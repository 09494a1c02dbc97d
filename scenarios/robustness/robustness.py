"""How plans fare where inputs turn out other than expected, all of them in the same draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UsageError
from models.nearest import nearest_advice
from planner.valuation import Valuation
from scenarios.robustness.chances import Chances
from scenarios.robustness.contender import Contender, Fate
from scenarios.robustness.draws import World
from scenarios.robustness.tables import (
    differences_table,
    outcomes_table,
    promises_table,
    summary_table,
)
from scenarios.robustness.uncertainty import Uncertainty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from models.arrays import Ints
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.facts import Facts
    from planner.policy import Policy

LEAST_DRAWS, MOST_DRAWS = 2, 100_000


@dataclass(frozen=True, eq=False)
class Robustness:
    """What draws tell of plans.

    Attributes
    ----------
    outcomes : plan, draw, metric, value
    summary : plan, metric, title, unit, planned, mean, p5, p50, p95
    promises : plan, rule, sentence, soft, holder (empty: any of them), unit, planned (how far
        outside without uncertainty), probability (of being outside), mean_outside
    differences : metric, title, unit, plan, against, mean, low, high (95 % confidence interval of
        the mean), more, equal, less (shares of draws)
    classes : the columns whose classes, with each rep, have one error of win probability
    """

    outcomes: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    promises: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    classes: tuple[str, ...]
    uncertainty: Uncertainty
    draws: int
    seed: int
    currency: str

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the four frames by name."""
        names = ("outcomes", "summary", "promises", "differences")
        return {name: getattr(self, name) for name in names}


def robustness(
    snapshot: Snapshot,
    policy: Policy,
    plans: Mapping[str, Plan],
    uncertainty: Uncertainty = Uncertainty(),  # noqa: B008 (it is immutable)
    draws: int = 1_000,
    seed: int = 0,
) -> Robustness:
    """Return what comes of plans in draws of what is not known when they are made.

    In each draw all plans meet the same wins, true win probabilities, arrivals and absences.
    Amounts and win probabilities are those of one policy; caps, bands and prices are each plan's
    own. Win probabilities are drawn as `Chances` tells, one error per class and rep. Arrivals are
    like the company's leads; each plan's prices give them out over the room that it leaves, its
    reserve included, and they count with their expected value. Absences come as a surprise: what is
    given out stays, and the limits on the rep's hours shrink.

    Parameters
    ----------
    plans : by name, made from this snapshot, each with a policy of its own or this one
    draws : 2 to 100,000

    Raises
    ------
    UsageError : no plan, too few or too many draws, or a class by a column that leads have not
    PlanFileError : a plan breaks rules, or is not one of these tables
    PolicyError : the policy does not fit the tables
    """
    if not plans:
        raise UsageError("there is no plan to draw for")
    if not LEAST_DRAWS <= draws <= MOST_DRAWS or seed < 0:
        raise UsageError(
            f"draws is {draws} and seed {seed}; give {LEAST_DRAWS} to {MOST_DRAWS:,} draws and a "
            "seed of at least 0"
        )
    facts = policy.facts(snapshot)
    policy.check(snapshot, facts)
    classes = _classes(policy, snapshot, uncertainty)
    valuation = Valuation(policy, facts)
    contenders = [Contender.of(name, snapshot, plan, valuation) for name, plan in plans.items()]
    chances, points = _chances(contenders, facts, classes, uncertainty)
    world = World(
        chances,
        facts.num_leads,
        facts.num_reps,
        max(contender.num_slots for contender in contenders),
        contenders[0].pool.size,
        facts.period.weeks,
    )
    fates: list[list[Fate]] = [[] for _ in contenders]
    for block in world.blocks(uncertainty, draws, seed):
        for contender, point, found in zip(contenders, points, fates, strict=True):
            fate = contender.fate(block, point, valuation, outcomes=uncertainty.outcomes)
            found.append(fate)
    told = {
        contender.name: {
            metric: np.concatenate([fate.told[metric] for fate in found])
            for metric in found[0].told
        }
        for contender, found in zip(contenders, fates, strict=True)
    }
    return Robustness(
        outcomes=outcomes_table(told),
        summary=summary_table(told, contenders),
        promises=promises_table(contenders, fates),
        differences=differences_table(told),
        classes=classes,
        uncertainty=uncertainty,
        draws=draws,
        seed=seed,
        currency=policy.currency,
    )


def _classes(policy: Policy, snapshot: Snapshot, uncertainty: Uncertainty) -> tuple[str, ...]:
    """Return the columns that make classes."""
    present = snapshot.present["leads"]
    if uncertainty.by is not None:
        for column in uncertainty.by:
            if column not in snapshot.leads:
                advice = nearest_advice(column, sorted(present))
                raise UsageError(f"leads have no column {column!r} to class them by. {advice}")
        return uncertainty.by
    learned = policy.win_probability.history
    if learned is not None:
        return learned.by
    return ("grade",) if "grade" in present else ()


def _chances(
    contenders: Sequence[Contender],
    facts: Facts,
    classes: Sequence[str],
    uncertainty: Uncertainty,
) -> tuple[Chances, list[Ints]]:
    """Return the chances of the pairs of all plans, and per plan which are whose."""
    of_lead, _ = facts.lead_codes(classes)
    cell = np.concatenate([of_lead[c.lead] * facts.num_reps + c.rep for c in contenders])
    estimate = np.concatenate([contender.estimate for contender in contenders])
    chances, point = Chances.of_pairs(cell, estimate, uncertainty.strength)
    ends = np.cumsum([len(contender.lead) for contender in contenders])
    return chances, np.split(point, ends[:-1])
