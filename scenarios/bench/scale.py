"""One company of any size, compiled and solved: what each step takes, and the gap reached."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.outcome import relative_gap
from models.problem import NOBODY
from models.resource import NOT_COUNTED, Layer, Resource
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from planner.compile import compile_problem
from planner.engines.prices.warm import warm
from planner.engines.registry import choose_engine
from planner.policy import policy_from_text
from scenarios.generate import CompanySpec, lead_chunks, policy_text
from scenarios.synthetic.reps_table import reps_table
from scenarios.synthetic.scene import set_scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Floats
    from models.outcome import Limits
    from models.problem import Problem
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.engines.engine import Watcher

LEAD_COLUMNS = ["lead_id", "region", "needs", "language", "grade", "product", "industry",
                "amount", "effort_hours", "urgency", "owner", "latitude", "longitude"]  # fmt: skip
HISTORY_COLUMNS = ["lead_id", "rep_id", "closed_on", "won", "product", "grade"]
HISTORY_ROWS = 300_000
"""Enough to learn every win rate from."""
BAND, BAND_COST = 0.15, 0.5
VALUE_SHARE = 0.8
"""The fair total, as a share of what all leads would bring their average reps."""
ROOM_FOR_A_GRADE = 1.1
TIMED = 7
MOVES = 0.3
"""The move budget, as a share of the owned leads."""


@dataclass(frozen=True)
class ScaleResult:
    """What a run took; seconds, MB, money.

    Attributes
    ----------
    gap : as a share of the absolute score of the leads with a rep
    pass_seconds : one evaluation of the bound over all pairs
    copy_seconds : numpy summing the same score and rep arrays once
    peak_mb : the largest memory of this process, tables included
    """

    leads: int
    reps: int
    pairs: int
    objective: float | None
    bound: float
    gap: float | None
    compile_seconds: float
    solve_seconds: float
    pass_seconds: float
    copy_seconds: float
    peak_mb: float


def scale(
    num_leads: int,
    num_reps: int,
    *,
    rules: str = "plain",
    seed: int = 7,
    limits: Limits,
    watcher: Watcher,
) -> ScaleResult:
    """Make a company in memory, compile its policy, solve it by `auto`, and time each step.

    Parameters
    ----------
    rules : "plain", hour limits alone; "team", with a band on value, a limit on A-grade leads and a
        budget of moves
    watcher : hears of progress, and may stop the run
    """
    snapshot, policy = _company(CompanySpec(num_leads=num_leads, num_reps=num_reps, seed=seed))
    began = time.perf_counter()
    compiled = compile_problem(snapshot, policy_from_text(policy), threads=limits.threads)
    problem = compiled.problem if rules == "plain" else _with_team_rules(compiled)
    compile_seconds = time.perf_counter() - began
    # What is measured is solving, not loading compiled code and libraries.
    warm()
    outcome = choose_engine("auto", problem).solve(problem, limits, None, watcher)
    pass_seconds, copy_seconds = _passes(problem)
    gap = None
    if outcome.chosen is not None:
        chosen = outcome.chosen
        assigned = float(np.abs(problem.score[chosen][problem.rep[chosen] != NOBODY]).sum())
        gap = relative_gap(outcome.bound, outcome.objective, assigned)
    return ScaleResult(
        leads=num_leads,
        reps=num_reps,
        pairs=problem.num_pairs,
        objective=outcome.objective,
        bound=outcome.bound,
        gap=gap,
        compile_seconds=round(compile_seconds, 3),
        solve_seconds=round(outcome.seconds, 3),
        pass_seconds=round(pass_seconds, 5),
        copy_seconds=round(copy_seconds, 5),
        peak_mb=round(_peak_mb(), 1),
    )


def plain_problem(num_leads: int, num_reps: int, *, seed: int = 7, threads: int = 2) -> Problem:
    """Return the problem of a company made in memory, which hour limits alone constrain."""
    snapshot, policy = _company(CompanySpec(num_leads=num_leads, num_reps=num_reps, seed=seed))
    return compile_problem(snapshot, policy_from_text(policy), threads=threads).problem


def _company(spec: CompanySpec) -> tuple[Snapshot, str]:
    """Return the tables with the columns that the rules read, and the policy."""
    leads, history, known = [], [], 0
    for chunk in lead_chunks(spec):
        leads.append(chunk.leads.select(LEAD_COLUMNS))
        if known < HISTORY_ROWS:
            history.append(chunk.history.select(HISTORY_COLUMNS))
            known += len(chunk.history)
    tables = {
        "leads": pa.concat_tables(leads).to_pandas(),
        "reps": reps_table(spec, set_scene(spec).staff).to_pandas(),
        "history": pa.concat_tables(history).to_pandas(),
    }
    del leads, history
    header = SnapshotHeader(
        schema=1, as_of=spec.as_of, timezone=spec.timezone, currency=spec.currency
    )
    lines = policy_text(spec).splitlines()
    left_out = ("past_contact", "measure: count")
    policy = "\n".join(line for line in lines if not any(word in line for word in left_out))
    return snapshot_from_frames(tables, header), policy


def _with_team_rules(compiled: Compiled) -> Problem:
    """Return the problem with a band on value, a limit on A-grade leads and a budget of moves."""
    problem, facts = compiled.problem, compiled.facts
    row = problem.pair_rows()
    with_rep = problem.rep != NOBODY
    value = np.where(with_rep, np.maximum(problem.score, 0.0), 0.0)
    reps = problem.num_reps
    capacity = facts.reps["capacity_hours"].to_numpy(np.float64)
    count = np.maximum(np.bincount(row[with_rep], minlength=problem.num_rows), 1)
    total = VALUE_SHARE * float((np.bincount(row, value) / count).sum())
    share = total * capacity / capacity.sum()
    soft = np.full(reps, BAND_COST)
    band = Resource("expected_value", (Layer(value),), np.zeros(reps), (1 - BAND) * share,
                    (1 + BAND) * share, soft, soft, unit="money")  # fmt: skip
    is_a = (facts.leads["grade"] == "A").to_numpy().astype(np.float64)
    most = np.full(reps, np.ceil(ROOM_FOR_A_GRADE * is_a.sum() / _seniors(problem, is_a)))
    grade = Resource.at_most("count where grade is A", is_a, most, unit="leads")
    owner = compiled.snapshot.owner_index[row]
    moved = (owner >= 0) & (problem.rep != owner)
    budget = np.array([np.floor(MOVES * np.count_nonzero(compiled.snapshot.owner_index >= 0))])
    moves = Resource(
        "moves",
        (Layer(np.ones(problem.num_rows), np.where(moved, 0, NOT_COUNTED).astype(np.int32)),),
        np.zeros(1), np.full(1, -np.inf), budget, np.zeros(1), np.full(1, np.inf), unit="leads",
    )  # fmt: skip
    return replace(problem, resources=(*problem.resources, band, grade, moves))


def _seniors(problem: Problem, is_a: Floats) -> int:
    """Return how many reps may work any of the A-grade leads."""
    pairs = (is_a[problem.pair_rows()] > 0) & (problem.rep != NOBODY)
    return max(len(np.unique(problem.rep[pairs])), 1)


def _passes(problem: Problem) -> tuple[float, float]:
    """Return the seconds of one pass over the pairs, and of summing the arrays that it reads."""
    from planner.kernels.packed import pack
    from planner.kernels.passes import best_sum

    packed = pack(problem)
    price = np.zeros(packed.num_slots)

    def one_pass() -> None:
        best_sum(packed.arrays, price)

    def copy() -> None:
        problem.score.sum()
        problem.rep.sum()

    one_pass()
    return _median_seconds(one_pass), _median_seconds(copy)


def _median_seconds(call: Callable[[], None]) -> float:
    seconds = []
    for _ in range(TIMED):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, kilobytes elsewhere.
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
