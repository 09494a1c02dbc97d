"""Adds the pins that people set in the service to those of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from api.jobs.tasks.pin_conflicts import FIXED, Staff, named, way_out
from api.jobs.tasks.task import Pin
from models.errors import NoPlanError, UsageError
from models.lists import lies_under, split_list
from planner.case import Case, plain_cells
from scenarios.what_if.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.snapshot import Snapshot
    from planner.policy import Policy

PINS = "pins"
COLUMNS = ("lead_id", "rep_id", "kind", "team", "region", "expires")


def with_pins(
    snapshot: Snapshot, policy: Policy, pins: Sequence[Pin]
) -> tuple[Snapshot, tuple[str, ...]]:
    """Return the tables with further pins, and the ids of those that were left out.

    A pin outlives the tables it was set for: what it names may be gone. One to a lead that is not
    there, or to a rep, team or region that nobody is or covers, holds nothing.

    Raises
    ------
    UsageError : pins contradict each other
    """
    known = Known(snapshot)
    held = [pin for pin in pins if known.holds(pin)]
    left_out = tuple(pin.id for pin in pins if not known.holds(pin))
    if not held:
        return snapshot, left_out
    _refuse_contradictions(snapshot, held)
    rows = pd.DataFrame([{name: getattr(pin, name) for name in COLUMNS} for pin in held])
    text = [name for name in COLUMNS if name != "expires"]
    rows[text] = rows[text].astype("str").where(rows[text].notna())
    rows["expires"] = pd.to_datetime(rows["expires"], utc=True).astype("datetime64[us, UTC]")
    draft = Draft(snapshot, policy)
    draft.add("pins", rows)
    return draft.finished()[0], left_out


def _refuse_contradictions(snapshot: Snapshot, pins: Sequence[Pin]) -> None:
    """Raise UsageError if pins on a lead, or on leads that share a rep, cannot all hold."""
    staff = Staff(snapshot.reps)
    as_of = pd.Timestamp(snapshot.as_of)
    holding = [pin for pin in pins if pin.expires is None or pd.Timestamp(pin.expires) > as_of]
    faults = []
    for together in _together(snapshot, [*_of_tables(snapshot), *holding]):
        against = staff.contradicting(together)
        if against:
            told = ", and ".join(named(pin) for pin in against)
            faults.append(f"{told}, which cannot both hold; {way_out(against)}")
    if faults:
        raise UsageError(". ".join(faults))


def _of_tables(snapshot: Snapshot) -> Iterator[Pin]:
    columns = ("lead_id", "kind", "rep_id", "team", "region")
    for cells in zip(*(plain_cells(snapshot.pins[name]) for name in columns), strict=True):
        yield Pin(id="", **dict(zip(columns, cells, strict=True)))


def _together(snapshot: Snapshot, pins: Sequence[Pin]) -> Iterator[list[Pin]]:
    """Yield the pins of each lead or family that has several, a family by its own column or as
    copies of one record.
    """
    leads = snapshot.leads
    position = pd.Index(leads["lead_id"]).get_indexer([pin.lead_id for pin in pins])
    family = leads["family"].astype(object).where(leads["family"].notna(), None).to_numpy()
    groups: dict[object, list[Pin]] = {}
    for pin, at in zip(pins, position, strict=True):
        groups.setdefault(("copies", int(snapshot.duplicates[at])), []).append(pin)
        if family[at] is not None:
            groups.setdefault(("family", family[at]), []).append(pin)
    yield from (group for group in groups.values() if len(group) > 1)


def telling_pins(
    error: NoPlanError, snapshot: Snapshot, policy: Policy, pins: Sequence[Pin]
) -> NoPlanError:
    """Return why there is no plan, with the pins of the service that a rule contradicts."""
    to_rep = [
        pin for pin in pins if pin.kind == FIXED and pin.rep_id and Known(snapshot).holds(pin)
    ]
    if not error.impossible or not to_rep:
        return error
    by_pair = {(pin.lead_id, pin.rep_id): pin for pin in to_rep}
    case = Case(policy, snapshot, pd.DataFrame(list(by_pair), columns=["lead_id", "rep_id"]))
    told = [
        f"{named(by_pair[found.lead_id, found.rep_id])}, against the rule {found.sentence!r}: "
        f"{found.text}; {way_out([by_pair[found.lead_id, found.rep_id]])}"
        for rule in case.policy.eligibility()
        for found in rule.violations(case)
        if (found.lead_id, found.rep_id) in by_pair and found.rule != PINS
    ]
    if not told:
        return error
    return NoPlanError("\n".join([str(error), *told]), impossible=error.impossible)


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
