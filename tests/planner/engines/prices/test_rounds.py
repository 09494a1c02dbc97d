"""Annealing in turns: from the record's plan, within the record's limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.outcome import Limits
from planner.bound import prove
from planner.engines.baselines.greedy import greedy
from planner.engines.prices.annealing import FIRST_STEPS
from planner.engines.prices.core import core_of
from planner.engines.prices.newton import typical_amounts
from planner.engines.prices.rounds import AnnealingTurns
from planner.engines.record import Record
from planner.kernels.packed import pack
from tests.problems import hard_problem
from tests.watchers import Notebook

if TYPE_CHECKING:
    from models.arrays import Ints

UNLIMITED = Limits(seconds=None, gap=0.0)
PROBLEM = hard_problem(np.random.default_rng(0), 100, 8)
PRICE = np.ones(8)
NEAR, TINY, EMPTY = 15.0, 2.0, -1.0
"""Radius in money of a core with some of the pairs, with few and with none."""


def begun(
    limits: Limits = UNLIMITED, start: Ints | None = None, radius: float = NEAR
) -> tuple[AnnealingTurns, Record, Notebook]:
    """Return turns within a core around the greedy plan, unless the record begins with another."""
    notebook, held = Notebook(), greedy(PROBLEM)
    record = Record("engine", PROBLEM, limits, notebook, time.monotonic())
    record.take_prices(prove(PROBLEM, [PRICE]))
    record.take_assignment(held if start is None else start)
    packed = pack(PROBLEM)
    core = core_of(PROBLEM, packed, PRICE, np.full(PROBLEM.num_rows, radius), held)
    return AnnealingTurns(record, core, PRICE, typical_amounts(packed)), record, notebook


def test_each_turn_is_a_longer_round_that_loses_nothing() -> None:
    turns, record, notebook = begun()
    objective = record.objective
    turns.turn()
    assert record.steps == FIRST_STEPS
    assert objective is not None
    assert record.objective is not None
    assert record.objective > objective
    assert record.chosen is not None
    assert PROBLEM.is_feasible(record.chosen)
    objective = record.objective
    turns.turn()
    assert record.steps == 3 * FIRST_STEPS
    assert record.objective >= objective
    assert set(notebook.messages) == {"annealing who works what"}


def test_it_goes_on_from_a_better_plan_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, found, _ = begun()
    first.turn()
    second, record, _ = begun()
    assert found.chosen is not None
    assert record.take_assignment(found.chosen)
    taken = []
    take = record.take_assignment
    monkeypatch.setattr(record, "take_assignment", lambda plan: taken.append(take(plan)))
    second.turn()
    # Its own plan was worse, and so would be what it finds first from there.
    assert all(taken)


@pytest.mark.parametrize("iterations", [1, 5, 20])
def test_steps_are_the_record_s(iterations: int) -> None:
    turns, record, _ = begun(Limits(seconds=None, iterations=iterations, gap=0.0))
    for _ in range(3):
        turns.turn()
    assert record.steps == iterations


def test_nothing_is_done_after_the_time_limit() -> None:
    turns, record, _ = begun(Limits(seconds=0.0))
    turns.turn()
    assert record.steps == 0


def test_a_round_is_over_before_the_time_is() -> None:
    turns, record, _ = begun(Limits(seconds=60.0, gap=0.0))
    for _ in range(2):
        turns.turn()
    # There is time enough, so that the second round is not cut.
    assert record.steps == 3 * FIRST_STEPS


def test_nothing_is_done_without_a_plan_or_without_rows() -> None:
    crowded = PROBLEM.indptr[:-1].copy()
    assert not PROBLEM.is_feasible(crowded)
    for turns, record, notebook in (begun(start=crowded), begun(radius=EMPTY)):
        turns.turn()
        assert record.steps == 0
        assert notebook.messages == []


def test_it_becomes_stale() -> None:
    turns, record, _ = begun(radius=TINY)
    rounds = 0
    while not turns.is_stale:
        turns.turn()
        rounds += 1
    assert record.steps == FIRST_STEPS * (2**rounds - 1)


def test_same_seed_same_plan() -> None:
    plans = []
    for seed in (1, 1, 2):
        turns, record, _ = begun(Limits(seconds=None, iterations=16, gap=0.0, seed=seed))
        turns.turn()
        assert record.chosen is not None
        plans.append(record.chosen.tolist())
    assert plans[0] == plans[1] != plans[2]
