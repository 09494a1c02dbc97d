"""Adds the pins that people set in the service to those of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from models.lists import lies_under, split_list
from scenarios.what_if.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.jobs.tasks.task import Pin
    from models.snapshot import Snapshot
    from planner.policy import Policy

COLUMNS = ("lead_id", "rep_id", "kind", "team", "region", "expires")


def with_pins(
    snapshot: Snapshot, policy: Policy, pins: Sequence[Pin]
) -> tuple[Snapshot, tuple[str, ...]]:
    """Return the tables with further pins, and the ids of those that were left out.

    A pin outlives the tables it was set for: what it names may be gone. One to a lead that is not
    there, or to a rep, team or region that nobody is or covers, holds nothing.

    Raises
    ------
    InputError : pins contradict each other
    """
    known = Known(snapshot)
    held = [pin for pin in pins if known.holds(pin)]
    left_out = tuple(pin.id for pin in pins if not known.holds(pin))
    if not held:
        return snapshot, left_out
    rows = pd.DataFrame([{name: getattr(pin, name) for name in COLUMNS} for pin in held])
    text = [name for name in COLUMNS if name != "expires"]
    rows[text] = rows[text].astype("str").where(rows[text].notna())
    rows["expires"] = pd.to_datetime(rows["expires"], utc=True).astype("datetime64[us, UTC]")
    draft = Draft(snapshot, policy)
    draft.add("pins", rows)
    return draft.finished()[0], left_out


class Known:
    """What the tables have that a pin may name."""

    def __init__(self, snapshot: Snapshot) -> None:
        active = snapshot.reps[snapshot.reps["active"] != 0]
        self._leads = set(snapshot.leads["lead_id"])
        self._reps = set(snapshot.reps["rep_id"])
        self._teams = set(active["team"].dropna())
        self._covered = [
            path for cell in active["regions"].dropna().unique() for path in split_list(cell)
        ]

    def holds(self, pin: Pin) -> bool:
        """Return whether everything that a pin names is there."""
        return (
            pin.lead_id in self._leads
            and (pin.rep_id is None or pin.rep_id in self._reps)
            and (pin.team is None or pin.team in self._teams)
            and (pin.region is None or any(lies_under(pin.region, path) for path in self._covered))
        )
