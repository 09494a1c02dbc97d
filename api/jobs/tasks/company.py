"""Reads what a task is about: tables with the service's pins, and the policy, under a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import TooLargeError
from api.jobs.tasks.pins import with_pins
from models.files.kept_tables import read_kept_tables
from planner.engines.engine import Progress
from planner.policy import policy_from_text
from scenarios.what_if.scenario_file import scenario_from_text

if TYPE_CHECKING:
    from api.jobs.tasks.task import Company
    from models.snapshot import Snapshot
    from planner.engines.engine import Watcher
    from planner.policy import Policy

READ = "read"
"""The name of this step, in progress and timings."""


def read_company(company: Company, watcher: Watcher) -> tuple[Snapshot, Policy, tuple[str, ...]]:
    """Return the tables and the policy, and the ids of pins that were left out.

    Raises
    ------
    InputError, PolicyError : with every fault
    TooLargeError : there are too many leads and reps to build their problem
    """
    watcher.report(Progress(message="reading the tables", stage=READ))
    policy = policy_from_text(company.policy, company.policy_name)
    snapshot = read_kept_tables(company.tables)
    snapshot, left_out = with_pins(snapshot, policy, company.pins)
    if company.scenario is not None:
        scenario = scenario_from_text(company.scenario)
        snapshot, policy = scenario.applied(snapshot, policy)
    refuse_too_large(snapshot.num_leads, snapshot.num_reps, company.max_pairs)
    return snapshot, policy, left_out


def refuse_too_large(leads: int, reps: int, max_pairs: int) -> None:
    """Raise TooLargeError where leads x reps are more than an installation allows."""
    if leads * reps > max_pairs:
        raise TooLargeError(
            f"{leads:,} leads x {reps:,} reps are {leads * reps:,} pairs; this installation allows "
            f"{max_pairs:,}. Plan fewer leads or reps at once, or have FAIRLEAD_MAX_PAIRS raised"
        )
