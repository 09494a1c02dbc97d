"""Batches of leads for simple policies: hand-made ones, and random ones with every feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from models.problem import NOBODY, Problem
from models.resource import Resource
from planner.engines.baselines.intake import Intake, LeadFacts, RepFacts
from tests.problems import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.arrays import Ints

    Route = Callable[[Intake, int], Ints]

SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Batch:
    """A batch of leads as short lists; leads arrive in their order.

    Attributes
    ----------
    eligible : per lead the reps who may work it
    num_reps : how many reps there are
    most : per rep the limit of leads; none if empty
    stays : the leads that are with the one rep who may work them
    chance, liked, days_old, channel, named : per lead; liked by the reps that prefer it
    team, capacity, weight, base_leads, received, hired : per rep; received today and this month
    """

    eligible: Sequence[Sequence[int]]
    num_reps: int
    most: Sequence[float] = ()
    stays: Sequence[int] = ()
    chance: Sequence[float] = ()
    liked: Sequence[Sequence[int]] = ()
    days_old: Sequence[float] = ()
    channel: Sequence[int] = ()
    named: Sequence[int] = ()
    team: Sequence[int] = ()
    capacity: Sequence[float] = ()
    weight: Sequence[float] = ()
    base_leads: Sequence[float] = ()
    received: Sequence[float] = ()
    hired: Sequence[float] = ()

    def intake(self) -> Intake:
        """Return the batch as policies take it."""
        rows = [
            [*reps, *([] if row in self.stays else [NOBODY])]
            for row, reps in enumerate(self.eligible)
        ]
        rep = np.array([each for row in rows for each in row])
        size, reps = len(rows), self.num_reps
        limits = (
            (Resource.at_most("count", np.ones(size), np.array(self.most, float)),)
            if self.most
            else ()
        )
        problem = Problem(
            indptr=np.cumsum([0, *map(len, rows)]),
            rep=rep,
            score=np.where(rep == NOBODY, 0.0, 1.0),
            num_reps=reps,
            resources=limits,
        )
        liked = self.liked or [()] * size
        return Intake(
            problem,
            LeadFacts(
                chance=numbers(self.chance, size, 0.5),
                liked=np.array([rep in liked[at] for at, row in enumerate(rows) for rep in row]),
                days_old=numbers(self.days_old, size, 1.0),
                channel=numbers(self.channel, size, 0).astype(np.int64),
                named=numbers(self.named, size, -1).astype(np.int64),
                open_leads=np.ones(size),
            ),
            RepFacts(
                at_work=np.ones(reps, bool),
                team=numbers(self.team, reps, 0).astype(np.int64),
                capacity=numbers(self.capacity, reps, 30.0),
                weight=numbers(self.weight, reps, 1.0),
                base_leads=numbers(self.base_leads, reps, 0.0),
                received_day=numbers(self.received, reps, 0.0),
                received_month=numbers(self.received, reps, 0.0),
                days_since_hired=numbers(self.hired, reps, np.nan),
            ),
        )

    def routed(self, route: Route, seed: int = 0) -> list[int]:
        """Return the rep of each lead under a policy; -1 for nobody."""
        intake = self.intake()
        chosen: list[int] = intake.problem.rep[route(intake, seed)].tolist()
        return chosen


def numbers(given: Sequence[float], size: int, default: float) -> np.ndarray:
    """Return what is given, or the same number for all."""
    return np.array(given, float) if len(given) else np.full(size, float(default))


def open_to_all(num_leads: int, num_reps: int, **parts: Any) -> Batch:
    """Return a batch in which every rep may work every lead."""
    return Batch([range(num_reps)] * num_leads, num_reps, **parts)


def random_intake(problem: Problem, seed: int) -> Intake:
    """Return a batch of a problem's rows with random facts."""
    random = np.random.default_rng(seed)
    rows, reps = problem.num_rows, problem.num_reps
    unknown = np.array([np.nan])
    return Intake(
        problem,
        LeadFacts(
            chance=random.choice([0.0, 0.25, 0.5, 1.0], rows),
            liked=random.random(problem.num_pairs) < 0.3,
            days_old=random.choice(np.append(unknown, [0.0, 7.0, 8.0, 400.0]), rows),
            channel=random.integers(0, 3, rows),
            named=random.integers(-1, reps, rows),
            open_leads=random.integers(0, 3, rows).astype(np.float64),
        ),
        RepFacts(
            at_work=random.random(reps) < 0.8,
            team=random.integers(0, 3, reps),
            capacity=random.choice([0.0, 14.9, 15.0, 60.0, 300.0], reps),
            weight=random.choice([0.0, 1.0, 2.5, 40.0], reps),
            base_leads=random.choice([0.0, 0.0, 3.0], reps),
            received_day=random.choice([0.0, 1.0], reps),
            received_month=random.choice([0.0, 10.0], reps),
            days_since_hired=random.choice(np.append(unknown, [3.0, 10.0, 1000.0]), reps),
        ),
    )


def intakes() -> st.SearchStrategy[Intake]:
    """Draw a batch; some of its leads must be assigned, and some of its limits cannot be kept."""
    return st.builds(random_intake, problems(), SEEDS)
