"""`returning`: who comes back from an absence is neither flooded with leads nor left out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.columns import DEPARTURE
from models.resource import NOT_COUNTED, Layer, Resource
from models.units import Duration, Share, days_text, share_text
from planner.case import plain_cells
from planner.rules.rule import ColumnUse, Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.ownership import Ownership
    from planner.pairs import Pairs

TWO_WEEKS = timedelta(weeks=2)


class Returning(Rule):
    """A rep who is back from an absence gains no more leads than an equal part of the open ones.

    The open leads are those without an owner, or whose owner may not keep them. Room, fairness and
    value decide below that: the rep has as good a claim to the part as anybody (R38).

    Attributes
    ----------
    away_for : absences of at least so long count; those that touch each other are one
    back_for : so long before the period's start they may have ended
    catch_up : what the rep may gain on top, as a share of the part; nothing if not given
    """

    name: ClassVar[str] = "returning"
    section: ClassVar[Section] = Section.RETURNING
    combines: ClassVar[str] = "load"

    away_for: Duration = Field(default=TWO_WEEKS, validate_default=True)
    back_for: Duration = Field(default=TWO_WEEKS, validate_default=True)
    catch_up: Share = 0.0

    @property
    def resource_name(self) -> str:
        """Name of the limit on leads gained."""
        return "leads gained after an absence"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner", optional=True)
        for column in ("rep_id", "starts", "ends"):
            yield ColumnUse("absences", column)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        more = f" and {share_text(self.catch_up)} more" if self.catch_up else ""
        return (
            f"A rep who was away for {days_text(self.away_for)} or more and came back less than "
            f"{days_text(self.back_for)} before the period gains at most an equal part of the "
            f"open leads{more}."
        )

    def resources(
        self, pairs: Pairs, ownership: Ownership
    ) -> Iterator[tuple[Resource, tuple[str, ...]]]:
        """Yield the most leads that those who are back may gain, if any are, and who they are."""
        facts = pairs.facts
        back = np.flatnonzero(self._is_back(facts))
        if not len(back):
            return
        group_of_rep = np.full(facts.num_reps + 1, NOT_COUNTED, np.int32)  # the last is nobody's
        group_of_rep[back] = np.arange(len(back))
        num_open = int((~ownership.may_keep).sum())
        most = self._most(num_open, int((~facts.has_left).sum()))
        gained = pairs.sum_over_members(
            lambda lead, rep: (ownership.owner[lead] != rep).astype(np.float64), 1
        )
        none = np.zeros(len(back))
        resource = Resource(
            name=self.resource_name,
            layers=(Layer(gained, group_of_rep[pairs.rep]),),
            base=none,
            lower=np.full(len(back), -np.inf),
            upper=np.full(len(back), most),
            under_cost=none,
            over_cost=np.full(len(back), np.inf),
            unit="leads",
        )
        yield resource, tuple(facts.reps["rep_id"].iloc[back].astype(str))

    def _most(self, num_open: int, num_reps: int) -> float:
        """Return how many leads a rep may gain; a started one is whole."""
        part = (1.0 + self.catch_up) * num_open / max(num_reps, 1)
        return float(np.ceil(part - 1e-9))

    def _is_back(self, facts: Facts) -> NDArray[np.bool_]:
        """Return (n_reps,) whether a rep is back from a long absence."""
        away = facts.snapshot.absences
        away = away[away["kind"] != DEPARTURE].sort_values(["rep_id", "starts", "ends"])
        ends_so_far = away.groupby("rep_id")["ends"].cummax()
        is_new = away["starts"] > ends_so_far.groupby(away["rep_id"]).shift()
        first = is_new | ~away["rep_id"].duplicated()
        stretch = away.groupby(first.cumsum()).agg(
            rep_id=("rep_id", "first"), starts=("starts", "min"), ends=("ends", "max")
        )
        since = facts.period.starts - stretch["ends"]
        long = stretch["ends"] - stretch["starts"] >= self.away_for
        recent = (since >= timedelta(0)) & (since < self.back_for)
        back = stretch.loc[long & recent, "rep_id"]
        return facts.reps["rep_id"].isin(back).to_numpy(bool) & ~facts.has_left

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep who is back and gains too much, counted plainly lead by lead."""
        here = [rep_id for rep_id in case.reps("rep_id") if not case.has_left(rep_id)]
        num_open = len(case.of_leads("lead_id")) - len(case.may_keep)
        most = self._most(num_open, len(here))
        gained: dict[str, int] = {}
        for lead_id, rep_id in zip(case.lead_ids, case.rep_ids, strict=True):
            if case.owner_of.get(lead_id) != rep_id:
                gained[rep_id] = gained.get(rep_id, 0) + 1
        for rep_id in here:
            if gained.get(rep_id, 0) > most and self._plain_is_back(case, rep_id):
                text = f"the rep is back and gains {gained[rep_id]:,} leads; {most:,.0f} at most"
                amount = gained[rep_id] - most
                load = float(gained[rep_id])
                yield Violation(
                    self.name,
                    self.sentence(),
                    text,
                    rep_id=rep_id,
                    amount=amount,
                    load=load,
                    limit=most,
                )

    def _plain_is_back(self, case: Case, rep_id: str) -> bool:
        away = case.snapshot.absences
        rows = zip(
            *(plain_cells(away[name]) for name in ("rep_id", "kind", "starts", "ends")), strict=True
        )
        mine = sorted((s, e) for who, kind, s, e in rows if who == rep_id and kind != DEPARTURE)
        stretches: list[list[datetime]] = []
        for starts, ends in mine:
            if stretches and starts <= stretches[-1][1]:
                stretches[-1][1] = max(stretches[-1][1], ends)
            else:
                stretches.append([starts, ends])
        return any(
            ends - starts >= self.away_for and ends <= case.period.starts < ends + self.back_for
            for starts, ends in stretches
        )
