"""How fast new leads are ranked and routed, and how near to hindsight routing by prices comes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.outcome import Limits
from models.validation.new_leads import new_leads_of
from planner.planned import Planned
from planner.policy import policy_from_text
from planner.recommend import Recommender
from planner.solve import make_plan
from scenarios.arrivals import WITHOUT, week, with_reserve
from scenarios.generate import CompanySpec, generate, policy_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import pandas as pd

    from planner.engines.engine import Watcher

ALONE = 500
"""Leads that are ranked one by one."""
OTHER_SEED = 1_000


@dataclass(frozen=True)
class RecommendResult:
    """What recommending took.

    Attributes
    ----------
    one_ms, one_p95_ms : milliseconds to rank a lead with a customer and a place of its own, once
        the rules know its class: median and 95th percentile
    validate_seconds : of the batch, as data frames
    batch_seconds : from validated leads to reps, each of what room is left
    """

    leads: int
    reps: int
    one_ms: float
    one_p95_ms: float
    batch: int
    validate_seconds: float
    batch_seconds: float
    per_second: int


@dataclass(frozen=True)
class ArrivalsResult:
    """One week of arrivals; scores as shares of hindsight's."""

    seed: int
    arrivals: int
    hindsight: float
    prices: float
    greedy: float
    round_robin: float
    prices_objective: float


def recommend_speed(
    num_leads: int, num_reps: int, batch: int, *, seed: int, watcher: Watcher
) -> RecommendResult:
    """Make a company and its plan, and time recommendations for leads of the same kind."""
    planned = _planned(num_leads, num_reps, seed, watcher)
    recommender = Recommender(planned)
    new = _leads(2 * ALONE, num_reps, seed, "one-")
    records = [_typed(record) for record in new.to_dict("records")]
    for record in records[:ALONE]:
        recommender.rank(record)
    seconds = []
    for record in records[ALONE:]:
        began = time.perf_counter()
        recommender.rank(record)
        seconds.append(time.perf_counter() - began)
    recommender.route(_leads(10, num_reps, seed, "warm-"))
    keep = planned.compiled.policy.columns()["leads"]
    frame = _leads(batch, num_reps, seed, "batch-")
    began = time.perf_counter()
    checked = new_leads_of(frame, planned.compiled.snapshot, keep=keep)
    validated = time.perf_counter()
    recommender.route(checked)
    done = time.perf_counter()
    return RecommendResult(
        leads=num_leads,
        reps=num_reps,
        one_ms=round(1e3 * float(np.median(seconds)), 3),
        one_p95_ms=round(1e3 * float(np.quantile(seconds, 0.95)), 3),
        batch=batch,
        validate_seconds=round(validated - began, 3),
        batch_seconds=round(done - validated, 3),
        per_second=round(batch / (done - validated)),
    )


def recommend_weeks(
    num_leads: int, num_reps: int, seeds: int, *, reserve: str, watcher: Watcher
) -> Iterator[ArrivalsResult]:
    """Yield what routing weeks of arrivals, 110 % of the reserve each, comes to."""
    planned = _planned(num_leads, num_reps, 7, watcher, reserve)
    for seed in range(seeds):
        found = week(planned, seed)
        yield ArrivalsResult(
            seed=seed,
            arrivals=found.leads,
            hindsight=round(found.hindsight.score, 2),
            prices=round(found.share("prices"), 5),
            greedy=round(found.share("greedy"), 5),
            round_robin=round(found.share("round_robin"), 5),
            prices_objective=round(found.ways["prices"].objective / found.hindsight.objective, 5),
        )


def _planned(
    num_leads: int, num_reps: int, seed: int, watcher: Watcher, reserve: str = "15%"
) -> Planned:
    """Return the plan of a company of which every limit keeps a reserve."""
    spec = CompanySpec(num_leads=num_leads, num_reps=num_reps, seed=seed)
    snapshot = generate(spec).snapshot()
    rules = policy_from_text(with_reserve(policy_text(spec), reserve))
    limits = Limits(seconds=20, gap=1e-3)
    plan = make_plan(snapshot, rules, limits=limits, watcher=watcher, rule_prices=False)
    return Planned(snapshot, rules, plan)


def _leads(size: int, num_reps: int, seed: int, prefix: str) -> pd.DataFrame:
    """Return new leads of the same reps' regions, with customers of their own."""
    spec = CompanySpec(num_leads=size, num_reps=num_reps, seed=seed)
    made = generate(spec).leads.drop(columns=list(WITHOUT))
    # Other companies and places than those of the plan's leads.
    return made.assign(
        lead_id=prefix + made["lead_id"],
        company=prefix + made["company"],
        latitude=made["latitude"] + 0.001,
    )


def _typed(record: dict[Hashable, Any]) -> dict[str, Any]:
    """Return a lead as a program holds it: no times as text, no empty cells."""
    return {str(name): cell for name, cell in record.items() if name != "created" and cell == cell}
