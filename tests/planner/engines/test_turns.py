"""Who gains more for its time is asked more often, the others now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from models.outcome import Limits
from planner.bound import prove
from planner.engines import turns as module
from planner.engines.baselines.greedy import greedy
from planner.engines.polish import Polish
from planner.engines.prices.core import core_of
from planner.engines.record import Record
from planner.engines.turns import OTHERS, TURN_STEPS, PolishTurns, Turns
from planner.kernels.packed import pack
from tests.knapsacks import newton_prices
from tests.problems import flow_problem, hard_problem
from tests.watchers import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Ints
    from models.problem import Problem


class Fake:
    """Gains so much money in each turn of so many steps, for so many turns."""

    def __init__(self, record: Record, gain: float, steps: int = 1, patience: int = 10**9) -> None:
        self._record, self.gain, self._steps, self._patience = record, gain, steps, patience
        self.turns = 0

    @property
    def is_stale(self) -> bool:
        """Whether its turns are over."""
        return self.turns >= self._patience

    def turn(self) -> None:
        """Gain."""
        self.turns += 1
        self._record.steps += self._steps
        self._record.objective = (self._record.objective or 0.0) + self.gain


def record_of(limits: Limits, problem: Problem | None = None) -> Record:
    """Return a record without a plan."""
    problem = problem or flow_problem(np.random.default_rng(0), 20, 3)
    return Record("fake", problem, limits, Notebook(), time.monotonic())


@pytest.fixture
def record() -> Record:
    """Return a record of a run that counts steps."""
    return record_of(Limits(seconds=None, iterations=10**6, gap=0.0))


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


def test_the_others_share_is_theirs_in_steps(record: Record) -> None:
    strong, weak = Fake(record, 50.0, steps=5), Fake(record, 3.0, steps=3)
    turns = Turns(record, [strong, weak])
    for _ in range(200):
        turns.turn()
    assert 3 * weak.turns <= OTHERS * record.steps
    assert 3 * weak.turns >= 0.9 * OTHERS * record.steps


def test_who_gains_no_more_falls_behind(record: Record) -> None:
    first, second = Fake(record, 5.0), Fake(record, 1.0)
    turns = Turns(record, [first, second])
    for _ in range(50):
        turns.turn()
    assert first.turns > second.turns
    first.gain, before = 0.0, (first.turns, second.turns)
    for _ in range(100):
        turns.turn()
    assert second.turns - before[1] > first.turns - before[0]


def test_who_is_stale_is_not_asked_first_even_if_it_gained_most(record: Record) -> None:
    stale, fresh = Fake(record, 99.0, patience=1), Fake(record, 0.0)
    turns = Turns(record, [stale, fresh])
    for _ in range(100):
        turns.turn()
    assert 1 <= stale.turns <= 100 * OTHERS
    assert fresh.turns == 100 - stale.turns


def test_each_is_asked_soon(record: Record) -> None:
    searches = [Fake(record, 1.0) for _ in range(3)]
    turns = Turns(record, searches)
    for _ in range(3):
        turns.turn()
    assert [search.turns for search in searches] == [1, 1, 1]


def test_one_search_has_all_turns(record: Record) -> None:
    only = Fake(record, 0.0)
    turns = Turns(record, [only])
    for _ in range(5):
        turns.turn()
    assert only.turns == 5
    assert not turns.is_stale


def test_turns_without_steps_do_no_harm(record: Record) -> None:
    searches = [Fake(record, 0.0, steps=0), Fake(record, 0.0, steps=0)]
    turns = Turns(record, searches)
    for _ in range(20):
        turns.turn()
    assert all(search.turns for search in searches)


class Clock:
    """Shows a time that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that all turns look at."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def asked(record: Record, clock: Clock, seconds: tuple[float, float]) -> list[int]:
    """Return who has which turn, where a turn of each of two takes so many seconds."""
    order: list[int] = []

    class Slow(Fake):
        def turn(self) -> None:
            super().turn()
            place = searches.index(self)
            order.append(place)
            clock.now += seconds[place]

    searches = [Slow(record, 5.0), Slow(record, 4.0)]
    turns = Turns(record, searches)
    for _ in range(60):
        turns.turn()
    return order


def test_with_a_limit_on_steps_the_clock_does_not_matter(record: Record, clock: Clock) -> None:
    orders = [asked(record, clock, seconds) for seconds in ((0.0, 9.0), (9.0, 0.0), (1.0, 1.0))]
    assert orders[0] == orders[1] == orders[2]


def test_without_one_the_clock_decides(clock: Clock) -> None:
    record = record_of(Limits(seconds=None, gap=0.0))
    assert asked(record, clock, (1.0, 4.0)).count(0) > 45
    assert asked(record, clock, (4.0, 1.0)).count(1) > 45


