"""Why each lead went where it did, as a stable code, and who came second."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from planner.bound import reduced_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Prices
    from planner.compile import Compiled


class Reason(StrEnum):
    """Why a lead is where it is."""

    BEST_VALUE = "best_value"
    """No other rep brings a higher score."""
    BEST_UNDER_LIMITS = "best_under_limits"
    """A rep with a higher score has limits whose room is worth more to other leads."""
    ONLY_REP = "only_rep"
    """No other rep passes the rules."""
    PINNED = "pinned"
    """A pin fixes the lead to the rep."""
    NO_ELIGIBLE_REP = "no_eligible_rep"
    """Unassigned: no rep passes the rules."""
    NO_ROOM = "no_room"
    """Unassigned: the room of every eligible rep is worth more to other leads."""
    NOT_ALLOWED = "not_allowed"
    """Assigned against the rules (in assignments made elsewhere)."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """Per lead: why, and the second best rep.

    Attributes
    ----------
    code : (n_leads,) values of Reason
    runner_up : (n_leads,) position of the best other rep under the prices; -1 for none
    runner_up_loss : (n_leads,) money lost, prices paid, were the lead's row given to the runner-up
    """

    code: NDArray[np.str_]
    runner_up: NDArray[np.int64]
    runner_up_loss: NDArray[np.float64]


def reasons(compiled: Compiled, rep_of_lead: NDArray[np.int64], prices: Prices) -> Reasons:
    """Return why each lead is where an assignment has it."""
    problem, row_of_lead = compiled.problem, compiled.row_of_lead
    rep_of_row = np.full(problem.num_rows, -1, np.int64)
    rep_of_row[row_of_lead] = rep_of_lead
    row = problem.pair_rows()
    is_rep = problem.rep >= 0
    taken = is_rep & (problem.rep == rep_of_row[row])
    allowed = np.zeros(problem.num_rows, bool)
    allowed[row[taken]] = True
    own = _per_row(problem.score, taken, row, problem.num_rows)
    best = _per_row(problem.score, is_rep, row, problem.num_rows)
    reduced = reduced_scores(problem, prices.by_resource)
    runner_up, loss = _runner_up(reduced, is_rep & ~taken, taken, row, problem.rep, problem.num_rows)
    num_eligible = np.bincount(row[is_rep], minlength=problem.num_rows)
    code = np.full(problem.num_rows, Reason.BEST_UNDER_LIMITS, dtype="<U20")
    code[own >= best - 1e-9 * np.abs(best)] = Reason.BEST_VALUE
    code[num_eligible == 1] = Reason.ONLY_REP
    code[~allowed] = Reason.NOT_ALLOWED
    code[rep_of_row < 0] = Reason.NO_ROOM
    code[num_eligible == 0] = np.where(
        rep_of_row[num_eligible == 0] < 0, Reason.NO_ELIGIBLE_REP, Reason.NOT_ALLOWED
    )
    by_lead = code[row_of_lead]
    by_lead[_is_pinned(compiled) & (by_lead != Reason.NO_ROOM)] = Reason.PINNED
    by_lead[(rep_of_lead >= 0) & ~_is_allowed(compiled, rep_of_lead)] = Reason.NOT_ALLOWED
    return Reasons(by_lead, runner_up[row_of_lead], loss[row_of_lead])


def _per_row(
    value: NDArray[np.float64], pairs: NDArray[np.bool_], row: NDArray[np.int64], num_rows: int
) -> NDArray[np.float64]:
    best = np.full(num_rows, -np.inf)
    np.maximum.at(best, row[pairs], value[pairs])
    return best


def _runner_up(
    reduced: NDArray[np.float64],
    others: NDArray[np.bool_],
    taken: NDArray[np.bool_],
    row: NDArray[np.int64],
    rep: NDArray[np.int32],
    num_rows: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    pairs = np.flatnonzero(others)
    order = pairs[np.lexsort((-reduced[pairs], row[pairs]))]
    first = order[np.unique(row[order], return_index=True)[1]]
    runner_up = np.full(num_rows, -1, np.int64)
    runner_up[row[first]] = rep[first]
    loss = np.full(num_rows, np.nan)
    own = np.zeros(num_rows)
    own[row[taken]] = reduced[taken]
    loss[row[first]] = own[row[first]] - reduced[first]
    return runner_up, loss


def _is_pinned(compiled: Compiled) -> NDArray[np.bool_]:
    pins = compiled.snapshot.pins
    fixed = pins.loc[pins["kind"] == "fixed", "lead_id"]
    return compiled.snapshot.leads["lead_id"].isin(fixed).to_numpy()


def _is_allowed(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> NDArray[np.bool_]:
    allowed = np.ones(len(rep_of_lead), bool)
    for mask in compiled.eligibility.masks:
        allowed &= mask.allowed[mask.key, rep_of_lead]
    return allowed
