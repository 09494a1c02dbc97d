"""`pins`: a lead fixed to a rep stays there; a rep barred from a lead never gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from planner.rules.rule import ColumnUse, Mask, MustRule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        for column in ("lead_id", "rep_id", "kind"):
            yield ColumnUse("pins", column, optional=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return "A pinned lead goes to the rep it is fixed to, and never to one it is barred from."

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: every pinned lead is a class of its own."""
        pins = facts.snapshot.pins
        lead = pd.Index(facts.leads["lead_id"]).get_indexer(pins["lead_id"])
        rep = pd.Index(facts.reps["rep_id"]).get_indexer(pins["rep_id"])
        fixed = (pins["kind"] == FIXED).to_numpy()
        pinned, row = np.unique(lead, return_inverse=True)
        allowed = np.ones((len(pinned) + 1, facts.num_reps), bool)
        for at in np.flatnonzero(fixed):
            allowed[row[at] + 1] &= np.arange(facts.num_reps) == rep[at]
        allowed[row[~fixed] + 1, rep[~fixed]] = False
        key = np.zeros(facts.num_leads, np.int64)
        key[pinned] = np.arange(1, len(pinned) + 1)
        return Mask(key, allowed)

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs that a pin forbids."""
        pins: dict[str, list[tuple[str, str]]] = {}
        for lead_id, rep_id, kind in _pins(case):
            pins.setdefault(lead_id, []).append((rep_id, kind))
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            for pinned_rep, kind in pins.get(lead_id, ()):
                if kind == FIXED and pinned_rep != rep_id:
                    yield at, f"the lead is fixed to {pinned_rep}"
                elif kind != FIXED and pinned_rep == rep_id:
                    yield at, "the rep is barred from the lead"

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield pairs that a pin forbids, and fixed leads that nobody got."""
        yield from super().violations(case)
        for lead_id, rep_id, kind in _pins(case):
            if kind == FIXED and lead_id not in case.rep_of:
                text = f"the lead is fixed to {rep_id}, but nobody works it"
                yield Violation(self.name, self.sentence(), text, lead_id, rep_id)


def _pins(case: Case) -> Iterator[tuple[str, str, str]]:
    """Yield lead_id, rep_id and kind of each pin."""
    pins = case.snapshot.pins
    yield from zip(pins["lead_id"], pins["rep_id"], pins["kind"], strict=True)
