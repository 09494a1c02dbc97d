"""`distance`: the nearer a rep is to the customer, the more a pair counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.units import number_text
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

EARTH_RADIUS_KM = 6371.0088  # mean radius R1, IUGG


class Distance(PreferRule):
    """A pair's score is halved for every so many great-circle kilometres (R10).

    Attributes
    ----------
    half_at_km : kilometres at which a pair counts half; where a coordinate is missing it counts full
    """

    name: ClassVar[str] = "distance"

    half_at_km: float = Field(gt=0)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        for table in ("leads", "reps"):
            for column in ("latitude", "longitude"):
                yield ColumnUse(table, column, numeric=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return f"A pair counts half for every {number_text(self.half_at_km)} km between them."

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, by the haversine formula."""
        lead_point = np.radians(facts.leads[["latitude", "longitude"]].to_numpy())
        rep_point = np.radians(facts.reps[["latitude", "longitude"]].to_numpy())
        lead_cos, rep_cos = np.cos(lead_point[:, 0]), np.cos(rep_point[:, 0])

        def multiplier(lead: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.float64]:
            half = (lead_point[lead] - rep_point[rep]) / 2
            sine = np.sin(half, out=half) ** 2
            chord = sine[:, 0] + lead_cos[lead] * rep_cos[rep] * sine[:, 1]
            km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
            return np.nan_to_num(np.exp2(-km / self.half_at_km), nan=1.0)

        return multiplier

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs, by the spherical law of cosines."""

        def multiplier(*degrees: float | None) -> float:
            if None in degrees:
                return 1.0
            lead_lat, lead_lon, rep_lat, rep_lon = (math.radians(d or 0.0) for d in degrees)
            cosine = math.sin(lead_lat) * math.sin(rep_lat)
            cosine += math.cos(lead_lat) * math.cos(rep_lat) * math.cos(lead_lon - rep_lon)
            km = EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))
            return float(0.5 ** (km / self.half_at_km))

        cells = [case.of_lead("latitude"), case.of_lead("longitude")]
        cells += [case.of_rep("latitude"), case.of_rep("longitude")]
        return np.array(case.each_distinct(cells, multiplier), float)
