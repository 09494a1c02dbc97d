"""How Odoo assigns leads, now and in older versions (baselines P1 and P2).

First leads go to teams, then each team's to its members. A run is that of one day; a batch is
worked off by daily runs that a manager triggers, leads of all ages included, until one of them
places nothing. Duplicates by e-mail that Odoo merges are our families. A team's filter is whether
any of its members may work the lead, a member's filter whether this one may, a member's preferences
are the policy's. Odoo knows no limits but the capacity for 30 days; under limits, a member without
room wants nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from planner.engines.baselines.odoo_office import Office

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake

DAYS = 30
"""What a capacity is for."""
NEWEST_DAYS = 7
"""An automatic run looks at leads that are no older."""
CATCHING_UP = 0.2
"""Share of what is missing to the capacity of 30 days that the older quota adds."""


def odoo_rotation(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: the present Odoo, by daily rotation with preferences (since 18.2).

    A daily quota is capacity / 30, rounded half up: below 15 in 30 days it is 0, for ever.
    """
    office = Office(intake, seed)
    office.allocate(office.desk.waiting)
    quota = [round_half_up(each / DAYS) for each in intake.reps.capacity.tolist()]
    office.work_off(lambda members: office.rotate(members, quota))
    return office.desk.assignment()


def odoo_daily(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: one automatic run of `odoo_rotation`, as it happens every night.

    Only leads of the last 7 days take part, and what a member received in the last 24 hours counts
    against the quota; what nobody accepts waits for the next run.
    """
    office = Office(intake, seed)
    days_old = np.nan_to_num(intake.leads.days_old, nan=0.0)
    office.allocate([row for row in office.desk.waiting if days_old[row] <= NEWEST_DAYS])
    received = intake.reps.received_day.tolist()
    capacity = intake.reps.capacity.tolist()
    quota = [
        round_half_up(most / DAYS) - math.ceil(had)
        for most, had in zip(capacity, received, strict=True)
    ]
    for team in office.queues:
        office.rotate(team, quota)
    return office.desk.assignment()


def odoo_weighted(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: Odoo 14 to 17.2, a random draw weighted by what is left of quotas.

    A daily quota is round(a + 0.2 x max(0, capacity - received in 30 days - a)) with a = capacity /
    30. The member who is drawn takes the lead with the best chance, and leaves without any.
    """
    office = Office(intake, seed)
    office.allocate(office.desk.waiting)
    capacity = intake.reps.capacity.tolist()
    had = intake.reps.received_month.tolist()

    def run(team: int) -> int:
        quota = [
            catching_up(most, before + given)
            for most, before, given in zip(capacity, had, office.given, strict=True)
        ]
        return office.draw(team, quota)

    office.work_off(run)
    return office.desk.assignment()


def round_half_up(value: float) -> int:
    """Return the nearest whole number, the higher one of two.

    >>> round_half_up(0.5), round_half_up(0.499), round_half_up(1.5)
    (1, 0, 2)
    """
    return math.floor(value + 0.5)


def catching_up(capacity: float, received: float) -> int:
    """Return the older daily quota, rounded as Python does (half to even).

    >>> catching_up(30, 0), catching_up(30, 30), catching_up(10, 10)
    (7, 1, 0)
    """
    day = capacity / DAYS
    return round(day + CATCHING_UP * max(0.0, capacity - received - day))
