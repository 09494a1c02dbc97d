"""A scenario: a base and named changes, which never touch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import ScenarioError
from scenarios.what_if.draft import Draft

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.what_if.change import Change


@dataclass(frozen=True)
class Scenario:
    """Changes that are made one after the other.

    Attributes
    ----------
    name : unique among scenarios that are compared
    changes : each sees what those before it made
    description : for people
    source : where it was written, for messages
    """

    name: str
    changes: tuple[Change, ...] = ()
    description: str = ""
    source: str = "scenario"

    def sentences(self) -> tuple[str, ...]:
        """Return the changes in plain English."""
        return tuple(change.sentence() for change in self.changes)

    @property
    def holds_totals(self) -> bool:
        """Whether fair shares stay parts of what the base has to share."""
        return all(change.holds_totals for change in self.changes)

    def without(self, number: int) -> Scenario:
        """Return the scenario without one of its changes."""
        changes = self.changes[:number] + self.changes[number + 1 :]
        left_out = f"{self.name} without {self.changes[number].name} {number + 1}"
        return Scenario(left_out, changes, self.description, self.source)

    def applied(self, snapshot: Snapshot, policy: Policy) -> tuple[Snapshot, Policy]:
        """Return what a company and a policy become.

        Raises
        ------
        ScenarioError : changes do not fit; with the faults of each
        InputError, PolicyError : what they become cannot be planned
        """
        draft = Draft(snapshot, policy)
        faults = []
        for number, change in enumerate(self.changes):
            found = list(change.faults(draft))
            faults += [f"change {number + 1}, {change.name}: {fault}" for fault in found]
            if not found:
                change.apply(draft)
        if faults:
            raise ScenarioError(self.source, faults)
        return draft.finished()
