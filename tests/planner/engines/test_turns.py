"""Who gains more for its time is asked more often, the others now and then."""

from __future__ import annotations

import time

import numpy as np
import pytest

from models.outcome import Limits
from planner.engines.record import Record
from planner.engines.turns import OTHERS, Turns
from tests.problems import flow_problem
from tests.watchers import Notebook


class Fake:
    """Gains so much money in each turn of so many steps, for so many turns."""

    def __init__(self, record: Record, gain: float, steps: int = 1, patience: int = 10**9) -> None:
        self._record, self._gain, self._steps, self._patience = record, gain, steps, patience
        self.turns = 0

    @property
    def is_stale(self) -> bool:
        """Whether its turns are over."""
        return self.turns >= self._patience

    def turn(self) -> None:
        """Gain."""
        self.turns += 1
        self._record.steps += self._steps
        self._record.objective = (self._record.objective or 0.0) + self._gain


@pytest.fixture
def record() -> Record:
    """Return a record of a run that counts steps."""
    problem = flow_problem(np.random.default_rng(0), 20, 3)
    limits = Limits(seconds=None, iterations=10**6, gap=0.0)
    return Record("fake", problem, limits, Notebook(), time.monotonic())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_gains_more_is_asked_more_often(record: Record, order: tuple[int, int]) -> None:
    searches = [Fake(record, 5.0), Fake(record, 1.0)]
    turns = Turns(record, [searches[k] for k in order])
    for _ in range(100):
        turns.turn()
    assert searches[0].turns + searches[1].turns == 100
    assert 100 * OTHERS - 5 <= searches[1].turns <= 100 * OTHERS + 1


def test_gain_counts_for_the_steps_it_took(record: Record) -> None:
    slow, quick = Fake(record, 10.0, steps=20), Fake(record, 1.0)
    turns = Turns(record, [slow, quick])
    for _ in range(100):
        turns.turn()
    assert quick.turns > 3 * slow.turns
    assert 20 * slow.turns <= OTHERS * record.steps + 20


def test_stale_only_when_all_are(record: Record) -> None:
    searches = [Fake(record, 5.0, patience=3), Fake(record, 1.0, patience=6)]
    turns = Turns(record, searches)
    count = 0
    while not turns.is_stale:
        turns.turn()
        count += 1
        assert count < 50
    assert [search.is_stale for search in searches] == [True, True]
