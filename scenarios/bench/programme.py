"""What the benchmark table measures: which instances, by which methods, within which limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from models.outcome import Limits
from scenarios.bench.gap import generate_gap
from scenarios.bench.methods import (
    CP_SAT,
    GLOP,
    GREEDY,
    HIGHS,
    HIGHS_LP,
    OURS,
    PDLP,
    SCIP,
)
from scenarios.bench.scale import plain_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.problem import Problem
    from scenarios.bench.cells import Conditions
    from scenarios.bench.gap import Kind
    from scenarios.bench.methods import Method

KINDS: tuple[Kind, ...] = ("C", "D", "E")
COMPANY = "company"
COMPANY_GAP = 2e-4
"""The distance from its bound at which our plan of the company is good enough."""
GAP_METHODS = (OURS, CP_SAT, HIGHS, SCIP, GLOP, PDLP, GREEDY)
COMPANY_METHODS = (OURS, GLOP, PDLP, HIGHS_LP, GREEDY)


@dataclass(frozen=True)
class Size:
    """How much is measured, and for how long where nobody says it.

    Attributes
    ----------
    gap : agents and jobs of the instances of each kind
    leads, reps : of the company
    seconds, lp_seconds : time limit of a generalized assignment problem, and of the company
    """

    gap: tuple[tuple[int, int], ...]
    leads: int
    reps: int
    seconds: float
    lp_seconds: float


SIZES = {
    "full": Size(
        gap=((20, 400), (40, 400), (30, 900), (60, 900), (20, 1600), (80, 1600)),
        leads=100_000,
        reps=400,
        seconds=60.0,
        lp_seconds=400.0,
    ),
    "small": Size(gap=((5, 50),), leads=2_000, reps=40, seconds=2.0, lp_seconds=20.0),
}


@dataclass(frozen=True)
class Instance:
    """A problem, who solves it and within which limits.

    Attributes
    ----------
    kind : of the generalized assignment problem, or COMPANY
    make : returns the problem, the same one each time
    """

    name: str
    kind: str
    make: Callable[[], Problem]
    methods: tuple[Method, ...]
    limits: Limits


def programme(conditions: Conditions) -> list[Instance]:
    """Return the instances in their order; their names say kind, agents and jobs."""
    size, threads, seed = SIZES[conditions.size], conditions.threads, conditions.seed
    limits = Limits(seconds=conditions.seconds, gap=0.0, threads=threads, seed=seed)
    instances = [
        Instance(
            f"{kind} {agents}x{jobs}", kind, partial(_gap, kind, agents, jobs, seed),
            GAP_METHODS, limits,
        )
        for kind in KINDS
        for agents, jobs in size.gap
    ]  # fmt: skip
    limits = Limits(seconds=conditions.lp_seconds, gap=COMPANY_GAP, threads=threads, seed=seed)
    make = partial(plain_problem, size.leads, size.reps, seed=seed, threads=threads)
    name = f"{size.leads:,} leads x {size.reps:,} reps"
    return [*instances, Instance(name, COMPANY, make, COMPANY_METHODS, limits)]


def _gap(kind: Kind, agents: int, jobs: int, seed: int) -> Problem:
    return generate_gap(kind, agents, jobs, seed).problem()
