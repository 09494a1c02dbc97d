"""Titles say what the frames hold."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.charts.books import books_chart
from scenarios.charts.books_title import books_title
from scenarios.charts.convergence import convergence_chart
from scenarios.charts.distribution import distribution_chart, distribution_frame
from scenarios.charts.flows import flows_chart
from scenarios.charts.frontier import efficient, frontier_chart
from scenarios.charts.prices import prices_chart
from scenarios.charts.trend import apart, trend_chart, trend_frame
from scenarios.charts.values import values_chart
from scenarios.charts.words import part_of, word
from tests.scenarios.charts.frames import CONTEXT, book_states, books, values

if TYPE_CHECKING:
    import altair as alt

AMOUNTS = st.floats(min_value=0, max_value=100)


def title(chart: alt.Chart | alt.LayerChart) -> str:
    return " ".join(chart.to_dict()["title"]["text"])


def subtitle(chart: alt.Chart | alt.LayerChart) -> str:
    return " ".join(chart.to_dict()["title"]["subtitle"])


def drawn(chart: alt.Chart | alt.LayerChart, layer: int) -> pd.DataFrame:
    """Return the rows of a layer's data."""
    spec = chart.to_dict()
    # What layers share is told once, for all of them.
    data = spec["layer"][layer].get("data", spec.get("data"))
    return pd.DataFrame(data["values"] if "values" in data else spec["datasets"][data["name"]])


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=30))
def test_books_say_how_many_are_full_and_over(pairs: list[tuple[float, float]]) -> None:
    load, limit = np.array(pairs).T
    frame = pd.DataFrame({"load": load, "limit": limit, "low": np.nan, "high": np.nan})
    frame = frame.assign(rep=[str(at) for at in range(len(frame))], team=None)
    frame["state"] = book_states(frame)
    over, full = ((frame["state"] == state).sum() for state in ("over", "full"))
    told = books_title(frame, "hours", CONTEXT).lower()
    assert told.startswith(part_of(over or full, len(frame), "rep"))
    assert (f"over the limit, {word(full)} " in told) == bool(over)
    room = np.maximum(limit - load, 0).sum()
    assert ("no room" in told) == (room == 0)


def test_the_team_with_most_room_is_named() -> None:
    frame = books([f"R{at}" for at in range(6)])
    room = (40 - frame["load"]).clip(lower=0).groupby(frame["team"]).sum()
    assert title(books_chart(frame, CONTEXT)) == (
        f"One of 6 reps is over the limit, three are full; {room.idxmax()} has room for "
        f"{room.max():g} hours"
    )


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=30))
def test_books_say_how_many_are_outside_the_band(rows: list[tuple[float, ...]]) -> None:
    load, one, other = np.array(rows).T
    low, high = np.minimum(one, other), np.maximum(one, other)
    frame = pd.DataFrame({"load": load, "limit": np.nan, "low": low, "high": high})
    above, below = (load > high * (1 + 1e-6)).sum(), (load < low / (1 + 1e-6)).sum()
    told = books_title(frame, "money", CONTEXT)
    if above + below:
        assert f"({above} above, {below} below)" in told
        assert told.lower().startswith(part_of(above + below, len(frame), "rep"))
    else:
        assert told.endswith("within the fair-share band")


def test_many_books_are_columns_of_which_a_few_are_named() -> None:
    frame = books([f"R{at:03d}" for at in range(100)])
    chart = books_chart(frame, CONTEXT)
    columns = drawn(chart, 0)
    assert (columns["right"] - columns["left"]).sum() == len(frame)
    labels = set(drawn(chart, 2)["text"])
    assert labels == {"20 over the limit", "40 full", "40 with room"}
    assert "Emptiest: R" in subtitle(chart)
    assert "Fullest: R" in subtitle(chart)


def test_values_say_who_brings_most() -> None:
    frame = values(["East", "West"], plans=("one",))
    assert title(values_chart(frame, CONTEXT)) == "East brings most, 67 % of 1.5 M USD"


def test_one_group_brings_all() -> None:
    told = title(values_chart(values(["A"], plans=("one",)), CONTEXT, "grade"))
    assert told == "Grade A brings all of 1 M USD"


def test_two_plans_are_told_by_their_totals_and_largest_difference() -> None:
    frame = values(["East", "West"], plans=("a", "b"))
    chart = values_chart(frame, CONTEXT)
    told = "b is 10 % above a; the largest difference is East: 100 k USD more"
    assert title(chart) == told
    assert set(drawn(chart, 1)["label"]) == {
        "1 M USD", "1.1 M USD (+10 %)", "500 k USD", "550 k USD (+10 %)",
    }  # fmt: skip


