"""How a synthetic company divides the markets it sells in among its reps."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from scenarios.geography import Subdivision, subdivisions

REPS_PER_TERRITORY = 10
LARGE_COMPANY = 200
"""Reps above which territories grow too, so that each lead has more reps to choose among."""
TERRITORY_GROWTH = 0.51
LARGEST_TERRITORY = 1000
"""Reps from which territories grow no further: nobody chooses among hundreds for one lead."""


@dataclass(frozen=True, slots=True)
class Market:
    """A part of the world that a sales organization enters as a whole.

    Attributes
    ----------
    name : as a sales team would call it
    demand : relative number of leads
    regions : the region paths it consists of
    """

    name: str
    demand: float
    regions: tuple[str, ...]

    def subdivisions(self) -> tuple[Subdivision, ...]:
        """Return the subdivisions under the market's regions, neighbours next to each other."""
        return tuple(
            place
            for region in self.regions
            for place in subdivisions()
            if place.path.startswith(f"{region}/")
        )


# In the order in which the company enters them: a small company sells in the first few only.
MARKETS = (
    Market("US West", 12, ("US/West",)),
    Market("US Northeast", 11, ("US/Northeast",)),
    Market("UK and Ireland", 9, ("GB", "IE")),
    Market("DACH", 9, ("DE", "AT", "CH")),
    Market("US South", 13, ("US/South",)),
    Market("US Midwest", 10, ("US/Midwest",)),
    Market("Nordics", 6, ("NO", "SE", "DK", "FI")),
    Market("Canada", 6, ("CA",)),
    Market("France", 7, ("FR",)),
    Market("Benelux", 6, ("NL", "BE")),
    Market("Australia and New Zealand", 6, ("AU", "NZ")),
    Market("Italy", 5, ("IT",)),
    Market("Iberia", 5, ("ES", "PT")),
    Market("India", 7, ("IN",)),
    Market("Japan", 7, ("JP",)),
    Market("Singapore", 5, ("SG",)),
    Market("Brazil", 6, ("BR",)),
    Market("Mexico", 5, ("MX",)),
    Market("Poland", 5, ("PL",)),
    Market("China", 6, ("CN",)),
)


@dataclass(frozen=True, slots=True)
class Territory:
    """A market, or a part of one, that a group of reps works.

    Attributes
    ----------
    name : of the market, with the main subdivision where the market is divided
    demand : relative number of leads
    regions : the region paths that its reps cover
    places : the subdivisions under them
    num_reps : reps whose home it is
    """

    name: str
    demand: float
    regions: tuple[str, ...]
    places: tuple[Subdivision, ...]
    num_reps: int

    def place_shares(self) -> np.ndarray:
        """Return the share of the leads in each place, shape (n_places,)."""
        return _shares([place.inhabitants for place in self.places])

    def language_shares(self) -> dict[str, float]:
        """Return the share of the leads that ask for each language, the largest first."""
        shares: dict[str, float] = {}
        for place, place_share in zip(self.places, self.place_shares(), strict=True):
            for language, share in place.languages:
                shares[language] = shares.get(language, 0.0) + float(share * place_share)
        return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))

    def centre(self) -> np.ndarray:
        """Return latitude and longitude of the middle of its people, shape (2,)."""
        positions = np.array([(place.latitude, place.longitude) for place in self.places])
        return np.asarray(self.place_shares() @ positions)


def plan_territories(num_reps: int) -> tuple[Territory, ...]:
    """Divide the world among the reps: about ten to a territory, more in a large company."""
    growing = min(num_reps, LARGEST_TERRITORY) / LARGE_COMPANY
    reps_each = REPS_PER_TERRITORY * max(1.0, growing) ** TERRITORY_GROWTH
    num_territories = max(1, round(num_reps / reps_each))
    markets = MARKETS[:num_territories]
    parts = _divide(markets, num_territories)
    areas = [
        area
        for market, num_parts in zip(markets, parts, strict=True)
        for area in _split(market, num_parts)
    ]
    # The square root keeps a small market from having too few reps to choose among.
    weights = np.sqrt([demand for _, demand, _, _ in areas])
    sizes = _apportion(num_reps, weights / weights.sum())
    return tuple(
        Territory(name, demand, regions, places, size)
        for (name, demand, regions, places), size in zip(areas, sizes, strict=True)
    )


def _divide(markets: tuple[Market, ...], num_territories: int) -> list[int]:
    """Give each market a territory, and each further one to where a territory has most demand."""
    parts = [1] * len(markets)
    most = [len(market.subdivisions()) for market in markets]
    queue = [(-market.demand / 2, index) for index, market in enumerate(markets)]
    heapq.heapify(queue)
    while queue and sum(parts) < num_territories:
        _, index = heapq.heappop(queue)
        if parts[index] < most[index]:
            parts[index] += 1
            heapq.heappush(queue, (-markets[index].demand / (parts[index] + 1), index))
    return parts


_Area = tuple[str, float, tuple[str, ...], tuple[Subdivision, ...]]


def _split(market: Market, num_parts: int) -> list[_Area]:
    """Split a market into neighbouring subdivisions of about equal population."""
    places = market.subdivisions()
    if num_parts == 1:
        return [(market.name, market.demand, market.regions, places)]
    shares = _shares([place.inhabitants for place in places])
    middles = np.cumsum(shares) - shares / 2
    part_of_place = np.minimum((middles * num_parts).astype(int), num_parts - 1)
    areas: list[_Area] = []
    for part in np.unique(part_of_place):
        members = np.flatnonzero(part_of_place == part)
        own = tuple(places[index] for index in members)
        main = places[members[np.argmax(shares[members])]].path.rpartition("/")[2]
        demand = market.demand * float(shares[members].sum())
        areas.append((f"{market.name} ({main})", demand, tuple(p.path for p in own), own))
    return areas


def _shares(weights: list[float]) -> np.ndarray:
    array = np.asarray(weights, dtype=np.float64)
    return np.asarray(array / array.sum())


def _apportion(total: int, shares: np.ndarray) -> list[int]:
    """Divide a whole number by shares, with the largest remainders rounded up."""
    exact = total * shares
    counts = np.floor(exact).astype(int)
    remainders = np.argsort(counts - exact, kind="stable")
    counts[remainders[: total - counts.sum()]] += 1
    return [int(count) for count in counts]
