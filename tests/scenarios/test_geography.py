"""The table of subdivisions, and the markets and territories made of it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest

from scenarios.geography import subdivisions
from scenarios.synthetic.territories import MARKETS, plan_territories

NUM_US = 51
"""50 states and the District of Columbia."""


def test_each_path_holds_country_macro_region_and_iso_code_once() -> None:
    paths = [place.path for place in subdivisions()]
    assert len(set(paths)) == len(paths)
    for path in paths:
        country, macro_region, code = path.split("/")
        assert re.fullmatch(r"[A-Z]{2}", country)
        assert re.fullmatch(r"[A-Za-z-]+", macro_region)
        assert re.fullmatch(rf"{country}-[A-Z0-9]{{1,3}}", code)
    assert sum(path.startswith("US/") for path in paths) == NUM_US


def test_each_place_is_on_the_globe_with_people_a_time_zone_and_languages() -> None:
    for place in subdivisions():
        assert place.inhabitants > 0
        assert abs(place.latitude) <= 90
        assert abs(place.longitude) <= 180
        assert ZoneInfo(place.time_zone).key == place.time_zone
        assert sum(share for _, share in place.languages) == pytest.approx(1)


def test_markets_divide_the_world_without_overlap() -> None:
    sold = [place.path for market in MARKETS for place in market.subdivisions()]
    assert sorted(sold) == sorted(place.path for place in subdivisions())


@pytest.mark.parametrize("num_reps", [1, 2, 7, 15, 40, 123, 200, 450, 1000, 5000, 100_000])
def test_territories_share_out_all_reps_and_no_place_twice(num_reps: int) -> None:
    territories = plan_territories(num_reps)
    places = [place.path for territory in territories for place in territory.places]
    assert sum(territory.num_reps for territory in territories) == num_reps
    assert min(territory.num_reps for territory in territories) >= min(num_reps, 6)
    assert len(set(places)) == len(places)
    assert len({territory.name for territory in territories}) == len(territories)


def test_a_territory_covers_its_places_and_no_others() -> None:
    territories = plan_territories(1000)
    for territory in territories:
        covered = {
            place.path
            for place in subdivisions()
            if any(f"{place.path}/".startswith(f"{region}/") for region in territory.regions)
        }
        assert covered == {place.path for place in territory.places}
