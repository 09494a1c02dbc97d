"""The front door: snapshot and policy in, checked plan out."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import NoPlanError, PlanFileError
from models.outcome import Limits, Outcome, StopReason
from models.plan import Plan, Stage
from models.settled import NOTHING, Settled
from planner.assemble import assemble, judge, lead_scores
from planner.bound import zero_prices
from planner.compile import Compiled, compile_problem
from planner.engines.baselines.greedy import greedy
from planner.engines.engine import Progress, Start
from planner.engines.registry import AUTO, SOLVERS, choose_engine, engine_path
from planner.kpis import kpis
from planner.overload import as_they_are, may_stay_overfull, settle, stage_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from models.plan import Kpis
    from models.snapshot import Snapshot
    from planner.engines.engine import Watcher
    from planner.policy import Policy

DEFAULT_LIMITS = Limits()
TOLD_AT_MOST = 5
BASELINE_PAIRS = 2_000_000
STAGE_SHARE = 0.3
"""Of the time limit, what a stage before the plan itself may take."""


class Silent:
    """A watcher that takes no note and never stops."""

    def report(self, progress: Progress) -> None:
        """Take no note."""

    def should_stop(self) -> bool:
        """Return False."""
        return False


class Stopwatch:
    """Seconds per step."""

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        self.seconds = dict(known or {})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 6)


def make_plan(
    snapshot: Snapshot,
    policy: Policy,
    *,
    engine: str = AUTO,
    limits: Limits = DEFAULT_LIMITS,
    start: Plan | pd.DataFrame | None = None,
    watcher: Watcher | None = None,
    timings: Mapping[str, float] | None = None,
    baselines: Sequence[str] = (),
) -> Plan:
    """Return a checked plan.

    Parameters
    ----------
    engine : `auto` or the name of an engine
    start : an earlier plan, or its lead_id and rep_id; leads that are new start unassigned
    watcher : hears of progress, and may stop the run: the best plan so far is returned
    timings : seconds of steps done before, to be told in the plan
    baselines : simple policies to be told beside the plan; left out above two million pairs

    Raises
    ------
    PolicyError : the policy does not fit the snapshot
    EngineError : the engine does not exist or does not support the problem
    NoPlanError : infeasible, failed, or stopped before any plan was found; the text says why
    """
    clock = Stopwatch(timings)
    watcher = watcher or Silent()
    with clock.step("compile"):
        watcher.report(Progress(message="compiling the policy"))
        compiled = compile_problem(snapshot, policy, threads=limits.threads)
    with clock.step("stages"):
        compiled, relief = _relieved(compiled, engine, limits, watcher)
    with clock.step("solve"):
        begin = None if start is None else _start(compiled, start)
        if begin is None and relief is not None:
            begin = _start(compiled, relief.assignments)
        outcome = _run(compiled, engine, _left(limits, clock), begin, watcher)
    if outcome.reason is StopReason.CANCELLED and not outcome.has_plan:
        raise NoPlanError("stopped before a plan was found")
    chosen = outcome.assignment()
    with clock.step("check"):
        watcher.report(Progress(message="checking the plan independently"))
        prices = outcome.prices or zero_prices(compiled.problem)
        outcome = replace(outcome, prices=prices)
        verdict = judge(compiled, compiled.rep_of_leads(chosen), prices)
    if verdict.violations and outcome.engine in SOLVERS:
        told = "; ".join(f"{v.rule}: {v.text}" for v in verdict.violations[:TOLD_AT_MOST])
        raise NoPlanError(
            f"the checker refuses the plan of engine {outcome.engine} "
            f"({len(verdict.violations)} breaches: {told}); this is a fault of ours"
        )
    with clock.step("baselines"):
        beside = _baseline_kpis(compiled, baselines, limits)
    stages = () if relief is None else (relief.stage,)
    return assemble(compiled, outcome, verdict, limits, clock.seconds, beside, stages)


@dataclass(frozen=True, eq=False)
class Relief:
    """What the stage that brings overfull books down left.

    Attributes
    ----------
    stage : what it proved
    assignments : lead_id, rep_id of its plan
    """

    stage: Stage
    assignments: pd.DataFrame


def _relieved(
    compiled: Compiled, engine: str, limits: Limits, watcher: Watcher
) -> tuple[Compiled, Relief | None]:
    """Return the problem under the limits that can be kept, and what that took."""
    if (
        not may_stay_overfull(compiled)
        or choose_engine(engine, compiled.problem).name not in SOLVERS
    ):
        return compiled, None
    watcher.report(Progress(message="bringing down books that are over a limit today"))
    snapshot, policy, threads = compiled.snapshot, compiled.policy, limits.threads
    stayed = compile_problem(snapshot, policy, settled=as_they_are(compiled), threads=threads)
    problem = stage_problem(compiled, stayed)
    seconds = None if limits.seconds is None else STAGE_SHARE * limits.seconds
    present = snapshot.leads[["lead_id", "owner"]].set_axis(["lead_id", "rep_id"], axis=1)
    begin = _start(stayed, present)
    outcome = _run(replace(stayed, problem=problem), AUTO, replace(limits, seconds=seconds),
                   begin, watcher)  # fmt: skip
    chosen = outcome.assignment()
    stage = Stage(
        name="overload",
        objective=problem.objective(chosen),
        bound=outcome.bound,
        engine=outcome.engine,
        reason=outcome.reason,
    )
    reps = snapshot.reps["rep_id"].array.take(stayed.rep_of_leads(chosen), allow_fill=True)
    assignments = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": reps})
    found = settle(compiled, problem, chosen)
    if found.effective_limits:
        compiled = compile_problem(snapshot, policy, settled=found, threads=threads)
    return compiled, Relief(stage, assignments)


def _left(limits: Limits, clock: Stopwatch) -> Limits:
    """Return the limits of the last stage, without the time that stages before it took."""
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=max(limits.seconds - clock.seconds.get("stages", 0.0), 0.0))


def evaluate(
    snapshot: Snapshot,
    policy: Policy,
    assignments: pd.DataFrame,
    *,
    name: str = "evaluate",
    settled: Settled = NOTHING,
    timings: Mapping[str, float] | None = None,
) -> Plan:
    """Return the plan record of an assignment made elsewhere; it may break rules (`feasible`).

    Parameters
    ----------
    assignments : lead_id, rep_id; an absent lead, or one without rep_id, is unassigned
    settled : what stages before a plan found, where it is one that is evaluated again

    Raises
    ------
    PlanFileError : unknown ids, or a lead given twice; the text lists them
    PolicyError, NoPlanError : as `make_plan`
    """
    clock = Stopwatch(timings)
    with clock.step("compile"):
        compiled = compile_problem(snapshot, policy, settled=settled)
    rep_of_lead = _positions(compiled, assignments, strict=True)
    prices = zero_prices(compiled.problem)
    with clock.step("check"):
        verdict = judge(compiled, rep_of_lead, prices, made_here=False)
    outcome = Outcome(
        engine=name,
        reason=StopReason.ITERATION_LIMIT,
        detail="an assignment made elsewhere",
        prices=prices,
        bound=prices.bound,
    )
    return assemble(compiled, outcome, verdict, DEFAULT_LIMITS, clock.seconds)


def _run(
    compiled: Compiled,
    name: str,
    limits: Limits,
    start: Start | None,
    watcher: Watcher,
) -> Outcome:
    problem = compiled.problem
    engine = choose_engine(name, problem)
    if not engine.isolated:
        return engine.solve(problem, limits, start, watcher)
    from planner.engines.isolation import run_isolated

    if start is None and problem.num_pairs <= BASELINE_PAIRS:
        # A feasible start counts as the best so far, so that even no time at all leaves a plan.
        start = Start(greedy(problem, limits.seed))
    return run_isolated(engine_path(engine), problem, limits, start, watcher=watcher)


def _baseline_kpis(compiled: Compiled, names: Sequence[str], limits: Limits) -> dict[str, Kpis]:
    if compiled.problem.num_pairs > BASELINE_PAIRS:
        return {}
    found = {}
    for name in names:
        outcome = choose_engine(name, compiled.problem).solve(
            compiled.problem, limits, None, Silent()
        )
        rep_of_lead = compiled.rep_of_leads(outcome.assignment())
        found[name] = kpis(compiled, rep_of_lead, lead_scores(compiled, rep_of_lead))
    return found


def _start(compiled: Compiled, start: Plan | pd.DataFrame) -> Start:
    """Return the pairs of an earlier plan, and its prices where the limits have the same names.

    Where a pair no longer exists, the row's last one stands in.
    """
    problem = compiled.problem
    assignments = start.assignments if isinstance(start, Plan) else start
    rep_of_lead = _positions(compiled, assignments, strict=False)
    wanted = np.full(problem.num_rows, -1, np.int64)
    wanted[compiled.row_of_lead[::-1]] = rep_of_lead[::-1]
    row = problem.pair_rows()
    kept = np.flatnonzero(problem.rep == wanted[row])
    chosen: NDArray[np.int64] = problem.indptr[1:] - 1
    chosen[row[kept]] = kept
    return Start(chosen, _start_prices(compiled, start.prices) if isinstance(start, Plan) else None)


def _start_prices(compiled: Compiled, table: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    """Return the prices of an earlier plan; 0 for groups that it had not."""
    known = table.drop_duplicates(["resource", "label"]).set_index(["resource", "label"])["price"]
    prices = []
    for resource, labels in zip(compiled.problem.resources, compiled.labels, strict=True):
        wanted = pd.MultiIndex.from_product([[resource.name], labels])
        prices.append(known.reindex(wanted).fillna(0.0).to_numpy(np.float64))
    return tuple(prices)


def _positions(compiled: Compiled, assignments: pd.DataFrame, *, strict: bool) -> NDArray[np.int64]:
    """Return (n_leads,) position of each lead's rep; -1 for nobody."""
    missing = [column for column in ("lead_id", "rep_id") if column not in assignments]
    if missing:
        raise PlanFileError(
            f"the assignments have no column {' or '.join(missing)}; "
            f"they have {', '.join(map(str, assignments.columns))}"
        )
    leads = pd.Index(compiled.snapshot.leads["lead_id"])
    reps = pd.Index(compiled.snapshot.reps["rep_id"])
    assigned = assignments["rep_id"].notna() & (assignments["rep_id"] != "")
    lead = leads.get_indexer(assignments["lead_id"])
    rep = np.where(assigned, reps.get_indexer(assignments["rep_id"]), -1)
    if strict:
        _refuse_unknown(assignments, lead < 0, assigned.to_numpy() & (rep < 0))
    rep_of_lead = np.full(len(leads), -1, np.int64)
    rep_of_lead[lead[lead >= 0]] = rep[lead >= 0]
    return rep_of_lead


def _refuse_unknown(
    assignments: pd.DataFrame, no_lead: NDArray[np.bool_], no_rep: NDArray[np.bool_]
) -> None:
    faults = [
        ("unknown lead_id", assignments["lead_id"][no_lead]),
        ("unknown rep_id", assignments["rep_id"][no_rep]),
        ("lead_id given twice", assignments["lead_id"][assignments["lead_id"].duplicated()]),
    ]
    told = [
        f"{len(ids):,} x {what}: {', '.join(map(str, ids[:TOLD_AT_MOST]))}"
        + (" ..." if len(ids) > TOLD_AT_MOST else "")
        for what, ids in faults
        if len(ids)
    ]
    if told:
        raise PlanFileError("the assignments do not fit the tables: " + "; ".join(told))
