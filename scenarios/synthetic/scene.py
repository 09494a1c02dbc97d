"""What stays the same for all leads of a company: its reps, its places and the odds of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.synthetic.eligibility import Eligibility, eligibility_of
from scenarios.synthetic.reps import Staff, hire

if TYPE_CHECKING:
    from scenarios.geography import Subdivision
    from scenarios.synthetic.spec import CompanySpec

CHUNK_LEADS = 50_000
"""Leads of a chunk. The random streams belong to chunks, so another size is another company."""
HOURS_AWAY = 0.35
"""Share of their time that reps with two territories spend in the second."""


@dataclass(frozen=True)
class Scene:
    """The company around its leads. Running shares end with 1 along their last axis.

    Attributes
    ----------
    spec, staff, eligibility : what was asked for, the reps, and what each can take
    places : of all territories, one after the other
    first_place : of each territory, and the number of places, shape (n_territories + 1,)
    territory_shares : running, shape (n_territories,): where leads appear
    place_shares : running over all territories, territory t from t to t + 1, shape (n_places,)
    language_shares : running, by language of the territory, shape (n_places, n_local)
    owner_shares : running: past owners among qualified members, as `Eligibility.qualified`
    member_shares : running: past owners among all members, shape (n_territories, n_members)
    """

    spec: CompanySpec
    staff: Staff
    eligibility: Eligibility
    places: tuple[Subdivision, ...]
    first_place: np.ndarray
    territory_shares: np.ndarray
    place_shares: np.ndarray
    language_shares: np.ndarray
    owner_shares: np.ndarray
    member_shares: np.ndarray

    @property
    def num_chunks(self) -> int:
        """Chunks of the whole company."""
        return -(-self.spec.num_leads // CHUNK_LEADS)

    def rows(self, chunk: int) -> tuple[int, int]:
        """Return the first lead of a chunk and the one after its last."""
        start = chunk * CHUNK_LEADS
        return start, min(start + CHUNK_LEADS, self.spec.num_leads)


def set_scene(spec: CompanySpec) -> Scene:
    """Hire the reps and work out the odds of everything that follows."""
    staff = hire(spec)
    eligibility = eligibility_of(staff)
    territories = staff.territories
    popularity = np.where(eligibility.members >= 0, staff.popularity[eligibility.members], 0.0)
    num_places = [len(territory.places) for territory in territories]
    return Scene(
        spec=spec,
        staff=staff,
        eligibility=eligibility,
        places=tuple(place for territory in territories for place in territory.places),
        first_place=np.concatenate([[0], np.cumsum(num_places)]),
        territory_shares=running_shares(_hours_by_territory(staff)),
        place_shares=np.cumsum(np.concatenate([t.place_shares() for t in territories])),
        language_shares=running_shares(_language_shares(staff, eligibility)),
        owner_shares=running_shares(
            eligibility.qualified * popularity[:, None, None, None, :].astype(np.float32)
        ),
        member_shares=running_shares(popularity),
    )


def _hours_by_territory(staff: Staff) -> np.ndarray:
    """Return the reps' hours for leads in each territory: leads come where somebody sells."""
    two = staff.second >= 0
    hours = np.maximum(staff.net_hours, 0.01)
    at_home = np.where(two, 1 - HOURS_AWAY, 1.0) * hours
    num_territories = len(staff.territories)
    return np.bincount(staff.home, at_home, num_territories) + np.bincount(
        staff.second[two], HOURS_AWAY * hours[two], num_territories
    )


def _language_shares(staff: Staff, eligibility: Eligibility) -> np.ndarray:
    rows = []
    for territory, codes in zip(staff.territories, eligibility.languages, strict=True):
        local = [staff.languages[code] if code >= 0 else "" for code in codes]
        for place in territory.places:
            shares = dict(place.languages)
            rows.append([shares.get(language, 0.0) for language in local])
    return np.array(rows)


def running_shares(weights: np.ndarray) -> np.ndarray:
    """Return cumulative shares along the last axis, ready for `draw`; no weight gives zeros."""
    totals = np.cumsum(weights, axis=-1)
    return np.asarray(totals / np.maximum(totals[..., -1:], np.finfo(np.float32).tiny))


def draw(shares: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw one position per row of running shares, shape (n_rows,)."""
    return np.asarray((shares <= random.random(len(shares))[:, None]).sum(axis=1))
