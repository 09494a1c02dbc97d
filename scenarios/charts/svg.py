"""A chart as a picture: SVG for pages and print, PNG for where SVG is not taken."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import vl_convert

if TYPE_CHECKING:
    import altair as alt

SCALE = 2.0
NO_ADDRESS: list[str] = []
"""Charts carry their data; an address in one is never followed."""


def svg(chart: alt.Chart | alt.LayerChart) -> str:
    """Return a chart as SVG that screen readers tell by its description."""
    spec = chart.to_dict()
    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=NO_ADDRESS)
    # Vega leaves the description of a whole chart out of its SVG.
    label = escape(str(spec.get("description", "")))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def png(drawn: str) -> bytes:
    """Return an SVG of ours as PNG, two pixels for one."""
    pixels: bytes = vl_convert.svg_to_png(drawn, scale=SCALE)
    return pixels
