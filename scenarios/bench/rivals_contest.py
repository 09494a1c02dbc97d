"""Every simple policy against plans of a band sweep, company by company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.engines.baselines.routers import ROUTERS
from planner.engines.engine import Progress
from planner.intake import intake_of
from scenarios.bench.band_sweep import sweep
from scenarios.bench.figures import best_dominating, figures, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from models.outcome import Limits
    from planner.engines.engine import Watcher
    from scenarios.bench.contenders import Contender
    from scenarios.bench.figures import Figures


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes
    ----------
    companies : how many are generated where nobody says it
    leads, reps : of each
    bands : of a sweep, as shares of the fair share, from wide to narrow
    gap : at which a plan is good enough, as a share
    """

    companies: int
    leads: int
    reps: int
    bands: tuple[float, ...]
    gap: float


SIZES = {
    "full": Size(10, leads=600, reps=20, bands=(0.5, 0.3, 0.2, 0.1, 0.05, 0.02), gap=1e-3),
    "small": Size(2, leads=60, reps=5, bands=(0.5, 0.1), gap=1e-2),
}


@dataclass(frozen=True)
class SweptPlan:
    """A plan of a sweep: its band, as a share of the fair share, None without one; its figures."""

    within: float | None
    figures: Figures


@dataclass(frozen=True)
class Meeting:
    """A simple policy beside the plan that dominates it, or that comes nearest.

    Attributes
    ----------
    policy : its name
    figures : what it reached
    plan : of the plans that dominate it the one with the highest value, or the nearest one
    is_dominated : which of the two
    """

    policy: str
    figures: Figures
    plan: SweptPlan
    is_dominated: bool


@dataclass(frozen=True)
class Result:
    """What one company showed.

    Attributes
    ----------
    company : its name
    num_leads, num_reps, num_owned : of its leads, so many have an owner
    num_plans : how many plans were made
    meetings : one per simple policy
    """

    company: str
    num_leads: int
    num_reps: int
    num_owned: int
    num_plans: int
    meetings: tuple[Meeting, ...]


def meet(
    companies: Iterable[Contender],
    bands: tuple[float, ...],
    limits: Limits,
    watcher: Watcher,
) -> list[Result] | None:
    """Return what every company showed; None where the watcher stopped it.

    Parameters
    ----------
    bands : of a sweep, as shares of the fair share, from wide to narrow
    limits : of one plan
    """
    results = []
    for company in companies:
        result = _met(company, bands, limits, watcher)
        if result is None:
            return None
        results.append(result)
    return results


def _met(
    company: Contender, bands: tuple[float, ...], limits: Limits, watcher: Watcher
) -> Result | None:
    """Return what a company showed.

    Whoever moves fewest leads comes first: a plan under a tight budget of moves counts for all who
    move more. A policy that no plan so far dominates gets a sweep under its own budget.
    """
    routed = {name: _routed(company, name, limits.seed) for name in ROUTERS}
    reached = {name: figures(company, rep_of_lead) for name, rep_of_lead in routed.items()}
    plans: list[SweptPlan] = []
    for name in sorted(reached, key=lambda name: reached[name].moves):
        if best_dominating([plan.figures for plan in plans], reached[name]) is not None:
            continue
        for found in sweep(company, bands, routed[name], limits, watcher):
            plans.append(SweptPlan(found.within, figures(company, found.rep_of_lead)))
            told = f"{company.name}: {len(plans)} plans, under the moves of {name}"
            watcher.report(Progress(message=told))
            if watcher.should_stop():
                return None
    facts = company.learned.facts
    return Result(
        company=company.name,
        num_leads=facts.num_leads,
        num_reps=facts.num_reps,
        num_owned=int(np.count_nonzero(company.learned.ownership.owner >= 0)),
        num_plans=len(plans),
        meetings=tuple(_meeting(name, each, plans) for name, each in reached.items()),
    )


def _routed(company: Contender, name: str, seed: int) -> NDArray[np.int64]:
    """Return (n_leads,) position of each lead's rep under a policy, all shared out anew."""
    intake = intake_of(company.learned)
    return company.learned.rep_of_leads(ROUTERS[name].route(intake, seed))


def _meeting(name: str, reached: Figures, plans: list[SweptPlan]) -> Meeting:
    others = [plan.figures for plan in plans]
    best = best_dominating(others, reached)
    plan = plans[nearest(others, reached) if best is None else best]
    return Meeting(name, reached, plan, is_dominated=best is not None)
