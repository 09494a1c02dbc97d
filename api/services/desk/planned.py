"""Plans beside the problems that they answer, of which a process keeps the last few."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from api.jobs.tasks.pins import with_pins
from api.services.desk.shelf import Shelf
from models.files.kept_tables import read_kept_tables
from models.files.plan_files import read_plan
from planner.planned import Planned
from planner.policy import policy_from_text
from scenarios.what_if.scenario_file import scenario_from_text

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.tasks.task import Pin
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy

KEPT = 2
"""A plan of a million leads takes about a gigabyte beside its problem."""


@dataclass(frozen=True)
class Sources:
    """What a plan was made from.

    Attributes
    ----------
    plan, tables : directories
    policy, scenario : texts; of the policy before the scenario. None where there was no scenario:
        the policy is then the plan's own
    pins : those of the service that held, besides the tables' own
    """

    plan: Path
    tables: Path
    policy: str | None = None
    scenario: str | None = None
    pins: tuple[Pin, ...] = ()


def planned_of(sources: Sources) -> Planned:
    """Return a plan beside its problem; from the shelf if it was asked for lately.

    Raises
    ------
    PlanFileError : the plan breaks rules, or is not one of these tables
    """
    return _shelf().get(sources, lambda: load_planned(sources))


def prepare_planned(sources: Sources) -> None:
    """Have a plan beside its problem on the shelf; raises as `planned_of`."""
    planned_of(sources)


def load_planned(sources: Sources) -> Planned:
    """Return a plan beside its problem, compiled again; raises as `planned_of`."""
    plan = read_plan(sources.plan)
    snapshot, policy = inputs_of(sources, plan)
    return Planned(snapshot, policy, plan)


def inputs_of(sources: Sources, plan: Plan) -> tuple[Snapshot, Policy]:
    """Return the tables and the policy that a plan was made with.

    Raises
    ------
    InputError, ScenarioError : the files are damaged
    """
    policy = policy_from_text(plan.policy_text if sources.policy is None else sources.policy)
    snapshot = read_kept_tables(sources.tables)
    snapshot, _ = with_pins(snapshot, policy, sources.pins)
    if sources.scenario is None:
        return snapshot, policy
    return scenario_from_text(sources.scenario).applied(snapshot, policy)


@cache
def _shelf() -> Shelf[Planned]:
    return Shelf(KEPT)
