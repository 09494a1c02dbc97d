"""Who should be hired next: candidate reps, valued by prices, the best of them solved again.

All candidates are added to one company and compiled once. Under the plan's prices a lead costs the
rest of the plan what it nets there; a candidate takes those that net most for the room that they
use. For the best few the prices are found again with that rep alone: the bound rises by what a
further rep can bring at most, and a plan in which leads moved over is what it brings at least.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.explanation import Hire
from models.outcome import Limits
from planner.compile import compile_problem
from planner.engines.engine import Silent, Start
from planner.engines.prices.proven_prices import proven_prices
from planner.engines.registry import AUTO
from planner.explain.repair import filled
from planner.explain.tight import lead_skills, short_regions
from planner.explain.words import Words
from planner.run import run
from planner.start import start_of

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.engines.engine import Watcher
    from planner.planned import Planned

NEW = "~new"
"""Begins the rep_id of a candidate; it sorts behind ordinary ids."""
CANDIDATES = 200
"""At most so many are compared; the regions with the most value come first."""
LISTS = ("industries", "products", "languages")
"""What a candidate is taken to know all of."""
NOTED = 0.01
"""What the plan is short of the best is told where it is more than this share of the gain."""
TYPICAL = ("capacity_hours", "max_leads", "quota")
"""Of what a candidate has the median."""


def hires(
    planned: Planned,
    *,
    count: int = 3,
    solve: bool = False,
    limits: Limits | None = None,
    watcher: Watcher | None = None,
) -> tuple[Hire, ...]:
    """Return the further reps that would bring most, the best first.

    A candidate covers one region of the leads, has one of the skills they need or none, knows every
    industry, product and language, has the highest level, and the median hours and leads. Fair
    totals stay as they are; the shares of others shrink by that of the candidate.

    Parameters
    ----------
    count : how many to return
    solve : whether to solve again with each of them
    limits : of each solution
    """
    profiles = _profiles(planned)
    rough = _rough_gains(planned, profiles)
    best = np.argsort(-rough, kind="stable")[:count]
    base = proven_prices(planned.compiled.problem, planned.prices).bound
    base = min(base, planned.plan.record.price_bound)
    found = []
    for number in best:
        if rough[number] > 0:
            trial = _Trial(planned, profiles.iloc[[number]], base)
            found.append(trial.hire(solve, limits or Limits(), watcher or Silent()))
    return tuple(sorted(found, key=lambda hire: -hire.predicted))


def _profiles(planned: Planned) -> pd.DataFrame:
    """Return the candidates as rows of the table of reps."""
    snapshot = planned.compiled.snapshot
    leads, reps = snapshot.leads, snapshot.reps[~planned.compiled.facts.has_left]
    skills = ["", *lead_skills(leads)]
    worth = pd.Series(planned.compiled.valuation.amount).groupby(short_regions(leads)).sum()
    regions = worth.sort_values(ascending=False, kind="stable").index.tolist() or ["*"]
    regions = regions[: max(1, CANDIDATES // len(skills))]
    rows = [
        {
            "regions": region,
            "skills": skill,
            **dict.fromkeys(LISTS, "*"),
            **{name: reps[name].median() for name in TYPICAL},
            "level": reps["level"].max(),
            "active": 1.0,
        }
        for region in regions
        for skill in skills
    ]
    frame = pd.DataFrame(rows)
    frame["rep_id"] = [f"{NEW} {number + 1:03}" for number in range(len(frame))]
    return frame


def _rough_gains(planned: Planned, profiles: pd.DataFrame) -> Floats:
    """Return (n_candidates,) money: what each could net alone, under the plan's prices."""
    snapshot = planned.compiled.snapshot.with_reps(profiles)
    compiled = _compiled(planned, snapshot)
    problem = compiled.problem
    ids = compiled.snapshot.reps["rep_id"].to_numpy()
    row = problem.pair_rows()
    gain = problem.score - planned.best[row]
    gains = np.zeros(len(profiles))
    for number, rep_id in enumerate(profiles["rep_id"]):
        rep = int(np.flatnonzero(ids == rep_id)[0])
        pairs = np.flatnonzero((problem.rep == rep) & (gain > 0))
        gains[number] = _knapsack(problem, rep, pairs, gain[pairs])
    return gains


def _knapsack(problem: Problem, rep: int, pairs: Ints, gain: Floats) -> float:
    """Return what fits of some pairs at most: the least over all hard limits of the rep."""
    least = float(gain.sum())
    for resource in problem.resources:
        if len(resource.upper) != problem.num_reps or not np.isinf(resource.over_cost[rep]):
            continue
        used = sum(
            (
                np.where(problem.pair_group(layer) == rep, problem.pair_amount(layer), 0.0)[pairs]
                for layer in resource.layers
            ),
            np.zeros(len(pairs)),
        )
        room = float(resource.upper[rep] - resource.base[rep])
        counted = used > 0
        order = np.argsort(-gain[counted] / used[counted], kind="stable")
        amount, worth = used[counted][order], gain[counted][order]
        part = np.clip((room - (np.cumsum(amount) - amount)) / amount, 0.0, 1.0)
        least = min(least, float((part * worth).sum() + gain[~counted].sum()))
    return least


def _compiled(planned: Planned, snapshot: Snapshot) -> Compiled:
    old = planned.compiled
    return compile_problem(snapshot, old.policy, settled=old.settled)


@dataclass(frozen=True, eq=False)
class _Trial:
    """A company with one candidate more.

    Attributes
    ----------
    profile : one row of the table of reps
    base : money, what the prices prove for the company as it is
    """

    planned: Planned
    profile: pd.DataFrame
    base: float

    def hire(self, solve: bool, limits: Limits, watcher: Watcher) -> Hire:
        """Return what the candidate brings."""
        planned = self.planned
        snapshot = planned.compiled.snapshot.with_reps(self.profile)
        compiled = _compiled(planned, snapshot)
        problem = compiled.problem
        begin = start_of(compiled, planned.plan)
        prices, chosen = proven_prices(problem, begin.prices), begin.chosen
        at_least, gained = 0.0, None
        short = planned.plan.record.gap_money or 0.0
        if problem.is_feasible(chosen):
            rep = int(np.flatnonzero(snapshot.reps["rep_id"] == self.profile["rep_id"].iat[0])[0])
            chosen = filled(problem, chosen, rep)
            # What the plan itself is short of the best may not be laid to the further rep.
            at_least = max(0.0, problem.objective(chosen) - planned.objective - short)
        if solve:
            start = Start(chosen, prices.by_resource)
            outcome = run(problem, AUTO, limits, start, watcher)
            if outcome.objective is not None:
                gained = outcome.objective - planned.objective
        predicted = prices.bound - self.base
        row = self.profile.iloc[0]
        words = Words.of(planned)
        where = "" if row["regions"] == "*" else f" in {row['regions']}"
        skill = f" with skill {row['skills']}" if row["skills"] else ""
        text = f"A further rep{where}{skill} would bring {words.money(predicted)} of score"
        if gained is not None:
            text += f"; solved again, {words.money(gained)}"
            if short > NOTED * gained:
                text += f", of which the plan itself may be short of {words.money(short)}"
        cells = {str(name): cell for name, cell in row.items() if pd.notna(cell)}
        return Hire(
            region=None if row["regions"] == "*" else str(row["regions"]),
            skill=str(row["skills"]) or None,
            text=f"{text}.",
            columns=cells,
            predicted=predicted,
            at_least=at_least,
            at_most=prices.bound - planned.objective,
            gained=gained,
        )
