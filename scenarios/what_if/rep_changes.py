"""Reps join, leave, are away, or have other hours."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

import pandas as pd
from pydantic import Field, model_validator

from models.columns import TABLES, Kind
from models.units import Number, Part, Share, number_text, share_text
from models.where import Where
from planner.rules.pins import FIXED
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from scenarios.what_if.draft import Draft

PERSONAL = ["name", "base_hours", "base_leads", "hired", "active"]
"""What a new rep does not have of the one who is like them."""
HOURS, COUNT = "capacity_hours", "max_leads"
NUMBERS = (Kind.NUMBER, Kind.INTEGER, Kind.FLAG)


class RepJoins(Change):
    """A further rep, who is like another but for some columns.

    Attributes
    ----------
    rep_id : of the new rep
    like : whose cells the new rep has, but for name, base load, first day and whether the other one
        still works here; none if not given
    set : cells, by column
    """

    name: ClassVar[str] = "rep_joins"

    rep_id: str = Field(min_length=1)
    like: str | None = None
    set: dict[str, str | Number] = Field(default_factory=dict)

    def sentence(self) -> str:
        """Return the change in plain English."""
        parts = [f"like {self.like}"] if self.like else []
        parts += [f"{column} {_told(cell)}" for column, cell in self.set.items()]
        return f"{self.rep_id} joins{', ' * bool(parts)}{', '.join(parts)}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield what keeps the rep from joining."""
        if self.rep_id in set(draft.reps["rep_id"]):
            yield f"there is a rep {self.rep_id!r} already"
        if self.like is not None:
            yield from draft.unknown_reps([self.like])
        kinds = {column.name: column.kind for column in TABLES["reps"]}
        for column, cell in self.set.items():
            if column == "rep_id":
                yield "rep_id stands beside `set`, not in it"
            elif column not in kinds and column not in draft.reps:
                yield f"table reps has no column {column!r}"
            elif kinds.get(column) in NUMBERS and isinstance(cell, str):
                yield f"{column} is a number, not {cell!r}"
        if self.like is None and "regions" not in self.set:
            yield "needs `like`, or `set` with regions"

    def apply(self, draft: Draft) -> None:
        """Add the rep."""
        cells: dict[str, object] = {}
        if self.like is not None:
            one = draft.reps[draft.reps["rep_id"] == self.like].iloc[0]
            kept = one.drop(PERSONAL, errors="ignore")
            cells = {str(name): cell for name, cell in kept.dropna().items()}
        draft.add("reps", pd.DataFrame([{**cells, **self.set, "rep_id": self.rep_id}]))


class RepLeaves(Change):
    """Reps work no more; their leads go to others, and pins that fix leads to them lapse.

    Attributes
    ----------
    reps : their ids; or
    where : which of them
    """

    name: ClassVar[str] = "rep_leaves"

    reps: tuple[str, ...] = ()
    where: Where | None = None

    @model_validator(mode="after")
    def _tells_whom(self) -> RepLeaves:
        if bool(self.reps) == (self.where is not None):
            raise ValueError("needs either `reps` or `where`, not both")
        return self

    def sentence(self) -> str:
        """Return the change in plain English."""
        if self.where is not None:
            return f"Reps where {self.where.sentence()} leave; pins to them lapse."
        return f"{' and '.join(self.reps)} leave{'s' * (len(self.reps) == 1)}; pins to them lapse."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield reps that there are not."""
        yield from draft.unknown_reps(self.reps)
        yield from draft.filter_faults("reps", self.where)

    def apply(self, draft: Draft) -> None:
        """Make them inactive."""
        gone = draft.mask("reps", self.where)
        if self.where is None:
            gone = draft.reps["rep_id"].isin(self.reps).to_numpy()
        active = draft.column("reps", "active").astype(float)
        draft.reps["active"] = active.mask(gone, 0.0)
        if "pins" in draft.frames:
            pins = draft.frames["pins"]
            lapses = pins["rep_id"].isin(draft.reps["rep_id"][gone]) & (pins["kind"] == FIXED)
            draft.frames["pins"] = pins[~lapses].reset_index(drop=True)


class RepAbsent(Change):
    """A rep is away from a first to a last day.

    Attributes
    ----------
    kind : as in the table of absences; `departure` for one who does not come back
    """

    name: ClassVar[str] = "rep_absent"

    rep_id: str
    starts: date
    ends: date
    kind: str = "vacation"

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> RepAbsent:
        if self.ends < self.starts:
            raise ValueError("`ends` must not be before `starts`")
        return self

    def sentence(self) -> str:
        """Return the change in plain English."""
        return f"{self.rep_id} is away from {self.starts:%d %b %Y} to {self.ends:%d %b %Y}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield that there is no such rep."""
        yield from draft.unknown_reps([self.rep_id])

    def apply(self, draft: Draft) -> None:
        """Add the absence."""
        zone = draft.zone
        starts = pd.Timestamp(self.starts, tz=zone).tz_convert("UTC")
        ends = pd.Timestamp(self.ends + timedelta(days=1), tz=zone).tz_convert("UTC")
        row = {"rep_id": self.rep_id, "starts": starts, "ends": ends, "kind": self.kind}
        draft.add("absences", pd.DataFrame([row]))


class PartTime(Change):
    """A rep works a part of the hours, with as large a part of the leads.

    Attributes
    ----------
    share : what is left of them
    """

    name: ClassVar[str] = "part_time"

    rep_id: str
    share: Part

    def sentence(self) -> str:
        """Return the change in plain English."""
        return f"{self.rep_id} works {share_text(self.share)} of the hours."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield that there is no such rep."""
        yield from draft.unknown_reps([self.rep_id])

    def apply(self, draft: Draft) -> None:
        """Scale hours and leads."""
        scale(draft, draft.reps["rep_id"].eq(self.rep_id).to_numpy(), (HOURS, COUNT), self.share)


class ScaleCapacity(Change):
    """The limits of some reps grow or shrink.

    Attributes
    ----------
    where : which reps; all if not given
    by : what becomes of each limit, as a share of it
    columns : the limits
    """

    name: ClassVar[str] = "capacity"

    where: Where | None = None
    by: Share
    columns: Annotated[tuple[str, ...], Field(min_length=1)] = (HOURS, COUNT)

    def sentence(self) -> str:
        """Return the change in plain English."""
        whose = f"of reps where {self.where.sentence()}" if self.where else "of all reps"
        names = " and ".join(column.replace("_", " ") for column in self.columns)
        more = self.by - 1
        return f"{names.capitalize()} {whose} {'grow' if more >= 0 else 'shrink'} by " + (
            f"{share_text(abs(more))}."
        )

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield columns that reps do not have, or that hold no numbers."""
        yield from draft.filter_faults("reps", self.where)
        given = [column for column in self.columns if column in draft.reps]
        if not given:
            yield f"table reps has none of the columns {', '.join(self.columns)}"
        for column in given:
            if not pd.api.types.is_numeric_dtype(draft.reps[column]):
                yield f"column {column!r} of reps does not hold numbers"

    def apply(self, draft: Draft) -> None:
        """Scale the limits."""
        scale(draft, draft.mask("reps", self.where), self.columns, self.by)


def _told(cell: str | float) -> str:
    return cell if isinstance(cell, str) else number_text(cell)


def scale(draft: Draft, who: NDArray[np.bool_], columns: tuple[str, ...], by: float) -> None:
    """Multiply columns of some reps, (n_reps,); columns that there are not are left out."""
    for column in columns:
        if column in draft.reps:
            cells = draft.reps[column]
            draft.reps[column] = cells.mask(who, cells * by)
