"""Hard bands around fair shares that cannot hold: which reps are outside, why, and what would do.

The band is softened: the plan that lies least outside tells who cannot be brought in. How far the
band would have to reach is then found by halving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.errors import NoPlanError
from models.problem import NOBODY
from models.resource import slack
from models.units import number_text, share_text
from planner.compile import compile_problem
from planner.engines.engine import Progress, Start
from planner.engines.registry import AUTO
from planner.rules.fairness import Mode
from planner.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.outcome import Limits
    from models.problem import Problem
    from models.resource import Resource
    from planner.compile import Compiled
    from planner.engines.engine import Watcher
    from planner.rules.fairness import Fairness

FULL_SHARE = 100.0
"""What a load costs that lies outside by a whole fair share."""
TRIALS, LONGEST = 3, 60.0
"""How often the band is halved, and what all of that may take, in seconds."""
NAMED_AT_MOST = 5
MOST_DIGITS = 9


class Reach(NamedTuple):
    """What a rep's load can be, other reps apart.

    Attributes
    ----------
    least, most : (n_reps,) with the leads that nobody else may work; with all that the rep may
    leads : (n_reps,) how many rows may go to the rep
    limit : (n_reps,) a limit on the same measure; +inf without one
    """

    least: NDArray[np.float64]
    most: NDArray[np.float64]
    leads: NDArray[np.int64]
    limit: NDArray[np.float64]


def why_bands_cannot_hold(compiled: Compiled, limits: Limits, watcher: Watcher) -> str:
    """Return which reps cannot lie within a hard band, why, and the closest band that holds.

    Parameters
    ----------
    compiled : a problem without a plan
    limits : those of the plan; looking into it takes at most half as long again

    Returns
    -------
    str : "" where other rules alone leave no plan
    """
    hard = [rule for rule in compiled.policy.fairness if rule.mode is Mode.HARD]
    if not hard:
        return ""
    softened = _softened(compiled, hard)
    watcher.report(Progress(message="looking for the reps who are outside of their bands"))
    most = LONGEST if limits.seconds is None else min(LONGEST, 0.5 * limits.seconds)
    limits = replace(limits, seconds=most / (1 + TRIALS))
    try:
        chosen = run(softened, AUTO, limits, None, watcher).assignment()
    except NoPlanError:
        return ""
    told = []
    loads = softened.loads(chosen)
    for rule in hard:
        number = _number(compiled, rule)
        outside = list(_outside(compiled, rule, number, loads[number]))
        if not outside:
            continue
        more = len(outside) - NAMED_AT_MOST
        reps = "; ".join(outside[:NAMED_AT_MOST]) + (f"; and {more:,} more" if more > 0 else "")
        told.append(
            f"no plan has every rep's {rule.counted} {rule.where_text()} of the fair share. In the "
            f"one that is least outside, {reps}"
        )
    if not told:
        return ""
    closest = _closest(compiled, hard, chosen, limits, watcher)
    if closest is not None:
        told.append(f"The closest band found that holds is within {share_text(closest)}")
    return ". ".join(told)


def _number(compiled: Compiled, rule: Fairness) -> int:
    names = [resource.name for resource in compiled.problem.resources]
    return names.index(rule.label)


def _softened(compiled: Compiled, hard: list[Fairness]) -> Problem:
    """Return the problem whose best plan lies least outside the bands, in parts of a fair share."""
    resources = list(compiled.problem.resources)
    for rule in hard:
        number = _number(compiled, rule)
        share = rule.shares(compiled.facts, compiled.settled.fair_totals[rule.label])
        cost = FULL_SHARE / np.where(share > 0, share, 1.0)
        cost = np.where(np.isnan(share), 0.0, cost)
        resources[number] = replace(resources[number], under_cost=cost, over_cost=cost)
    score = np.zeros(compiled.problem.num_pairs)
    return replace(compiled.problem, score=score, resources=tuple(resources))


def _outside(
    compiled: Compiled, rule: Fairness, number: int, load: NDArray[np.float64]
) -> Iterator[str]:
    """Yield in words each rep who lies outside in the plan that lies least outside."""
    band = compiled.problem.resources[number]
    reach = _reach(compiled, rule, band)
    names = compiled.labels[number]
    below = np.maximum(band.lower - slack(band.lower) - load, 0.0)
    above = np.maximum(load - band.upper - slack(band.upper), 0.0)
    for rep in np.argsort(-np.maximum(below, above), kind="stable"):
        if below[rep] > 0:
            asked = f"{names[rep]} has {_beside(load[rep], 'least', band.lower[rep])}"
            yield f"{asked}, {_why_below(reach, rep, band.lower[rep])}"
        elif above[rep] > 0:
            asked = f"{names[rep]} has {_beside(load[rep], 'most', band.upper[rep])}"
            cause = "since other reps have no room or may not work these leads"
            if reach.least[rep] > band.upper[rep]:
                cause = (
                    f"since other work and leads that only this rep may work are "
                    f"{_told(reach.least[rep])}"
                )
            yield f"{asked}, {cause}"


def _why_below(reach: Reach, rep: int, lower: float) -> str:
    if reach.most[rep] < lower:
        return (
            f"since the leads that may go to the rep ({reach.leads[rep]:,}) and other work "
            f"add up to {_told(reach.most[rep])}"
        )
    if reach.limit[rep] < lower:
        return f"since the limit on it is {_told(reach.limit[rep])}"
    return "since others need the leads, or further rules take them"


def _reach(compiled: Compiled, rule: Fairness, band: Resource) -> Reach:
    problem = compiled.problem
    (layer,) = band.layers
    amount, row = problem.pair_amount(layer), problem.pair_rows()
    is_rep = problem.rep != NOBODY
    rep = problem.rep[is_rep]
    size = problem.num_reps
    only = np.diff(problem.indptr)[row[is_rep]] == 1
    gained = np.bincount(rep, np.maximum(amount[is_rep], 0.0), size)
    kept = np.bincount(rep[only], amount[is_rep][only], size)
    limit = np.full(size, np.inf)
    for number, other, resource in compiled.capacity():
        if other.label == rule.counted and resource.num_groups == size:
            limit = problem.resources[number].upper
    leads = np.bincount(rep, minlength=size)
    return Reach(band.base + kept, band.base + gained, leads, limit)


def _closest(
    compiled: Compiled,
    hard: list[Fairness],
    chosen: NDArray[np.int64],
    limits: Limits,
    watcher: Watcher,
) -> float | None:
    """Return the narrowest width found for all hard bands that leaves a plan; None if none was.

    Parameters
    ----------
    chosen : (n_rows,) a plan that lies outside
    """
    loads = compiled.problem.loads(chosen)
    widest = 0.0
    for rule in hard:
        share = rule.shares(compiled.facts, compiled.settled.fair_totals[rule.label])
        if (share == 0).any():
            return None
        off = (loads[_number(compiled, rule)] - share) / share
        low, high = rule.band or (1.0, 1.0)
        # A side on which the band has no end does not count.
        below, above = off * (low > -np.inf), off * (high < np.inf)
        widest = max(widest, float(np.nanmax(np.maximum(-below, above))))
    narrowest = max(map(_width, hard))
    for _ in range(TRIALS):
        if watcher.should_stop():
            break
        width = (narrowest + widest) / 2
        if _holds(compiled, width, chosen, limits, watcher):
            widest = width
        else:
            narrowest = width
    return float(np.ceil(1000 * widest) / 1000)


def _holds(
    compiled: Compiled,
    width: float,
    chosen: NDArray[np.int64],
    limits: Limits,
    watcher: Watcher,
) -> bool:
    """Return whether a plan was found with the hard bands that wide."""
    policy = compiled.policy
    wider = tuple(
        rule.widened(width) if rule.mode is Mode.HARD else rule for rule in policy.fairness
    )
    trial = compile_problem(
        compiled.snapshot,
        replace(policy, fairness=wider),
        settled=compiled.settled,
        threads=limits.threads,
    )
    problem = replace(trial.problem, score=np.zeros(trial.problem.num_pairs))
    return run(problem, AUTO, limits, Start(chosen), watcher).has_plan


def _width(rule: Fairness) -> float:
    """Return how far the nearer end of a rule's band is, as a share of the fair share."""
    low, high = rule.band or (1.0, 1.0)
    return max(min(1.0 - low, high - 1.0), 0.0)


def _beside(load: float, end: str, limit: float) -> str:
    """Return a load and its limit in as many digits as tell them apart."""
    tried = (d for d in range(2, MOST_DIGITS) if round(load, d) != round(limit, d))
    digits = next(tried, MOST_DIGITS)
    return f"{_told(load, digits)} of at {end} {_told(limit, digits)}"


def _told(load: float, digits: int = 2) -> str:
    return number_text(round(float(load), digits))
