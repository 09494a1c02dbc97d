"""`distance`: the nearer a rep is to the customer, the more a pair counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

from models.units import Number, number_text
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

EARTH_RADIUS_KM = 6371.0088  # mean radius R1, IUGG


class Distance(PreferRule):
    """A pair's score is halved for every so many great-circle kilometres (R10).

    Attributes
    ----------
    half_at_km : kilometres at which a pair counts half; a missing coordinate counts as no distance
    """

    name: ClassVar[str] = "distance"

    half_at_km: Number = Field(gt=0)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        for table in ("leads", "reps"):
            for column in ("latitude", "longitude"):
                yield ColumnUse(table, column, numeric=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return f"A pair counts half for every {number_text(self.half_at_km)} km between them."

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, by the chord between points of the unit sphere."""
        lead_point, rep_point = _unit_vectors(facts.leads), _points_of_reps(facts)

        def multiplier(lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
            places = zip(lead_point, rep_point, strict=True)
            return self._multipliers((of_lead[lead], of_rep[rep]) for of_lead, of_rep in places)

        return multiplier

    def factors_of_one(self, facts: Facts, cells: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return (n_reps,) the multipliers of one lead."""
        degrees = [cells["latitude"], cells["longitude"]]
        point = _on_unit_sphere(*(np.array(math.nan if d is None else d) for d in degrees))
        return self._multipliers(zip(point, _points_of_reps(facts), strict=True))

    def _multipliers(self, coordinates: Iterable[tuple[Any, Any]]) -> NDArray[np.float64]:
        """Return the multipliers of x, y and z of leads and of reps, each beside the other."""
        squares = sum((of_lead - of_rep) ** 2 for of_lead, of_rep in coordinates)
        half_chord = np.minimum(np.sqrt(squares) / 2, 1.0)
        factor: NDArray[np.float64] = np.exp2(
            -2 * EARTH_RADIUS_KM / self.half_at_km * np.arcsin(half_chord)
        )
        factor[np.isnan(factor)] = 1.0
        return factor

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs, by the haversine formula."""

        def multiplier(*degrees: float | None) -> float:
            if None in degrees:
                return 1.0
            lead_lat, lead_lon, rep_lat, rep_lon = (math.radians(d or 0.0) for d in degrees)
            haversine = math.sin((lead_lat - rep_lat) / 2) ** 2
            shrink = math.cos(lead_lat) * math.cos(rep_lat)
            haversine += shrink * math.sin((lead_lon - rep_lon) / 2) ** 2
            km = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, haversine)))
            return float(0.5 ** (km / self.half_at_km))

        cells = [case.of_lead("latitude"), case.of_lead("longitude")]
        cells += [case.of_rep("latitude"), case.of_rep("longitude")]
        return np.array(case.each_distinct(cells, multiplier), float)


def _points_of_reps(facts: Facts) -> tuple[NDArray[np.float64], ...]:
    points: tuple[NDArray[np.float64], ...] = facts.once(
        "points of reps", lambda: _unit_vectors(facts.reps)
    )
    return points


def _unit_vectors(places: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    """Return x, y and z, each (n,), of places on the unit sphere; NaN where one is not known."""
    return _on_unit_sphere(places["latitude"].to_numpy(), places["longitude"].to_numpy())


def _on_unit_sphere(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Return x, y and z of degrees."""
    north, east = np.radians(latitude), np.radians(longitude)
    around = np.cos(north)
    return around * np.cos(east), around * np.sin(east), np.sin(north)
