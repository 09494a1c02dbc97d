"""Isolated solves: whatever a child does, its parent stays up and tells the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from models.errors import EngineError, FairleadError, ProblemError, UsageError
from models.outcome import BoundSource, Limits, StopReason
from models.problem import Problem
from models.resource import Resource
from planner.bound import zero_prices
from planner.engines import attempt, child, guard
from planner.engines.engine import Start
from planner.engines.isolation import run_isolated
from planner.knapsack_bound import knapsack_bound
from tests.planner.engines import faulty
from tests.planner.engines.faulty import first_plan
from tests.problems import hard_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.outcome import Outcome
    from planner.engines.engine import Progress

pytestmark = pytest.mark.usefixtures("nothing_left")

ROOT = Path(__file__).parents[3]
PROBLEM = hard_problem(np.random.default_rng(4), 20, 4)
# What prices of 0 prove: the best that the parent knows by itself.
FIRST_BOUND = zero_prices(PROBLEM).bound
LIMITS = Limits(seconds=30.0, memory_mb=256, threads=2)
SHORT = replace(LIMITS, seconds=0.1)
PATIENCE = 30.0

ENDS = {
    faulty.Segfault: "was ended by signal 11 (segmentation fault)",
    faulty.Abort: "was ended by signal 6 (aborted)",
    faulty.Killed: "was ended by signal 9 (killed)",
    faulty.Exit3: "ended without an answer, exit code 3",
    faulty.Exit0: "ended without an answer, exit code 0",
    faulty.PythonError: "ended without an answer, exit code 1",
    faulty.Truncated: "ended without an answer, exit code 0",
    faulty.FullLog: "ended without an answer, exit code 1",
    faulty.ClosedPipe: "closed its pipe without an answer",
}
GARBAGE = {
    faulty.Garbage: r"sent no message but '\\xff\\xfe not a message'",
    faulty.GarbageNumber: "sent no message but '42'",
    faulty.GarbageNesting: "sent no message but '[[[[[[[[[[[[[[[[[[[[",
    faulty.GarbageKind: """sent no message but '{"kind": "Hello"}'""",
    faulty.GarbageField: """sent no message but '{"kind": "Done",""",
    faulty.GarbageReason: """sent no message but '{"kind": "Done", "reason": "tired",""",
    faulty.GarbageBound: """sent no message but '{"kind": "Done",""",
    faulty.GarbageOptimal: "said optimal without an assignment",
    faulty.NoFile: "sent no array 'final_chosen' of 20 int64 numbers: [Errno 2]",
    faulty.BadArray: "sent no array 'final_chosen' of 20 int64 numbers",
    faulty.BadType: "(shape, order, type) is ((20,), False, dtype('float64'))",
    faulty.BadPickle: "(shape, order, type) is ((20,), False, dtype('O'))",
    faulty.BadHeader: "(shape, order, type) is ((1000000000000000,), False, dtype('int64'))",
    faulty.BadEnd: "it ends after 19 numbers",
    faulty.BadPrices: "sent prices that are not finite numbers",
    faulty.BadMultipliers: "sent multipliers that are not finite numbers",
    faulty.StaleFile: "sent no array 'chosen' of 20 int64 numbers",
    faulty.Breach: "breaks a limit: resource 'hours', group 0 has 1109 where 221 is allowed",
    faulty.ForeignPairs: "gives row 0 a pair of another row: 99",
    faulty.FloatPlan: "ended without an answer, exit code 1",
    faulty.FalseInfeasible: "called a problem infeasible that has a verified plan",
    faulty.Flood: "flooded its parent with",
    faulty.EndlessLine: "sent a line of more than 65536 bytes",
}


class Recorder:
    """A watcher that keeps what it hears, and wants to stop when `stop` says so."""

    def __init__(self, stop: Callable[[Recorder], bool] = lambda _: False) -> None:
        self.heard: list[Progress] = []
        self.stop = stop

    def report(self, progress: Progress) -> None:
        """Keep it."""
        self.heard.append(progress)

    def should_stop(self) -> bool:
        """Ask `stop`."""
        return self.stop(self)


def has_plan(recorder: Recorder) -> bool:
    """Return whether a plan was heard of."""
    return any(progress.chosen is not None for progress in recorder.heard)


def path_of(engine: type[faulty.Faulty]) -> str:
    """Return the dotted path of a faulty engine."""
    return f"tests.planner.engines.faulty:{engine.__name__}"


def run(engine: type[faulty.Faulty], limits: Limits = LIMITS, **options: Any) -> Outcome:
    """Run a faulty engine."""
    return run_isolated(path_of(engine), PROBLEM, limits, **options)