class FakePolish:
    """Solves a part in no time; says what it was given."""

    def __init__(self, chosen: Ints, patience: int = 10**9) -> None:
        self.chosen = chosen
        self.is_settled = False
        self.steps = 0
        self.begun: list[Ints] = []
        self.seconds: list[float | None] = []
        self.then: Callable[[], None] = lambda: None
        self._patience = patience

    @property
    def is_stale(self) -> bool:
        """Whether its steps are over."""
        return self.steps >= self._patience

    def begin_with(self, chosen: Ints) -> None:
        """Write it down."""
        self.begun.append(chosen)

    def step(self, seconds: float | None) -> None:
        """Count it."""
        self.steps += 1
        self.seconds.append(seconds)
        self.then()


def polished(record: Record, polish: FakePolish) -> PolishTurns:
    """Return the turns of a fake one, from a plan where nobody has anything."""
    record.take_assignment(record.problem.indptr[1:] - 1)
    return PolishTurns(record, cast("Polish", polish))


@pytest.mark.parametrize("iterations", [1, 3, TURN_STEPS])
def test_polish_stops_when_the_record_is_over(iterations: int) -> None:
    record = record_of(Limits(seconds=None, iterations=iterations, gap=0.0))
    polish = FakePolish(record.problem.indptr[1:] - 1)
    turns = polished(record, polish)
    for _ in range(2):
        turns.turn()
    assert polish.steps == record.steps == iterations


@pytest.mark.usefixtures("clock")
def test_a_turn_of_polish_has_so_many_steps(record: Record) -> None:
    polish = FakePolish(record.problem.indptr[1:] - 1)
    turns = polished(record, polish)
    # The clock stands still.
    for turn in range(1, 4):
        turns.turn()
        assert polish.steps == record.steps == turn * TURN_STEPS
    assert polish.seconds == [None] * polish.steps


@pytest.mark.parametrize(("seconds", "steps"), [(2**-5, 17), (0.3, TURN_STEPS)])
def test_without_a_limit_on_steps_it_takes_some_time(
    clock: Clock, seconds: float, steps: int
) -> None:
    record = record_of(Limits(seconds=None, gap=0.0))
    polish = FakePolish(record.problem.indptr[1:] - 1)
    polish.then = lambda: setattr(clock, "now", clock.now + seconds)
    polished(record, polish).turn()
    assert polish.steps == steps


def test_stale_polish_ends_its_turn_but_takes_one_step(record: Record) -> None:
    polish = FakePolish(record.problem.indptr[1:] - 1, patience=3)
    turns = polished(record, polish)
    assert not turns.is_stale
    for steps in (3, 4, 5):
        turns.turn()
        assert polish.steps == record.steps == steps
        assert turns.is_stale


def test_settled_polish_is_stale(record: Record) -> None:
    polish = FakePolish(record.problem.indptr[1:] - 1)
    turns = polished(record, polish)
    polish.is_settled = True
    assert turns.is_stale


def test_polish_without_a_plan_does_nothing(record: Record) -> None:
    polish = FakePolish(record.problem.indptr[1:] - 1)
    PolishTurns(record, cast("Polish", polish)).turn()
    assert polish.steps == record.steps == 0
    assert polish.begun == []


def test_plans_of_polish_are_mapped_both_ways(record: Record) -> None:
    better = greedy(record.problem)
    nobody = record.problem.indptr[1:] - 1
    record.take_assignment(nobody)
    polish = FakePolish(better[::-1])
    turns = PolishTurns(
        record, cast("Polish", polish), lambda whole: whole[::-1], lambda part: part[::-1]
    )
    turns.turn()
    np.testing.assert_array_equal(polish.begun, [nobody[::-1]])
    np.testing.assert_array_equal(record.chosen, better)


def test_polish_of_a_core_improves_the_whole() -> None:
    problem = hard_problem(np.random.default_rng(0), 60, 6)
    record = record_of(Limits(seconds=None, iterations=3, gap=0.0), problem)
    record.take_assignment(greedy(problem))
    packed, prices = pack(problem), newton_prices(problem)
    radius = np.where(np.arange(60) < 40, 30.0, -1.0)
    assert record.chosen is not None
    first, objective = record.chosen, record.objective
    core = core_of(problem, packed, packed.join(prices.by_resource), radius, first)
    assert 0 < len(core.rows) < 60
    within = prove(core.problem, prices.by_resource)
    polish = Polish(core.problem, within, core.start(), 0)
    PolishTurns(record, polish, core.part, core.whole).turn()
    assert record.steps == polish.steps == 3
    assert objective is not None
    assert record.objective is not None
    assert record.objective > objective
    np.testing.assert_array_equal(record.chosen, core.whole(polish.chosen))
    others = np.setdiff1d(np.arange(60), core.rows)
    np.testing.assert_array_equal(record.chosen[others], first[others])
