"""The companies on which plans meet simple policies, each with a past that is cut in two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.errors import UsageError
from models.files.importer import import_tables
from models.files.mapping_reader import read_mapping
from planner.compile import compile_problem
from planner.intake import weight_column, weights
from planner.policy import policy_from_text, read_policy
from scenarios.generate import CompanySpec, generate, policy_text
from scenarios.library import LIBRARY, shipped_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy

MAVEN = "maven_crm"


@dataclass(frozen=True, eq=False)
class Contender:
    """A company, its rules without preferences, and its past in two halves.

    Attributes
    ----------
    name : for people
    policy : the same for plans and simple policies; no fair shares, no rules on moves
    weight_column : of reps, to whose values books are to be proportional
    learned, judge : compiled with the chances to win of the earlier half of the past, by which
        everybody decides, and with those of the later half, by which all are valued
    """

    name: str
    policy: Policy
    weight_column: str
    learned: Compiled
    judge: Compiled

    @property
    def weight(self) -> NDArray[np.float64]:
        """(n_reps,) what is due to each rep against the others; 0 for who has left."""
        return weights(self.learned)


def contender(name: str, snapshot: Snapshot, policy: Policy) -> Contender:
    """Return a company of which a snapshot and a policy are given.

    Preferences are left out: what a plan is judged by does not count them.

    Raises
    ------
    UsageError : the policy has fair shares or rules on moves, its first limit is no column of
        reps, or the past cannot be cut in two
    """
    if policy.fairness or policy.switching_cost or policy.at_most_moves or policy.protect:
        raise UsageError(f"{name}: the policy must have neither fair shares nor rules on moves")
    column = weight_column(policy)
    if column is None:
        raise UsageError(f"{name}: the policy's first limit per rep must be a column")
    policy = replace(policy, prefer=())
    earlier, later = halves(name, snapshot)
    return Contender(
        name,
        policy,
        column,
        learned=compile_problem(earlier, policy),
        judge=compile_problem(later, policy),
    )


def halves(name: str, snapshot: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Return the snapshot with the earlier and with the later half of its history.

    Outcomes of one day stay together, in the earlier half.

    Raises
    ------
    UsageError : all outcomes are of one day, or there are none
    """
    past = snapshot.history
    if past["closed_on"].nunique() < 2:
        raise UsageError(f"{name}: the history must span more than one day")
    days = past["closed_on"].sort_values()
    middle = days.iloc[(len(days) - 1) // 2]
    is_early = past["closed_on"] <= middle
    if is_early.all():
        is_early = past["closed_on"] < middle
    early, late = (
        replace(snapshot, tables={**snapshot.tables, "history": half.reset_index(drop=True)})
        for half in (past[is_early], past[~is_early])
    )
    return early, late


def generated(count: int, num_leads: int, num_reps: int, seed: int) -> Iterator[Contender]:
    """Yield synthetic companies, each made when asked for; they differ in nothing but the seed."""
    for number in range(count):
        spec = CompanySpec(num_leads=num_leads, num_reps=num_reps, seed=seed + number)
        policy = policy_from_text(policy_text(spec))
        yield contender(f"generated, seed {spec.seed}", generate(spec).snapshot(), policy)


def maven_crm(files: Path) -> Contender:
    """Return the company of Maven Analytics' "CRM Sales Opportunities", given its four files.

    Raises
    ------
    UsageError : the files cannot be imported
    """
    mapping = shipped_mapping(MAVEN)
    snapshot = None if mapping is None else import_tables(read_mapping(mapping), [files]).snapshot
    if snapshot is None:
        raise UsageError(f"{files} does not hold the four files of maven-crm")
    return contender("maven-crm", snapshot, read_policy(LIBRARY / MAVEN / "policy.yaml"))
