"""Engines that misbehave, one fault each, to be run in a child process.

Each writes its process id to the file that FAULTY_PIDS names, so that a test can count the
attempts and see that none of the processes is left.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.errors import PolicyError, ProblemError
from models.outcome import BoundSource, Limits, Multipliers, Outcome, Prices, StopReason
from planner.engines.engine import Progress
from planner.engines.reporter import Reporter
from planner.engines.transport import CHOSEN, FINAL_CHOSEN, FINAL_PRICES

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher

PIDS = "FAULTY_PIDS"
FOREVER = 600.0
MB = 2**20
DONE = {
    "kind": "Done",
    "reason": "time_limit",
    "detail": "",
    "chosen": False,
    "prices": False,
    "bound": None,
    "bound_source": "prices",
    "iterations": 0,
}


def first_plan(problem: Problem) -> Ints:
    """Return the assignment of every row to its last pair: nobody, where that is allowed."""
    return problem.indptr[1:] - 1


class Faulty:
    """Solves nothing; the base of all."""

    name: ClassVar[str] = "faulty"
    isolated: ClassVar[bool] = True
    problem: Problem
    limits: Limits
    start: Start | None
    reporter: Reporter

    def unsupported(self, problem: Problem) -> str | None:
        """Return None: it takes any problem."""
        del problem
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Note the process, then misbehave; what is left over is the first plan."""
        assert isinstance(watcher, Reporter)
        self.problem, self.limits, self.start, self.reporter = problem, limits, start, watcher
        with Path(os.environ[PIDS]).open("a") as file:
            file.write(f"{os.getpid()}\n")
        return self.act() or self.outcome()

    def act(self) -> Outcome | None:
        """Misbehave."""
        return None

    def outcome(self, reason: StopReason = StopReason.ITERATION_LIMIT, detail: str = "") -> Outcome:
        """Return the first plan."""
        chosen = first_plan(self.problem)
        objective = self.problem.objective(chosen)
        return Outcome(self.name, reason, detail, chosen=chosen, objective=objective)

    def report_plan(self) -> None:
        """Report the first plan."""
        self.reporter.report(Progress(chosen=first_plan(self.problem)))

    def send(self, data: bytes | dict[str, object]) -> None:
        """Send raw bytes, or a raw message, on the pipe."""
        line = data if isinstance(data, bytes) else json.dumps(data).encode() + b"\n"
        self.reporter.outbox.write(line)
        self.reporter.outbox.flush()

    def save(self, name: str, values: object) -> None:
        """Save anything as an array where the parent looks for one."""
        np.save(self.reporter.directory / f"{name}.npy", np.asarray(values))

    @staticmethod
    def attempt() -> int:
        """Return 1 in the first process, 2 in the second, ..."""
        return len(Path(os.environ[PIDS]).read_text().splitlines())


class Obedient(Faulty):
    """Does nothing wrong, and chats on stdout and stderr as native solvers do."""

    name: ClassVar[str] = "obedient"

    def act(self) -> None:
        """Report prices and the plan."""
        sys.stdout.write('{"kind": "Done"} on stdout is no message\n')
        sys.stdout.flush()
        zeros = tuple(np.zeros(resource.num_groups) for resource in self.problem.resources)
        self.reporter.report(Progress(prices=Prices(zeros, 0.0), bound=1e12, message="working"))
        self.report_plan()


class Inspect(Faulty):
    """Tells in its detail what surrounds it."""

    def act(self) -> Outcome:
        """Look around."""
        chosen = None if self.start is None else self.start.chosen
        found = {
            "nice": os.nice(0),
            "own_session": os.getsid(0) == os.getpid(),
            "threads": os.environ["OMP_NUM_THREADS"],
            "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
            "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
            "start": None if chosen is None else [len(chosen), int(chosen.sum())],
            "seconds": self.limits.seconds,
            "is_mapped": _is_mapped(self.problem.score),
            "descriptors": len(list(Path("/proc/self/fd").iterdir())) - 1,
        }
        return self.outcome(detail=json.dumps(found))


def _is_mapped(values: object) -> bool:
    while values is not None and not isinstance(values, np.memmap):
        values = getattr(values, "base", None)
    return values is not None


class Segfault(Faulty):
    """Reads address 0."""

    def act(self) -> None:
        """Crash."""
        ctypes.string_at(0)


class Abort(Faulty):
    """Aborts as a failed native assertion does."""

    def act(self) -> None:
        """Crash."""
        os.write(2, b"Check failed: the basis is singular\n")
        os.abort()


