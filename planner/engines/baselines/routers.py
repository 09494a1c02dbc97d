"""Every simple policy by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.engines.baselines.cal_com import cal_fair
from planner.engines.baselines.chatwoot import chatwoot_balanced, chatwoot_round_robin
from planner.engines.baselines.espo import espo_least_busy, espo_round_robin
from planner.engines.baselines.frappe import (
    frappe_by_field,
    frappe_load_balancing,
    frappe_round_robin,
    frappe_weighted,
)
from planner.engines.baselines.greedy import greedy
from planner.engines.baselines.least_busy import least_busy
from planner.engines.baselines.odoo import odoo_daily, odoo_rotation, odoo_weighted
from planner.engines.baselines.proportional import proportional
from planner.engines.baselines.round_robin import round_robin

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake


@dataclass(frozen=True)
class Router:
    """A policy that hands leads out one after the other.

    Attributes
    ----------
    name : for the command line
    summary : what it does, in a phrase
    route : from a batch of leads and a seed to (n_rows,) pairs of the batch's problem
    """

    name: str
    summary: str
    route: Callable[[Intake, int], Ints]


ROUTERS = {
    router.name: router
    for router in (
        Router(
            "greedy",
            "the best lead first, each to its best rep with room",
            lambda intake, seed: greedy(intake.problem, seed),
        ),
        Router(
            "round_robin",
            "as leads arrive, to the rep served least recently",
            lambda intake, seed: round_robin(intake.problem, seed),
        ),
        Router("least_busy", "to the rep with the fewest open leads, ties by chance", least_busy),
        Router("odoo_rotation", "Odoo since 17.3: teams, daily quotas, rotation", odoo_rotation),
        Router("odoo_daily", "one automatic nightly run of odoo_rotation", odoo_daily),
        Router("odoo_weighted", "Odoo 14 to 17.2: a draw weighted by quotas", odoo_weighted),
        Router("frappe_round_robin", "a rule's users in turn", frappe_round_robin),
        Router("frappe_load_balancing", "fewest open leads, ties by list", frappe_load_balancing),
        Router("frappe_by_field", "whom a field of the lead names", frappe_by_field),
        Router("frappe_weighted", "in turn, weight k takes k in a row", frappe_weighted),
        Router("espo_round_robin", "after the newest lead's owner", espo_round_robin),
        Router("espo_least_busy", "fewest open leads, ties by id", espo_least_busy),
        Router("chatwoot_round_robin", "served least recently, per channel", chatwoot_round_robin),
        Router("chatwoot_balanced", "fewest open leads of the channel", chatwoot_balanced),
        Router("cal_fair", "cal.com: furthest below the weighted share", cal_fair),
        Router("proportional", "running totals follow running shares", proportional),
    )
}