def assert_failed(outcome: Outcome, *words: str) -> None:
    """Assert that a run left no plan and says why."""
    assert outcome.reason is StopReason.FAILED
    assert outcome.chosen is None
    for word in words:
        assert word in outcome.detail


def assert_first_plan(outcome: Outcome) -> None:
    """Assert that a run left the plan that faulty engines report."""
    np.testing.assert_array_equal(outcome.assignment(), first_plan(PROBLEM))
    assert outcome.objective == PROBLEM.objective(first_plan(PROBLEM))


def test_outcome_and_progress_arrive() -> None:
    recorder = Recorder()
    outcome = run(faulty.Obedient, watcher=recorder)
    assert_first_plan(outcome)
    assert (outcome.engine, outcome.reason) == ("obedient", StopReason.ITERATION_LIMIT)
    assert has_plan(recorder)
    assert "working" in [progress.message for progress in recorder.heard]
    # Prices of 0 are what the parent begins with, so they are no news.
    assert outcome.prices is not None
    assert outcome.bound == outcome.prices.bound == FIRST_BOUND
    assert outcome.bound_source is BoundSource.PRICES
    assert outcome.trace[-1][1:] == (0.0, FIRST_BOUND)


def test_child_works_under_limits_on_mapped_files() -> None:
    problem = hard_problem(np.random.default_rng(0), 20_000, 10)
    start = first_plan(problem)
    outcome = run_isolated(path_of(faulty.Inspect), problem, LIMITS, Start(start))
    seen = json.loads(outcome.detail)
    assert seen["is_mapped"]
    # Ctrl-C on the terminal does not reach it.
    assert seen["own_session"]
    assert seen["start"] == [20_000, int(start.sum())]
    assert (seen["threads"], seen["core"]) == ("2", 0)
    assert seen["nice"] == min(19, os.nice(0) + child.NICENESS)
    assert 256 * guard.MB < seen["memory"] < 2_000 * guard.MB
    assert seen["seconds"] == LIMITS.seconds


def test_run_without_a_time_limit_may_be_stopped_all_the_same() -> None:
    outcome = run(faulty.Polite, replace(LIMITS, seconds=None), watcher=Recorder(has_plan))
    assert outcome.reason is StopReason.CANCELLED
    assert_first_plan(outcome)


def test_many_resources_need_few_descriptors() -> None:
    resources = tuple(
        Resource.at_most(f"resource {index}", np.ones(PROBLEM.num_rows), np.full(4, 50.0))
        for index in range(100)
    )
    problem = replace(PROBLEM, resources=resources)
    outcome = run_isolated(path_of(faulty.Inspect), problem, LIMITS)
    assert json.loads(outcome.detail)["descriptors"] < 20


def test_problem_without_rows() -> None:
    empty = Problem(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0), 3)
    assert run_isolated(path_of(faulty.Obedient), empty, LIMITS).objective == 0.0


@pytest.mark.parametrize("engine", ENDS)
def test_dead_child_is_replaced_then_given_up(engine: type[faulty.Faulty], pids: Path) -> None:
    outcome = run(engine, attempts=2)
    assert_failed(outcome, f"the engine's process {ENDS[engine]} in 2 of 2 attempts")
    assert len(pids.read_text().split()) == 2


def test_dead_child_is_noticed_while_its_pipe_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    make = os.pipe

    def make_and_hold() -> tuple[int, int]:
        ends = make()
        # The first pipe is the one for messages; `subprocess` waits for the end of its own.
        if not held:
            held.append(os.dup(ends[1]))
        return ends

    # As a process does that another thread forks at this moment.
    monkeypatch.setattr(os, "pipe", make_and_hold)
    outcome = run(faulty.Exit3, attempts=1)
    for descriptor in held:
        os.close(descriptor)
    assert_failed(outcome, "exit code 3")


def test_failure_quotes_what_the_child_said_last(pids: Path) -> None:
    outcome = run(faulty.Abort)
    assert_failed(
        outcome,
        "in 3 of 3 attempts; native solvers end like this also when memory_mb is too low for them; "
        "last lines: Check failed: the basis is singular / crashed in File",
    )
    assert outcome.detail.endswith("in act")
    assert len(pids.read_text().split()) == 3


@pytest.mark.parametrize("engine", GARBAGE)
def test_garbage_is_refused(engine: type[faulty.Faulty]) -> None:
    assert_failed(run(engine, attempts=1), GARBAGE[engine], "in 1 of 1 attempts")


