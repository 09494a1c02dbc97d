"""Every chart becomes a picture at any size, of any names, and the same one each time."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from models.errors import UsageError
from scenarios.charts.distribution import distribution_chart, distribution_frame
from scenarios.charts.svg import png, svg
from scenarios.charts.theme import SERIES, statement
from scenarios.charts.trend import trend_chart, trend_frame
from scenarios.charts.values import values_chart
from tests.scenarios.charts.frames import CASES, CONTEXT, ids, values

SIZES = (0, 1, 40, 1_000)
WIDEST, TALLEST = 900, 700
NASTY = [
    "</script><script>alert(1)</script>",
    "a & b < c > \"d\" 'e'",
    "Ünïcødé 東京 🚀",
    "http://example.org/x.png",
    "line\none\ttwo",
    "x" * 300,
    "[0].b",
    "datum.load",
    "true",
    "7",
]
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
STEP = "books", "books in a band", "values", "flows", "prices", "frontier"


def texts(drawn: str) -> str:
    """Return what a picture says, its title first."""
    return " ".join("".join(element.itertext()) for element in ET.fromstring(drawn).iter())  # noqa: S314


def title(chart: alt.Chart | alt.LayerChart) -> str:
    return " ".join(chart.to_dict()["title"]["text"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_every_chart_is_a_picture_of_its_size(name: str, size: int) -> None:
    case = CASES[name]
    chart = case.chart(case.frame(ids(size)), CONTEXT)
    drawn = svg(chart)
    root = ET.fromstring(drawn)  # noqa: S314
    assert float(root.attrib["width"]) <= WIDEST
    assert float(root.attrib["height"]) <= TALLEST
    assert root.attrib["role"] == "img"
    assert title(chart) in root.attrib["aria-label"]
    assert title(chart).split()[0] in texts(drawn)
    assert "NaN" not in drawn
    assert "undefined" not in drawn
    assert set(re.findall(r"https?://[^\"\s<]+", drawn)) <= NAMESPACES


@pytest.mark.parametrize("name", STEP)
def test_names_are_text_and_nothing_else(name: str) -> None:
    case = CASES[name]
    drawn = svg(case.chart(case.frame(NASTY), CONTEXT))
    ET.fromstring(drawn)  # noqa: S314
    assert "<script" not in drawn
    assert "東京" in drawn
    assert "x" * 30 not in re.sub(r'aria-label="[^"]*"', "", drawn)
    for attribute in re.findall(r"(?:href|src)=|url\(", drawn):
        pytest.fail(f"{attribute} in a picture without links")


@pytest.mark.parametrize("name", CASES)
def test_the_same_frame_gives_the_same_chart_whatever_is_set(name: str) -> None:
    case = CASES[name]
    frame = case.frame(ids(60))
    before = frame.copy()
    first = case.chart(frame, CONTEXT).to_dict()
    with alt.data_transformers.enable("default", max_rows=1):
        second = case.chart(frame.copy(), CONTEXT).to_dict()
    assert first == second
    assert frame.equals(before)


@pytest.mark.parametrize("name", CASES)
def test_nothing_to_draw_is_said_in_words(name: str) -> None:
    case = CASES[name]
    chart = case.chart(case.frame([]), CONTEXT)
    spec = chart.to_dict()
    assert spec["mark"]["type"] == "text"
    assert title(chart)
    assert len(spec["description"]) > len(title(chart))


def test_a_picture_is_bitmap_too() -> None:
    assert png(svg(statement("Nothing", "Nothing to draw."))).startswith(b"\x89PNG")


def test_more_than_people_can_tell_apart_is_refused() -> None:
    many = {f"p{at}": [1.0, 2.0] for at in range(len(SERIES) + 1)}
    with pytest.raises(UsageError, match="at most 7 plans apart, got 8"):
        distribution_chart(distribution_frame(many), CONTEXT)
    series = {name: {1: 1.0, 2: 2.0} for name in many}
    with pytest.raises(UsageError, match="at most 7 series apart, got 8"):
        trend_chart(trend_frame(series), CONTEXT)
    with pytest.raises(UsageError, match="not of 3"):
        values_chart(values(["a"], plans=("one", "two", "three")), CONTEXT)
