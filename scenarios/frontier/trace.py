"""Traces a frontier: the most value under each of a row of limits.

The limit is an epsilon constraint (Haimes, Lasdon, Wismer 1971; Miettinen 1999, section 3.2, DOI
10.1007/978-1-4615-5563-6): value is what is optimized, all else is kept within limits, which are
moved. So every point is a plan of a policy, checked, in a directory of its own.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from itertools import product
from operator import le
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import NoPlanError, UsageError
from models.files.frame_files import write_frames
from models.files.plan_files import read_plan
from planner.compile import compile_problem
from planner.start import positions
from scenarios.frontier.axis import scenario, spaced
from scenarios.frontier.deviation import widest_deviation
from scenarios.frontier.fairness_axis import FairnessAxis
from scenarios.frontier.frontier import assembled, overload
from scenarios.frontier.spacing import narrower, steepest
from scenarios.what_if.run_many import (
    BASE,
    IMPOSSIBLE,
    SOLVED,
    TABLE,
    directories,
    own_processes,
    run_many,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from models.outcome import Limits
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy
    from scenarios.frontier.axis import Axis
    from scenarios.frontier.frontier import Frontier

FRONTIER = "frontier"
LEAST_POINTS, MOST_POINTS = 2, 1_000
NARROWED = 4
"""How often the narrow end is looked for between a limit that holds and one that does not."""
REFINED_AT_ONCE = 2
"""How many limits are added before it is looked again where the value changes most."""

COLUMNS = ("expected_value", "objective", "bound", "gap_money", "gap", "moves")
"""What the frame tells of a plan as that of all scenarios does."""

Epsilons = tuple[float | None, ...]


def trace(
    snapshot: Snapshot,
    policy: Policy,
    axes: Sequence[Axis],
    out: Path,
    *,
    base: Plan | None = None,
    points: int = 12,
    limits: Limits | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    told: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> Frontier:
    """Return the frontier; its plans, scenarios and table are written below `out`.

    The plan without the limit comes first, then limits below what it takes, denser where they are
    narrow; the narrowest that holds is looked for, and more are added where the value changes most.
    With two axes, it is a grid of as many limits of each.

    Parameters
    ----------
    axes : one, or two different ones
    base : the plan that all begin with; made first if not given
    points : how many plans there are to be in all; fewer where limits lie close
    executor, workers, told : as for `run_many`

    Raises
    ------
    UsageError : too few or too many points or axes, or a base without the fair share
    NoPlanError : there is no plan without the limit
    """
    if not LEAST_POINTS <= points <= MOST_POINTS:
        raise UsageError(
            f"a frontier of {points:,} points; it has {LEAST_POINTS} to {MOST_POINTS:,}"
        )
    if len(axes) not in (1, 2) or len({axis.name for axis in axes}) < len(axes):
        names = ", ".join(axis.name for axis in axes) or "none"
        raise UsageError(f"the axes are {names}; there must be one, or two different ones")
    if base is not None:
        _refuse_without_shares(snapshot, policy, base)
    with ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(own_processes(workers))
        tracer = _Tracer(snapshot, policy, tuple(axes), out, base, limits, executor, workers, told)
        tracer.lift_all()
        if len(axes) == 1:
            tracer.along(axes[0], points)
        else:
            tracer.across(points)
    return tracer.finished()


def _refuse_without_shares(snapshot: Snapshot, policy: Policy, base: Plan) -> None:
    """Raise UsageError where plans would find fair totals of their own, each other ones."""
    for rule in policy.in_force(snapshot).fairness:
        if rule.label not in base.record.settled.fair_totals:
            raise UsageError(
                f"the base plan has no fair share of {rule.counted}, which all plans are to be "
                "held against; leave `--from` out, and a base is made"
            )


class _Tracer:
    """Runs scenarios in rounds, each of which chooses its limits by what those before it found."""

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Policy,
        axes: tuple[Axis, ...],
        out: Path,
        base: Plan | None,
        limits: Limits | None,
        executor: Executor,
        workers: int,
        told: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._snapshot, self._policy, self._axes = snapshot, policy, axes
        self._out, self._given, self._limits = out, base, limits
        self._executor, self._workers, self._told = executor, workers, told
        is_fair = [axis for axis in axes if isinstance(axis, FairnessAxis)]
        self._balanced = (is_fair or axes)[0].balanced
        self._compiled: Compiled | None = None
        self._rows: dict[tuple[float, ...], dict[str, Any]] = {}
        self._runs: list[pd.DataFrame] = []
        self._most: tuple[float, ...] = ()

    def lift_all(self) -> None:
        """Plan without the limits; what that takes is where the axes end."""
        free = self._run([(None,) * len(self._axes)], [None])[0]
        if free["status"] != SOLVED:
            raise NoPlanError(
                f"there is no plan without the limit: {free['detail']}",
                impossible=free["status"] == IMPOSSIBLE,
            )
        record = read_plan(self._out / free["plan"]).record
        widest = free["widest_deviation"]
        if widest == math.inf:
            raise UsageError(
                "fairness has no end: a rep has a load, but no fair share of it; name who has none "
                "under `exempt`"
            )
        self._most = tuple(axis.rounded_up(axis.used(record, widest)) for axis in self._axes)
        self._rows[self._most] = free

    def along(self, axis: Axis, points: int) -> None:
        """Add limits until there are so many plans, or none is left that would tell more."""
        (most,) = self._most
        self._add((epsilon,) for epsilon in spaced(axis, most, math.ceil(points / 2)))
        for _ in range(NARROWED):
            limit = narrower(axis, self._solved(), self._unsolved())
            if limit is None:
                break
            self._add([(limit,)])
        while (missing := points - len(self._solved())) > 0:
            count = min(missing, REFINED_AT_ONCE)
            limits = steepest(axis, self._solved(), self._unsolved(), count)
            if not limits:
                break
            self._add((limit,) for limit in limits)

    def across(self, points: int) -> None:
        """Add a grid of limits of both axes."""
        count = max(1, round(math.sqrt(points)) - 1)
        sides = [
            [*spaced(axis, most, count), most]
            for axis, most in zip(self._axes, self._most, strict=True)
        ]
        self._add(product(*sides))

    def finished(self) -> Frontier:
        """Return the frontier, and write its table and that of all scenarios."""
        found = assembled(self._axes, self._policy.currency, self._rows)
        write_frames({FRONTIER: found.frame}, self._out)
        every = pd.concat(self._runs, ignore_index=True)
        write_frames({TABLE: every.drop_duplicates("scenario", ignore_index=True)}, self._out)
        return found

    def _solved(self) -> dict[float, float]:
        """Return the objective by limit, money."""
        return {
            costs[0]: row["objective"]
            for costs, row in self._rows.items()
            if row["status"] == SOLVED
        }

    def _unsolved(self) -> list[float]:
        return [costs[0] for costs, row in self._rows.items() if row["status"] != SOLVED]

    def _add(self, epsilons: Iterable[tuple[float, ...]]) -> None:
        """Plan under limits that are new, the narrowest first."""
        new = sorted(costs for costs in epsilons if costs not in self._rows)
        for at in range(0, len(new), self._workers):
            some = new[at : at + self._workers]
            self._rows |= zip(some, self._run(some, map(self._start, some)), strict=True)

    def _start(self, costs: tuple[float, ...]) -> Plan | None:
        """Return the best plan that keeps some limits; None where none is known to.

        An engine leaves no plan that is worse than what it begins with, so that wider limits never
        bring less than narrower ones did before. Books that are brought down come before value.
        """
        keeping = [
            row
            for known, row in self._rows.items()
            if row["status"] == SOLVED and all(map(le, known, costs))
        ]
        best = max(keeping, key=lambda row: (-row["overload"], row["objective"]), default=None)
        return None if best is None else read_plan(self._out / best["plan"])

    def _run(
        self, epsilons: Sequence[Epsilons], starts: Iterable[Plan | None]
    ) -> list[dict[str, Any]]:
        """Return a row of the frame for each of some limits; None is no limit."""
        scenarios = [scenario(self._axes, each) for each in epsilons]
        begin = zip((each.name for each in scenarios), starts, strict=True)
        is_first = not self._runs

        def told(row: Mapping[str, Any]) -> None:
            if is_first or row["scenario"] != BASE:
                self._told(row)

        frame = run_many(
            self._snapshot,
            self._policy,
            scenarios,
            self._out,
            base=self._given,
            starts={name: plan for name, plan in begin if plan is not None},
            limits=self._limits,
            executor=self._executor,
            told=told,
        )
        self._runs.append(frame)
        places = directories(scenarios)
        told_of = {str(row["scenario"]): row for row in frame.to_dict("records")}
        return [self._row(name, place, told_of[name]) for name, place in places.items()]

    def _row(self, name: str, place: str, found: Mapping[Hashable, Any]) -> dict[str, Any]:
        """Return a row of the frame, limits apart."""
        row = {"scenario": name, **{column: found[column] for column in COLUMNS}}
        row |= {"gini": None, "widest_deviation": None, "overload": None}
        if found["status"] == SOLVED:
            plan = read_plan(self._out / place)
            row["gini"] = plan.record.kpis.loads[self._balanced].gini
            row["widest_deviation"] = self._widest(plan)
            row["overload"] = overload(plan.record)
        return {**row, "status": found["status"], "detail": found["detail"], "plan": place}

    def _widest(self, plan: Plan) -> float | None:
        """Return the widest deviation of a plan's books from their fair shares."""
        if not self._policy.fairness:
            return None
        if self._compiled is None:
            # Bands change neither fair shares nor what is counted.
            settled = read_plan(self._out / BASE).record.settled
            self._compiled = compile_problem(self._snapshot, self._policy, settled=settled)
        rep_of_lead = positions(self._compiled, plan.assignments, strict=True)
        fair = (axis.label for axis in self._axes if isinstance(axis, FairnessAxis))
        return widest_deviation(self._compiled, rep_of_lead, next(fair, None))
