"""How a run closed in: the best plan so far and the bound over seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from scenarios.charts.theme import (
    BLUE,
    HEIGHT,
    NORMAL,
    PALE,
    VERMILLION,
    WIDTH,
    inline,
    layered,
    number_axis,
    statement,
    themed,
)
from scenarios.charts.words import percent

if TYPE_CHECKING:
    from models.plan import Plan
    from scenarios.charts.context import Context

SOLVE = "solve"
SMALLEST_GAP = 1e-6
"""The least gap, as a share of the plan, that the scale tells from nothing."""
NO_GAP = 1e-8
MANY_POWERS = 3
LEAST_TICK = 0.7
"""The least distance of a tick from zero, as a part of the linear range."""
SETTLED = 1e-4
"""What a score still gains, as a share of it, when it has hardly anything to gain."""


def convergence_frame(plan: Plan) -> pd.DataFrame:
    """Return one row per improvement: seconds, objective (NaN before any plan), bound, whole.

    All but seconds are money. `whole` is what gaps are parts of: the sum of abs(score) over the
    assigned leads. The last row is the end of the run, where all are as the plan records them.
    """
    record = plan.record
    trace = pd.DataFrame(record.trace, columns=["seconds", "objective", "bound"], dtype=float)
    trace["objective"] = trace["objective"].cummax()
    trace["bound"] = trace["bound"].cummin()
    seen = float(trace["seconds"].max()) if len(trace) else 0.0
    end = (max(record.timings.get(SOLVE, 0.0), seen), record.objective, record.bound)
    last = pd.DataFrame([end], columns=trace.columns, dtype=float)
    frame = pd.concat([trace, last], ignore_index=True) if len(trace) else last
    whole = record.gap_money / record.gap if record.gap and record.gap_money else record.objective
    frame["whole"] = math.nan if whole is None else abs(whole)
    return frame.sort_values("seconds", kind="stable", ignore_index=True)


def convergence_chart(frame: pd.DataFrame, context: Context) -> alt.Chart | alt.LayerChart:
    """Return the picture: both as steps, told by how far they are from the plan at the end.

    The scale is linear near that plan and logarithmic far from it (symlog: Webber 2013, "A
    bi-symmetric log transformation for wide-range data", DOI 10.1088/0957-0233/24/2/027001), so
    that the end can be read beside the beginning.

    Parameters
    ----------
    frame : as `convergence_frame` returns it
    """
    found = frame.dropna(subset=["objective"])
    if found.empty:
        return statement("The run found no plan", "There is no score to draw.")
    final = float(found["objective"].iloc[-1])
    seconds = float(frame["seconds"].max())
    whole = float(found["whole"].iloc[-1]) or 1.0
    gap = max(float(frame["bound"].iloc[-1]) - final, 0.0) / whole
    if frame["seconds"].nunique() < 2 or found["seconds"].nunique() < 2:
        told = f"It scores {context.told(final)}, at most {_share(gap)} below the bound."
        return statement(f"One step found the plan, after {_seconds(seconds)}", told)
    drawn = pd.DataFrame(
        {
            "seconds": frame["seconds"],
            "plan": (frame["objective"] - final) / whole,
            "bound": (frame["bound"] - final) / whole,
        }
    ).dropna(subset=["bound"])
    scale, axis = _scale(drawn, gap)
    x = alt.X(
        "seconds:Q",
        scale=alt.Scale(domain=[0, seconds], nice=False),
        axis=number_axis("seconds", grid=False),
    )
    base = alt.Chart(inline(drawn)).encode(x=x)
    bound = alt.Y("bound:Q", scale=scale, axis=axis)
    plan = alt.Y("plan:Q", scale=scale, axis=axis)
    layers = [
        base.mark_area(interpolate="step-after", color=PALE).encode(y=bound, y2="plan:Q"),
        base.mark_line(
            interpolate="step-after", color=VERMILLION, strokeWidth=2, strokeDash=[6, 3]
        ).encode(y=bound),
        base.mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.4).encode(y=plan),
        _end(seconds, gap, f"bound, {_share(gap)} above", VERMILLION, -6),
        _end(seconds, 0.0, "plan", BLUE, 8),
    ]
    chart = layered(layers, WIDTH, HEIGHT)
    below = [
        context.of_period("Score of the best plan so far, and the bound that no plan can exceed"),
        f"Against the final plan, {context.told(final)}; shaded: the gap. "
        "The scale widens near zero.",
    ]
    return themed(chart, _title(found, gap, seconds), below)


def _end(seconds: float, place: float, label: str, colour: str, dy: float) -> alt.Chart:
    """Return the name of a line at its end."""
    at = pd.DataFrame({"seconds": [seconds], "place": [place], "label": [label]})
    text = alt.Chart(inline(at)).mark_text(align="left", dx=8, dy=dy, fontSize=NORMAL, color=colour)
    named: alt.Chart = text.encode(x="seconds:Q", y="place:Q", text="label:N")
    return named


def _scale(drawn: pd.DataFrame, gap: float) -> tuple[alt.Scale, alt.Axis]:
    """Return a scale that is linear within the final gap, and its axis with round ticks."""
    least = float(np.nanmin([drawn["plan"].min(), 0.0]))
    most = float(drawn["bound"].max())
    linear = max(gap, SMALLEST_GAP) / 2
    first = math.floor(math.log10(linear))
    last = math.ceil(math.log10(max(most, -least, 10.0**first)))
    digits = (1, 2, 5) if last - first < MANY_POWERS else (1,)
    powers = [digit * 10.0**power for power in range(first, last + 1) for digit in digits]
    powers = [power for power in powers if power >= LEAST_TICK * linear]
    ticks = [-p for p in reversed(powers) if -p >= least * 1.001] + [0.0]
    ticks += [p for p in powers if p <= most * 1.001]
    expression = (
        "datum.value == 0 ? 'the plan' : (datum.value > 0 ? '+' : '−') + "  # noqa: RUF001
        "format(abs(datum.value) * 100, ',.2~r') + ' %'"
    )
    axis = number_axis("against the final plan", expression=expression)
    axis.values = ticks
    edge = linear * 0.4
    scale = alt.Scale(
        type="symlog", constant=linear, domain=[least * 1.15 - edge, most * 1.15 + edge],
        nice=False, zero=False,
    )  # fmt: skip
    return scale, axis


def _share(gap: float) -> str:
    return percent(gap) if gap >= NO_GAP else "0 %"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _title(found: pd.DataFrame, gap: float, seconds: float) -> str:
    final = float(found["objective"].iloc[-1])
    near = found[found["objective"] >= final - SETTLED * abs(final)]
    settled_after = float(near["seconds"].iloc[0])
    what = f"within {_share(gap)} of the best" if gap >= NO_GAP else "the best"
    settled = f"less than {percent(SETTLED)} gained after {_seconds(settled_after)}"
    return f"Proved {what} after {_seconds(seconds)}; {settled}"
