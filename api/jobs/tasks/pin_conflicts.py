"""Which pins contradict each other, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from models.lists import lies_under, split_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from api.jobs.tasks.task import Pin

FIXED = "fixed"


class Staff:
    """The reps whom a pin may mean: those who are active.

    Parameters
    ----------
    reps : the table of reps, or of rep_id, active, team and regions of it
    """

    def __init__(self, reps: pd.DataFrame) -> None:
        self.every = frozenset(reps["rep_id"])
        here = reps[pd.to_numeric(reps["active"]) != 0]
        team = here["team"].astype(object).where(here["team"].notna(), None)
        self.team_of = dict(zip(here["rep_id"], team, strict=True))
        covers = here["regions"].astype(object).where(here["regions"].notna(), "")
        self._meant: dict[tuple[str | None, str | None], frozenset[str]] = {}
        self._covers = {
            rep_id: split_list(cell) for rep_id, cell in zip(here["rep_id"], covers, strict=True)
        }

    def meant(self, pin: Pin) -> frozenset[str]:
        """Return whom a pin is about."""
        if pin.rep_id is not None:
            return frozenset({pin.rep_id} & self.team_of.keys())
        group = (pin.team, pin.region)
        if group not in self._meant:
            self._meant[group] = frozenset(self._of_group(*group))
        return self._meant[group]

    def _of_group(self, team: str | None, region: str | None) -> Iterator[str]:
        for rep_id, paths in self._covers.items():
            if region is not None:
                if any(lies_under(region, path) for path in paths):
                    yield rep_id
            elif self.team_of[rep_id] == team:
                yield rep_id

    def allows(self, pin: Pin, rep_id: str | None) -> bool:
        """Return whether a pin lets a lead go to a rep; None is nobody.

        One that means nobody who is there holds nothing.
        """
        meant = self.meant(pin)
        return not meant or (rep_id in meant) == (pin.kind == FIXED)

    def contradicting(self, pins: Sequence[Pin]) -> tuple[Pin, ...]:
        """Return those of the pins of one lead, or of leads that share a rep, that leave nobody
        whom a fixed one allows: two of them, if two suffice; none if they can all hold.
        """
        fixed = [pin for pin in pins if pin.kind == FIXED]
        for at, one in enumerate(fixed):
            others = [*fixed[at + 1 :], *(pin for pin in pins if pin.kind != FIXED)]
            for other in others:
                if not self._left((one, other)):
                    return one, other
        return tuple(pins) if fixed and not self._left(pins) else ()

    def _left(self, pins: Iterable[Pin]) -> frozenset[str]:
        left = frozenset(self.team_of)
        for pin in pins:
            meant = self.meant(pin)
            left = left & meant if pin.kind == FIXED else left - meant
        return left


def named(pin: Pin) -> str:
    """Return a pin in words: which it is, who set it, what it says."""
    if pin.region is not None:
        target = f"the reps of region {pin.region}"
    else:
        target = f"team {pin.team}" if pin.team is not None else f"rep {pin.rep_id}"
    does = "fixes" if pin.kind == FIXED else "keeps"
    what = f"{does} lead {pin.lead_id} {'to' if pin.kind == FIXED else 'from'} {target}"
    if not pin.id:
        return f"a pin of the tables {what}"
    set_by = f" (set by {pin.by})" if pin.by else ""
    return f"pin {pin.id}{set_by} {what}"


def way_out(pins: Iterable[Pin]) -> str:
    """Return how pins are taken back."""
    ids = [pin.id for pin in pins if pin.id]
    told = " or ".join(f"DELETE /v1/pins/{pin_id}" for pin_id in ids)
    return f"take one back ({told}), or change the table of pins" if told else "mend the table"
