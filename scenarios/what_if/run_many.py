"""Runs many scenarios beside each other, each from the base plan, and tells them in one frame.

Work goes through `concurrent.futures.Executor`, so that the executor of another library takes the
place of processes on this machine. A plan that was made before, of the same tables, policy and
limits, is not made again: a run that was ended goes on.
"""

from __future__ import annotations

import multiprocessing
import re
import signal
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import FairleadError, NoPlanError, PlanFileError, UsageError
from models.files.frame_files import refuse_occupied, write_frames
from models.files.plan_files import read_plan, write_plan
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.compare import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.what_if.scenario import Scenario

BASE = "base"
SOLVED, IMPOSSIBLE, NO_PLAN = "solved", "impossible", "no_plan"
REFUSED, FAILED = "refused", "failed"
TABLE = "scenarios"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Work:
    """One scenario to be planned; all that a process elsewhere needs.

    Attributes
    ----------
    scenario : None for the base itself
    start : the base plan, or one of the same fair totals; None if there is none yet
    policy_text, source : the base policy; a policy finds its lines by what is in its own process
    directory : where the plan goes
    isolated : whether solvers have child processes of their own
    """

    scenario: Scenario | None
    snapshot: Snapshot
    policy_text: str
    source: str
    start: Plan | None
    limits: Limits
    directory: Path
    isolated: bool = True

    @property
    def name(self) -> str:
        """The scenario's name."""
        return BASE if self.scenario is None else self.scenario.name

    def row(self) -> dict[str, Any]:
        """Plan the scenario, write the plan, and return its row of the frame."""
        try:
            plan = self._plan()
        except NoPlanError as error:
            return self.told(IMPOSSIBLE if error.impossible else NO_PLAN, str(error))
        except FairleadError as error:
            return self.told(REFUSED, str(error))
        return {**self.told(SOLVED), **figures(plan)}

    def told(self, status: str, detail: str = "") -> dict[str, Any]:
        """Return the beginning of the scenario's row."""
        return {"scenario": self.name, "status": status, "detail": detail}

    def _plan(self) -> Plan:
        policy = policy_from_text(self.policy_text, self.source)
        snapshot, totals = self.snapshot, None
        if self.scenario is not None:
            if self.start is not None and self.scenario.holds_totals:
                totals = self.start.record.settled.fair_totals
            snapshot, policy = self.scenario.applied(snapshot, policy)
        known = self._known(snapshot, policy)
        if known is not None:
            return known
        plan = make_plan(
            snapshot,
            policy,
            limits=self.limits,
            start=self.start,
            rule_prices=False,
            fair_totals=totals,
            isolated=self.isolated,
        )
        write_plan(plan, self.directory)
        return plan

    def _known(self, snapshot: Snapshot, policy: Policy) -> Plan | None:
        """Return the plan that an earlier run left of the same tables, policy and limits."""
        if not self.directory.exists():
            return None
        try:
            plan = read_plan(self.directory)
        except PlanFileError:
            return None
        record, limits = plan.record, self.limits
        same = (
            record.hashes["snapshot"] == snapshot.content_hash
            and record.hashes["policy"] == policy.content_hash
            and record.limits.get("seconds") == limits.seconds
            and record.limits.get("iterations") == limits.iterations
            and record.limits.get("gap") == limits.gap
            and record.seed == limits.seed
        )
        return plan if same else None


def figures(plan: Plan) -> dict[str, Any]:
    """Return what is told of a plan in a frame of many."""
    told: dict[str, Any] = {metric.name: metric.read(plan.record) for metric in METRICS}
    timings = plan.record.timings
    told["solve_seconds"] = timings.get("stages", 0.0) + timings.get("solve", 0.0)
    told["reason"] = str(plan.record.reason)
    return told


