"""Books: each rep's load against the limit and the band around the fair share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from planner.measures import Measure
from scenarios.charts.books_title import books_title
from scenarios.charts.skyline import skyline
from scenarios.charts.theme import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    VERMILLION,
    WIDTH,
    colours,
    inline,
    layered,
    names,
    number_axis,
    row_height,
    statement,
    themed,
)
from scenarios.charts.words import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.plan import Plan
    from scenarios.charts.context import Context

NAMED_AT_MOST = 45
"""So many reps can each have a line of text on one page."""
FULL = 0.98
"""The part of a limit from which a book counts as full: hardly any lead fits into the rest."""
OVER = 1 + 1e-6
COLOURS = {"over": VERMILLION, "full": ORANGE, "above": PURPLE, "below": PURPLE, "room": BLUE}
TITLES = {
    Measure.EFFORT_HOURS: "Hours of work",
    Measure.COUNT: "Leads",
    Measure.EXPECTED_VALUE: "Expected value",
    Measure.AMOUNT: "Amount",
}


def books_frame(plan: Plan, measure: str = Measure.EFFORT_HOURS) -> pd.DataFrame:
    """Return one row per rep who has work or room for it, the fullest first.

    Columns: rep, team, load, limit, low, high (of the band; NaN where there is none), share (the
    load as a part of the limit, or of the middle of the band where there is no limit; else NaN),
    of (what it is a part of), state: over or full of a limit, above or below the band, or room;
    is_held: whether the limit on another measure leaves no room.
    """
    measure, reps = Measure(measure), plan.reps
    reps = reps[reps["active"].astype(bool) | (reps["count"] > 0)]
    none = pd.Series(np.nan, reps.index)

    def finite(column: str) -> pd.Series:
        values = reps[column].astype(float) if column in reps else none
        return values.where(np.isfinite(values))

    frame = pd.DataFrame(
        {
            "rep": reps["rep_id"].astype(str),
            "team": reps["team"].astype(object).where(reps["team"].notna(), None),
            "load": reps[measure].astype(float),
            "limit": finite(f"{measure} limit"),
            "low": finite(f"fair {measure} least"),
            "high": finite(f"fair {measure} most"),
            "is_held": np.logical_or.reduce(
                [
                    _is_full(other, reps[other].astype(float), finite(f"{other} limit"))
                    for other in Measure
                    if other is not measure and other in reps
                ]
            ),
        }
    )
    frame = frame[(frame["load"] > 0) | (frame["limit"] != 0)]
    middle = (frame["low"] + frame["high"]) / 2
    has_limit = frame["limit"].notna().any()
    whole = frame["limit"] if has_limit else middle
    share = frame["load"] / whole.where(whole > 0)
    of = "limit" if has_limit else "fair share"
    frame = frame.assign(
        share=share, of=np.where(share.notna(), of, ""), state=_states(measure, frame)
    )
    by = ["share", "load", "rep"]
    return frame.sort_values(by, ascending=[False, False, True], ignore_index=True)


def _is_full(measure: Measure, load: pd.Series, limit: pd.Series) -> NDArray[np.bool_]:
    """Return whether books are full, NaN being no limit; half a lead is no room."""
    full = load >= limit * FULL
    if measure is Measure.COUNT:
        full |= limit - load < 1
    return full.to_numpy()


def _states(measure: Measure, frame: pd.DataFrame) -> NDArray[np.str_]:
    load, limit = frame["load"], frame["limit"]
    return np.select(
        [
            load > limit * OVER,
            _is_full(measure, load, limit),
            load > frame["high"] * OVER,
            load < frame["low"] / OVER,
        ],
        ["over", "full", "above", "below"],
        "room",
    )


def books_chart(
    frame: pd.DataFrame, context: Context, measure: str = Measure.EFFORT_HOURS
) -> alt.Chart | alt.LayerChart:
    """Return the picture of books: a line for each rep, or for many reps a skyline.

    Parameters
    ----------
    frame : as `books_frame` returns it
    measure : what the loads are
    """
    kind = Measure(measure)
    if frame.empty:
        return statement("No rep works in this plan", "There is no book to draw.")
    title = books_title(frame, kind.unit, context)
    about = context.of_period(TITLES[kind])
    if len(frame) > NAMED_AT_MOST:
        return skyline(frame, title, about, kind.unit, context, COLOURS)
    return _lines(frame, title, about, kind.unit, context)


def _lines(
    frame: pd.DataFrame, title: str, about: str, unit: str, context: Context
) -> alt.LayerChart:
    """Return a bar for each rep with the limit as a tick and the band behind it."""
    ends = frame[["load", "limit", "high"]].max(axis=1)
    # The labels stand beyond the longest bar.
    most = max(float(ends.max()), 1e-9) * 1.14
    has_band = frame[["low", "high"]].notna().any(axis=1)
    labels = [
        _label(state, load, limit, share, unit, context)
        for state, load, limit, share in zip(
            frame["state"], frame["load"], frame["limit"], frame["share"], strict=True
        )
    ]
    drawn = frame.assign(
        low=frame["low"].fillna(0.0).where(has_band),
        high=frame["high"].fillna(most).where(has_band),
        end=ends,
        label=labels,
    )
    height = row_height(len(frame))

    def across(field: str) -> alt.X:
        axis = number_axis(context.unit_title(unit))
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, most], nice=False), axis=axis)

    colour = alt.Color("state:N", scale=colours(COLOURS), legend=None)
    base = alt.Chart(inline(drawn)).encode(y=names("rep", drawn["rep"].tolist()))
    layers = [
        base.mark_bar(color=PALE, height=alt.RelativeBandSize(band=0.96)).encode(
            x=across("low"), x2="high:Q"
        ),
        base.mark_bar(height=alt.RelativeBandSize(band=0.5)).encode(x=across("load"), color=colour),
        base.mark_tick(thickness=2, opacity=1, color=INK, size=0.86 * height).encode(
            x=across("limit")
        ),
        base.mark_text(align="left", dx=6).encode(x=across("end"), text="label:N"),
    ]
    chart = layered(layers, WIDTH, height * len(frame))
    return themed(chart, title, [about, _marks(frame)])


def _marks(frame: pd.DataFrame) -> str:
    """Return what the marks of the chart mean."""
    told = ["Bar: what the plan gives each rep"]
    if frame["limit"].notna().any():
        told.append(f"black tick: the limit (full: {percent(FULL)} of it or more)")
    if frame[["low", "high"]].notna().any(axis=None):
        told.append("pale range: the band around the fair share")
    return "; ".join(told) + "."


def _label(state: str, load: float, limit: float, share: float, unit: str, context: Context) -> str:
    if state == "over":
        return f"over by {context.told(load - limit, unit)}"
    if state == "full":
        return "full"
    told = percent(share) if np.isfinite(share) else context.told(load, unit)
    return f"{told}, {state}" if state in ("above", "below") else told