def test_what_the_rest_brings_has_no_bar() -> None:
    chart = values_chart(values([f"G{at}" for at in range(40)], plans=("one",)), CONTEXT)
    rows = drawn(chart, 0).set_index("group")
    assert rows.loc["28 others", "bar"] == 0
    assert "no bar" in subtitle(chart)


def test_flows_count_moves_and_name_the_largest() -> None:
    rows = [("A", "B", 5, 5e4, 0), ("B", "A", 2, 9e4, 0), ("A", "nobody", 3, 0.0, 0)]
    rows += [("nobody", "B", 9, 1e4, 0)]
    frame = pd.DataFrame(rows, columns=["giver", "taker", "leads", "value", "within"])
    told = title(flows_chart(frame.assign(by="rep"), CONTEXT))
    assert told == (
        "10 owned leads move, 3 to nobody; the largest flow shown is A to B (5 leads, 50 k USD)"
    )
    only_new = frame[frame["giver"] == "nobody"].assign(by="rep")
    told = title(flows_chart(only_new, CONTEXT))
    assert told == "No owned lead moves; 9 leads without an owner get a rep"


def test_flows_have_their_sums_at_the_ends() -> None:
    rows = [("A", "B", 5, 5e4, 0), ("B", "A", 2, 9e4, 0), ("A", "nobody", 3, 0.0, 0)]
    frame = pd.DataFrame(rows, columns=["giver", "taker", "leads", "value", "within"])
    sums = drawn(flows_chart(frame.assign(by="rep"), CONTEXT), 2)
    given = sums[sums["taker"] == "in all"].set_index("giver")["leads"].to_dict()
    taken = sums[sums["giver"] == "in all"].set_index("taker")["leads"].to_dict()
    assert given == {"A": 8, "B": 2}
    assert taken == {"A": 2, "B": 5, "nobody": 3}


def test_prices_say_who_is_held_back_and_where_most() -> None:
    frame = pd.DataFrame(
        {
            "rep": ["A", "B", "C"],
            "team": ["T", "T", None],
            "limit": "effort_hours",
            "price": [0.0, 120.0, 3.5],
            "unit": "hour a week",
        }
    )
    chart = prices_chart(frame, CONTEXT)
    assert title(chart) == (
        "Two of 3 reps are held back by a limit; one more hour a week of B is worth 120 USD, "
        "the most of all"
    )
    assert drawn(chart, 0)["label"].tolist() == ["120", "3.5"]


def test_prices_of_many_reps_are_told_by_team() -> None:
    reps = [f"R{at}" for at in range(80)]
    frame = pd.DataFrame(
        {
            "rep": reps,
            "team": ["North" if at % 2 else None for at in range(80)],
            "limit": "count",
            "price": [float(at) for at in range(80)],
            "unit": "lead",
        }
    )
    cells = drawn(prices_chart(frame, CONTEXT), 0).set_index(["row", "column"])["price"]
    assert cells["North", "count\nper lead\nmean"] == pytest.approx(40.0)
    assert cells["North", "count\nper lead\nhighest"] == 79.0
    assert cells["no team", "count\nper lead\nhighest"] == 78.0


POINTS = st.lists(
    st.tuples(st.integers(0, 6).map(float), st.integers(0, 6).map(float)), min_size=1, max_size=25
)


@given(POINTS)
def test_efficient_points_are_those_that_nothing_beats(points: list[tuple[float, float]]) -> None:
    values_, costs = zip(*points, strict=True)
    kept = [point for point, best in zip(points, efficient(values_, costs), strict=True) if best]
    assert kept
    by_cost = sorted(set(kept), key=lambda point: point[1])
    # Along the frontier, whoever costs more brings more.
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(by_cost))
    for value, cost in points:
        assert any(best[0] >= value and best[1] <= cost for best in kept)


def test_the_knee_says_what_its_moves_bring() -> None:
    frame = pd.DataFrame(
        {
            "name": ["none", "some", "all"],
            "value": [1e6, 1.75e6, 2e6],
            "cost": [0.0, 50.0, 200.0],
            "is_efficient": True,
            "is_knee": [False, True, False],
        }
    )
    assert title(frontier_chart(frame, CONTEXT)) == (
        "The first 50 moves bring 750 k USD, 75 % of all there is to gain"
    )
    told = title(frontier_chart(frame.assign(cost=frame["cost"] / 1_000), CONTEXT, "gini"))
    assert told == "some brings 1.75 M USD at gini 0.05, 75 % of all there is to gain"
    told = title(frontier_chart(frame.assign(is_knee=False), CONTEXT))
    assert told == "3 of 3 plans are worth choosing: 1 M USD to 2 M USD"


