"""`pins`: a lead fixed to a rep stays there; a rep barred from a lead never gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planner.rules.rule import Mask, MustRule, Section, Violation

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

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return "A pinned lead goes to the rep it is fixed to, and never to one it is barred from."

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: every pinned lead is a class of its own."""
        pins = facts.snapshot.pins
        lead = facts.leads.set_index("lead_id").index.get_indexer(pins["lead_id"])
        rep = facts.reps.set_index("rep_id").index.get_indexer(pins["rep_id"])
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
        for pin in case.snapshot.pins.itertuples():
            pins.setdefault(str(pin.lead_id), []).append((str(pin.rep_id), str(pin.kind)))
        for at, (lead_id, rep_id) in enumerate(case.pairs.itertuples(index=False)):
            for pinned_rep, kind in pins.get(lead_id, ()):
                if (kind == FIXED) != (pinned_rep == rep_id):
                    yield at, f"the lead is {kind} {'to' if kind == FIXED else 'for'} {pinned_rep}"

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield pairs that a pin forbids, and fixed leads that nobody got."""
        yield from super().violations(case)
        assigned = set(case.pairs["lead_id"])
        pins = case.snapshot.pins
        for pin in pins[pins["kind"] == FIXED].itertuples():
            if pin.lead_id not in assigned:
                text = f"the lead is fixed to {pin.rep_id}, but unassigned"
                yield Violation(self.name, self.sentence(), text, str(pin.lead_id), str(pin.rep_id))