def run_many(
    snapshot: Snapshot,
    policy: Policy,
    scenarios: Sequence[Scenario],
    out: Path,
    *,
    base: Plan | None = None,
    starts: Mapping[str, Plan] | None = None,
    limits: Limits | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    told: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> pd.DataFrame:
    """Return one row per scenario, the base first; plans and the table are written below `out`.

    Fair totals stay those of the base plan, unless a scenario changes which leads there are.

    Parameters
    ----------
    base : the plan that all begin with; made first if not given
    starts : other plans to begin with, by scenario, of the same fair totals as the base
    executor : runs the work; if not given, `own_processes` do. In a pool of processes solvers need
        no time to start, in all other executors they have child processes
    workers : how many of these
    told : hears each row as it comes

    Returns
    -------
    DataFrame : scenario, status (solved, impossible, no_plan, refused, failed), detail, the metrics
        of `scenarios.compare`, solve_seconds, reason, changes

    Raises
    ------
    UsageError : two scenarios have one name, or none is given, or `out` holds something else
    PlanFileError : the base is of other tables, or breaks rules
    NoPlanError : the base has no plan
    """
    places = directories(scenarios)
    limits = limits or Limits()
    # A process of a pool may be lost, and runs one thing at a time; of others nobody knows.
    in_place = executor is None or isinstance(executor, ProcessPoolExecutor)

    def work(scenario: Scenario | None, start: Plan | None) -> Work:
        name = BASE if scenario is None else places[scenario.name]
        return Work(
            scenario,
            snapshot,
            policy.document.text,
            policy.document.source,
            start,
            limits,
            out / name,
            isolated=scenario is None or not in_place,
        )

    refuse_occupied(out)
    if base is not None:
        refuse_other(base, snapshot)
    first = work(None, base)
    if base is None:
        row = first.row()
        if row["status"] != SOLVED:
            raise NoPlanError(f"the base has no plan: {row['detail']}", impossible=True)
        base = read_plan(first.directory)
    else:
        write_plan(base, first.directory)
        row = {"scenario": BASE, "status": SOLVED, "detail": "", **figures(base)}
    told(row)
    rows = {BASE: row}
    starts = starts or {}
    works = [work(each, starts.get(each.name, base)) for each in scenarios]
    with ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(own_processes(workers))
        # Workers start here, and hear of an interrupt once they can end quietly.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            waiting = {_submitted(executor, each): each for each in works}
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for done in as_completed(waiting):
            row = _row(done, waiting[done])
            rows[str(row["scenario"])] = row
            told(row)
    order = [BASE, *(scenario.name for scenario in scenarios)]
    frame = pd.DataFrame([rows[name] for name in order])
    sentences = {scenario.name: " ".join(scenario.sentences()) for scenario in scenarios}
    frame["changes"] = frame["scenario"].map(sentences).fillna("")
    write_frames({TABLE: frame}, out)
    return frame


def refuse_other(base: Plan, snapshot: Snapshot, policy: Policy | None = None) -> None:
    """Refuse a base plan that is not what scenarios can be told beside.

    Parameters
    ----------
    policy : what it has to be made with; any if None

    Raises
    ------
    PlanFileError : it breaks rules, or is of other tables or another policy
    """
    advice = "give the plan of this company and policy, or leave `--from` out, and it is made"
    if not base.record.feasible:
        raise PlanFileError(f"the base plan breaks rules; {advice}")
    if base.record.hashes["snapshot"] != snapshot.content_hash:
        raise PlanFileError(f"the base plan is of other tables; {advice}")
    if policy is not None and base.record.hashes["policy"] != policy.content_hash:
        raise PlanFileError(f"the base plan is of another policy; {advice}")


def own_processes(workers: int) -> ProcessPoolExecutor:
    """Return processes on this machine, in which solvers need no time to start."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_end_at_interrupt)


def _end_at_interrupt() -> None:
    """Let Ctrl-C end a worker as it ends any program, without a word: the parent tells."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _submitted(executor: Executor, work: Work) -> Future[dict[str, Any]]:
    try:
        return executor.submit(work.row)
    except BrokenExecutor as error:
        broken: Future[dict[str, Any]] = Future()
        broken.set_exception(error)
        return broken


def _row(done: Future[dict[str, Any]], work: Work) -> dict[str, Any]:
    """Return a scenario's row, also where the process that had the work is gone."""
    try:
        return done.result()
    except BrokenExecutor:
        # A solver ended its process, and all that was to run there. With child processes for the
        # solvers it happens again to nobody but the one scenario.
        return replace(work, isolated=True).row()
    except Exception as error:
        # As a cluster's executor tells that a worker is lost; the other scenarios go on.
        return work.told(FAILED, f"{type(error).__name__}: {error}")


def directories(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return the directory of each scenario's plan, by its name.

    Raises
    ------
    UsageError : no scenario, two of one name, or one that is called as the base is
    """
    if not scenarios:
        raise UsageError("there is no scenario to run")
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or BASE in names:
        told = f"{', '.join(twice)} stands twice" if twice else f"{BASE!r} is the base's own name"
        raise UsageError(f"every scenario needs a name of its own: {told}")
    slugs: dict[str, str] = {}
    for name in names:
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:LONGEST_NAME] or "scenario"
        number = sum(other == slug or other.startswith(f"{slug}~") for other in slugs.values())
        slugs[name] = f"{slug}~{number + 1}" if number or slug == BASE else slug
    return slugs
