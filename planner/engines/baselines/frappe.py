"""What the assignment rules of Frappe and ERPNext do (baselines P3).

A rule there is a condition on records with a list of users. Leads that the same reps may work meet
the same condition, so each such group of reps is a rule of its own, its users in the order of their
ids. The rules' days, priorities and unassign conditions have no counterpart in one batch. Frappe
asks nobody whether there is room; under limits, a user without room is passed over.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

from planner.engines.baselines.desk import Desk
from planner.engines.baselines.least_busy import to_the_least_busy
from planner.engines.baselines.list_order import NO_ONE, from_after

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake

Users = tuple[int, ...]


def frappe_round_robin(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: as leads arrive, each to the user after the rule's last one.

    A rule begins with its first user, as with a pointer to somebody unknown.
    """
    del seed
    desk = Desk(intake)
    last: dict[Users, int] = {}
    for row in desk.waiting:
        users = desk.eligible(row)
        turn = from_after(users, last.get(users, NO_ONE))
        rep = next((rep for rep in turn if desk.fits(row, rep)), NO_ONE)
        if rep != NO_ONE:
            last[users] = rep
            desk.give(row, rep)
    return desk.assignment()


def frappe_load_balancing(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: as leads arrive, each to the user with the fewest open ones.

    Ties go by the order of the list.
    """
    del seed
    return to_the_least_busy(intake, range(intake.problem.num_reps))


def frappe_by_field(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the rep whom its field names.

    Where it names nobody, or somebody who may not work the lead, the lead stays with nobody.
    """
    del seed
    desk = Desk(intake)
    named = intake.leads.named.tolist()
    for row in desk.waiting:
        if named[row] != NO_ONE and desk.fits(row, named[row]):
            desk.give(row, named[row])
    return desk.assignment()


def frappe_weighted(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: a cycle in which a user of weight k takes k leads in a row.

    A rep's k is the weight as a multiple of the smallest one among all reps, rounded.
    """
    del seed
    desk = Desk(intake)
    times = _times(intake)
    cycles: dict[Users, list[int]] = {}
    place: dict[Users, int] = {}
    for row in desk.waiting:
        users = desk.eligible(row)
        if users not in cycles:
            cycles[users] = list(chain.from_iterable(repeat(rep, times[rep]) for rep in users))
        cycle, at = cycles[users], place.get(users, 0)
        turn = chain(range(at, len(cycle)), range(at))
        found = next((step for step in turn if desk.fits(row, cycle[step])), NO_ONE)
        if found != NO_ONE:
            place[users] = (found + 1) % len(cycle)
            desk.give(row, cycle[found])
    return desk.assignment()


def _times(intake: Intake) -> list[int]:
    weight = intake.reps.weight
    smallest = weight[weight > 0].min(initial=float("inf"))
    return [round(each / smallest) for each in weight.tolist()]