def test_failures_are_counted_by_kind() -> None:
    outcome = run(faulty.Mixed, attempts=3)
    assert_failed(outcome, "exit code 3 in 2 of 3 attempts; ", "(aborted) in 1 of 3 attempts")


def test_second_attempt_goes_on_where_the_first_one_fell() -> None:
    outcome = run(faulty.Flaky)
    assert_first_plan(outcome)
    seen = json.loads(outcome.detail)
    assert seen["start"] == [20, int(first_plan(PROBLEM).sum())]
    assert 0 < seen["seconds"] < 30.0


def test_memory_limit_ends_the_child_alone_and_at_once(pids: Path) -> None:
    outcome = run(faulty.MemoryHog)
    assert_failed(outcome, "the engine needs more than its memory limit of 256 MB; raise memory_mb")
    assert len(pids.read_text().split()) == 1


def test_memory_limit_does_not_count_the_imports() -> None:
    assert run(faulty.ThriftyHog).has_plan


def test_refusal_is_raised_and_not_repeated(pids: Path) -> None:
    with pytest.raises(ProblemError, match=r"^row 7 has a negative effort$"):
        run(faulty.Refusal)
    assert len(pids.read_text().split()) == 1


def test_refusal_that_holds_more_than_text_keeps_its_text() -> None:
    with pytest.raises(FairleadError, match=r"policy.yaml: 1 fault\n  line 3: unknown key"):
        run(faulty.RichRefusal)


@pytest.mark.parametrize("path", ["no.such:Engine", "models.problem:Engine", "nothing", ":Engine"])
def test_unknown_engine_is_refused(path: str) -> None:
    with pytest.raises(EngineError, match=f"engine '{path}' cannot be loaded"):
        run_isolated(path, PROBLEM, LIMITS)


def test_arguments_are_checked() -> None:
    with pytest.raises(UsageError, match="attempts is 0; it must be at least 1"):
        run(faulty.Obedient, attempts=0)
    with pytest.raises(ProblemError, match=r"the start is an array \(3,\) of int64"):
        run(faulty.Obedient, start=Start(np.arange(3)))
    fractions: Any = np.zeros(20)
    with pytest.raises(ProblemError, match=r"the start is an array \(20,\) of float64"):
        run(faulty.Obedient, start=Start(fractions))


@pytest.mark.parametrize("engine", [faulty.HangWithPlan, faulty.HoldGil, faulty.Polite])
def test_time_limit_keeps_the_best_plan(engine: type[faulty.Faulty]) -> None:
    outcome = run(engine, SHORT)
    assert outcome.reason is StopReason.TIME_LIMIT
    assert_first_plan(outcome)
    assert outcome.gap_money == FIRST_BOUND
    assert "the best plan so far is kept" in outcome.detail


def test_time_limit_without_a_plan_leaves_none() -> None:
    outcome = run(faulty.Hang, SHORT)
    assert (outcome.reason, outcome.chosen) == (StopReason.TIME_LIMIT, None)
    assert outcome.bound == FIRST_BOUND
    assert outcome.detail == "the engine did not end by itself; there was no plan yet"


def test_time_limit_keeps_a_feasible_start() -> None:
    outcome = run(faulty.Hang, SHORT, start=Start(first_plan(PROBLEM)))
    assert outcome.reason is StopReason.TIME_LIMIT
    assert_first_plan(outcome)


def test_start_that_breaks_limits_is_only_a_hint() -> None:
    start: Any = PROBLEM.indptr[:-1].astype(np.int32)
    outcome = run(faulty.Inspect, start=Start(start))
    assert json.loads(outcome.detail)["start"] == [20, int(start.sum())]
    assert_first_plan(outcome)


def test_crash_after_the_time_limit_keeps_the_best_plan(pids: Path) -> None:
    outcome = run(faulty.LateCrash, SHORT)
    assert outcome.reason is StopReason.TIME_LIMIT
    assert_first_plan(outcome)
    assert "(aborted) in 1 of 3 attempts; then its time was over" in outcome.detail
    assert len(pids.read_text().split()) == 1


def test_child_that_does_not_begin_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "START_SECONDS", 0.0)
    monkeypatch.setattr(attempt, "POLL_SECONDS", 0.0)
    assert_failed(run(faulty.Obedient, attempts=2), "did not begin within 0 s in 2 of 2 attempts")


@pytest.mark.parametrize("engine", [faulty.Polite, faulty.HangWithPlan, faulty.HoldGil])
def test_cancel_keeps_the_best_plan(engine: type[faulty.Faulty]) -> None:
    outcome = run(engine, watcher=Recorder(has_plan))
    assert outcome.reason is StopReason.CANCELLED
    assert_first_plan(outcome)


