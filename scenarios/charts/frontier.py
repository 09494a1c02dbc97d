"""Value against what it costs in moves or evenness: which plans are worth choosing between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from models.errors import UsageError
from scenarios.charts.theme import (
    BLUE,
    FAINT,
    HEIGHT,
    INK,
    MUTED,
    NORMAL,
    VERMILLION,
    WIDTH,
    inline,
    layered,
    number_axis,
    statement,
    themed,
)
from scenarios.charts.words import counted, name_text, percent, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from models.plan import Plan
    from scenarios.charts.context import Context

MOVES = "moves"
AXES = {MOVES: "Moves", "gini": "Gini of the books (0: all equal)"}
MARGIN = 0.08
NAME_ROOM = 0.17
"""The least distance of two names, as a part of the distance of the efficient ends."""


def frontier_frame(plans: Mapping[str, Plan], cost: str = MOVES) -> pd.DataFrame:
    """Return one row per plan: name, value (money), cost, is_efficient, is_knee (none is).

    Parameters
    ----------
    cost : moves, or gini for that of expected value
    """
    rows = [
        (name, plan.record.kpis.expected_value, _cost(plan, cost)) for name, plan in plans.items()
    ]
    frame = pd.DataFrame(rows, columns=["name", "value", "cost"])
    return frame.assign(is_efficient=efficient(frame["value"], frame["cost"]), is_knee=False)


def _cost(plan: Plan, cost: str) -> float:
    kpis = plan.record.kpis
    return float(kpis.moves) if cost == MOVES else kpis.loads["expected_value"].gini


def efficient(values: Iterable[float], costs: Iterable[float]) -> list[bool]:
    """Return of each point whether no other is better in one and at least as good in the other."""
    points = list(zip(values, costs, strict=True))
    return [
        not any(
            other[0] >= value and other[1] <= cost and other != (value, cost) for other in points
        )
        for value, cost in points
    ]


def frontier_chart(
    frame: pd.DataFrame, context: Context, cost: str = MOVES, what: str = "Expected value"
) -> alt.Chart | alt.LayerChart:
    """Return the points, the line through the efficient ones, and the knee.

    Parameters
    ----------
    frame : name, value (money), cost, is_efficient, is_knee
    cost : what the costs are: moves, gini, or any other name, which the axis then bears
    what : what the values are

    Raises
    ------
    UsageError : no plan is efficient
    """
    if len(frame) < 2 or (frame["value"].nunique() == 1 and frame["cost"].nunique() == 1):
        told = f"{counted(len(frame), 'plan')} with one value and one cost make no frontier."
        return statement("There is nothing to choose between", told)
    frame = frame.sort_values(["cost", "value"], ignore_index=True)
    best = frame[frame["is_efficient"].astype(bool)]
    if best.empty:
        raise UsageError(
            "a frontier needs an efficient plan; is_efficient is false for all of them"
        )
    x = alt.X("cost:Q", scale=_scale(frame["cost"]), axis=number_axis(AXES.get(cost, cost)))
    y = alt.Y(
        "value:Q",
        scale=_scale(frame["value"]),
        axis=number_axis(f"{what}, {context.currency}"),
    )

    def points(rows: pd.DataFrame) -> alt.Chart:
        return alt.Chart(inline(rows)).encode(x=x, y=y)

    layers = [
        points(frame[~frame["is_efficient"].astype(bool)]).mark_point(
            shape="cross", color=FAINT, size=60, angle=45, filled=True, opacity=0.9
        ),
        points(best).mark_line(color=BLUE, strokeWidth=1.6),
        points(best).mark_point(shape="circle", filled=True, color=BLUE, size=60, opacity=1),
        points(_named(best))
        .mark_text(align="left", dx=8, dy=9, color=MUTED, limit=120)
        .encode(text="name:N"),
    ]
    knee = best[best["is_knee"].astype(bool)]
    if len(knee):
        layers += _knee(
            points, knee.assign(label=f"{knee['name'].map(name_text).iloc[0]}: the knee")
        )
    chart = layered(layers, WIDTH + 60, HEIGHT)
    marks = "Dots: no other plan is better in both; crosses: another is."
    if len(knee):
        marks += " Diamond: the knee; beyond it a step brings less."
    below = [context.of_period(f"{what}, {context.currency}, against {cost}"), marks]
    return themed(chart, _title(frame, best, knee, cost, context), below)


def _knee(points: Callable[[pd.DataFrame], alt.Chart], knee: pd.DataFrame) -> list[alt.Chart]:
    base = points(knee)
    return [
        base.mark_point(shape="diamond", filled=True, color=VERMILLION, size=190, opacity=1),
        base.mark_text(
            align="right", dx=-12, dy=-10, fontSize=NORMAL, fontWeight="bold", color=INK, limit=240
        ).encode(text="label:N"),
    ]


def _named(best: pd.DataFrame) -> pd.DataFrame:
    """Return the efficient points that have names: those with room for one, the last always."""
    own = best[~best["is_knee"].astype(bool)]
    room = NAME_ROOM * float(best["cost"].max() - best["cost"].min())
    kept: list[int] = []
    before, last = -math.inf, float(own["cost"].max())
    for at, cost in zip(own.index, own["cost"].astype(float), strict=True):
        if cost - before >= room and (cost == last or last - cost >= room):
            kept.append(at)
            before = cost
    return own.loc[kept]


def _scale(values: pd.Series) -> alt.Scale:
    """Return a scale from the least to the greatest value, with a margin."""
    least, most = float(values.min()), float(values.max())
    margin = MARGIN * ((most - least) or abs(most) or 1.0)
    # Neither moves nor money go below zero where no value does.
    low = max(least - margin, 0.0) if least >= 0 else least - margin
    return alt.Scale(domain=[low, most + 2 * margin], nice=False, zero=False)


def _title(
    frame: pd.DataFrame, best: pd.DataFrame, knee: pd.DataFrame, cost: str, context: Context
) -> str:
    first, last = best.iloc[0], best.iloc[-1]
    if not len(knee):
        low, high = (context.told(float(end["value"])) for end in (first, last))
        verb = "is" if len(best) == 1 else "are"
        return (
            f"{len(best):,} of {counted(len(frame), 'plan')} {verb} worth choosing: {low} to {high}"
        )
    at = knee.iloc[0]
    gained, whole = float(at["value"] - first["value"]), float(last["value"] - first["value"])
    part = percent(gained / whole if whole > 0 else 1.0)
    if cost == MOVES:
        begun = f" beyond {first['cost']:,.0f}" if first["cost"] else ""
        moves = counted(int(at["cost"] - first["cost"]), "move")
        return (
            f"The first {moves}{begun} bring {context.told(gained)}, {part} of all there is to gain"
        )
    name, value = name_text(at["name"]), context.told(float(at["value"]))
    at_cost = f"{cost} {short(float(at['cost']))}"
    return f"{name} brings {value} at {at_cost}, {part} of all there is to gain"
