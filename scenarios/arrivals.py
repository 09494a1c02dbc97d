"""A week of arrivals after a plan: routed lead by lead, against perfect hindsight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.files.yaml_reader import parse_yaml
from models.files.yaml_writer import written
from models.outcome import Limits
from models.problem import NOBODY
from planner.engines.baselines.greedy import place_in_order
from planner.engines.baselines.round_robin import round_robin
from planner.engines.engine import Silent
from planner.engines.ties import pair_ties
from planner.recommend import Recommender, arrival
from planner.recommending.over_room import problem_over
from planner.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.arrays import Ints
    from models.problem import Problem
    from planner.planned import Planned
    from planner.recommending.offers import Offers

HINDSIGHT_LIMITS = Limits(seconds=20, gap=1e-4)
REFRESHES = 14
"""Times a week at which the room that is left is priced again: twice a day."""
PRIOR_WEIGHT = 0.25
"""What the expected number of leads counts beside those that came, in parts of the period."""
WITHOUT = ("owner", "owned_since", "last_activity", "open_task", "family", "email", "phone")


@dataclass(frozen=True)
class Routed:
    """What one way to give leads out comes to.

    Attributes
    ----------
    placed : how many leads get a rep
    score : money, of these leads, soft costs of the room apart
    objective : money, soft costs and those of leads without a rep included
    """

    placed: int
    score: float
    objective: float


@dataclass(frozen=True)
class Week:
    """One week of arrivals.

    Attributes
    ----------
    seed, leads : which week, and how many leads came
    hindsight : the best plan of them all over the room that was left
    bound : money, the most that any such plan could have
    ways : by name, what came of routing them one by one
    """

    seed: int
    leads: int
    hindsight: Routed
    bound: float
    ways: Mapping[str, Routed]

    def share(self, way: str) -> float:
        """Return the score of a way as a share of hindsight's."""
        return self.ways[way].score / self.hindsight.score


def week(
    planned: Planned,
    seed: int,
    *,
    load: float = 1.1,
    refreshes: int = REFRESHES,
    limits: Limits = HINDSIGHT_LIMITS,
) -> Week:
    """Return what a random week of arrivals comes to.

    Parameters
    ----------
    load : arrivals as a share of the reserve
    refreshes : how many times prices are made anew, at equal times
    """
    recommender = Recommender(planned)
    leads = draw_arrivals(planned, round(load * recommender.forecast.expected), seed)
    offers = recommender.read(leads)
    order = arrival(offers)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    problem = problem_over(offers.offered, recommender.room, arrival=rank)
    best = run(problem, "auto", limits, None, Silent())
    by_score = np.lexsort((pair_ties(problem, seed), -problem.score, problem.pair_rows()))
    ways = {
        "greedy": place_in_order(problem, order, by_score),
        "round_robin": round_robin(problem, seed),
        "prices": _pairs(problem, offers, by_prices(recommender, leads, refreshes)),
    }
    return Week(
        seed=seed,
        leads=len(leads),
        hindsight=_routed(problem, best.assignment()),
        bound=best.bound,
        ways={name: _routed(problem, chosen) for name, chosen in ways.items()},
    )


def with_reserve(policy: str, share: str) -> str:
    """Return the text of a policy in which every limit keeps a share of its room for arrivals."""
    data = parse_yaml(policy).data
    data["capacity"] = [limit | {"reserve": share} for limit in data["capacity"]]
    return written(data)


def draw_arrivals(planned: Planned, num_leads: int, seed: int) -> pd.DataFrame:
    """Return leads like those of the company, made at random times of the period."""
    period, known = planned.compiled.facts.period, planned.compiled.snapshot.leads
    random = np.random.default_rng(seed)
    drawn = known.iloc[random.integers(len(known), size=num_leads)].reset_index(drop=True)
    since = random.random(num_leads) * (period.ends - period.starts).total_seconds()
    created = pd.Timestamp(period.starts) + pd.to_timedelta(np.sort(since), unit="s")
    width = len(str(num_leads))
    ids = [f"arrival-{seed}-{at:0{width}}" for at in range(num_leads)]
    return drawn.drop(columns=list(WITHOUT)).assign(lead_id=ids, created=created.as_unit("us"))


def by_prices(recommender: Recommender, leads: pd.DataFrame, refreshes: int) -> pd.DataFrame:
    """Return what a recommender makes of leads in order of time; its room shrinks by them."""
    period = recommender.compiled.facts.period
    elapsed = (leads["created"] - period.starts) / (period.ends - period.starts)
    stretch = np.minimum((elapsed * refreshes).astype(np.int64), refreshes - 1)
    expected, parts = recommender.forecast.expected, []
    for number in range(refreshes):
        gone = number / refreshes
        seen = int((stretch < number).sum())
        rate = (PRIOR_WEIGHT * expected + seen) / (PRIOR_WEIGHT + gone)
        recommender.expect(rate * (1 - gone))
        some = leads[stretch == number]
        if len(some):
            parts.append(recommender.route(some))
    return pd.concat(parts, ignore_index=True)


def _pairs(problem: Problem, offers: Offers, routed: pd.DataFrame) -> Ints:
    """Return (n_rows,) the pairs that were taken."""
    names = offers.facts.reps["rep_id"]
    rep = pd.Index(names).get_indexer(routed.set_index("lead_id")["rep_id"][list(offers.lead_ids)])
    return np.flatnonzero(problem.rep == rep[problem.pair_rows()])


def _routed(problem: Problem, chosen: Ints) -> Routed:
    placed = problem.rep[chosen] != NOBODY
    return Routed(
        placed=int(placed.sum()),
        score=float(problem.score[chosen][placed].sum()),
        objective=problem.objective(chosen),
    )