def test_engine_that_cannot_exit_has_answered_all_the_same() -> None:
    assert_first_plan(run(faulty.HangAtExit))


def test_polite_engine_ends_by_itself() -> None:
    assert run(faulty.Polite, watcher=Recorder(has_plan)).detail == "asked to stop"


def test_cancel_before_the_start_starts_nothing(pids: Path) -> None:
    outcome = run(faulty.Polite, watcher=Recorder(lambda _: True), start=Start(first_plan(PROBLEM)))
    assert outcome.reason is StopReason.CANCELLED
    assert_first_plan(outcome)
    assert not pids.read_text()


def test_words_are_thinned_out() -> None:
    recorder = Recorder()
    outcome = run(faulty.Chatty, replace(LIMITS, seconds=0.5), watcher=recorder)
    assert_first_plan(outcome)
    assert 1 <= len(recorder.heard) <= 7


def test_objective_is_computed_anew() -> None:
    outcome = run(faulty.LyingObjective)
    assert_first_plan(outcome)
    assert outcome.reason is StopReason.ITERATION_LIMIT
    assert outcome.detail == "the engine said optimal, which its figures do not prove"
    assert outcome.prices is not None
    assert outcome.bound == outcome.prices.bound < FIRST_BOUND


def test_solver_bound_that_a_plan_refutes_is_dropped() -> None:
    outcome = run(faulty.FalseBound)
    assert_first_plan(outcome)
    assert (outcome.bound, outcome.bound_source) == (FIRST_BOUND, BoundSource.PRICES)
    assert outcome.reason is StopReason.ITERATION_LIMIT
    assert "the solver's bound of -1.00 lies below the objective 0.00" in outcome.detail


def test_solver_bound_never_exceeds_the_prices() -> None:
    outcome = run(faulty.LooseBound)
    assert (outcome.bound, outcome.bound_source) == (FIRST_BOUND, BoundSource.PRICES)


def test_solver_bound_may_prove_optimality() -> None:
    outcome = run(faulty.TightBound)
    assert outcome.reason is StopReason.OPTIMAL
    assert (outcome.bound, outcome.bound_source) == (0.0, BoundSource.SOLVER)


def test_absurd_prices_prove_nothing() -> None:
    assert run(faulty.HugePrices).bound == FIRST_BOUND


def test_multipliers_prove_what_is_derived_here() -> None:
    recorder = Recorder()
    outcome = run(faulty.LyingMultipliers, watcher=recorder)
    zeros = zero_prices(PROBLEM).by_resource
    proved = knapsack_bound(PROBLEM, zeros, np.full(20, 100.0), 0)
    assert (outcome.bound, outcome.bound_source) == (proved, BoundSource.KNAPSACK)
    assert proved < FIRST_BOUND
    told = [progress.multipliers for progress in recorder.heard if progress.multipliers]
    assert [multipliers.bound for multipliers in told] == [proved]
    assert outcome.multipliers is told[0]


def test_absurd_multipliers_prove_nothing() -> None:
    outcome = run(faulty.HugeMultipliers)
    assert (outcome.bound, outcome.bound_source) == (FIRST_BOUND, BoundSource.PRICES)


def test_best_of_the_stream_beats_a_worse_end() -> None:
    # Without limits every row's best pair is a plan.
    problem = replace(PROBLEM, resources=())
    outcome = run_isolated(path_of(faulty.WorseAtTheEnd), problem, LIMITS)
    assert outcome.objective == outcome.bound


def test_infeasible_is_handed_on() -> None:
    outcome = run(faulty.Infeasible)
    assert (outcome.reason, outcome.chosen) == (StopReason.INFEASIBLE, None)
    assert outcome.detail == "no plan keeps every limit"


def test_infeasible_is_refused_when_the_start_is_a_plan() -> None:
    outcome = run(faulty.Infeasible, start=Start(first_plan(PROBLEM)), attempts=1)
    assert_failed(outcome, "called a problem infeasible that has a verified plan")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_error_in_the_parent_leaves_nothing(error: type[BaseException], pids: Path) -> None:
    def stop(recorder: Recorder) -> bool:
        if has_plan(recorder):
            raise error
        return False

    with pytest.raises(error):
        run(faulty.HangWithPlan, watcher=Recorder(stop))
    assert len(pids.read_text().split()) == 1


