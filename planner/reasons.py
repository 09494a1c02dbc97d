"""Why each lead went where it did, as a stable code, and who came second."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.problem import NOBODY
from planner.bound import best_of_rows, reduced_scores
from planner.rules.pins import FIXED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Prices
    from models.problem import Problem
    from planner.compile import Compiled


class Reason(StrEnum):
    """Why a lead is where it is."""

    BEST_VALUE = "best_value"
    """No other rep brings a higher score."""
    BEST_UNDER_LIMITS = "best_under_limits"
    """A rep with a higher score has limits that leave no room beside the leads they have."""
    ONLY_REP = "only_rep"
    """No other rep passes the rules."""
    PINNED = "pinned"
    """A pin fixes the lead to the rep."""
    NO_ELIGIBLE_REP = "no_eligible_rep"
    """Unassigned: no rep passes the rules."""
    NO_ROOM = "no_room"
    """Unassigned: the limits of eligible reps leave no room beside the leads they have."""
    NO_VALUE = "no_value"
    """Unassigned: every eligible rep would bring less than nothing."""
    NOT_GIVEN = "not_given"
    """Unassigned in an assignment made elsewhere, though some rep may take the lead."""
    NOT_ALLOWED = "not_allowed"
    """Assigned against the rules (in assignments made elsewhere)."""


CODE = {reason: at for at, reason in enumerate(Reason)}


@dataclass(frozen=True, eq=False)
class Reasons:
    """Per lead: why, and the second best rep.

    Attributes
    ----------
    code : (n_leads,) values of Reason
    runner_up : (n_leads,) position of the best other rep under the prices; -1 for none
    runner_up_loss : (n_leads,) money lost, prices paid, were the lead's row given to the runner-up
    """

    code: pd.Series
    runner_up: NDArray[np.int64]
    runner_up_loss: NDArray[np.float64]


def reasons(compiled: Compiled, rep_of_lead: NDArray[np.int64], prices: Prices) -> Reasons:
    """Return why each lead is where an assignment has it."""
    problem, row_of_lead = compiled.problem, compiled.row_of_lead
    rep_of_row = np.full(problem.num_rows, NOBODY, np.int32)
    rep_of_row[row_of_lead] = rep_of_lead
    own = _own_pairs(problem, rep_of_row)
    runner_up, loss = _runner_up(problem, own, reduced_scores(problem, prices.by_resource))
    code = np.select(
        (
            _breaks_a_rule(compiled, rep_of_lead, rep_of_row),
            _is_fixed(compiled) & (rep_of_lead != NOBODY),
        ),
        (CODE[Reason.NOT_ALLOWED], CODE[Reason.PINNED]),
        _codes(problem, own, rep_of_row)[row_of_lead],
    )
    told = pd.Series(pd.array(list(CODE), dtype="str").take(code))
    return Reasons(told, runner_up[row_of_lead], loss[row_of_lead])


def _own_pairs(problem: Problem, rep_of_row: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return (n_rows,) the pair of each row that an assignment takes; -1 where it has none."""
    row = problem.pair_rows()
    taken = np.flatnonzero(problem.rep == rep_of_row[row])
    own = np.full(problem.num_rows, -1, np.int64)
    own[row[taken]] = taken
    return own


def _codes(
    problem: Problem, own: NDArray[np.int64], rep_of_row: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return (n_rows,) codes of reasons, pins apart."""
    is_rep = problem.rep != NOBODY
    num_eligible = np.add.reduceat(is_rep, problem.indptr[:-1], dtype=np.int64)
    best = best_of_rows(problem, np.where(is_rep, problem.score, -np.inf))
    is_best = problem.score[own] >= best - 1e-9 * np.abs(best)
    unassigned = rep_of_row == NOBODY
    found = {
        Reason.NO_ELIGIBLE_REP: unassigned & (num_eligible == 0),
        Reason.NO_VALUE: unassigned & (best < 0),
        Reason.NO_ROOM: unassigned,
        Reason.ONLY_REP: num_eligible == 1,
        Reason.BEST_VALUE: is_best,
    }
    codes = [CODE[reason] for reason in found]
    return np.select(list(found.values()), codes, CODE[Reason.BEST_UNDER_LIMITS])


def _runner_up(
    problem: Problem, own: NDArray[np.int64], reduced: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (n_rows,) the best rep but the own one, -1 for none, and what is lost by it."""
    others = np.where(problem.rep != NOBODY, reduced, -np.inf)
    others[own[own >= 0]] = -np.inf
    best = best_of_rows(problem, others)
    size = np.diff(problem.indptr)
    first = np.flatnonzero((others == np.repeat(best, size)) & (others > -np.inf))
    runner_up = np.full(problem.num_rows, NOBODY, np.int64)
    # Backwards, so that the first of equal ones stays.
    row = np.searchsorted(problem.indptr, first[::-1], "right") - 1
    runner_up[row] = problem.rep[first[::-1]]
    loss = np.where(own >= 0, reduced[own] - best, np.nan)
    return runner_up, np.where(runner_up == NOBODY, np.nan, loss)


def _is_fixed(compiled: Compiled) -> NDArray[np.bool_]:
    pins = compiled.snapshot.rep_pins
    fixed = pins.loc[pins["kind"] == FIXED, "lead_id"]
    return compiled.snapshot.leads["lead_id"].isin(fixed).to_numpy()


def _breaks_a_rule(
    compiled: Compiled, rep_of_lead: NDArray[np.int64], rep_of_row: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Return (n_leads,) which assigned leads have a rep that the rules, or their family, forbid."""
    row = compiled.row_of_lead
    is_split = np.bincount(row, rep_of_row[row] != rep_of_lead)[row] > 0
    allowed = ~is_split
    for mask in compiled.eligibility.masks:
        allowed &= mask.allowed[mask.key, rep_of_lead]
    return np.asarray((rep_of_lead != NOBODY) & ~allowed)
