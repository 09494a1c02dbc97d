"""`pins`: a lead fixed to a rep stays there; a rep barred from a lead never gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from models.lists import lies_under, split_list
from planner.case import plain_cells
from planner.rules.rule import ColumnUse, Mask, MustRule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

FIXED = "fixed"


class Pins(MustRule):
    """The table of pins holds (R42)."""

    name: ClassVar[str] = "pins"
    section: ClassVar[Section] = Section.ALWAYS
    combines: ClassVar[str] = ""

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        for column in ("lead_id", "rep_id", "kind", "team", "region"):
            yield ColumnUse("pins", column, optional=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return (
            "A pinned lead goes to the rep, team or region it is fixed to, "
            "and never to one it is barred from."
        )

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: every pinned lead is a class of its own."""
        pins = facts.snapshot.pins
        lead = pd.Index(facts.leads["lead_id"]).get_indexer(pins["lead_id"])
        pinned, row = np.unique(lead, return_inverse=True)
        allowed = np.ones((len(pinned) + 1, facts.num_reps), bool)
        for at, (kind, meant) in enumerate(zip(pins["kind"], targets(facts), strict=True)):
            allowed[row[at] + 1] &= meant if kind == FIXED else ~meant
        key = np.zeros(facts.num_leads, np.int64)
        key[pinned] = np.arange(1, len(pinned) + 1)
        return Mask(key, allowed)

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs that a pin forbids."""
        pins: dict[str, list[Pin]] = {}
        for pin in _pins(case):
            pins.setdefault(pin.lead_id, []).append(pin)
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            for pin in pins.get(lead_id, ()):
                means = pin.means(case, rep_id)
                if pin.kind == FIXED and not means:
                    yield at, f"the lead is fixed to {pin.target}"
                elif pin.kind != FIXED and means:
                    of_whom = "the rep is" if pin.rep_id else f"{pin.target} is"
                    yield at, f"{of_whom} barred from the lead"

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield pairs that a pin forbids, and fixed leads that nobody got."""
        yield from super().violations(case)
        for pin in _pins(case):
            if pin.kind == FIXED and pin.lead_id not in case.rep_of:
                text = f"the lead is fixed to {pin.target}, but nobody works it"
                yield Violation(self.name, self.sentence(), text, pin.lead_id, pin.rep_id or "")


class Pin(NamedTuple):
    """A pin; of rep_id, team and region one is filled."""

    lead_id: str
    kind: str
    rep_id: str | None
    team: str | None
    region: str | None

    @property
    def target(self) -> str:
        """To whom, or from whom, in words."""
        if self.region is not None:
            return f"region {self.region}"
        return f"team {self.team}" if self.team is not None else str(self.rep_id)

    def means(self, case: Case, rep_id: str) -> bool:
        """Return whether a rep is who it is about, read plainly from the table of reps."""
        if self.team is not None:
            return bool(case.reps("team")[rep_id] == self.team)
        if self.region is not None:
            regions = split_list(case.reps("regions")[rep_id] or "")
            return any(lies_under(self.region, path) for path in regions)
        return self.rep_id == rep_id


def _pins(case: Case) -> Iterator[Pin]:
    """Yield each pin."""
    cells = [plain_cells(case.snapshot.pins[column]) for column in Pin._fields]
    yield from map(Pin, *cells)


def targets(facts: Facts) -> Iterator[NDArray[np.bool_]]:
    """Yield for each pin (n_reps,) whom it is about."""
    pins, reps = facts.snapshot.pins, facts.reps
    rep = pd.Index(reps["rep_id"]).get_indexer(pins["rep_id"].fillna(""))
    covering = {region: _covering(facts, region) for region in pins["region"].dropna().unique()}
    for at, team, region in zip(rep, pins["team"], pins["region"], strict=True):
        if isinstance(region, str):
            yield covering[region]
        elif isinstance(team, str):
            yield (reps["team"] == team).to_numpy(bool)
        else:
            yield np.arange(len(reps)) == at


def _covering(facts: Facts, region: str) -> NDArray[np.bool_]:
    """Return (n_reps,) who covers a region."""
    offered = facts.reps_offering("regions")
    places = [reps for place, reps in offered.by_value.items() if lies_under(region, place)]
    return np.asarray(np.logical_or.reduce([offered.everything, *places]), np.bool_)