def test_poison_run_does_not_block_its_neighbour() -> None:
    finished = threading.Event()
    poison: list[Outcome] = []
    thread = threading.Thread(
        target=lambda: poison.append(
            run(faulty.HoldGil, watcher=Recorder(lambda _: finished.is_set()))
        )
    )
    thread.start()
    outcome = run(faulty.Obedient)
    assert thread.is_alive()
    finished.set()
    thread.join(PATIENCE)
    assert_first_plan(outcome)
    assert poison[0].reason is StopReason.CANCELLED


SCRIPT = """
import signal
import numpy as np
from models.outcome import Limits
from models.problem import Problem
from planner.engines.isolation import run_isolated
# A shell that starts its jobs in the background has them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
problem = Problem(np.array([0, 2]), np.array([0, -1]), np.array([5.0, -1.0]), 1)
outcome = run_isolated("tests.planner.engines.faulty:{engine}", problem, Limits(seconds=30))
print(outcome.reason, outcome.objective)
"""


def program(engine: type[faulty.Faulty], folder: Path) -> list[str]:
    """Return the command of a script without a main guard."""
    script = folder / "script.py"
    script.write_text(SCRIPT.format(engine=engine.__name__))
    return [sys.executable, str(script)]


def wait_until(is_true: Callable[[], bool]) -> None:
    """Wait for something that must happen; fail when it does not."""
    until = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["script", "standard input"])
def test_works_without_a_main_guard_and_from_elsewhere(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Packages of the same names, which must not be taken for ours.
    for name in ("planner", "models"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('the wrong package')")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = program(faulty.Obedient, tmp_path / "planner")
    source = SCRIPT.format(engine=faulty.Obedient.__name__) if kind == "standard input" else None
    if source is not None:
        command = [sys.executable, "-P", "-"]
    result = subprocess.run(
        command, input=source, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert result.stdout == "iteration_limit -1.0\n", result.stderr


def test_works_where_the_packages_are_no_longer_on_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry) != ROOT])
    assert_first_plan(run(faulty.Obedient))


@pytest.mark.parametrize("engine", [faulty.Hang, faulty.HoldGil])
def test_child_does_not_outlive_a_killed_parent(
    engine: type[faulty.Faulty], pids: Path, tmp_path: Path, temporary: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    parent = subprocess.Popen(program(engine, tmp_path))
    wait_until(lambda: pids.read_text().endswith("\n"))
    (pid,) = map(int, pids.read_text().split())
    assert psutil.pid_exists(pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not psutil.pid_exists(pid))
    # The next run finds the directory that nobody locks any more, and removes it.
    assert list(temporary.iterdir())
    run(faulty.Obedient)
    assert not list(temporary.iterdir())


def test_interrupt_from_the_terminal_leaves_nothing(
    pids: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = program(faulty.HangWithPlan, tmp_path)
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: pids.read_text().endswith("\n"))
    parent.send_signal(2)
    _, errors = parent.communicate()
    assert errors.endswith("KeyboardInterrupt\n")


@pytest.mark.hard
@pytest.mark.parametrize(
    "engine", [*ENDS, faulty.MemoryHog, *GARBAGE], ids=lambda engine: engine.__name__
)
def test_reliability_04_dead_children(engine: type[faulty.Faulty], pids: Path) -> None:
    attempts = 3 if engine in ENDS else 1
    for _ in range(50):
        pids.write_text("")
        outcome = run(engine, attempts=attempts)
        assert_failed(outcome, (ENDS | GARBAGE).get(engine, "memory limit of 256 MB"))
        assert len(pids.read_text().split()) == attempts
    assert_first_plan(run(faulty.Obedient))


@pytest.mark.hard
@pytest.mark.parametrize(
    "engine", [faulty.Segfault, faulty.MemoryHog, faulty.Flood, faulty.HoldGil, faulty.FullLog]
)
def test_reliability_04_delay_of_a_neighbour(engine: type[faulty.Faulty]) -> None:
    def median_seconds() -> float:
        seconds = []
        for _ in range(10):
            begun = time.monotonic()
            assert_first_plan(run(faulty.Obedient))
            seconds.append(time.monotonic() - begun)
        return float(np.median(seconds))

    def poison() -> None:
        while not finished.is_set():
            run(engine, watcher=Recorder(lambda _: finished.is_set()))

    alone = median_seconds()
    finished = threading.Event()
    thread = threading.Thread(target=poison)
    thread.start()
    beside = median_seconds()
    finished.set()
    thread.join()
    assert beside - alone < 1.0, f"{engine.__name__}: {beside:.2f} s, alone {alone:.2f} s"
