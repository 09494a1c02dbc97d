"""Whether a snapshot has a plan under a policy; if not, what contradicts and what to relax."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.conflict import Proof
from models.diagnosis import Diagnosis, Status
from models.errors import NoPlanError
from models.outcome import Limits
from models.settled import NOTHING
from planner.compile import compile_problem
from planner.diagnosis.causes import causes
from planner.diagnosis.elastic import Elastic, elastic
from planner.diagnosis.narrower import narrowest
from planner.diagnosis.ways import way_out
from planner.engines.conflict import Conflicts
from planner.engines.registry import AUTO, engine_path
from planner.overload import as_they_are, may_stay_overfull, stage_problem
from planner.rules.fairness import Mode
from planner.stages import Stages

if TYPE_CHECKING:
    from models.outcome import Outcome
    from models.problem import Problem
    from models.settled import Settled
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.engines.engine import Watcher
    from planner.policy import Policy

Solve = Callable[["Problem", Limits, "Watcher"], "Outcome"]
NARROWING_SHARE = 0.3
"""Of the time, what looking for a narrower band may take besides."""
BASE_SHARE = 0.5
"""Of the time, what the problem without bands may take where bands follow."""


@dataclass(frozen=True, eq=False)
class Finding:
    """A diagnosis, and what it was read from.

    Attributes
    ----------
    elastic : the problem in which everything gives way
    outcome : what the engine found of it
    """

    diagnosis: Diagnosis
    elastic: Elastic
    outcome: Outcome


def diagnose(snapshot: Snapshot, policy: Policy, *, limits: Limits, watcher: Watcher) -> Diagnosis:
    """Return whether there is a plan, and if not, why, and what to relax.

    Parameters
    ----------
    limits : of the whole, stages before the plan itself included

    Raises
    ------
    PolicyError : the policy does not fit the snapshot
    """
    return find(snapshot, policy, limits=limits, watcher=watcher).diagnosis


def diagnose_base(
    snapshot: Snapshot, policy: Policy, *, limits: Limits, watcher: Watcher
) -> Diagnosis:
    """Return the diagnosis of the problem without bands around fair shares."""
    base = _loosened_base(snapshot, policy, limits.threads)
    return _examined(base, limits, watcher, isolated).diagnosis


def isolated(problem: Problem, limits: Limits, watcher: Watcher) -> Outcome:
    """Return what the engine finds in a child process."""
    from planner.engines.isolation import run_isolated

    return run_isolated(engine_path(Conflicts()), problem, limits, watcher=watcher)


def find(
    snapshot: Snapshot,
    policy: Policy,
    *,
    limits: Limits,
    watcher: Watcher,
    solve: Solve = isolated,
) -> Finding:
    """Return the diagnosis with what it was read from.

    Parameters
    ----------
    solve : runs the engine
    """
    hard = tuple(rule for rule in policy.in_force(snapshot).fairness if rule.mode is Mode.HARD)
    first = _shortened(limits, BASE_SHARE) if hard else limits
    base = _examined(_loosened_base(snapshot, policy, limits.threads), first, watcher, solve)
    if not hard or base.diagnosis.status is not Status.FEASIBLE:
        return base
    try:
        settled = _settled(snapshot, policy, limits, watcher)
    except NoPlanError as error:
        detail = f"The totals of fair shares are not known: {error}"
        unknown = Diagnosis(status=Status.NOT_PROVEN, detail=detail)
        return replace(base, diagnosis=unknown)
    return with_bands(snapshot, policy, settled, limits, watcher, solve)


def with_bands(
    snapshot: Snapshot,
    policy: Policy,
    settled: Settled,
    limits: Limits,
    watcher: Watcher,
    solve: Solve = isolated,
) -> Finding:
    """Return the diagnosis of the problem of the plan itself, whose stages are settled."""
    compiled = compile_problem(
        snapshot, policy, settled=settled, threads=limits.threads, loosened=True
    )
    found = _examined(elastic(compiled), limits, watcher, solve)
    if not found.diagnosis.ways:
        return found
    first, *others = found.diagnosis.ways
    shorter = _shortened(limits, NARROWING_SHARE)
    narrower = narrowest(found.elastic, first, shorter, watcher, solve)
    if narrower is first:
        return found
    # The loads add up to more outside of the band, which is narrower all the same.
    told = {"ways": (narrower, *others), "cheapest": False}
    return replace(found, diagnosis=found.diagnosis.model_copy(update=told))


def _loosened_base(snapshot: Snapshot, policy: Policy, threads: int) -> Elastic:
    """Return the problem that must have a plan before bands are known."""

    def loosened(settled: Settled) -> Compiled:
        return compile_problem(snapshot, policy, settled=settled, threads=threads, loosened=True)

    compiled = loosened(NOTHING)
    if not may_stay_overfull(compiled):
        return elastic(compiled)
    stayed = loosened(as_they_are(compiled))
    return elastic(stayed, stage_problem(compiled, stayed))


def _settled(snapshot: Snapshot, policy: Policy, limits: Limits, watcher: Watcher) -> Settled:
    """Return the totals of fair shares, as a plan's stages settle them."""
    bands = tuple(rule for rule in policy.fairness if rule.mode is not Mode.MAX_MIN)
    policy = replace(policy, fairness=bands)
    compiled = compile_problem(snapshot, policy, threads=limits.threads)
    return Stages(AUTO, limits, None, watcher).run(compiled).compiled.settled


def _examined(problem: Elastic, limits: Limits, watcher: Watcher, solve: Solve) -> Finding:
    outcome = solve(problem.problem, limits, watcher)
    return Finding(_diagnosis(problem, outcome), problem, outcome)


def _diagnosis(problem: Elastic, outcome: Outcome) -> Diagnosis:
    """Return what an outcome says, in records and words."""
    conflict = outcome.conflict
    if conflict is None:
        if outcome.chosen is not None and not way_out(problem, outcome.chosen).steps:
            return Diagnosis(status=Status.FEASIBLE)
        ways = () if outcome.chosen is None else (way_out(problem, outcome.chosen),)
        return Diagnosis(status=Status.NOT_PROVEN, ways=ways, detail=outcome.detail)
    is_proven = conflict.proof is Proof.CONFIRMED
    is_known = conflict.proof is not Proof.NONE
    return Diagnosis(
        status=Status.INFEASIBLE if is_proven else Status.NOT_PROVEN,
        causes=tuple(causes(problem, conflict)) if is_known else (),
        minimal=conflict.minimal and is_known,
        ways=tuple(way_out(problem, way) for way in conflict.ways),
        cheapest=conflict.cheapest,
    )


def _shortened(limits: Limits, share: float) -> Limits:
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=share * limits.seconds)