class Killed(Faulty):
    """Is killed from outside, as by the system when memory is short."""

    def act(self) -> None:
        """Be killed."""
        os.kill(os.getpid(), 9)


class MemoryHog(Faulty):
    """Takes all the memory it can get."""

    def act(self) -> None:
        """Fill memory."""
        hoard = []
        while True:
            hoard.append(np.ones(MB))


class ThriftyHog(Faulty):
    """Takes nearly as much memory as it may."""

    def act(self) -> None:
        """Fill nine tenths of the limit."""
        np.ones(self.limits.memory_mb * MB * 9 // 10 // 8)


class Exit3(Faulty):
    """Leaves with an exit code."""

    def act(self) -> None:
        """Leave."""
        sys.exit(3)


class Exit0(Faulty):
    """Leaves without a word, as if all were well."""

    def act(self) -> None:
        """Leave."""
        os._exit(0)


class ClosedPipe(Faulty):
    """Closes the pipe and goes on."""

    def act(self) -> None:
        """Hang silently."""
        os.close(self.reporter.outbox.fileno())
        time.sleep(FOREVER)


class PythonError(Faulty):
    """Has a bug."""

    def act(self) -> None:
        """Divide by zero."""
        _ = 1 // 0


class Refusal(Faulty):
    """Does not take the problem."""

    def act(self) -> None:
        """Raise an error that is the user's to mend."""
        raise ProblemError("row 7 has a negative effort")


class RichRefusal(Faulty):
    """Raises an error that holds more than its text."""

    def act(self) -> None:
        """Raise an error that cannot be made again from its text."""
        raise PolicyError("policy.yaml", ["line 3: unknown key"])


class Flaky(Faulty):
    """Reports its plan and dies, but only in the first attempt."""

    def act(self) -> Outcome | None:
        """Crash once, then tell what it was given."""
        if self.attempt() == 1:
            self.report_plan()
            time.sleep(0.2)
            os.abort()
        return Inspect.act(self)  # type: ignore[arg-type]


class Mixed(Faulty):
    """Aborts in the second attempt and leaves in the others."""

    def act(self) -> None:
        """Die one way or the other."""
        if self.attempt() == 2:
            os.abort()
        sys.exit(3)


class LateCrash(Faulty):
    """Reports its plan and dies when its time is over."""

    def act(self) -> None:
        """Crash after the time limit."""
        self.report_plan()
        while not self.reporter.should_stop():
            time.sleep(0.01)
        os.abort()


class Hang(Faulty):
    """Never stops, as native code that nobody can interrupt."""

    def act(self) -> None:
        """Sleep on, whatever the watcher says."""
        time.sleep(FOREVER)


class HangWithPlan(Faulty):
    """Reports its plan and never stops."""

    def act(self) -> None:
        """Report, then sleep on."""
        self.report_plan()
        time.sleep(FOREVER)


class HoldGil(Faulty):
    """Never stops and lets no other thread of its process run."""

    def act(self) -> None:
        """Report, then sleep in native code that keeps the interpreter's lock."""
        self.report_plan()
        ctypes.PyDLL(None).sleep(int(FOREVER))


class HangAtExit(Faulty):
    """Answers, and then never ends, as native libraries may when they are unloaded."""

    def act(self) -> None:
        """Have the interpreter sleep when it exits."""
        atexit.register(time.sleep, FOREVER)


class Polite(Faulty):
    """Stops when the watcher says so."""

    def act(self) -> Outcome:
        """Sleep until it should stop; believe it was cancelled."""
        self.report_plan()
        while not self.reporter.should_stop():
            time.sleep(0.01)
        return self.outcome(StopReason.CANCELLED, "asked to stop")


class Chatty(Faulty):
    """Reports words without end; the child sends ten a second."""

    def act(self) -> None:
        """Talk until it should stop."""
        count = 0
        while not self.reporter.should_stop():
            count += 1
            self.reporter.report(Progress(message=f"node {count}"))


class Flood(Faulty):
    """Sends valid messages as fast as it can."""

    def act(self) -> None:
        """Flood the pipe."""
        message = {"kind": "Found", "chosen": False, "prices": False, "bound": None, "text": "x"}
        line = json.dumps(message).encode() + b"\n"
        while True:
            self.send(1000 * line)


class EndlessLine(Faulty):
    """Sends a line that never ends."""

    def act(self) -> None:
        """Fill the pipe."""
        while True:
            self.send(b"[" * 4096)


class FullLog(Faulty):
    """Prints without end."""

    def act(self) -> None:
        """Fill the disk."""
        while True:
            sys.stdout.write("x" * MB)


class LyingObjective(Faulty):
    """Claims to have earned more than its plan does."""

    def act(self) -> Outcome:
        """Lie about the objective, and about what its prices prove."""
        chosen = first_plan(self.problem)
        prices = tuple(np.ones(resource.num_groups) for resource in self.problem.resources)
        return Outcome(
            self.name,
            StopReason.OPTIMAL,
            chosen=chosen,
            objective=1e9,
            prices=Prices(prices, 1e9),
            bound=1e9,
        )


class FalseBound(Faulty):
    """Claims a bound below the objective of its own plan."""

    def act(self) -> Outcome:
        """Claim to be optimal thanks to a wrong bound."""
        outcome = self.outcome()
        return Outcome(
            self.name,
            StopReason.OPTIMAL,
            chosen=outcome.chosen,
            objective=outcome.objective,
            bound=(outcome.objective or 0.0) - 1.0,
            bound_source=BoundSource.SOLVER,
        )


class LooseBound(Faulty):
    """Claims a bound above the one that prices prove."""

    def act(self) -> Outcome:
        """Claim a bound that helps nobody."""
        outcome = self.outcome()
        return Outcome(
            self.name,
            StopReason.TIME_LIMIT,
            chosen=outcome.chosen,
            objective=outcome.objective,
            bound=1e15,
            bound_source=BoundSource.SOLVER,
        )


class TightBound(Faulty):
    """Proves its plan by a bound of its own."""

    def act(self) -> Outcome:
        """Claim that the plan is optimal."""
        outcome = self.outcome()
        return Outcome(
            self.name,
            StopReason.OPTIMAL,
            chosen=outcome.chosen,
            objective=outcome.objective,
            bound=outcome.objective or 0.0,
            bound_source=BoundSource.SOLVER,
        )


class LyingMultipliers(Faulty):
    """Sends multipliers that prove something, and says that they prove much more."""

    worth: ClassVar[float] = 100.0

    def act(self) -> Outcome:
        """Report them, and end with them."""
        zeros = tuple(np.zeros(resource.num_groups) for resource in self.problem.resources)
        by_row = np.full(self.problem.num_rows, self.worth)
        multipliers = Multipliers(0, by_row, Prices(zeros, -1e9), -1e9)
        self.reporter.report(Progress(multipliers=multipliers))
        return Outcome(
            self.name,
            StopReason.TIME_LIMIT,
            prices=multipliers.prices,
            bound=-1e9,
            bound_source=BoundSource.KNAPSACK,
            multipliers=multipliers,
        )


class BadMultipliers(LyingMultipliers):
    """Sends multipliers that are no numbers."""

    worth: ClassVar[float] = np.nan


class HugeMultipliers(LyingMultipliers):
    """Sends multipliers whose sums overflow."""

    worth: ClassVar[float] = 1e308


class WorseAtTheEnd(Faulty):
    """Reports a good plan, and ends with the first one."""

    def act(self) -> None:
        """Report the best pair of each row."""
        pairs = zip(self.problem.indptr, self.problem.indptr[1:], strict=False)
        best = [first + int(np.argmax(self.problem.score[first:last])) for first, last in pairs]
        self.reporter.report(Progress(chosen=np.array(best, dtype=np.int64)))


class FalseInfeasible(Faulty):
    """Reports a plan, and then that there is none."""

    def act(self) -> Outcome:
        """Contradict itself."""
        self.report_plan()
        return Outcome(self.name, StopReason.INFEASIBLE)


class Infeasible(Faulty):
    """Reports that there is no plan."""

    def act(self) -> Outcome:
        """Give up."""
        return Outcome(self.name, StopReason.INFEASIBLE, "no plan keeps every limit")


class Breach(Faulty):
    """Reports an assignment that breaks a limit: everything to the first pair."""

    def act(self) -> None:
        """Report it as it would any other."""
        self.reporter.report(Progress(chosen=self.problem.indptr[:-1]))


class ForeignPairs(Faulty):
    """Reports an assignment that gives a row another row's pair."""

    def act(self) -> None:
        """Report it as it would any other."""
        self.reporter.report(Progress(chosen=np.roll(first_plan(self.problem), 1)))


class FloatPlan(Faulty):
    """Reports an assignment of fractions."""

    def act(self) -> None:
        """Report it as it would any other."""
        self.reporter.report(Progress(chosen=np.full(self.problem.num_rows, np.nan)))


class Garbage(Faulty):
    """Sends raw bytes; the kinds of it follow."""

    data: ClassVar[bytes | dict[str, object]] = b"\xff\xfe not a message\n"

    def act(self) -> None:
        """Send it and wait to be thrown out."""
        self.send(self.data)
        time.sleep(FOREVER)


class GarbageNumber(Garbage):
    """Sends JSON that is no object."""

    data = b"42\n"


class GarbageNesting(Garbage):
    """Sends JSON nested too deep for a parser."""

    data = b"[" * 60_000 + b"\n"


class GarbageKind(Garbage):
    """Sends a message that nobody knows."""

    data: ClassVar[dict[str, object]] = {"kind": "Hello"}


class GarbageField(Garbage):
    """Sends a field of another type."""

    data: ClassVar[dict[str, object]] = DONE | {"iterations": "many"}


class GarbageReason(Garbage):
    """Sends a reason that nobody knows."""

    data: ClassVar[dict[str, object]] = DONE | {"reason": "tired"}


class GarbageBound(Garbage):
    """Sends a bound that is no number."""

    data: ClassVar[dict[str, object]] = DONE | {"bound": float("nan")}


class GarbageOptimal(Garbage):
    """Calls optimal what has no assignment."""

    data: ClassVar[dict[str, object]] = DONE | {"reason": "optimal"}


class NoFile(Garbage):
    """Names an assignment that does not lie there."""

    data: ClassVar[dict[str, object]] = DONE | {"chosen": True}


class Truncated(Faulty):
    """Dies in the middle of a message."""

    def act(self) -> None:
        """Send half of a message."""
        self.send(json.dumps(DONE).encode()[:40])
        os._exit(0)


class BadArray(Faulty):
    """Sends an outcome with a wrong array; the kinds of it follow."""

    array: ClassVar[str] = FINAL_CHOSEN

    def act(self) -> None:
        """Save the array, send the message, and wait to be thrown out."""
        self.write()
        self.send(DONE | {"chosen": self.array == FINAL_CHOSEN, "prices": True})
        time.sleep(FOREVER)

    def write(self) -> None:
        """Save one row too few."""
        self.save(FINAL_CHOSEN, first_plan(self.problem)[1:])


class BadType(BadArray):
    """Sends fractions."""

    def write(self) -> None:
        """Save floats."""
        self.save(FINAL_CHOSEN, first_plan(self.problem).astype(float))


class BadPickle(BadArray):
    """Sends objects, which must never be unpickled."""

    def write(self) -> None:
        """Save objects."""
        self.save(FINAL_CHOSEN, np.array([{}] * self.problem.num_rows, dtype=object))


class BadHeader(BadArray):
    """Sends a header that promises more than any memory holds."""

    def write(self) -> None:
        """Save a header without its numbers."""
        header = {"descr": "<i8", "fortran_order": False, "shape": (10**15,)}
        with (self.reporter.directory / f"{FINAL_CHOSEN}.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)


class BadEnd(BadArray):
    """Sends an array that was cut short."""

    def write(self) -> None:
        """Save all but the last byte."""
        self.save(FINAL_CHOSEN, first_plan(self.problem))
        path = self.reporter.directory / f"{FINAL_CHOSEN}.npy"
        path.write_bytes(path.read_bytes()[:-1])


class BadPrices(BadArray):
    """Sends prices that are no numbers."""

    array: ClassVar[str] = FINAL_PRICES

    def write(self) -> None:
        """Save NaN."""
        groups = sum(resource.num_groups for resource in self.problem.resources)
        self.save(FINAL_PRICES, np.full(groups, np.nan))


class HugePrices(Faulty):
    """Sends prices whose bound overflows, which proves nothing and harms nobody."""

    def act(self) -> None:
        """Report them."""
        prices = tuple(np.full(item.num_groups, 1e308) for item in self.problem.resources)
        self.reporter.report(Progress(prices=Prices(prices, 0.0)))


class StaleFile(Faulty):
    """Announces an assignment twice, the second time over a damaged file."""

    def act(self) -> None:
        """Report a plan, then spoil it."""
        self.report_plan()
        time.sleep(0.3)
        self.save(CHOSEN, [1.5])
        message = {"kind": "Found", "chosen": True, "prices": False, "bound": None, "text": ""}
        self.send(message)
        time.sleep(FOREVER)
