"""What EspoCRM's assignment rules do (baselines P4).

The pool, there the active users of a team, is everybody who may work the lead, in the order of
their ids. EspoCRM knows no limits; under limits, a user without room is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.engines.baselines.desk import Desk
from planner.engines.baselines.least_busy import to_the_least_busy
from planner.engines.baselines.list_order import NO_ONE, from_after

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake


def espo_round_robin(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the user after the owner of the pool's newest lead.

    Nobody notes whose turn it is: the newest lead, by creation, of anyone in the pool tells. So an
    owned lead that is newer than the batch keeps the turn where it is, and one user gets all.
    """
    del seed
    desk = Desk(intake)
    arrival = intake.problem.arrival.tolist()
    newest = [NO_ONE] * intake.problem.num_reps
    for row, rep in desk.settled:
        newest[rep] = max(newest[rep], arrival[row])
    for row in desk.waiting:
        pool = desk.eligible(row)
        owner = max(pool, key=newest.__getitem__, default=NO_ONE)
        last = NO_ONE if owner == NO_ONE or newest[owner] == NO_ONE else owner
        turn = from_after(pool, last)
        rep = next((rep for rep in turn if desk.fits(row, rep)), NO_ONE)
        if rep != NO_ONE:
            newest[rep] = max(newest[rep], arrival[row])
            desk.give(row, rep)
    return desk.assignment()


def espo_least_busy(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the user with the fewest open ones, then the first id.

    Leads that are converted, recycled or dead do not count as open.
    """
    del seed
    return to_the_least_busy(intake, range(intake.problem.num_reps))