def test_trends_are_told_against_the_first_series() -> None:
    frame = trend_frame({"a": {1: 10.0, 2: 12.0}, "b": {1: 10.0, 2: 10.0}, "c": {2: 24.0}})
    chart = trend_chart(frame, CONTEXT, "Gini", "")
    assert title(chart) == "a is on average 10 % above b and 50 % below c over 2 weeks"
    alone = trend_chart(frame[frame["series"] == "a"], CONTEXT)
    assert title(alone) == "Expected value of a goes from 10 USD to 12 USD in 2 weeks"
    assert "begins at 9.88 USD, not at zero" in subtitle(alone)


@given(st.lists(st.floats(0, 100), max_size=7), st.floats(0.1, 10))
def test_labels_at_line_ends_keep_a_lines_distance(ends: list[float], step: float) -> None:
    values_ = sorted(ends)
    places = apart(values_, step, 100.0)
    assert all(b - a >= step * (1 - 1e-9) for a, b in pairwise(places))
    assert all(place <= 100.0 for place in places)
    if all(b - a >= step for a, b in pairwise(values_)):
        assert places == pytest.approx(values_)


def test_weeks_of_years_are_told_with_the_year() -> None:
    for weeks, form in ((10, "%-d %b"), (60, "%b %Y")):
        series = {date(2026, 1, 5) + timedelta(weeks=at): float(at) for at in range(weeks)}
        spec = trend_chart(trend_frame({"a": series}), CONTEXT).to_dict()
        assert spec["layer"][0]["encoding"]["x"]["axis"]["format"] == form


def test_convergence_says_what_was_proved_and_when() -> None:
    frame = pd.DataFrame(
        {
            "seconds": [0.0, 4.0, 9.0, 20.0],
            "objective": [np.nan, 900.0, 1_000.0, 1_000.0],
            "bound": [1_500.0, 1_100.0, 1_050.0, 1_002.0],
            "whole": 1_000.0,
        }
    )
    chart = convergence_chart(frame, CONTEXT)
    told = "Proved within 0.2 % of the best after 20 s; less than 0.01 % gained after 9.0 s"
    assert title(chart) == told
    proved = frame.assign(bound=[1_500.0, 1_100.0, 1_050.0, 1_000.0])
    assert title(convergence_chart(proved, CONTEXT)).startswith("Proved the best after 20 s;")
    once = convergence_chart(frame.tail(1), CONTEXT)
    assert title(once) == "One step found the plan, after 20 s"


def test_distributions_say_who_is_ahead_how_often() -> None:
    frame = distribution_frame({"a": [10.0, 20.0, 30.0, 40.0], "b": [11.0, 22.0, 33.0, 30.0]})
    chart = distribution_chart(frame, CONTEXT)
    told = "The median of b is 4 % above that of a; it is higher in 75 % of the draws"
    assert frame.groupby("plan")["value"].median().to_dict() == {"a": 25.0, "b": 26.0}
    assert title(chart) == told
    marks = drawn(chart, 1).set_index("plan")
    values_ = frame[frame["plan"] == "a"]["value"]
    assert marks.loc["a", "low"] == pytest.approx(values_.quantile(0.05))
    assert marks.loc["a", "high"] == pytest.approx(values_.quantile(0.95))
    alone = title(distribution_chart(frame[frame["plan"] == "a"], CONTEXT))
    assert re.fullmatch(r"Expected value of a is 11.5 USD to 38.5 USD in nine draws of ten", alone)


def test_many_draws_become_quantiles_between_the_same_ends() -> None:
    draws = list(np.random.default_rng(1).normal(0, 1, 5_000))
    chart = distribution_chart(distribution_frame({"a": draws}), CONTEXT)
    lines = drawn(chart, 0)["value"]
    assert len(lines) == 200
    assert (lines.min(), lines.max()) == (min(draws), max(draws))


def test_room_that_other_limits_take_is_no_room() -> None:
    frame = books(["a", "b"]).assign(load=30.0, state="room")
    assert "room for" in books_title(frame, "hours", CONTEXT)
    held = frame.assign(is_held=True)
    assert "other limits leave nobody room" in books_title(held, "hours", CONTEXT)
