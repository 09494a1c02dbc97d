"""The best that is known of a run, of which nothing is taken on trust."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import frozen
from models.errors import ProblemError
from models.outcome import (
    BoundSource,
    Outcome,
    StopReason,
    is_optimal,
    relative_gap,
)
from planner.bound import prove
from planner.engines.messages import EngineFault
from planner.engines.proven import Proven
from planner.engines.record import TOLERATED_MONEY, TOLERATED_SHARE
from planner.knapsack_bound import prove_multipliers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Floats, Ints
    from models.conflict import Conflict
    from models.outcome import Limits, Multipliers, Prices
    from models.problem import Problem
    from planner.kernels.proof import Proof

COMPILED_PAIRS = 1_000_000
"""From so many pairs on a compiled pass proves bounds; below it, loading it would take longer."""


class Ledger:
    """Collects what an engine claims, proves it again, and keeps the best of it.

    Attributes
    ----------
    chosen, objective : the best feasible assignment, (n_rows,) int64, and its money; or None
    engine : the engine's name for itself
    conflict : what the engine found of limits that cannot all hold, for which it vouches
    """

    def __init__(self, problem: Problem, limits: Limits, engine: str) -> None:
        self.problem = problem
        self.limits = limits
        self.engine = engine
        self.chosen: Ints | None = None
        self.objective: float | None = None
        self.conflict: Conflict | None = None
        self._proven = Proven(problem)
        self._claim = np.inf
        self._begun: float | None = None
        self._proof: Proof | None = None
        # Seconds, objective, the proven bound, the claimed one.
        self._trace: list[tuple[float, float | None, float, float]] = []

    def begin(self) -> None:
        """Start the clock, unless an earlier attempt has."""
        if self._begun is None:
            self._begun = time.monotonic()

    @property
    def prices(self) -> Prices:
        """The prices that prove the lowest bound."""
        return self._proven.prices

    @property
    def multipliers(self) -> Multipliers | None:
        """The multipliers that prove a lower bound than the prices, if there are any."""
        return self._proven.multipliers

    @property
    def score(self) -> float | None:
        """What the best assignment's gap is a share of, in money; None without one."""
        return None if self.chosen is None else self.problem.assigned_score(self.chosen)

    @property
    def seconds(self) -> float:
        """Time since the engine first began, restarts included."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    @property
    def seconds_left(self) -> float:
        """What is left of the time limit; inf without one."""
        return np.inf if self.limits.seconds is None else self.limits.seconds - self.seconds

    def add_assignment(self, chosen: Ints) -> bool:
        """Keep an assignment if it is the best so far, and return whether it is.

        Raises
        ------
        EngineFault : it is not feasible
        """
        if not self.problem.is_feasible(chosen):
            raise EngineFault(f"the engine's process sent {self._fault(chosen)}")
        objective = self.problem.objective(chosen)
        if self.objective is not None and objective <= self.objective:
            return False
        # Read-only, because watchers get to see it.
        self.chosen, self.objective = frozen(chosen, np.int64), objective
        self._note()
        return True

    def add_prices(self, by_resource: Sequence[Floats]) -> bool:
        """Keep prices if they prove a lower bound than those so far, and return whether they do."""
        # Absurd prices overflow; what they then prove is no lower bound.
        with np.errstate(over="ignore", invalid="ignore"):
            prices = self._prove(by_resource)
        if not self._proven.take_prices(prices):
            return False
        self._note()
        return True

    def add_multipliers(self, resource: int, by_row: Floats, by_resource: Sequence[Floats]) -> bool:
        """Keep multipliers if they prove a lower bound than all so far; return whether they do.

        Parameters
        ----------
        resource : the place of the resource whose limits hold exactly
        by_row : (n_rows,) money
        by_resource : per resource (n_groups,) the prices that hold all other limits

        Raises
        ------
        EngineFault : the resource has no knapsack bound
        """
        known = self.multipliers
        if known is not None and np.array_equal(known.by_row, by_row):
            return False
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                prices = self._prove(by_resource)
                multipliers = prove_multipliers(self.problem, prices, by_row, resource)
        except ProblemError as error:
            raise EngineFault(f"the engine's process sent multipliers, but {error}") from error
        if not self._proven.take_multipliers(multipliers):
            return False
        self._note()
        return True

    def _prove(self, by_resource: Sequence[Floats]) -> Prices:
        if self.problem.num_pairs < COMPILED_PAIRS:
            return prove(self.problem, by_resource)
        if self._proof is None:
            from planner.kernels.proof import Proof

            self._proof = Proof(self.problem)
        return self._proof.prove(by_resource)

    def add_bound(self, bound: float) -> None:
        """Take note of a bound that only the engine vouches for."""
        if bound < self._claim:
            self._claim = bound
            self._note()

    def forget_claims(self) -> None:
        """Drop what only an engine that has since failed vouched for."""
        self._claim = np.inf
        self._trace = [(when, best, bound, np.inf) for when, best, bound, _ in self._trace]

    def outcome(self, reason: StopReason, detail: str = "", iterations: int = 0) -> Outcome:
        """Return the best so far as an outcome, with a reason that its figures bear out."""
        notes = [detail.rstrip(".")] if detail else []
        if self._claim_is_false():
            notes.append(
                f"the solver's bound of {self._claim:.2f} lies below the objective "
                f"{self.objective:.2f} of a verified plan and was dropped"
            )
            self.forget_claims()
        borne_out = self._borne_out(reason)
        if borne_out is not reason:
            notes.append(f"the engine said {reason}, which its figures do not prove")
        proven, by_solver = self._proven, self._claim < self._proven.bound
        planless = reason in (StopReason.INFEASIBLE, StopReason.FAILED)
        return Outcome(
            engine=self.engine,
            reason=borne_out,
            detail="; ".join(notes),
            chosen=None if planless else self.chosen,
            objective=None if planless else self.objective,
            prices=proven.prices if by_solver else proven.told_prices(),
            bound=self._bound(),
            bound_source=BoundSource.SOLVER if by_solver else proven.source,
            multipliers=None if by_solver else proven.multipliers,
            conflict=self.conflict,
            seconds=self.seconds,
            iterations=iterations,
            trace=tuple((when, best, min(bounds)) for when, best, *bounds in self._trace),
        )

    def _bound(self) -> float:
        return min(self._proven.bound, self._claim)

    def _claim_is_false(self) -> bool:
        if self.objective is None:
            return False
        tolerated = max(TOLERATED_MONEY, TOLERATED_SHARE * abs(self.objective))
        return self._claim < self.objective - tolerated

    def _borne_out(self, reason: StopReason) -> StopReason:
        if reason not in (StopReason.OPTIMAL, StopReason.GAP_REACHED):
            return reason
        bound = self._bound()
        if is_optimal(bound, self.objective):
            return reason
        return StopReason.GAP_REACHED if self._gap_is_reached(bound) else StopReason.ITERATION_LIMIT

    def _gap_is_reached(self, bound: float) -> bool:
        if self.chosen is None:
            return False
        gap = relative_gap(bound, self.objective, self.problem.assigned_score(self.chosen))
        # The engine's own figure for the same gap may differ in its last digits.
        return gap is not None and gap <= self.limits.gap * (1 + TOLERATED_SHARE)

    def _fault(self, chosen: Ints) -> str:
        inside = (chosen >= self.problem.indptr[:-1]) & (chosen < self.problem.indptr[1:])
        if not inside.all():
            row = int(np.argmin(inside))
            return f"an assignment that gives row {row} a pair of another row: {chosen[row]}"
        resource, group, load, limit = next(self.problem.breaches(chosen))
        return (
            f"an assignment that breaks a limit: resource {resource.name!r}, group {group} "
            f"has {load:g} where {limit:g} is allowed"
        )

    def _note(self) -> None:
        self._trace.append((self.seconds, self.objective, self._proven.bound, self._claim))
