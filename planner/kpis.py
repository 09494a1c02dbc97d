"""What a plan is worth, recomputed from the tables and the assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.plan import Kpis, LoadKpi
from models.resource import slack
from planner.group_kpis import group_kpis
from planner.holders import Per
from planner.measures import Measure, base_load, effort_hours
from planner.rule_prices import RulePrices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.compile import Compiled
    from planner.rules.fairness import Fairness


def gini(loads: NDArray[np.float64]) -> float:
    """Return the Gini coefficient of loads of at least 0; 0 where there is nothing to share.

    Half the mean absolute difference over the mean (Gini 1912), from sorted values.

    >>> float(gini(np.array([1.0, 1.0, 1.0])))
    0.0
    """
    total = loads.sum()
    if len(loads) == 0 or total <= 0:
        return 0.0
    rank = np.arange(1, len(loads) + 1)
    return float(2 * (rank @ np.sort(loads)) / (len(loads) * total) - (len(loads) + 1) / len(loads))


def jain(loads: NDArray[np.float64]) -> float:
    """Return Jain's fairness index of loads; 1 where there is nothing to share."""
    squares = len(loads) * (loads @ loads)
    return float(loads.sum() ** 2 / squares) if squares > 0 else 1.0


def kpis(
    compiled: Compiled,
    rep_of_lead: NDArray[np.int64],
    score: NDArray[np.float64],
    prices: RulePrices = RulePrices(),  # noqa: B008 (it is immutable)
) -> Kpis:
    """Return the KPIs of an assignment.

    Parameters
    ----------
    rep_of_lead : (n_leads,) position of each lead's rep; -1 for nobody
    score : (n_leads,) money, what each lead adds to the objective
    prices : what rules cost
    """
    lead = np.flatnonzero(rep_of_lead >= 0)
    value = compiled.valuation.expected_value(lead, rep_of_lead[lead])
    moved = compiled.ownership.moved(rep_of_lead)
    return Kpis(
        expected_value=float(value.sum()),
        score=float(score.sum()),
        leads=len(rep_of_lead),
        assigned=len(lead),
        unassigned=len(rep_of_lead) - len(lead),
        coverage=len(lead) / len(rep_of_lead),
        moves=int(moved.sum()),
        forced_moves=int(compiled.ownership.forced(rep_of_lead).sum()),
        value_moved=float(value[moved[lead]].sum()),
        loads=_loads(compiled, rep_of_lead),
        groups=group_kpis(compiled, rep_of_lead),
        price_of_fairness=prices.fairness,
        price_of_continuity=prices.continuity,
    )


def measure_loads(
    compiled: Compiled, rep_of_lead: NDArray[np.int64]
) -> dict[Measure, NDArray[np.float64]]:
    """Return per measure the (n_reps,) loads, base included: hours in the period, leads, money."""
    facts = compiled.facts
    lead = np.flatnonzero(rep_of_lead >= 0)
    rep = rep_of_lead[lead]
    amounts = {
        Measure.COUNT: np.ones(len(lead)),
        Measure.EFFORT_HOURS: effort_hours(facts)[lead],
        Measure.AMOUNT: compiled.valuation.amount[lead],
        Measure.EXPECTED_VALUE: compiled.valuation.expected_value(lead, rep),
    }
    return {
        measure: base_load(facts, measure) + np.bincount(rep, amount, minlength=facts.num_reps)
        for measure, amount in amounts.items()
    }


def fair_loads(
    compiled: Compiled, rep_of_lead: NDArray[np.int64]
) -> Iterator[tuple[Fairness, NDArray[np.float64], NDArray[np.float64]]]:
    """Yield each rule of fairness with the loads and the fair shares of the reps who have one."""
    facts, valuation = compiled.facts, compiled.valuation
    for rule in compiled.policy.fairness:
        if (total := compiled.settled.fair_totals.get(rule.label)) is not None:
            fair = rule.shares(facts, total)
            has_share = ~np.isnan(fair)
            if has_share.any():
                load = rule.load(facts, valuation, rep_of_lead)
                yield rule, load[has_share], fair[has_share]


def _loads(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> dict[str, LoadKpi]:
    at_work = ~compiled.facts.has_left
    at_limit = _at_limit(compiled, rep_of_lead)
    in_band, least_share = _in_band(compiled, rep_of_lead), _least_share(compiled, rep_of_lead)
    return {
        str(measure): LoadKpi(
            unit=measure.unit,
            least=float(load.min()),
            mean=float(load.mean()),
            most=float(load.max()),
            total=float(load.sum()),
            gini=gini(load),
            jain=jain(load),
            deviation=float(load.std()),
            most_over_least=float(load.max() / load.min()) if load.min() > 0 else None,
            at_limit=at_limit.get(str(measure)),
            in_band=in_band.get(str(measure)),
            least_share=least_share.get(str(measure)),
        )
        for measure, every in measure_loads(compiled, rep_of_lead).items()
        if len(load := every[at_work])
    }


def _at_limit(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> dict[str, float]:
    """Return per limit the share of reps with less room than the smallest lead that counts."""
    at_work = ~compiled.facts.has_left
    shares = {}
    for _, rule, resource in compiled.capacity():
        if rule.per is not Per.REP:
            continue
        amounts = rule.lead_amounts(compiled.facts)
        if amounts is None:
            continue
        lead = np.flatnonzero(rep_of_lead >= 0)
        taken = np.bincount(rep_of_lead[lead], amounts[lead], minlength=compiled.facts.num_reps)
        smallest = amounts[amounts > 0].min(initial=np.inf)
        full = resource.upper - resource.base - taken < smallest - 1e-9
        shares[rule.label] = float(full[at_work].mean()) if at_work.any() else 0.0
    return shares


def _in_band(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> dict[str, float]:
    """Return per measure with a band the share of the reps who lie within theirs."""
    shares = {}
    facts, valuation = compiled.facts, compiled.valuation
    for rule, load, _ in fair_loads(compiled, rep_of_lead):
        if rule.band is not None:
            total = compiled.settled.fair_totals[rule.label]
            lower, upper = (
                end[~rule.is_exempt(facts)] for end in rule.limits(facts, valuation, total)
            )
            inside = (load >= lower - slack(lower)) & (load <= upper + slack(upper))
            shares[rule.counted] = float(inside.mean())
    return shares


def _least_share(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> dict[str, float]:
    """Return per measure with fair shares the least part of them that a rep has."""
    return {
        rule.counted: float((load / fair).min())
        for rule, load, fair in fair_loads(compiled, rep_of_lead)
        if (fair > 0).all()
    }
