"""Made-up results of the benchmark table: two types, a company, and all that can go wrong."""

from __future__ import annotations

import numpy as np

from models.outcome import Limits
from models.problem import Problem
from scenarios.bench.cells import Cell, Conditions
from scenarios.bench.programme import COMPANY, COMPANY_METHODS, GAP_METHODS, Instance

CONDITIONS = Conditions(
    date="2026-11-22",
    size="full",
    seconds=60.0,
    lp_seconds=400.0,
    threads=2,
    seed=0,
    machine="Abacus, 2 cores, 24 GB, Linux",
    versions={"fairlead": "0.1.0", "ortools": "9.15"},
)


def nothing() -> Problem:
    """Return a problem without leads."""
    return Problem(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0), 1)


def instance(name: str, kind: str) -> Instance:
    """Return an instance whose problem does not matter."""
    methods = COMPANY_METHODS if kind == COMPANY else GAP_METHODS
    return Instance(name, kind, nothing, methods, Limits())


BIG = "100,000 leads x 400 reps"
INSTANCES = [
    instance("C 20x400", "C"),
    instance("C 40x400", "C"),
    instance("D 20x400", "D"),
    instance(BIG, COMPANY),
]


def plan(name: str, method: str, cost: float, bound: float | None, seconds: float = 60.0) -> Cell:
    """Return the cell of a method with a plan, in costs."""
    lowest = None if bound is None else -bound
    return Cell(name, method, 8_000, -cost, cost, lowest, seconds, "time_limit")


def relaxation(name: str, method: str, bound: float, seconds: float) -> Cell:
    """Return the cell of a linear solver that is done, in costs."""
    return Cell(name, method, 8_000, bound=-bound, seconds=seconds, reason="optimal")


CELLS = [
    plan("C 20x400", "fairlead", 4_783, 4_782, 12.3),
    plan("C 20x400", "cp_sat", 4_790, 4_781),
    plan("C 20x400", "highs", 4_783, 4_782, 3.21),
    plan("C 20x400", "scip", 4_783, 4_790),
    relaxation("C 20x400", "glop", 4_780.5, 0.04),
    relaxation("C 20x400", "pdlp", 4_780.4, 0.5),
    plan("C 20x400", "greedy", 5_000, None, 0.01),
    plan("C 40x400", "fairlead", 4_244, 4_240),
    plan("C 40x400", "cp_sat", 4_260, 4_239),
    Cell("C 40x400", "highs", 16_000, reason="it crashed (aborted)"),
    Cell("C 40x400", "scip", 16_000, bound=-4_241.0, seconds=66.6, reason="nothing"),
    relaxation("C 40x400", "glop", 4_240, 0.08),
    relaxation("C 40x400", "pdlp", 4_239.9, 0.6),
    Cell("C 40x400", "greedy", 16_000, seconds=0.01, reason="its plan breaks a limit"),
    plan("D 20x400", "fairlead", 12_250, 12_240),
    plan("D 20x400", "cp_sat", 12_300, 12_238),
    plan("D 20x400", "highs", 12_245, 12_240),
    plan("D 20x400", "scip", 12_280, 12_239),
    relaxation("D 20x400", "glop", 12_235.5, 0.05),
    relaxation("D 20x400", "pdlp", 12_235.4, 0.7),
    Cell("D 20x400", "greedy", 8_000, seconds=0.01, reason="its plan breaks a limit"),
    Cell(BIG, "fairlead", 1_127_960, 767_941_435.0, 770e6, 767_976_084.0, 1.25, "gap_reached"),
    Cell(BIG, "glop", 1_127_960, bound=800e6, seconds=398.0, reason="feasible"),
    Cell(BIG, "pdlp", 1_127_960, bound=767_975_794.0, seconds=45.0, reason="optimal"),
    Cell(BIG, "highs_lp", 1_127_960, bound=767_975_792.0, seconds=25.0, reason="optimal"),
    Cell(BIG, "greedy", 1_127_960, 727_105_356.0, 736e6, None, 0.82, "iteration_limit"),
]
