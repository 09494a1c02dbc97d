"""What is said of new leads: ranked reps with prices and reasons, as records and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.kernels.routing import FREE, UNPLACED
from planner.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.recommending.offers import Offers


class Why(StrEnum):
    """Why a rep stands where in a ranking, or why there is none; beside those of a plan."""

    LESS_VALUE = "less_value"
    """The first one brings a higher score."""
    DEARER_ROOM = "dearer_room"
    """The score is as high as the first one's, but the room is worth more to other leads."""
    AS_GOOD = "as_good"
    """Score and price are not worse than the first one's: room decides, or the order of reps."""
    NO_ROOM = "no_room"
    """A limit leaves no room for the lead now."""
    ROOM_WORTH_MORE = "room_worth_more"
    """The room is worth more to other leads than this one brings: better left in the pool."""
    CUSTOMER = "customer"
    """The rep has the customer's other leads, so nobody else may have this one."""
    CUSTOMER_WITHOUT_REP = "customer_without_rep"
    """Nobody has the customer's other leads, or several reps do: the next plan decides."""
    CUSTOMER_BARRED = "customer_barred"
    """The rules keep the lead from who has the customer's other leads: the next plan decides."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A rep for a new lead.

    Attributes
    ----------
    rep_id : who
    expected_value, score : money, as in a plan
    prices : what the lead pays, in money, by the name of the limit or fair share; none of 0
    net : score - prices
    has_room : whether every hard limit holds with the lead
    full : the names of those that do not
    reasons : stable codes, of `planner.reasons.Reason` and `Why`
    """

    rep_id: str
    expected_value: float
    score: float
    prices: Mapping[str, float]
    net: float
    has_room: bool
    full: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best reps for a new lead: those with room first, by net.

    Attributes
    ----------
    lead_id : the lead
    rep_id : who should have it; None to leave it in the pool
    reason : why nobody should, or why the first one
    nobody : money, the score of leaving it in the pool; -inf where it must have a rep
    num_eligible : how many reps the rules allow
    reps : the first of them
    notes : rules that could not be held against it and remarks on its cells, in sentences
    """

    lead_id: str
    rep_id: str | None
    reason: str
    nobody: float
    num_eligible: int
    reps: tuple[Recommendation, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Assessed:
    """New leads under prices, in the room that there is.

    Attributes
    ----------
    offers : the leads and their pairs
    paid, fits : (n_pairs, n_terms) money, and whether there is room
    rep_ids, terms : the names of reps and of what is limited
    """

    offers: Offers
    paid: Floats
    fits: NDArray[np.bool_]
    rep_ids: Sequence[str]
    terms: Sequence[str]

    def ranking(self, lead: int, top: int, notes: tuple[str, ...] = ()) -> Ranking:
        """Return the best reps for a lead by position."""
        offered = self.offers.offered
        first, last = int(offered.indptr[lead]), int(offered.indptr[lead + 1])
        nobody = float(offered.nobody[lead])
        net = offered.score[first:last] - self.paid[first:last].sum(axis=1)
        has_room = self.fits[first:last].all(axis=1)
        order = (np.lexsort((-net, ~has_room))[:top] + first).tolist()
        reps = tuple(self.recommendation(lead, pair, order[0]) for pair in order)
        is_taken = bool(reps) and reps[0].has_room and reps[0].net >= nobody
        return Ranking(
            lead_id=self.offers.lead_ids[lead],
            rep_id=reps[0].rep_id if is_taken else None,
            reason=reps[0].reasons[0] if is_taken else str(self._why_nobody(lead, reps)),
            nobody=nobody,
            num_eligible=last - first,
            reps=reps,
            notes=notes,
        )

    def recommendation(self, lead: int, pair: int, leader: int) -> Recommendation:
        """Return what there is to say of a pair, beside the first one of the ranking."""
        offered, paid = self.offers.offered, self.paid[pair].tolist()
        score = float(offered.score[pair])
        full = tuple(
            name for name, fits in zip(self.terms, self.fits[pair], strict=True) if not fits
        )
        net = score - sum(paid)
        codes: list[str] = [self._standing(lead, pair, leader)]
        codes += [Why.NO_ROOM] * bool(full)
        codes += [Why.ROOM_WORTH_MORE] * bool(net < offered.nobody[lead])
        return Recommendation(
            rep_id=self.rep_ids[offered.rep[pair]],
            expected_value=float(offered.value[pair]),
            score=score,
            prices={name: money for name, money in zip(self.terms, paid, strict=True) if money},
            net=net,
            has_room=not full,
            full=full,
            reasons=tuple(map(str, codes)),
        )

    def _standing(self, lead: int, pair: int, leader: int) -> str:
        offered = self.offers.offered
        score, rows = offered.score, slice(offered.indptr[lead], offered.indptr[lead + 1])
        if pair != leader:
            if score[pair] < score[leader]:
                return Why.LESS_VALUE
            dearer = self.paid[pair].sum() > self.paid[leader].sum()
            return Why.DEARER_ROOM if dearer else Why.AS_GOOD
        if self.offers.bound[lead] != FREE:
            return Why.CUSTOMER
        if rows.stop - rows.start == 1:
            return Reason.ONLY_REP
        best = is_best(score[pair], score[rows].max())
        return Reason.BEST_VALUE if best else Reason.BEST_UNDER_LIMITS

    def _why_nobody(self, lead: int, reps: tuple[Recommendation, ...]) -> str:
        if not reps:
            bound = self.offers.bound[lead]
            if bound == FREE:
                return Reason.NO_ELIGIBLE_REP
            return Why.CUSTOMER_WITHOUT_REP if bound == UNPLACED else Why.CUSTOMER_BARRED
        if not reps[0].has_room:
            return Reason.NO_ROOM
        return Reason.NO_VALUE if reps[0].score < 0 else Why.ROOM_WORTH_MORE


def is_best(score: Floats, best: Floats) -> NDArray[np.bool_]:
    """Return whether scores are the best ones, up to rounding."""
    return np.asarray(score >= best - 1e-9 * np.abs(best))


def routed_table(
    offers: Offers, chosen: Ints, had_room: NDArray[np.bool_], rep_ids: Sequence[str]
) -> pd.DataFrame:
    """Return one row per lead: lead_id, rep_id, expected_value, score and reason.

    Parameters
    ----------
    chosen : (n_leads,) pairs; -1 for none
    had_room : (n_leads,) whether some rep had room
    """
    offered, bound = offers.offered, offers.bound
    is_placed, num_eligible = chosen >= 0, np.diff(offered.indptr)
    best = np.full(len(chosen), -np.inf)
    np.maximum.at(best, np.repeat(np.arange(len(chosen)), num_eligible), offered.score)
    score, value = offered.nobody.copy(), np.zeros(len(chosen))
    rep = np.full(len(chosen), UNPLACED)
    taken = chosen[is_placed]
    score[is_placed], value[is_placed] = offered.score[taken], offered.value[taken]
    rep[is_placed] = offered.rep[taken]
    reasons = {
        Why.CUSTOMER: is_placed & (bound > UNPLACED),
        Reason.ONLY_REP: is_placed & (num_eligible == 1),
        Reason.BEST_VALUE: is_placed & is_best(score, best),
        Reason.BEST_UNDER_LIMITS: is_placed,
        Why.CUSTOMER_WITHOUT_REP: bound == UNPLACED,
        Why.CUSTOMER_BARRED: (bound > UNPLACED) & (num_eligible == 0),
        Reason.NO_ELIGIBLE_REP: num_eligible == 0,
        Reason.NO_ROOM: ~had_room,
        Reason.NO_VALUE: best < 0,
    }
    names = [*map(str, reasons), str(Why.ROOM_WORTH_MORE)]
    code = np.select(list(reasons.values()), range(len(reasons)), len(reasons))
    return pd.DataFrame(
        {
            "lead_id": pd.Series(offers.lead_ids, dtype="str"),
            "rep_id": pd.Series(pd.array([*rep_ids], dtype="str").take(rep, allow_fill=True)),
            "expected_value": value,
            "score": score,
            "reason": pd.Series(pd.array(names, dtype="str").take(code)),
        }
    )
